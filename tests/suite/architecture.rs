//! The imports of the code are those that ARCHITECTURE.md lists, and they have no circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::path;

/// What each module imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

#[test]
fn modules_import_what_the_architecture_lists_and_nothing_else() {
    let document = fs::read_to_string(path("ARCHITECTURE.md")).unwrap();
    let mut listed = Imports::new();
    for line in document.lines() {
        if let Some((module, targets)) = line.split_once("->") {
            let targets = targets.split_whitespace().map(str::to_owned).collect();
            assert!(listed.insert(module.trim().to_owned(), targets).is_none(), "{line} is listed twice");
        }
    }

    let mut found = Imports::new();
    for file in rust_files(&path("src")) {
        let module = module_of(&file, &path("src"));
        if ["lib", "bin"].contains(&&module[..]) {
            continue;
        }
        let mut targets = crate_imports(&code(&file));
        targets.retain(|target| *target != module && !["data", "error"].contains(&&target[..]));
        found.entry(module).or_default().extend(targets);
    }
    assert_eq!(found, listed, "left: the code, right: ARCHITECTURE.md");
    assert_eq!(circle(&found), None);
}

/// A module that declares its files (`mod.rs`, `lib.rs`) may re-export them, so it does not count.
#[test]
fn files_of_a_module_do_not_import_each_other_in_a_circle() {
    let source = path("src");
    let folders = fs::read_dir(&source)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir());
    let crates = ["crates/data/src", "crates/fused/src", "crates/gradcheck/src", "crates/plot/src"].map(path);
    let mut checked = 0;
    for folder in folders.chain(crates) {
        let files: Vec<PathBuf> = rust_files(&folder).into_iter().filter(|file| is_leaf(file)).collect();
        let names: BTreeSet<String> = files.iter().map(|file| path_in(file, &folder)).collect();
        let mut imports = Imports::new();
        for file in &files {
            let name = path_in(file, &folder);
            let targets = imported_files(&code(file), &name, &folder, &names);
            checked += targets.len();
            imports.insert(name, targets);
        }
        assert_eq!(circle(&imports), None, "{}", folder.display());
    }
    assert!(checked > 100, "only {checked} imports were found");
}

#[test]
fn a_circle_is_found() {
    let imports = |pairs: &[(&str, &str)]| -> Imports {
        let mut imports = Imports::new();
        for (from, to) in pairs {
            imports.entry((*from).into()).or_default().insert((*to).into());
        }
        imports
    };
    assert_eq!(circle(&imports(&[("a", "b"), ("a", "c"), ("b", "c")])), None);
    let found = circle(&imports(&[("a", "b"), ("b", "c"), ("c", "b")])).unwrap();
    assert_eq!(found, ["b", "c", "b"]);
}

/// All Rust files below a folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn is_leaf(file: &Path) -> bool {
    !["mod.rs", "lib.rs"].contains(&file.file_name().unwrap().to_str().unwrap())
}

/// The code of a file without comments and without its tests, which stand at its end.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let text = text
        .split("#[cfg(test)]\n")
        .next()
        .unwrap()
        .split("#[cfg(all(test")
        .next()
        .unwrap();
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// `table/cell` for `table/cell.rs` in a folder.
fn path_in(file: &Path, folder: &Path) -> String {
    let path = file.strip_prefix(folder).unwrap().with_extension("");
    path.to_str().unwrap().replace('\\', "/")
}

/// The first part of a file's path in `src`.
fn module_of(file: &Path, source: &Path) -> String {
    path_in(file, source).split('/').next().unwrap().to_owned()
}

/// The modules after `crate::`.
fn crate_imports(code: &str) -> BTreeSet<String> {
    let words = code.split("crate::").skip(1).flat_map(|rest| match rest.strip_prefix('{') {
        Some(group) => group.split('}').next().unwrap().split(',').map(str::trim).collect(),
        None => vec![rest],
    });
    words.map(first_word).filter(|word| !word.is_empty()).collect()
}

/// The files of the same folder that a file imports by `super::`, `self::` or `crate::`.
fn imported_files(code: &str, name: &str, folder: &Path, names: &BTreeSet<String>) -> BTreeSet<String> {
    let module = folder.file_name().unwrap().to_str().unwrap();
    let parent = name.rsplit_once('/').map_or("", |(parent, _)| parent);
    let grandparent = parent.rsplit_once('/').map_or("", |(parent, _)| parent);
    let crate_prefix = if module == "src" {
        "crate::".to_owned()
    } else {
        format!("crate::{module}::")
    };
    let code = code.replace("super::super::", "grandparent::");
    let prefixes = [("grandparent::", grandparent), ("super::", parent), (&crate_prefix[..], "")];

    let mut imported = BTreeSet::new();
    for (prefix, base) in prefixes {
        for rest in code.split(prefix).skip(1) {
            let statement = rest.split(';').next().unwrap();
            for target in targets(statement) {
                // The longest part of the path that is a file.
                let path = if base.is_empty() { target } else { format!("{base}/{target}") };
                let parts: Vec<&str> = path.split('/').collect();
                let file = (1..=parts.len())
                    .rev()
                    .map(|n| parts[..n].join("/"))
                    .find(|file| names.contains(file));
                imported.extend(file.filter(|file| file != name));
            }
        }
    }
    imported
}

/// The paths of a `use` statement without their items: `a::{b::C, d}` gives `a/b/C` and `a/d`.
fn targets(statement: &str) -> Vec<String> {
    match statement.split_once('{') {
        None => {
            let path = statement
                .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
                .next()
                .unwrap();
            vec![path.replace("::", "/")]
        }
        Some((prefix, group)) if prefix.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ':') => {
            let items = group.split(['{', '}', ',']).map(str::trim).filter(|item| !item.is_empty());
            items.map(|item| format!("{prefix}{item}").replace("::", "/")).collect()
        }
        Some((path, _)) => targets(
            path.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
                .next()
                .unwrap(),
        ),
    }
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// A circle of imports, if there is one.
fn circle(imports: &Imports) -> Option<Vec<String>> {
    fn visit(
        name: &str,
        imports: &Imports,
        open: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if let Some(start) = open.iter().position(|other| other == name) {
            let mut circle = open[start..].to_vec();
            circle.push(name.to_owned());
            return Some(circle);
        }
        if !done.insert(name.to_owned()) {
            return None;
        }
        open.push(name.to_owned());
        for target in imports.get(name).into_iter().flatten() {
            if let Some(circle) = visit(target, imports, open, done) {
                return Some(circle);
            }
        }
        open.pop();
        None
    }
    let mut done = BTreeSet::new();
    imports.keys().find_map(|name| visit(name, imports, &mut Vec::new(), &mut done))
}
