//! Checks pictures as a reader sees them: their texts, and the positions of lines and marks.

use std::fs;
use std::path::Path;

use petal::config::Config;
use petal::data::logistic::logit;
use petal::data::metrics::calibration;
use petal::data::pca::Pca;
use petal::files::folder::RunFolder;
use petal::plot::{
    Boundaries, Boundary, Calibration, CalibrationCurve, CostCurve, CostHistory, Format, Panel, PcaSlice, Picture,
    PrecisionRecall, Roc, ScalarField, Scatter, ThresholdCurve, Window, characters_without_glyph, render,
};
use petal::run::Run;

use crate::support::{overrides, path};

const INK: &str = "#282828";
const GRID: &str = "#E2E2E2";
const BLUE: &str = "#0072B2";
const VERMILION: &str = "#D55E00";

/// Pixels of a PNG along the edge of a pixel of the SVG.
const DENSITY: usize = 2;

type Point = (f64, f64);

/// The text of an SVG. Plotters writes one element per line.
struct Svg(String);

impl Svg {
    fn render(picture: &impl Picture) -> Self {
        let svg = Self(String::from_utf8(render(picture, Format::Svg).unwrap()).unwrap());
        let (width, height) = picture.size();
        assert!(svg.0.starts_with(&format!("<svg width=\"{width}\" height=\"{height}\"")), "{}", &svg.0[..80]);
        svg
    }

    /// The elements of a kind that contain a text.
    fn elements(&self, kind: &str, text: &str) -> Vec<&str> {
        let start = format!("<{kind} ");
        self.0
            .lines()
            .filter(|element| element.starts_with(&start) && element.contains(text))
            .collect()
    }

    /// The points of each line of a colour, in the order of drawing.
    fn lines(&self, color: &str) -> Vec<Vec<Point>> {
        let points = |element: &&str| {
            let points = attribute(element, "points").split_whitespace().map(|point| {
                let (x, y) = point.split_once(',').unwrap();
                (x.parse().unwrap(), y.parse().unwrap())
            });
            points.collect()
        };
        let elements = self.elements("polyline", &format!("stroke=\"{color}\""));
        elements.iter().map(points).filter(|line: &Vec<Point>| line.len() > 1).collect()
    }

    /// The middle and the radius of each circle of a colour.
    fn circles(&self, color: &str) -> Vec<(Point, f64)> {
        let number = |element: &str, name: &str| attribute(element, name).parse().unwrap();
        let elements = self.elements("circle", &format!("fill=\"{color}\""));
        elements
            .iter()
            .map(|element| ((number(element, "cx"), number(element, "cy")), number(element, "r")))
            .collect()
    }

    /// All texts with their positions.
    fn texts(&self) -> Vec<(&str, Point)> {
        let texts = self.0.split("<text").skip(1).map(|text| {
            let (start, rest) = text.split_once(">\n").unwrap();
            let number = |name: &str| attribute(start, name).parse().unwrap();
            (rest.split_once("\n</text>").unwrap().0, (number("x"), number("y")))
        });
        texts.collect()
    }

    fn has_text(&self, text: &str) -> bool {
        self.texts().iter().any(|(written, _)| *written == text)
    }

    /// The pixel position of a point in a chart. `first` and `last` are the first and the last tick of both axes.
    fn to_pixels(&self, [first, last]: [f64; 2], (x, y): Point) -> Point {
        let grid = self.lines(GRID);
        // Grid lines that are constant in a coordinate stand at the ticks of that axis.
        let tick_ends = |coordinate: fn(&Point) -> f64| {
            let lines = grid.iter().filter(|line| coordinate(&line[0]) == coordinate(&line[1]));
            let positions: Vec<f64> = lines.map(|line| coordinate(&line[0])).collect();
            (positions[0], positions[positions.len() - 1])
        };
        let scale = |(start, end): (f64, f64), value: f64| start + (end - start) * (value - first) / (last - first);
        (scale(tick_ends(|point| point.0), x), scale(tick_ends(|point| point.1), y))
    }
}

fn attribute<'a>(element: &'a str, name: &str) -> &'a str {
    let (_, rest) = element
        .split_once(&format!(" {name}=\""))
        .unwrap_or_else(|| panic!("{name}: {element}"));
    rest.split_once('"').unwrap().0
}

