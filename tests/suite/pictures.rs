//! Pictures as a reader of them would check them: what is written, and whether lines and marks are where the numbers say.

use std::fs;
use std::path::Path;

use petal::config::Config;
use petal::data::metrics::calibration;
use petal::data::pca::Pca;
use petal::files::folder::RunFolder;
use petal::plot::{
    Boundaries, Boundary, Calibration, CostCurve, CostHistory, Field, Format, Picture, Plane, Points, PrecisionRecall,
    RankingCurve, Reliability, Roc, Window, render,
};
use petal::run::Run;

use crate::support::{overrides, path};

const INK: &str = "#282828";
const BLUE: &str = "#0072B2";
const VERMILION: &str = "#D55E00";

type Point = (f64, f64);

/// An SVG, of which plotters writes each element on a line.
struct Svg(String);

impl Svg {
    fn of(picture: &impl Picture) -> Self {
        let svg = Self(String::from_utf8(render(picture, Format::Svg).unwrap()).unwrap());
        let (width, height) = picture.size();
        assert!(svg.0.starts_with(&format!("<svg width=\"{width}\" height=\"{height}\"")), "{}", &svg.0[..80]);
        svg
    }

    fn elements(&self, kind: &str, holding: &str) -> Vec<&str> {
        let kind = format!("<{kind} ");
        self.0
            .lines()
            .filter(|line| line.starts_with(&kind) && line.contains(holding))
            .collect()
    }

    /// The lines of a colour, in the order of drawing.
    fn lines(&self, color: &str) -> Vec<Vec<Point>> {
        let points = |line: &&str| {
            let points = attribute(line, "points").split_whitespace().map(|point| {
                let (x, y) = point.split_once(',').unwrap();
                (x.parse().unwrap(), y.parse().unwrap())
            });
            points.collect()
        };
        let lines = self.elements("polyline", &format!("stroke=\"{color}\""));
        lines.iter().map(points).filter(|line: &Vec<Point>| line.len() > 1).collect()
    }

    /// Circles of a colour and their radii.
    fn circles(&self, color: &str) -> Vec<(Point, f64)> {
        let number = |line: &str, name: &str| attribute(line, name).parse().unwrap();
        let circles = self.elements("circle", &format!("fill=\"{color}\""));
        circles
            .iter()
            .map(|line| ((number(line, "cx"), number(line, "cy")), number(line, "r")))
            .collect()
    }

    /// What is written, and where.
    fn texts(&self) -> Vec<(&str, Point)> {
        let texts = self.0.split("<text").skip(1).map(|text| {
            let (start, rest) = text.split_once(">\n").unwrap();
            let number = |name: &str| attribute(start, name).parse().unwrap();
            (rest.split_once("\n</text>").unwrap().0, (number("x"), number("y")))
        });
        texts.collect()
    }

    fn says(&self, text: &str) -> bool {
        self.texts().iter().any(|(written, _)| *written == text)
    }

    /// Where a chart from `from` to `to`, the first and the last tick of both axes, puts a point.
    fn place(&self, [from, to]: [f64; 2], (x, y): Point) -> Point {
        let grid = self.elements("line", "#E2E2E2");
        let ends = |same: &str, other: &str| {
            let lines = grid.iter().filter(|line| attribute(line, same) == attribute(line, other));
            let places: Vec<f64> = lines.map(|line| attribute(line, same).parse().unwrap()).collect();
            (places[0], places[places.len() - 1])
        };
        let between = |(start, end): Point, value: f64| start + (end - start) * (value - from) / (to - from);
        (between(ends("x1", "x2"), x), between(ends("y1", "y2"), y))
    }
}

fn attribute<'a>(element: &'a str, name: &str) -> &'a str {
    let (_, rest) = element
        .split_once(&format!(" {name}=\""))
        .unwrap_or_else(|| panic!("{name}: {element}"));
    rest.split_once('"').unwrap().0
}

/// Places are rounded to pixels.
#[track_caller]
fn assert_near(ours: &[Point], expected: &[Point]) {
    let near = |(a, b): (&Point, &Point)| (a.0 - b.0).abs() <= 1.5 && (a.1 - b.1).abs() <= 1.5;
    assert!(ours.len() == expected.len() && ours.iter().zip(expected).all(near), "{ours:?}\n{expected:?}");
}

