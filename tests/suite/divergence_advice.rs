//! What a run says after it diverged: the cause, and advice that helps.

use std::fmt::Write as _;

use petal::config::Config;
use petal::run::{Run, Trained};
use petal::train::Ending;

fn prepared(toml: &str) -> Run {
    Run::prepare(Config::from_toml(toml, "test", &[]).unwrap()).unwrap()
}

/// The advice of a run that diverges.
fn advice(run: &Run) -> Vec<String> {
    let Trained { outcome, diagnosis, .. } = run.train(&mut ()).unwrap();
    assert!(matches!(outcome.ending, Ending::Diverged { .. }), "{:?}", outcome.ending);
    diagnosis.unwrap().advice
}

const FUSED: &str = "train.engine = \"fused\"\ntrain.updates = 500\n";

#[test]
fn a_weight_decay_that_alone_diverges_is_named_as_the_cause() {
    // On the penalty alone, w := (1 - 2.1) w grows. Momentum b moves the bound from 2 to 2 (1 + b) = 3.8.
    for (momentum, product, bound) in [(0.0, 2.1, "2"), (0.9, 3.9, "2 (1 + momentum) = 3.8")] {
        let settings = |product: f64| {
            let decay = product / 0.1;
            format!("{FUSED}train.momentum = {momentum}\ntrain.learning_rate = 0.1\ntrain.weight_decay = {decay}\n")
        };
        let advice = advice(&prepared(&settings(product)));
        let expected = format!(
            "The weight decay makes the weights grow whatever the data are: learning rate times weight decay is {product}, and \
             must be below {bound}. Set `train.weight_decay = "
        );
        assert!(advice[0].starts_with(&expected), "{advice:?}");
        assert!(!advice.iter().any(|sentence| sentence.contains("learning_rate")), "{advice:?}");

        // The proposal trains to the end, and so does a product just below the bound.
        let (_, proposal) = advice[0].split_once("`train.weight_decay = ").unwrap();
        let proposal: f64 = proposal.split_once('`').unwrap().0.parse().unwrap();
        for product in [0.1 * proposal, product - 0.2] {
            let outcome = prepared(&settings(product)).train(&mut ()).unwrap().outcome;
            assert_eq!(outcome.ending, Ending::Finished, "{product}");
        }
    }
}

/// A table of 40 rows whose row 7, in line 9, has these inputs.
fn table(folder: &std::path::Path, [a, b]: [&str; 2]) -> String {
    let mut text = "a,b,y\n".to_owned();
    for row in 0..40 {
        let _ = match row {
            7 => writeln!(text, "{a},{b},1"),
            row => writeln!(text, "{},{},{}", row % 3, row % 5, u8::from(row % 3 + row % 5 > 3)),
        };
    }
    let path = folder.join("t.csv");
    std::fs::write(&path, text).unwrap();
    format!(
        "{FUSED}data.kind = \"csv\"\ndata.path = {path:?}\ndata.label = \"y\"\nsplit.test = 0\nsplit.validation = 0\n\
         train.learning_rate = 2\nmodel.init_scale = 1\n"
    )
}

#[test]
fn inputs_far_from_the_others_are_named_and_the_learning_rate_is_not() {
    let temporary = tempfile::tempdir().unwrap();
    // Training ends when the sum of the absolute weights is above 0.9, before a product can be infinite.
    let far = table(temporary.path(), ["1e308", "-1e308"]).replace("init_scale = 1", "init_scale = 0.1");
    for engine in ["autodiff", "manual", "fused"] {
        let toml = format!("{}data.standardise = false\n", far.replace("fused", engine));
        let place = format!("{}/t.csv:9:1: a = 1e308", temporary.path().display());
        let expected = format!(
            "{place} is far from the other values of a, which are from 0 to 2: correct it, or remove its row; a smaller \
             learning rate would only slow down training on the other rows."
        );
        assert_eq!(advice(&prepared(&toml)), [expected]);
    }
    // What is advised helps.
    let corrected = table(temporary.path(), ["1", "-1"]).replace("fused", "manual");
    let outcome = prepared(&format!("{corrected}data.standardise = false\n"))
        .train(&mut ())
        .unwrap()
        .outcome;
    assert_eq!(outcome.ending, Ending::Finished);
}

#[test]
fn the_learning_rate_comes_first_if_it_is_the_cause_and_the_far_input_is_mentioned() {
    let temporary = tempfile::tempdir().unwrap();
    let far = table(temporary.path(), ["1e3", "1"]);
    let advice = advice(&prepared(&far.replace("learning_rate = 2", "learning_rate = 1e8")));
    assert!(advice[0].starts_with("The learning rate is too large for this curvature"), "{advice:?}");
}

#[test]
fn advice_that_cannot_help_is_left_out() {
    // f32 overflows above 3e38; a cost of 2,000 is no overflow.
    let finite = advice(&prepared(&format!("{FUSED}dtype = \"f32\"\ntrain.learning_rate = 1e6\n")));
    assert!(finite.iter().any(|sentence| sentence.contains("train.cost_limit")), "{finite:?}");
    assert!(!finite.iter().any(|sentence| sentence.contains("f64")), "{finite:?}");
    // After an overflow no cost limit would have helped.
    let infinite = advice(&prepared(&format!(
        "{FUSED}dtype = \"f32\"\ntrain.learning_rate = 1e39\ntrain.cost_limit = 1e100\n"
    )));
    assert!(infinite.iter().any(|sentence| sentence.contains("f64")), "{infinite:?}");
    assert!(!infinite.iter().any(|sentence| sentence.contains("train.cost_limit")), "{infinite:?}");
}

#[test]
fn inputs_that_are_not_standardised_are_named_first_if_standardising_makes_training_stable() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("t.csv");
    let rows: String = (0..60)
        .map(|row| format!("{},{}\n", 900.0 + f64::from(row), row * 7 % 10 / 5))
        .collect();
    std::fs::write(&path, format!("a,y\n{rows}")).unwrap();
    let toml = |standardise: bool| {
        format!(
            "{FUSED}data.kind = \"csv\"\ndata.path = {path:?}\ndata.label = \"y\"\nsplit.test = 0\nsplit.validation = 0\n\
             train.cost_limit = 0.75\ntrain.learning_rate = 2\nmodel.init_scale = 0.001\ndata.standardise = {standardise}\n"
        )
    };
    let advice = advice(&prepared(&toml(false)));
    assert_eq!(advice[0], "Inputs are far from 1 and are not standardised: set `data.standardise = true`.");
    assert_eq!(prepared(&toml(true)).train(&mut ()).unwrap().outcome.ending, Ending::Finished);
}