/// Compares positions with a tolerance, because plotters rounds them to pixels.
#[track_caller]
fn assert_near(actual: &[Point], expected: &[Point]) {
    let near = |(a, b): (&Point, &Point)| (a.0 - b.0).abs() <= 1.5 && (a.1 - b.1).abs() <= 1.5;
    assert!(actual.len() == expected.len() && actual.iter().zip(expected).all(near), "{actual:?}\n{expected:?}");
}

/// The pixels of a PNG, twice as many along each edge as the size of the picture says.
struct Pixels {
    palette: Vec<u8>,
    indices: Vec<u8>,
    width: usize,
}

impl Pixels {
    fn render(picture: &impl Picture) -> Self {
        let bytes = render(picture, Format::Png).unwrap();
        let mut reader = png::Decoder::new(&bytes[..]).read_info().unwrap();
        let mut indices = vec![0; reader.output_buffer_size()];
        let frame = reader.next_frame(&mut indices).unwrap();
        assert_eq!((frame.color_type, frame.bit_depth), (png::ColorType::Indexed, png::BitDepth::Eight));
        let (width, height) = picture.size();
        assert_eq!((frame.width, frame.height), (DENSITY as u32 * width, DENSITY as u32 * height));
        let palette = reader.info().palette.as_ref().unwrap().to_vec();
        Self { palette, indices, width: frame.width as usize }
    }

    /// The colour of the four pixels around the middle of a pixel of the SVG, which must be the same.
    fn color_at(&self, (x, y): Point) -> String {
        let [x, y] = [x, y].map(|position| DENSITY * position.round() as usize);
        let colors = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(right, down)| self.channels_at(x + right, y + down));
        assert_eq!(colors, [colors[0]; 4]);
        let [red, green, blue] = colors[0];
        format!("#{red:02X}{green:02X}{blue:02X}")
    }

    /// Whether a pixel is as dark as the line of a boundary.
    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.channels_at(x, y)[0] < 0x50
    }

    fn channels_at(&self, x: usize, y: usize) -> [u8; 3] {
        let start = 3 * usize::from(self.indices[y * self.width + x]);
        self.palette[start..start + 3].try_into().unwrap()
    }
}

fn threshold_curve<'a>(name: &'a str, points: &[Point], area: Option<f64>) -> ThresholdCurve<'a> {
    ThresholdCurve { name, points: points.to_vec(), area }
}

#[test]
fn a_roc_curve_goes_through_its_points_and_the_legend_is_below_the_chart() {
    let points = [(0.0, 0.0), (0.0, 0.5), (0.25, 0.75), (1.0, 1.0)];
    let curves = vec![threshold_curve("ours", &points, Some(0.8125)), threshold_curve("undefined", &[], None)];
    let svg = Svg::render(&Roc { title: "ROC <1>".into(), curves });
    let to_pixels = |point| svg.to_pixels([0.0, 1.0], point);
    assert_near(&svg.lines(BLUE)[0], &points.map(to_pixels));
    // The undefined curve has only its stroke in the legend.
    assert_eq!(svg.lines(VERMILION).len(), 1);
    for text in ["ROC &lt;1&gt;", "false positive rate", "true positive rate"] {
        assert!(svg.has_text(text), "{text}: {:?}", svg.texts());
    }
    let bottom = to_pixels((0.0, 0.0)).1;
    for text in ["ours: AUC 0.812", "undefined: AUC undefined", "chance level: AUC 0.5"] {
        let texts = svg.texts();
        let (_, (_, y)) = texts
            .iter()
            .find(|(written, _)| *written == text)
            .unwrap_or_else(|| panic!("{texts:?}"));
        assert!(*y > bottom + 40.0, "{text} at {y}");
    }
    // The dashes of the diagonal start and end at its two ends.
    let dashes = svg.lines(INK);
    for end in [(0.0, 0.0), (1.0, 1.0)].map(to_pixels) {
        assert!(dashes.iter().flatten().any(|point| *point == end), "{end:?}");
    }
}

#[test]
fn precision_falls_in_steps_and_guessing_is_a_line_at_the_fraction_of_class_1() {
    let curves = vec![threshold_curve("a", &[(0.5, 1.0), (1.0, 0.7)], Some(0.85)), threshold_curve("b", &[], None)];
    let picture = PrecisionRecall { title: String::new(), class: "sick", curves, positive_fraction: 0.25 };
    let svg = Svg::render(&picture);
    let to_pixels = |point| svg.to_pixels([0.0, 1.0], point);
    assert_near(&svg.lines(BLUE)[0], &[(0.0, 1.0), (0.5, 1.0), (0.5, 0.7), (1.0, 0.7)].map(to_pixels));
    assert_eq!(svg.lines(VERMILION).len(), 1);
    for text in [
        "a: average precision 0.850",
        "b: average precision undefined",
        "chance level: fraction of sick 0.250",
    ] {
        assert!(svg.has_text(text), "{text}: {:?}", svg.texts());
    }
    let height = to_pixels((0.0, 0.25)).1;
    let lines = svg.lines(INK);
    let is_dash_of_guessing = |line: &&Vec<Point>| line.iter().all(|point| (point.1 - height).abs() <= 1.5);
    assert!(lines.iter().filter(is_dash_of_guessing).count() > 20);
}

