//! The two examples that show the article in one file each: their costs are the published ones, and each other's.

#[path = "../../examples/article.rs"]
#[allow(dead_code, reason = "a test calls no `main`")]
mod from_scratch;

#[path = "../../examples/burn_way.rs"]
#[allow(dead_code, reason = "a test calls no `main`")]
mod with_burn;

/// Printed by the notebook of the course behind the article, "Planar data classification with one hidden layer", after
/// 0, 1,000, ..., 7,000 updates. From update 7,132 on the order of additions decides on the digits.
const PUBLISHED: [&str; 8] =
    ["0.693048", "0.288083", "0.254385", "0.233864", "0.226792", "0.222644", "0.219731", "0.217504"];

#[test]
fn both_examples_come_to_the_published_costs_and_to_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let from_scratch = from_scratch::article(folder.path()).unwrap();
    let with_burn = with_burn::burn_way().unwrap();
    for (update, published) in (0..).step_by(1_000).zip(PUBLISHED) {
        let [ours, burns] = [&from_scratch, &with_burn].map(|costs| costs[update / 1_000]);
        assert_eq!(format!("{ours:.6}"), published, "after {update} updates");
        // 4,500 roundings of a number of about 1. Burn adds up in another order than the formulas do.
        assert!((ours - burns).abs() < 1e-12, "after {update} updates: {ours} and {burns}");
    }
    for picture in ["data.png", "boundary.png"] {
        assert!(folder.path().join(picture).exists(), "{picture}");
    }
}