/// The pixels of a PNG in rows.
struct Pixels(Vec<u8>, usize);

impl Pixels {
    fn of(picture: &impl Picture) -> Self {
        let bytes = render(picture, Format::Png).unwrap();
        let mut reader = png::Decoder::new(&bytes[..]).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), picture.size());
        Self(pixels, info.width as usize)
    }

    fn at(&self, (x, y): Point) -> String {
        let start = 3 * (y.round() as usize * self.1 + x.round() as usize);
        self.0[start..start + 3]
            .iter()
            .fold("#".into(), |color, channel| format!("{color}{channel:02X}"))
    }
}

fn ranking<'a>(name: &'a str, points: &[Point], area: Option<f64>) -> RankingCurve<'a> {
    RankingCurve { name, points: points.to_vec(), area }
}

#[test]
fn a_roc_curve_goes_through_its_points_and_no_name_covers_it() {
    let points = [(0.0, 0.0), (0.0, 0.5), (0.25, 0.75), (1.0, 1.0)];
    let curves = vec![ranking("ours", &points, Some(0.8125)), ranking("undefined", &[], None)];
    let svg = Svg::of(&Roc { title: "ROC <1>".into(), curves });
    let place = |point| svg.place([0.0, 1.0], point);
    assert_near(&svg.lines(BLUE)[0], &points.map(place));
    // Of the other there is but the stroke before its name.
    assert_eq!(svg.lines(VERMILION).len(), 1);
    for text in ["ROC &lt;1&gt;", "false positive rate", "true positive rate"] {
        assert!(svg.says(text), "{text}: {:?}", svg.texts());
    }
    let bottom = place((0.0, 0.0)).1;
    for text in ["ours: AUC 0.812", "undefined: AUC undefined", "guessing: AUC 0.5"] {
        let texts = svg.texts();
        let (_, (_, y)) = texts
            .iter()
            .find(|(written, _)| *written == text)
            .unwrap_or_else(|| panic!("{texts:?}"));
        assert!(*y > bottom + 40.0, "{text} at {y}");
    }
    // The diagonal, in dashes.
    let dashes = svg.lines(INK);
    assert!(
        [(0.0, 0.0), (1.0, 1.0)]
            .map(place)
            .iter()
            .all(|end| dashes.iter().flatten().any(|point| point == end))
    );
}

#[test]
fn precision_falls_in_steps_towards_the_share_of_ones() {
    let curves = vec![ranking("a", &[(0.5, 1.0), (1.0, 0.7)], Some(0.85)), ranking("b", &[], None)];
    let picture = PrecisionRecall { title: String::new(), class: "sick", curves, share_of_ones: 0.25 };
    let svg = Svg::of(&picture);
    let place = |point| svg.place([0.0, 1.0], point);
    assert_near(&svg.lines(BLUE)[0], &[(0.0, 1.0), (0.5, 1.0), (0.5, 0.7), (1.0, 0.7)].map(place));
    assert_eq!(svg.lines(VERMILION).len(), 1);
    for text in ["a: average precision 0.850", "b: average precision undefined", "guessing: share of sick 0.250"] {
        assert!(svg.says(text), "{text}: {:?}", svg.texts());
    }
    let height = place((0.0, 0.25)).1;
    assert!(
        svg.lines(INK)
            .iter()
            .filter(|dash| dash.iter().all(|point| (point.1 - height).abs() <= 1.5))
            .count()
            > 20
    );
}