#[test]
fn calibration_has_intervals_and_a_larger_circle_for_a_bin_with_more_samples() {
    let bins = calibration(&[0.1, 0.1, 0.1, 0.6].map(logit), &[0, 0, 1, 1], 2);
    let single_bin = calibration(&[logit(0.4)], &[1], 2);
    let curves = vec![CalibrationCurve { name: "a", bins }, CalibrationCurve { name: "b", bins: single_bin }];
    let svg = Svg::render(&Calibration { title: "C".into(), class: "sick", curves });
    let to_pixels = |point| svg.to_pixels([0.0, 1.0], point);
    let expected = [(0.1, 1.0 / 3.0), (0.6, 1.0)].map(to_pixels);
    // scipy.stats.binomtest(1, 3).proportion_ci(method="wilson") and the same for 1 of 1. No line joins the bins.
    let intervals = [[(0.1, 0.0614919), (0.1, 0.7923404)], [(0.6, 0.2065493), (0.6, 1.0)]];
    assert_near(&svg.lines(BLUE).concat(), &intervals.concat().into_iter().map(to_pixels).collect::<Vec<_>>());
    let (centres, radii): (Vec<_>, Vec<_>) = svg.circles(BLUE).into_iter().unzip();
    assert_near(&centres[..2], &expected);
    // 3 + 10 sqrt(3 / 4) and 3 + 10 sqrt(1 / 4), rounded, and the circle in the legend.
    assert_eq!(radii, [12.0, 8.0, 5.0]);
    assert_near(&[svg.circles(VERMILION)[0].0], &[to_pixels((0.4, 1.0))]);
    assert_eq!(svg.lines(VERMILION).len(), 1);
    // |0.1 - 1/3| 3/4 + |0.6 - 1| / 4
    for text in ["a: calibration error 0.275", "mean predicted probability of sick", "fraction of sick"] {
        assert!(svg.has_text(text), "{text}: {:?}", svg.texts());
    }
}

/// A cost curve whose accuracy is 1 - cost.
fn cost_curve(training: &[Point], validation: Option<&[Point]>, threshold: f64) -> CostCurve {
    let history = |cost: &[Point]| CostHistory {
        cost: cost.to_vec(),
        accuracy: cost.iter().map(|&(update, cost)| (update, 100.0 * (1.0 - cost))).collect(),
    };
    let (training, validation) = (history(training), validation.map(history));
    CostCurve {
        title: "t".into(),
        kept: validation.as_ref().map(|_| 10.0),
        training,
        validation,
        threshold,
    }
}

#[test]
fn costs_are_lines_and_the_kept_parameters_are_marked() {
    let points = [(0.0, 0.4), (10.0, 0.2), (20.0, 0.0)];
    let svg = Svg::render(&cost_curve(&points, Some(&[(0.0, 0.4), (20.0, 0.4)]), 0.5));
    // The three points lie on a straight line, the second in the middle.
    let line = &svg.lines(BLUE)[0];
    let middle = ((line[0].0 + line[2].0) / 2.0, (line[0].1 + line[2].1) / 2.0);
    assert_near(&[line[1]], &[middle]);
    assert!(line[0].1 < line[1].1 && line[0].0 < line[1].0);
    // The mark is a vertical line in each panel. It is longer than the tick marks.
    let is_vertical_mark = |line: &&Vec<Point>| {
        line.iter().all(|point| (point.0 - middle.0).abs() <= 1.5) && (line[0].1 - line[1].1).abs() > 50.0
    };
    assert_eq!(svg.lines(INK).iter().filter(is_vertical_mark).count(), 2);
    for text in ["kept: update 10", "training", "validation", "accuracy (%)", "cost", "update"] {
        assert!(svg.has_text(text), "{text}: {:?}", svg.texts());
    }
}

