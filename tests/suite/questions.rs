//! The tables of docs/questions.md are those that their commands print.

use std::fs;

use petal::config::{Config, Override};
use petal::run::{Spread, Sweep};

use crate::support::{path, words};

/// Networks with more hidden units are not trained again here, because they take long.
const MAX_HIDDEN: i64 = 5;

/// A command and the rows of the table below it.
struct Answer {
    command: String,
    rows: Vec<Vec<String>>,
}

fn answers(page: &str) -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::new();
    for line in page.lines() {
        if let Some(command) = line.strip_prefix("    cargo run --bin train -- ") {
            answers.push(Answer { command: command.to_owned(), rows: Vec::new() });
        } else if let (Some(answer), Some(cells)) = (answers.last_mut(), line.strip_prefix("| ")) {
            let cells = cells.trim_end_matches('|').split('|').map(|cell| cell.trim().to_owned());
            answer.rows.push(cells.collect());
        }
    }
    // Each table begins with its header and a line of dashes.
    answers.iter_mut().for_each(|answer| drop(answer.rows.drain(..2)));
    answers
}

/// The sweep of a command, without large networks.
fn sweep(command: &str) -> Sweep {
    let words = words(command);
    let overrides: Vec<Override> = words[1..]
        .chunks(2)
        .map(|pair| match &pair[0][..] {
            "--engine" => Override::option("--engine", "train.engine", &pair[1]),
            "--set" => Override::parse(&pair[1]).unwrap(),
            "--sweep" => Override::parse_sweep(&pair[1]).unwrap(),
            other => panic!("{other}"),
        })
        .collect();
    let mut config = Config::load(&path(&words[0]), &overrides).unwrap();
    let keys = config.sweep.iter_mut().flat_map(|sweep| &mut sweep.keys);
    for (_, values) in keys.filter(|(key, _)| key == "model.hidden") {
        values.retain(|hidden| hidden.as_integer().unwrap() <= MAX_HIDDEN);
    }
    Sweep::prepare(config).unwrap()
}

/// Compares a number with one of the page, to the digits that the page shows.
fn assert_shown(number: f64, shown: &str, context: &str) {
    let decimals = shown.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    assert_eq!(format!("{number:.decimals$}"), shown, "{context}");
}

#[test]
fn the_tables_are_those_that_the_commands_print() {
    let page = fs::read_to_string(path("docs/questions.md")).unwrap();
    let answers = answers(&page);
    assert!(answers.len() >= 4, "{}", answers.len());
    for Answer { command, rows: shown } in answers {
        let sweep = sweep(&command);
        let (rows, completed) = sweep.train(|_| (), |_| ());
        completed.unwrap();

        let measure = sweep.measure();
        let combinations = sweep.combinations(&rows);
        assert!(combinations.len() <= shown.len());
        for combination in combinations {
            let values: Vec<&str> = sweep.values(combination).into_iter().map(|(_, value)| value).collect();
            let context = format!("{command}: {values:?}");
            let row = shown
                .iter()
                .find(|row| row.starts_with(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>()));
            let [median, low, high] = &row.unwrap_or_else(|| panic!("{context}"))[values.len()..][..3] else {
                unreachable!()
            };
            let spread = combination.spread(|record| measure.of(record));
            match (spread, median.strip_prefix("about ")) {
                (None, _) => assert_eq!(median, "diverged", "{context}"),
                (Some(spread), None) => {
                    let Spread { low: lowest, median: middle, high: highest } = spread;
                    assert_shown(middle, median, &context);
                    assert_shown(lowest, low, &context);
                    assert_shown(highest, high, &context);
                }
                // The learning rate is so large that results depend on rounding, and so on the processor.
                (Some(spread), Some(_)) => {
                    let [low, high]: [f64; 2] = [low, high].map(|cell| cell.parse().unwrap());
                    assert!(spread.median > low / 2.0 && spread.median < 2.0 * high, "{context}: {spread:?}");
                }
            }
        }
    }
}
