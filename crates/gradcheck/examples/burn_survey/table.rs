//! The verdicts as tables in Markdown.

use std::collections::BTreeMap;

use crate::case::Place;
use crate::referee::Verdict;

/// The verdicts about one case, one for each place.
pub struct Row {
    pub section: &'static str,
    pub name: String,
    pub point: String,
    pub verdicts: Vec<Verdict>,
}

/// How many verdicts there are of each kind.
pub fn summary(rows: &[Row], places: &[Place]) -> String {
    let words = [
        Verdict::Agrees,
        Verdict::SinglePrecision,
        Verdict::Kink(Vec::new()),
        Verdict::NotFinite,
        Verdict::Wrong(String::new()),
        Verdict::Excused(""),
        Verdict::Panics(String::new()),
        Verdict::DefaultType,
        Verdict::Undefined,
        Verdict::Open(String::new()),
    ];
    let mut text = head("verdict", places);
    for word in words.iter().map(Verdict::word) {
        let counts = (0..places.len()).map(|i| rows.iter().filter(|row| row.verdicts[i].word() == word).count());
        let counts: Vec<String> = counts.map(|count| count.to_string()).collect();
        text += &format!("| {word} | {} |\n", counts.join(" | "));
    }
    text
}

/// All functions, one in a row, with the points that stand out.
pub fn whole(rows: &[Row], places: &[Place]) -> String {
    let mut text = String::new();
    let mut sections: Vec<&str> = rows.iter().map(|row| row.section).collect();
    sections.dedup();

    for section in sections {
        text += &format!("\n### {section}\n\n{}", head("function", places));
        let mut names: Vec<&str> = Vec::new();
        for row in rows.iter().filter(|row| row.section == section) {
            if !names.contains(&&row.name[..]) {
                names.push(&row.name);
            }
        }
        for name in names {
            let points: Vec<&Row> = rows.iter().filter(|row| row.section == section && row.name == name).collect();
            let cells: Vec<String> = (0..places.len()).map(|i| cell(&points, i)).collect();
            text += &format!("| {} | {} |\n", escaped(name), cells.join(" | "));
        }
    }
    text
}

/// One word if all points have the same verdict; else each verdict but the commonest with its points.
fn cell(points: &[&Row], place: usize) -> String {
    let mut by_word: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in points {
        by_word.entry(row.verdicts[place].word()).or_default().push(&row.point);
    }
    if by_word.len() == 1 {
        return by_word.into_keys().collect();
    }

    let agrees = by_word.remove("agrees").is_some();
    let others = by_word
        .into_iter()
        .map(|(word, points)| format!("{word}: {}", points.join("; ")));
    let others: Vec<String> = others.collect();
    if agrees {
        format!("agrees, but {}", others.join(", "))
    } else {
        others.join(", ")
    }
}

/// The kinks, with the derivative that Burn takes there.
pub fn kinks(rows: &[Row]) -> String {
    let mut text = "| function | point | Burn's gradient of the weighted sum |\n| --- | --- | --- |\n".to_owned();
    for row in rows {
        let Some(Verdict::Kink(gradient)) = row.verdicts.iter().find(|verdict| matches!(verdict, Verdict::Kink(_)))
        else {
            continue;
        };
        let shown: Vec<String> = gradient.iter().take(6).map(|value| format!("{}", rounded(*value))).collect();
        let more = if gradient.len() > 6 { ", ..." } else { "" };
        text += &format!("| {} | {} | {}{more} |\n", escaped(&row.name), row.point, shown.join(", "));
    }
    text
}

fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// Functions with a verdict that `select` turns into a text: each text once, with its places and the functions.
pub fn grouped(rows: &[Row], places: &[Place], select: impl Fn(&Verdict) -> Option<String>) -> String {
    let mut groups: Vec<Group> = Vec::new();
    for row in rows {
        // The sizes do not matter here.
        let name = row.name.split(" [").next().unwrap_or_default();
        for (place, verdict) in places.iter().zip(&row.verdicts) {
            let Some(text) = select(verdict) else { continue };
            match groups.iter_mut().find(|group| group.text == text) {
                Some(group) => group.add(place.name, name),
                None => groups.push(Group { text, places: vec![place.name], names: vec![name] }),
            }
        }
    }

    let lines = groups.into_iter().map(|Group { text, places, names }| {
        let text = if text.is_empty() { text } else { format!("{}: ", escaped(&text)) };
        let names: Vec<String> = names.into_iter().map(escaped).collect();
        format!("- {text}{} ({})\n", names.join("; "), places.join(", "))
    });
    lines.collect()
}

/// Functions with the same text.
struct Group<'a> {
    text: String,
    places: Vec<&'a str>,
    names: Vec<&'a str>,
}

impl<'a> Group<'a> {
    fn add(&mut self, place: &'a str, name: &'a str) {
        if !self.places.contains(&place) {
            self.places.push(place);
        }
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }
}

/// The lines above a table.
fn head(first: &str, places: &[Place]) -> String {
    let names: Vec<&str> = places.iter().map(|place| place.name).collect();
    format!("| {first} | {} |\n|{}\n", names.join(" | "), " --- |".repeat(places.len() + 1))
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('*', "\\*")
}