#[test]
fn a_calibration_circle_is_the_larger_the_more_samples_its_bin_holds() {
    let bins = calibration(&[0.1, 0.1, 0.1, 0.6], &[0, 0, 1, 1], 2);
    let only = calibration(&[0.4], &[1], 2);
    let curves = vec![Reliability { name: "a", bins }, Reliability { name: "b", bins: only }];
    let svg = Svg::of(&Calibration { title: "C".into(), class: "sick", curves });
    let place = |point| svg.place([0.0, 1.0], point);
    let expected = [(0.1, 1.0 / 3.0), (0.6, 1.0)].map(place);
    assert_near(&svg.lines(BLUE)[0], &expected);
    let (centres, radii): (Vec<_>, Vec<_>) = svg.circles(BLUE).into_iter().unzip();
    assert_near(&centres, &expected);
    // 3 + 10 sqrt(3 / 4) and 3 + 10 sqrt(1 / 4), rounded.
    assert_eq!(radii, [12.0, 8.0]);
    // A single bin is a circle without a line; the stroke is that before its name.
    assert_near(&[svg.circles(VERMILION)[0].0], &[place((0.4, 1.0))]);
    assert_eq!(svg.lines(VERMILION).len(), 1);
    // |0.1 - 1/3| 3/4 + |0.6 - 1| / 4
    for text in ["a: calibration error 0.275", "mean predicted probability of sick", "share of sick"] {
        assert!(svg.says(text), "{text}: {:?}", svg.texts());
    }
}

fn cost(training: &[Point], validation: Option<&[Point]>, threshold: f64) -> CostCurve {
    let course = |cost: &[Point]| CostHistory {
        cost: cost.to_vec(),
        accuracy: cost.iter().map(|&(update, cost)| (update, 100.0 * (1.0 - cost))).collect(),
    };
    let (training, validation) = (course(training), validation.map(course));
    CostCurve {
        title: "t".into(),
        kept: validation.as_ref().map(|_| 10.0),
        training,
        validation,
        threshold,
    }
}

#[test]
fn costs_are_lines_and_the_parameters_kept_are_marked() {
    let points = [(0.0, 0.4), (10.0, 0.2), (20.0, 0.0)];
    let svg = Svg::of(&cost(&points, Some(&[(0.0, 0.4), (20.0, 0.4)]), 0.5));
    // The first panel's ticks are 0 to 20 across and 0.0 to 0.4 up; equal parts lie between them.
    let line = &svg.lines(BLUE)[0];
    let middle = ((line[0].0 + line[2].0) / 2.0, (line[0].1 + line[2].1) / 2.0);
    assert_near(&[line[1]], &[middle]);
    assert!(line[0].1 < line[1].1 && line[0].0 < line[1].0);
    // In each panel a line from top to bottom, which is longer than the mark of a tick.
    let upright = |line: &&Vec<Point>| {
        line.iter().all(|point| (point.0 - middle.0).abs() <= 1.5) && (line[0].1 - line[1].1).abs() > 50.0
    };
    assert_eq!(svg.lines(INK).iter().filter(upright).count(), 2);
    for text in ["kept: update 10", "training", "validation", "accuracy (%)", "cost", "update"] {
        assert!(svg.says(text), "{text}: {:?}", svg.texts());
    }
}

#[test]
fn a_single_record_is_a_dot_and_a_single_line_has_no_name() {
    let picture = cost(&[(0.0, 0.5)], None, 0.3);
    let svg = Svg::of(&picture);
    let [(blue, _)] = svg.circles(BLUE)[..] else {
        panic!("{:?}", svg.circles(BLUE))
    };
    let [(vermilion, _)] = svg.circles(VERMILION)[..] else {
        panic!("{:?}", svg.circles(VERMILION))
    };
    let pixels = Pixels::of(&picture);
    assert_eq!((pixels.at(blue), pixels.at(vermilion)), (BLUE.into(), VERMILION.into()));
    assert!(svg.says("accuracy at 0.5 (%)") && !svg.says("training"));
}

/// Points at the corners of a window from -1 to 1, without its margin.
fn points<'a>(x: &'a [f64], y: &'a [u8]) -> Points<'a> {
    Points { title: "t".into(), axes: ["across", "up"], classes: ["well".into(), "sick".into()], x, y }
}

/// A probability that rises from left to right.
fn rising(window: Window, threshold: f64) -> Field {
    let share = |node: &[f64]| (node[0] - window.x[0]) / (window.x[1] - window.x[0]);
    Field::new(window, window.nodes(5).chunks_exact(2).map(share).collect(), threshold)
}

