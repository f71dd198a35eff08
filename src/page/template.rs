//! A page's template: HTML with the places of values, which are markup already.
//!
//! ```text
//! {{name}}, {{{name}}}          the value of this name
//! {{#name}} ... {{/name}}       what is between, if there is such a value
//! {{^name}} ... {{/name}}       what is between, if there is none
//! ```
//!
//! Values are [`Markup`], which maud escapes when it makes it. So a text cannot reach the page without being escaped. A value
//! is never searched for places of other values.

use std::collections::HashMap;

use maud::{Markup, PreEscaped};

/// The values of a template, by their names.
pub(super) type Values = HashMap<&'static str, Markup>;

/// The template with its values. A place without a value becomes empty.
pub(super) fn fill(template: &str, values: &Values) -> Markup {
    let mut page = String::new();
    let mut rest = template;
    while let Some((before, tag)) = rest.split_once("{{") {
        page.push_str(before);
        let (name, after) = tag.split_once("}}").unwrap_or((tag, ""));
        let name = name.trim_start_matches('{');
        rest = after.strip_prefix('}').unwrap_or(after);

        if let Some(section) = name.strip_prefix(['#', '^']) {
            let end = format!("{{{{/{section}}}}}");
            let (inside, after) = rest.split_once(&end).unwrap_or((rest, ""));
            if values.contains_key(section) == name.starts_with('#') {
                page.push_str(&fill(inside, values).0);
            }
            rest = after;
        } else if let Some(value) = values.get(name) {
            page.push_str(&value.0);
        }
    }
    page.push_str(rest);
    PreEscaped(page)
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::*;

    #[test]
    fn values_are_escaped_and_not_searched_and_sections_need_a_value() {
        let values =
            Values::from([("name", html! { ("<b>{{other}}") }), ("other", html! { "never" }), ("yes", html! {})]);
        let filled = fill(
            "a {{name}} b {{{name}}}c{{#no}}{{name}}{{/no}}{{#yes}}d{{missing}}{{/yes}}{{^yes}}f{{/yes}}{{^no}}e{{/no}}",
            &values,
        );
        assert_eq!(filled.0, "a &lt;b&gt;{{other}} b &lt;b&gt;{{other}}cde");
    }
}