#[test]
fn a_single_record_is_a_dot_and_a_single_line_has_no_legend() {
    let picture = cost_curve(&[(0.0, 0.5)], None, 0.3);
    let svg = Svg::render(&picture);
    let [(blue, _)] = svg.circles(BLUE)[..] else {
        panic!("{:?}", svg.circles(BLUE))
    };
    let [(vermilion, _)] = svg.circles(VERMILION)[..] else {
        panic!("{:?}", svg.circles(VERMILION))
    };
    let pixels = Pixels::render(&picture);
    assert_eq!((pixels.color_at(blue), pixels.color_at(vermilion)), (BLUE.into(), VERMILION.into()));
    assert!(svg.has_text("accuracy at 0.5 (%)") && !svg.has_text("training"));
}

fn scatter<'a>(x: &'a [f64], y: &'a [u8]) -> Scatter<'a> {
    Scatter { title: "t".into(), axes: ["across", "up"], classes: ["well".into(), "sick".into()], x, y }
}

/// A probability that rises from 0 at the left to 1 at the right edge.
fn rising_rightwards(window: Window, threshold: f64) -> ScalarField {
    let probability = |node: &[f64]| (node[0] - window.x[0]) / (window.x[1] - window.x[0]);
    ScalarField::new(window, window.nodes(5).chunks_exact(2).map(probability).collect(), threshold)
}

/// A probability that rises from 0 at the bottom to 1 at the top edge.
fn rising_upwards(window: Window, threshold: f64) -> ScalarField {
    let probability = |node: &[f64]| (node[1] - window.y[0]) / (window.y[1] - window.y[0]);
    ScalarField::new(window, window.nodes(5).chunks_exact(2).map(probability).collect(), threshold)
}

/// The x position of a vertical line of a boundary, as a fraction of the chart's width.
fn boundary_position(picture: &impl Picture) -> f64 {
    let lines = Svg::render(picture).lines(INK);
    let x_axis = lines
        .iter()
        .find(|line| line[0].1 == line[1].1 && line[1].0 - line[0].0 > 300.0)
        .unwrap();
    let [left, right, row] = [x_axis[0].0, x_axis[1].0, x_axis[0].1 - 100.0].map(|position| DENSITY as f64 * position);

    let pixels = Pixels::render(picture);
    let dark: Vec<f64> = (left as usize..right as usize)
        .filter(|x| pixels.is_dark(*x, row.round() as usize))
        .map(|x| x as f64)
        .collect();
    assert!((DENSITY..4 * DENSITY).contains(&dark.len()), "{dark:?}");
    (dark.iter().sum::<f64>() / dark.len() as f64 + 0.5 - left) / (right - left)
}

fn picture_with_classes(classes: [&str; 2], format: Format) -> Vec<u8> {
    let scatter = Scatter {
        classes: classes.map(String::from),
        title: classes.concat(),
        ..scatter(&[0.0, 1.0, 1.0, 0.0], &[0, 1])
    };
    render(&scatter, format).unwrap()
}

#[test]
fn a_png_shows_characters_that_its_font_lacks_as_codes() {
    assert_eq!(characters_without_glyph("男 a男é女"), ['女', '男']);
    let shown = picture_with_classes(["男", "a女"], Format::Png);
    assert!(shown == picture_with_classes(["\\u{7537}", "a\\u{5973}"], Format::Png));
    assert!(shown != picture_with_classes(["", "a"], Format::Png));

    let svg = String::from_utf8(picture_with_classes(["男", "a女"], Format::Svg)).unwrap();
    assert!(svg.contains("男") && svg.contains("a女"));
}

#[test]
fn an_svg_is_well_formed_xml_whatever_the_names_contain() {
    // All characters up to U+00FF, and those beyond which XML excludes or which are next to them.
    let beyond = ['\u{2028}', '\u{d7ff}', '\u{e000}', '\u{fffd}', '\u{fffe}', '\u{ffff}', '\u{10000}', '\u{10ffff}'];
    for character in ('\0'..='\u{ff}').chain(beyond) {
        let name = format!("a{character}b");
        let svg = String::from_utf8(picture_with_classes([&name, "<&]]>\""], Format::Svg)).unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{name:?}: {error}"));
        let texts: Vec<_> = document.descendants().filter_map(|node| node.text()).map(str::trim).collect();
        assert!(texts.iter().any(|text| text.starts_with('a') && text.ends_with('b')), "{name:?}");
        assert!(texts.contains(&"<&]]>\""), "{texts:?}");
    }
}