/// Where the line is, as a share of the way across, between the axes of the picture.
fn line_of(picture: &impl Picture) -> f64 {
    let axes = Svg::of(picture).lines(INK);
    let axis = axes
        .iter()
        .find(|line| line[0].1 == line[1].1 && line[1].0 - line[0].0 > 300.0)
        .unwrap();
    let (left, right, height) = (axis[0].0, axis[1].0, axis[0].1 - 100.0);
    let pixels = Pixels::of(picture);
    let ink: Vec<f64> = (left as usize..right as usize)
        .map(|x| x as f64)
        .filter(|x| u8::from_str_radix(&pixels.at((*x, height))[1..3], 16).unwrap() < 0x50)
        .collect();
    assert!((1..4).contains(&ink.len()), "{ink:?}");
    (ink.iter().sum::<f64>() / ink.len() as f64 + 0.5 - left) / (right - left)
}

#[test]
fn the_line_of_a_boundary_is_where_the_probability_is_the_threshold() {
    let (x, y) = ([-1.0, -1.0, 1.0, 1.0], [0, 1]);
    for threshold in [0.5, 0.3] {
        let boundary = Boundary { points: points(&x, &y), field: rising(Window::around(&x), threshold) };
        assert!((line_of(&boundary) - threshold).abs() < 3e-3, "{}", line_of(&boundary));
        let svg = Svg::of(&boundary);
        assert_eq!(svg.says("threshold 0.3"), threshold == 0.3);
        for text in ["t", "across", "up", "well", "sick", "of sick", "-1.0", "0.0", "1.0"] {
            assert!(svg.says(text), "{text}: {:?}", svg.texts());
        }
        // The sample of class 0, above its white rim, and what shows the class in the legend.
        let marks = svg.circles(BLUE);
        assert_eq!(marks.len(), 2);
        assert_eq!(Pixels::of(&boundary).at(marks[0].0), BLUE);
    }
}

#[test]
fn a_line_from_left_to_right_is_drawn_too() {
    let (x, y) = ([-1.0, -1.0, 1.0, 1.0], [0, 1]);
    let window = Window::around(&x);
    // A probability that rises upwards.
    let share = |node: &[f64]| (node[1] - window.y[0]) / (window.y[1] - window.y[0]);
    let field = Field::new(window, window.nodes(5).chunks_exact(2).map(share).collect(), 0.3);
    let pixels = Pixels::of(&Boundary { points: points(&x, &y), field });

    // A column of pixels in the middle of the chart meets the frame and the line, and no sample.
    let dark = |row: &usize| u8::from_str_radix(&pixels.at((300.0, *row as f64))[1..3], 16).unwrap() < 0x50;
    let rows: Vec<usize> = (60..500).filter(dark).collect();
    assert!((1..4).contains(&rows.len()), "{rows:?}");
}

#[test]
fn a_slice_shows_samples_where_they_are_projected_and_the_line_of_the_threshold() {
    // Most varies along the first feature, then along the second; the third is the same in all rows.
    let x = [-2.0, 0.0, 7.0, 2.0, 0.0, 7.0, 0.0, -1.0, 7.0, 0.0, 1.0, 7.0];
    let components = Pca::fit(&x, 3);
    let names = ["well".into(), "sick".into()];
    let plane = Plane::new(&components, &x, &[0, 1, 0, 1], names, |window| Ok(rising(window, 0.25))).unwrap();
    assert!((line_of(&plane) - 0.25).abs() < 3e-3);
    let svg = Svg::of(&plane);
    for text in ["component 1 (80 %)", "component 2 (20 %)", "well", "of sick", "threshold 0.25"] {
        assert!(svg.says(text), "{text}: {:?}", svg.texts());
    }
    // Of class 0 one lies at an end of the first axis and one at an end of the second; then comes the legend.
    let [(end, _), (low, _), _] = svg.circles(BLUE)[..] else {
        panic!("{:?}", svg.circles(BLUE))
    };
    let pixels = Pixels::of(&plane);
    assert!(end.0 != low.0 && end.1 != low.1);
    assert_eq!([end, low].map(|at| pixels.at(at)), [BLUE, BLUE]);
}

