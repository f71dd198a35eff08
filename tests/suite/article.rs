//! Each of the two examples shows the article's network in one file. Both must give the published costs.

#[path = "../../examples/article.rs"]
#[allow(dead_code, reason = "a test calls no `main`")]
mod from_scratch;

#[path = "../../examples/burn_way.rs"]
#[allow(dead_code, reason = "a test calls no `main`")]
mod with_burn;

/// The costs after 0, 1,000, ..., 7,000 updates. They are printed by the notebook of the course behind the article, "Planar
/// data classification with one hidden layer". From update 7,132 on, the digits depend on the order of additions.
const PUBLISHED_COSTS: [&str; 8] =
    ["0.693048", "0.288083", "0.254385", "0.233864", "0.226792", "0.222644", "0.219731", "0.217504"];

#[test]
fn both_examples_give_the_published_costs() {
    let folder = tempfile::tempdir().unwrap();
    let from_scratch = from_scratch::article(folder.path()).unwrap();
    let with_burn = with_burn::burn_way().unwrap();
    for (update, published) in (0..).step_by(1_000).zip(PUBLISHED_COSTS) {
        let [ours, burns] = [&from_scratch, &with_burn].map(|costs| costs[update / 1_000]);
        assert_eq!(format!("{ours:.6}"), published, "after {update} updates");
        // The tolerance is 4,500 times the rounding error of a number of about 1, because Burn adds in another order than the
        // formulas.
        assert!((ours - burns).abs() < 1e-12, "after {update} updates: {ours} and {burns}");
    }
    for picture in ["data.png", "boundary.png"] {
        assert!(folder.path().join(picture).exists(), "{picture}");
    }
}