#[test]
fn the_boundary_lies_where_the_probability_equals_the_threshold() {
    let (x, y) = ([-1.0, -1.0, 1.0, 1.0], [0, 1]);
    for threshold in [0.5, 0.3] {
        let boundary = Boundary { scatter: scatter(&x, &y), field: rising_rightwards(Window::around(&x), threshold) };
        let position = boundary_position(&boundary);
        assert!((position - threshold).abs() < 3e-3, "{position}");
        let svg = Svg::render(&boundary);
        assert_eq!(svg.has_text("threshold 0.3"), threshold == 0.3);
        for text in ["t", "across", "up", "well", "sick", "of sick", "-1.0", "0.0", "1.0"] {
            assert!(svg.has_text(text), "{text}: {:?}", svg.texts());
        }
        // Circles: the sample of class 0, which its white rim must not cover, and the mark in the legend.
        let circles = svg.circles(BLUE);
        assert_eq!(circles.len(), 2);
        assert_eq!(Pixels::render(&boundary).color_at(circles[0].0), BLUE);
    }
}

#[test]
fn a_horizontal_boundary_is_drawn() {
    let (x, y) = ([-1.0, -1.0, 1.0, 1.0], [0, 1]);
    let field = rising_upwards(Window::around(&x), 0.3);
    let pixels = Pixels::render(&Boundary { scatter: scatter(&x, &y), field });

    // These pixels of a column in the middle lie within the chart. No sample is near.
    let rows: Vec<usize> = (60 * DENSITY..500 * DENSITY)
        .filter(|row| pixels.is_dark(300 * DENSITY, *row))
        .collect();
    assert!((DENSITY..4 * DENSITY).contains(&rows.len()), "{rows:?}");
}

#[test]
fn a_pca_slice_shows_the_projected_samples_and_the_boundary() {
    // The first feature varies most, the second less, and the third is constant.
    let x = [-2.0, 0.0, 7.0, 2.0, 0.0, 7.0, 0.0, -1.0, 7.0, 0.0, 1.0, 7.0];
    let pca = Pca::fit(&x, 3);
    let classes = ["well".into(), "sick".into()];
    let slice = PcaSlice::new(&pca, &x, &[0, 1, 0, 1], classes, |window| rising_rightwards(window, 0.25));
    assert!((boundary_position(&slice) - 0.25).abs() < 3e-3);
    let svg = Svg::render(&slice);
    for text in ["component 1 (80 %)", "component 2 (20 %)", "well", "of sick", "threshold 0.25"] {
        assert!(svg.has_text(text), "{text}: {:?}", svg.texts());
    }
    // Class 0 has a sample at one end of the first component and another at one end of the second. The third circle is in
    // the legend.
    let [(first, _), (second, _), _] = svg.circles(BLUE)[..] else {
        panic!("{:?}", svg.circles(BLUE))
    };
    let pixels = Pixels::render(&slice);
    assert!(first.0 != second.0 && first.1 != second.1);
    assert_eq!([first, second].map(|point| pixels.color_at(point)), [BLUE, BLUE]);
}

#[test]
fn the_color_bar_of_panels_shows_the_level_if_all_panels_have_the_same() {
    let (x, y) = ([-1.0, -1.0, 1.0, 1.0], [0, 1]);
    // The stroke at the level is the only line of width 2.
    let level_strokes = |levels: [f64; 2]| {
        let field = |level| rising_rightwards(Window::around(&x), level);
        let panels = levels
            .map(|level| Panel { title: "panel".into(), field: field(level), x: &x, y: &y })
            .to_vec();
        let classes = ["a".into(), "b".into()];
        Svg::render(&Boundaries { title: "panels".into(), classes, panels, grid: None })
            .elements("polyline", "stroke-width=\"2\"")
            .len()
    };
    assert_eq!(level_strokes([0.3, 0.3]), 1);
    assert_eq!(level_strokes([0.3, 0.4]), 0);
}

/// Trains with a configuration for one update, and returns one of the pictures.
fn picture_of_run(config: &str, changes: &[&str], folder: &Path, picture: &str) -> Svg {
    let overrides = overrides(&[changes, &["train.updates=1", "output.pictures=svg"]].concat());
    let run = Run::prepare(Config::from_toml(config, "test", &overrides).unwrap()).unwrap();
    let path = folder.join(picture);
    let mut run_folder = RunFolder::create(&path).unwrap();
    run.save(&mut run_folder).unwrap();
    run.train(&mut ()).unwrap().evaluate().unwrap().save(&mut run_folder).unwrap();
    let text = fs::read_to_string(path.join(format!("{picture}.svg"))).unwrap();
    fs::remove_dir_all(path).unwrap();
    Svg(text)
}