#[test]
fn the_scale_of_many_panels_shows_a_level_that_all_share() {
    let (x, y) = ([-1.0, -1.0, 1.0, 1.0], [0, 1]);
    let thick = |levels: [f64; 2]| {
        let panels = levels.map(|level| ("panel".into(), rising(Window::around(&x), level))).to_vec();
        Svg::of(&Boundaries { points: points(&x, &y), panels })
            .elements("polyline", "stroke-width=\"2\"")
            .len()
    };
    assert_eq!([thick([0.3, 0.3]), thick([0.3, 0.4])], [1, 0]);
}

/// Runs a configuration for an update, and returns a picture of it.
fn run(config: &str, changes: &[&str], folder: &Path, picture: &str) -> Svg {
    let overrides = overrides(&[changes, &["train.updates=1", "output.pictures=svg"]].concat());
    let run = Run::prepare(Config::from_toml(config, "test", &overrides).unwrap()).unwrap();
    let place = folder.join(picture);
    let mut claimed = RunFolder::claim(&place).unwrap();
    run.save(&mut claimed).unwrap();
    run.train(&mut ()).unwrap().evaluate().unwrap().save(&mut claimed).unwrap();
    let text = fs::read_to_string(place.join(format!("{picture}.svg"))).unwrap();
    fs::remove_dir_all(place).unwrap();
    Svg(text)
}

#[test]
fn pictures_of_a_table_use_its_names() {
    let temporary = tempfile::tempdir().unwrap();
    let table = temporary.path().join("mine.csv");
    let config = format!("[data]\nkind = \"csv\"\npath = {table:?}\nlabel = \"state\"\npositive = \"1\"\n");
    let rows = |names: [&str; 2]| {
        let rows = (0..40).map(|i| format!("{}e9,{}e-9,\"{}\"\n", 10 + i % 7, i % 9, names[i % 2]));
        fs::write(&table, "\"a\tb\",c,state\n".to_owned() + &rows.collect::<String>()).unwrap();
    };
    rows(["0", "1"]);
    let draw = |changes: &[&str], picture| run(&config, changes, temporary.path(), picture);
    let data = draw(&[], "data");
    for text in ["mine.csv, 24 samples", "state = 0", "state = 1", r"a\tb", "1.0e10", "8e-9"] {
        assert!(data.says(text), "{text}: {:?}", data.texts());
    }
    assert!(draw(&[], "calibration").says("share of state = 1"));
    rows(["<well>", &"sick\n".repeat(200)]);
    let named = ["data.positive=\"<well>\""];
    let boundary = draw(&named, "boundary");
    assert!(boundary.says("of &lt;well&gt;") && !boundary.says("threshold 0.5"), "{:?}", boundary.texts());
    let elsewhere = [named[0], "decision.threshold=0.9"];
    assert!(draw(&elsewhere, "boundary").says("threshold 0.9"));
    assert!(draw(&elsewhere, "cost").says("accuracy at 0.5 (%)"));
    let precision = draw(&named, "precision_recall");
    assert!(
        precision
            .texts()
            .iter()
            .any(|(text, _)| text.starts_with("guessing: share of &lt;well&gt; 0."))
    );
    // What is not <well> is cut where the picture ends.
    let (other, _) = boundary
        .texts()
        .into_iter()
        .find(|(text, _)| text.starts_with(r"sick\nsick"))
        .unwrap();
    assert!(other.ends_with('…') && other.len() < 30, "{other}");
    // Of more inputs than two there is a slice.
    let table = fs::read_to_string(path("configs/breast_cancer.toml")).unwrap();
    let data = format!("data.path={:?}", path("data/breast_cancer.csv"));
    let slice = run(&table, &[&data, "train.epochs=1", "decision.threshold=0.9"], temporary.path(), "boundary");
    assert!(
        slice.says("of malignant") && slice.says("benign") && slice.says("threshold 0.9"),
        "{:?}",
        slice.texts()
    );
}

#[test]
fn pictures_of_a_generated_set_keep_to_classes_and_its_name() {
    let temporary = tempfile::tempdir().unwrap();
    let data = run("", &[], temporary.path(), "data");
    for text in ["flower, 400 samples", "class 0", "class 1", "x1", "x2"] {
        assert!(data.says(text), "{text}: {:?}", data.texts());
    }
    assert!(run("", &[], temporary.path(), "boundary").says("of class 1"));
}
