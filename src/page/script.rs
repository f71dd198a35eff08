//! The script of a page: the modules in `js/`, joined into one, since a page from a file cannot import modules.

use std::collections::HashSet;

/// The modules, each after those that it imports. The last four are the pages themselves.
const MODULES: [(&str, &str); 34] = [
    ("network.js", include_str!("js/network.js")),
    ("training.js", include_str!("js/training.js")),
    ("numbers.js", include_str!("js/numbers.js")),
    ("axis.js", include_str!("js/axis.js")),
    ("dom.js", include_str!("js/dom.js")),
    ("choices.js", include_str!("js/choices.js")),
    ("notes.js", include_str!("js/notes.js")),
    ("lessonpanel.js", include_str!("js/lessonpanel.js")),
    ("controls.js", include_str!("js/controls.js")),
    ("curves.js", include_str!("js/curves.js")),
    ("scores.js", include_str!("js/scores.js")),
    ("decisions.js", include_str!("js/decisions.js")),
    ("field.js", include_str!("js/field.js")),
    ("picture.js", include_str!("js/picture.js")),
    ("diagram.js", include_str!("js/diagram.js")),
    ("linking.js", include_str!("js/linking.js")),
    ("run.js", include_str!("js/run.js")),
    ("sample.js", include_str!("js/sample.js")),
    ("timebar.js", include_str!("js/timebar.js")),
    ("slice.js", include_str!("js/slice.js")),
    ("view.js", include_str!("js/view.js")),
    ("playclient.js", include_str!("js/playclient.js")),
    ("playstate.js", include_str!("js/playstate.js")),
    ("playcontrols.js", include_str!("js/playcontrols.js")),
    ("playdata.js", include_str!("js/playdata.js")),
    ("playfork.js", include_str!("js/playfork.js")),
    ("playpreview.js", include_str!("js/playpreview.js")),
    ("playgradients.js", include_str!("js/playgradients.js")),
    ("playlessons.js", include_str!("js/playlessons.js")),
    ("playscreen.js", include_str!("js/playscreen.js")),
    ("page.js", include_str!("js/page.js")),
    ("sweep.js", include_str!("js/sweep.js")),
    ("lessonpage.js", include_str!("js/lessonpage.js")),
    ("play.js", include_str!("js/play.js")),
];

/// The script of the page of a run.
pub(super) fn run_script() -> String {
    script("page.js")
}

/// The script of the page of a sweep.
pub(super) fn sweep_script() -> String {
    script("sweep.js")
}

/// The script of the page of the playground.
#[cfg(feature = "play")]
pub(super) fn play_script() -> String {
    script("play.js")
}

/// The script of the page of a lesson on a web site.
#[cfg(feature = "play")]
pub(super) fn lesson_script() -> String {
    script("lessonpage.js")
}

/// A module and all that it imports, as one script. Their imports, the words `export`, whole lines of comments and indentation are
/// left out, so all names must differ.
fn script(entry: &str) -> String {
    let mut needed = HashSet::from([entry]);
    let mut bodies: Vec<String> = Vec::new();
    for (name, text) in MODULES.iter().rev() {
        if needed.contains(name) {
            needed.extend(imports(text));
            bodies.push(body(text));
        }
    }
    bodies.reverse();
    format!("'use strict';\n{{\n{}}}\n", bodies.concat())
}

/// The names of the modules that a module imports.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.split(" from './").skip(1).filter_map(|rest| rest.split('\'').next())
}

/// A module's text without its imports, exports and comments. A line that needs no end, because of its last character, has none.
fn body(text: &str) -> String {
    let mut in_import = false;
    let mut body = String::with_capacity(text.len());
    for line in text.lines() {
        in_import |= line.starts_with("import ");
        let code = line.strip_prefix("export ").unwrap_or(line).trim();
        let is_code = !in_import && !code.starts_with("//") && !code.is_empty();
        in_import &= !line.contains(" from '");
        if is_code {
            body.push_str(code);
            // A brace alone ends a block, and not a value: after one there is a semicolon.
            let needs_end = code != "}" && !code.ends_with(['{', '(', '[', ',', ';']);
            if needs_end || code.contains("//") {
                body.push('\n');
            }
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_module_comes_after_those_that_it_imports() {
        for (index, (name, text)) in MODULES.iter().enumerate() {
            for import in imports(text) {
                let earlier = MODULES[..index].iter().any(|(other, _)| *other == import);
                assert!(earlier, "{name} imports {import}");
            }
        }
    }

    #[test]
    fn nothing_of_a_module_is_left_over_and_the_script_cannot_end_its_element() {
        let module = "// comment\nimport { a,\n  b } from './x.js';\n\nexport const c = [\n  a,\n]; // 1;\n  // 2\nif (b) {\n  b()\n}\nconst d = b;\n";
        assert_eq!(body(module), "const c = [a,]; // 1;\nif (b) {b()\n}const d = b;");
        for script in [run_script(), sweep_script()] {
            assert!(!script.contains("</") && !script.contains("<!--"), "markup in the script");
            assert!(!script.contains("import ") && !script.contains("export "));
            assert!(script.len() < 61_440, "{} bytes", script.len());
        }
    }
}