#[test]
fn pictures_of_a_table_use_the_names_in_the_table() {
    let temporary = tempfile::tempdir().unwrap();
    let table = temporary.path().join("mine.csv");
    let config = format!("[data]\nkind = \"csv\"\npath = {table:?}\nlabel = \"state\"\npositive = \"1\"\n");
    let write_table = |classes: [&str; 2]| {
        let rows = (0..40).map(|i| format!("{}e9,{}e-9,\"{}\"\n", 10 + i % 7, i % 9, classes[i % 2]));
        fs::write(&table, "\"a\tb\",c,state\n".to_owned() + &rows.collect::<String>()).unwrap();
    };

    write_table(["0", "1"]);
    let draw = |changes: &[&str], picture| picture_of_run(&config, changes, temporary.path(), picture);
    let data = draw(&[], "data");
    for text in ["mine.csv, 24 samples", "state = 0", "state = 1", r"a\tb", "1.0e10", "8e-9"] {
        assert!(data.has_text(text), "{text}: {:?}", data.texts());
    }
    assert!(draw(&[], "calibration").has_text("fraction of state = 1"));

    write_table(["<well>", &"sick\n".repeat(200)]);
    let positive = "data.positive=\"<well>\"";
    let boundary = draw(&[positive], "boundary");
    assert!(
        boundary.has_text("of &lt;well&gt;") && !boundary.has_text("threshold 0.5"),
        "{:?}",
        boundary.texts()
    );
    let other_threshold = [positive, "decision.threshold=0.9"];
    assert!(draw(&other_threshold, "boundary").has_text("threshold 0.9"));
    assert!(draw(&other_threshold, "cost").has_text("accuracy at 0.5 (%)"));
    let precision = draw(&[positive], "precision_recall");
    let guessing = "chance level: fraction of &lt;well&gt; 0.";
    assert!(precision.texts().iter().any(|(text, _)| text.starts_with(guessing)));
    // The long name of the other class is cut at the edge of the picture.
    let texts = boundary.texts();
    let (other, _) = texts.iter().find(|(text, _)| text.starts_with(r"sick\nsick")).unwrap();
    assert!(other.ends_with('…') && other.len() < 30, "{other}");
}

#[test]
fn a_run_names_the_characters_that_its_pictures_show_as_codes() {
    let temporary = tempfile::tempdir().unwrap();
    let table = temporary.path().join("表.csv");
    let rows: String = (0..20).map(|i| format!("{i},{},{}\n", i % 7, ["男", "女"][i % 2])).collect();
    fs::write(&table, format!("高,b,性别\n{rows}")).unwrap();
    let config = format!("[data]\nkind = \"csv\"\npath = {table:?}\nlabel = \"性别\"\npositive = \"女\"\n");
    let missing = |changes: &[&str]| {
        let config = Config::from_toml(&config, "test", &overrides(changes)).unwrap();
        String::from_iter(Run::prepare(config).unwrap().characters_without_glyph())
    };
    assert_eq!(missing(&[]), "女男表高");
    assert_eq!(missing(&["output.pictures=svg"]), "");
    // With one input there is no picture of the plane.
    assert_eq!(missing(&["data.ignore=[\"高\"]"]), "女男");
}

#[test]
fn the_pca_slice_of_a_table_uses_the_names_in_the_table() {
    let temporary = tempfile::tempdir().unwrap();
    let config = fs::read_to_string(path("configs/breast_cancer.toml")).unwrap();
    let data = format!("data.path={:?}", path("data/breast_cancer.csv"));
    let changes = [&data, "train.epochs=1", "decision.threshold=0.9"];
    let slice = picture_of_run(&config, &changes, temporary.path(), "boundary");
    for text in ["of malignant", "benign", "threshold 0.9"] {
        assert!(slice.has_text(text), "{text}: {:?}", slice.texts());
    }
}

#[test]
fn pictures_of_generated_data_name_the_generator_and_number_the_classes() {
    let temporary = tempfile::tempdir().unwrap();
    let data = picture_of_run("", &[], temporary.path(), "data");
    for text in ["flower, 400 samples", "class 0", "class 1", "x1", "x2"] {
        assert!(data.has_text(text), "{text}: {:?}", data.texts());
    }
    assert!(picture_of_run("", &[], temporary.path(), "boundary").has_text("of class 1"));
}
