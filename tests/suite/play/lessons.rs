//! Lessons: the messages about their files, and their pages.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use petal::data::sha256;
use petal::play::{BUILT_IN, Lesson, built_in, site};
use serde_json::{Value, json};

use super::client::Server;
use super::lesson_claims::{last, run};
use crate::support::{path, program};

const MINE: &str = "+++\ntitle = \"T\"\nask = \"Q?\"\nanswers = [\"a\", \"b\"]\nright = \"b\"\n";
const END: &str = "+++\nText.\n";

fn parse(text: &str) -> Result<Lesson, String> {
    Lesson::parse(text, Path::new("x.md"), None).map_err(|error| error.to_string())
}

#[test]
fn a_mistake_in_a_lesson_is_reported_with_its_line() {
    let cases = [
        (
            "",
            "a lesson begins with a line +++, its keys as TOML and another line +++; its text comes after it (x.md:1)",
        ),
        (
            "\n# Title\n",
            "a lesson begins with a line +++, its keys as TOML and another line +++; its text comes after it (x.md:2)",
        ),
        ("+++\ntitle = \"T\"\n", "the keys of the lesson have no end; a line +++ ends them (x.md:1)"),
        ("+++\n+++\nText", "title: is missing; it stands above the lesson (x.md)"),
        (
            "+++\ntitle = \" \"\n+++\nText",
            "title = \"\": must not be empty; it stands above the lesson (x.md:2)",
        ),
        ("+++\ntitle = \"T\"\n+++\nText", "ask: is missing; it is the question of the lesson (x.md)"),
        (
            "+++\ntitle = T\n+++\nText",
            "title = T: text stands in quotation marks; write title = \"T\" (x.md:2)",
        ),
        (
            "+++\ntitle = \"T\"\nask = \"Q\"\nanswers = [\"a\"]\n+++\nText",
            "answers = [\"a\"]: must be a list of at least two texts to choose from (x.md:4)",
        ),
        (
            "+++\ntitle = \"T\"\nask = \"Q\"\n+++\nText",
            "answers: must be a list of at least two texts to choose from (x.md)",
        ),
        (
            "+++\ntitle = \"T\"\nask = \"Q\"\nanswers = [\"a\", \"a\"]\n+++\nText",
            "answers = [\"a\", \"a\"]: has \"a\" twice (x.md:4)",
        ),
        (
            "+++\ntitle = \"T\"\nask = \"Q\"\nanswers = \"a\"\n+++\n",
            "answers = \"a\": must be a list in square brackets (x.md:4)",
        ),
        ("\n+++\r\ntitle = 5\r\n+++\r\nText", "title = 5: must be text in quotation marks (x.md:3)"),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(text).unwrap_err(), expected, "{text}");
    }

    let more = [
        ("right = \"c\"", "right = \"c\": must be one of the answers: [\"a\", \"b\"] (x.md:5)"),
        (
            "colour = 3",
            "colour: unknown key; accepted: title, ask, answers, right, say, update, unit, weights, points, run, config, variation (x.md:6)",
        ),
        ("updat = 3", "updat: unknown key; did you mean update? accepted: title, ask"),
        ("say = \"x\"", "say: the text of a Markdown file stands below the second +++ (x.md:6)"),
        ("run = \"\"", "run = \"\": must not be empty; it names the lesson's own run (x.md:6)"),
        ("update = -1", "update = -1: must be a whole number from 0 to 1,000,000,000 (x.md:6)"),
        ("update = 10001", "update = 10001: must be at most train.updates = 10000 (x.md:6)"),
        ("unit = 4", "unit = 4: must be below model.hidden = 4; units count from 0 (x.md:6)"),
        (
            "weights = \"ones\"",
            "weights = \"ones\": must be \"zero\", \"equal\", \"usual\" or a list of numbers (x.md:6)",
        ),
        ("weights = [1, nan]", "weights = [1, nan]: must be finite numbers (x.md:6)"),
        (
            "weights = [1, 2]",
            "weights: has 2 numbers; this network has 17: w1 [2, 4] row by row, b1 [4], w2 [4], b2 (x.md:6)",
        ),
        (
            "points = [[0, 0, 1], [1, 2]]",
            "points[1] = [1.0, 2.0]: must be [x1, x2, class] with finite numbers and the class 0 or 1 (x.md:6)",
        ),
        (
            "points = [[0, 0, 2]]",
            "points[0] = [0.0, 0.0, 2.0]: must be [x1, x2, class] with finite numbers and the class 0 or 1 (x.md:6)",
        ),
        ("points = [[0, 0, 1], [1, 1, 1]]", "points: all are of class 1; draw some of class 0 too (x.md:6)"),
        ("config = 3", "config = 3: must be a table (x.md:6)"),
        ("config.train.learning_rate = -0.1", "train.learning_rate = -0.1: must be finite and > 0 (x.md:6)"),
        ("[config.train]\n\nlearning_rate = 0", "train.learning_rate = 0: must be finite and > 0 (x.md:8)"),
        (
            "[config.train]\nlearning_rate = 0,5",
            "config.train.learning_rate = 0,5: numbers are written like 4, 0.5 or 1e-3; write learning_rate = 0.5 (x.md:7)",
        ),
        ("[config]\ntrain = 3", "train: must be a table, [train] with its keys below it"),
        (
            "[config.train]\nlerning_rate = 1",
            "train.lerning_rate: unknown key; did you mean train.learning_rate? accepted: engine, learning_rate,",
        ),
        (
            "config.output.folder = \"x\"",
            "output.folder: is no setting of the playground; accepted: dtype, data.kind, ",
        ),
        ("config.device = \"flex\"", "device: is no setting of the playground; accepted: dtype, "),
        ("config.train.track = [\"sharpness\"]", "train.track: is no setting of the playground; accepted: "),
        (
            "config.model.hidden = 2000",
            "model.hidden = 2000: the playground accepts at most 1,000 hidden units, `petal train` more (x.md:6)",
        ),
        (
            "config.train.patience = 3",
            "train.patience = 3: needs validation samples; set split.validation above 0 (x.md:6)",
        ),
        ("config.data.kind = \"csv\"", "data.path: is missing; a table is a file beside the lesson (x.md:6)"),
        ("config.data.label = \"y\"", "data.path: is missing; a table is a file beside the lesson (x.md)"),
        ("config.data.path = \"x.csv\"", "data.path = \"x.csv\": needs data.kind = \"csv\" (x.md:6)"),
        (
            "config.data = { kind = \"csv\", path = \"x.csv\" }\npoints = [[0, 0, 1], [1, 2, 0]]",
            "data.path = \"x.csv\": a lesson has points or a table, not both (x.md:6)",
        ),
        (
            "[[variation]]\nconfig.model.hidden = 3",
            "name: is missing; it is the text of the variation's button (x.md:6)",
        ),
        (
            "[[variation]]\nname = \"\"",
            "name = \"\": must not be empty; it is the text of the variation's button (x.md:7)",
        ),
        (
            "[[variation]]\nname = wide",
            "variation.name = wide: text stands in quotation marks; write name = \"wide\" (x.md:7)",
        ),
        ("[[variation]]\nname = \"as asked\"", "name = \"as asked\": another run has this name (x.md:7)"),
        (
            "[[variation]]\nname = \"a\"\nnam = 1",
            "nam: unknown key; did you mean name? accepted: name, weights, config (x.md:8)",
        ),
        (
            "[[variation]]\nname = \"a\"\n[[variation]]\nname = \"b\"\nconfig.train.learning_rate = -1",
            "train.learning_rate = -1: must be finite and > 0 (x.md:10)",
        ),
        (
            "weights = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]\n[[variation]]\nname = \"a\"\nconfig.model.hidden = 1",
            "weights: has 17 numbers; this network has 5: w1 [2, 1] row by row, b1 [1], w2 [1], b2 (x.md:6)",
        ),
        ("variation = 1", "variation = 1: must be a list in square brackets (x.md:6)"),
    ];
    for (keys, expected) in more {
        let text = match keys.starts_with("right") {
            true => MINE.replace("right = \"b\"", keys),
            false => format!("{MINE}{keys}\n"),
        };
        let message = parse(&(text + END)).unwrap_err();
        assert!(message.starts_with(expected), "{keys}\n  message   {message}\n  expected  {expected}");
    }
    assert_eq!(
        parse(&format!("{MINE}+++\n \n")).unwrap_err(),
        "has no text below the second +++, which follows a guess (x.md)"
    );
    for name in ["a b.md", "ü.md", ".md", "index.md", "a.b.toml"] {
        let message = Lesson::parse("", Path::new(name), None).unwrap_err().to_string();
        let is_id =
            message.starts_with("the name of the file is the lesson's address: it must have only the letters a to z");
        assert!(is_id || message.contains("is no lesson") || message.contains("begins with"), "{name}: {message}");
        let text = format!("{MINE}{END}");
        assert!(name.ends_with("toml") || Lesson::parse(&text, Path::new(name), None).is_err(), "{name}");
    }
}

#[test]
fn markdown_and_toml_are_the_same_lesson() {
    let keys = "title = \"T\"\nask = \"Q?\"\nanswers = [\"a\", \"b\"]\nupdate = 3\nconfig.model.hidden = 3\n";
    let markdown = parse(&format!("+++\n{keys}+++\n\nOne *two*\nthree.\n\nFour.\n")).unwrap();
    let toml = format!("say = \"\"\"\nOne *two*\nthree.\n\nFour.\"\"\"\n{keys}");
    let toml = Lesson::parse(&toml, Path::new("x.toml"), None).unwrap();
    assert_eq!(json!(markdown), json!(toml));
    let lesson = json!(markdown);
    assert_eq!(lesson["say"], json!([[["", "One "], ["em", "two"], ["", " three."]], [["", "Four."]]]));
    assert_eq!((&lesson["id"], &lesson["right"], &lesson["update"]), (&json!("x"), &Value::Null, &json!(3)));
    assert_eq!(lesson["runs"][0]["state"]["config"]["model.hidden"], 3);
}

#[test]
fn a_lesson_has_a_table_from_its_folder_or_points_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..40).map(|i| format!("{i},{},{}\n", i * 7 % 40, i % 2 + 1)).collect();
    fs::write(folder.path().join("t.csv"), format!("a,b,kind\n{rows}")).unwrap();
    let load = |keys: &str| {
        let path = folder.path().join("mine.md");
        fs::write(&path, format!("{MINE}{keys}\n{END}")).unwrap();
        Lesson::load(&path).map_err(|error| error.to_string())
    };

    let lesson = load(
        "config.data = { kind = \"csv\", path = \"t.csv\", label = \"kind\", positive = 2 }\n[[variation]]\nname = \"narrow\"\nconfig.model.hidden = 1",
    );
    let lesson = json!(lesson.unwrap());
    for run in [0, 1] {
        let state = &lesson["runs"][run]["state"];
        let table = &state["table"];
        assert_eq!([&table["name"], &table["label"], &table["class_one"]], ["t.csv", "kind", "2"], "{state}");
        assert!(table["text"].as_str().unwrap().starts_with("a,b,kind\n0,0,1\n"));
        assert!(state["config"].as_object().unwrap().keys().all(|key| !key.contains("path")), "{state}");
    }
    let points = load("points = [[0, 0.5, 1], [1, 2, 0], [2, 2, 1]]\nconfig.model.hidden = 2").unwrap();
    assert_eq!(
        json!(points)["runs"][0]["state"]["points"],
        json!([[0.0, 0.5, 1.0], [1.0, 2.0, 0.0], [2.0, 2.0, 1.0]])
    );
    assert_eq!(points.page(String::new(), None).unwrap().data[0].samples.y, "101");

    // A lesson reads nothing but a table beside it.
    for bad in ["../t.csv", "/etc/passwd", "sub/t.csv", "", "..\\\\t.csv"] {
        let message =
            load(&format!("config.data = {{ kind = \"csv\", path = \"{bad}\", label = \"kind\" }}")).unwrap_err();
        let refused =
            message.contains("must be the name of a file beside the lesson") || message.contains("data.path = \"\"");
        assert!(refused, "{bad}: {message}");
    }
    let message = load("config.data = { kind = \"csv\", path = \"no.csv\", label = \"kind\" }").unwrap_err();
    assert!(message.contains("no.csv"), "{message}");
    let message = load("config.data = { kind = \"csv\", path = \"t.csv\", label = \"no\" }").unwrap_err();
    assert!(message.contains("data.label = \"no\": no such column"), "{message}");
}

#[test]
fn the_built_in_lessons_are_all_files_of_their_folder_and_have_at_most_120_words() {
    let folder = fs::read_dir(path("src/play/lessons")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = names.filter_map(|name| Some(name.strip_suffix(".md")?.to_owned())).collect();
    files.sort();
    let mut ids: Vec<&str> = BUILT_IN.iter().map(|lesson| lesson.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, files);

    for Lesson { text, .. } in built_in().unwrap() {
        let all = [&[text.ask][..], &text.answers, &[text.say.text()]].concat().join(" ");
        let words = all.split_whitespace().count();
        assert!(words <= 120, "{}: {words} words", text.id);
        assert!(text.right.is_some() || text.id == "own", "{}", text.id);
    }
}

#[test]
fn pages_ask_for_nothing_and_nothing_in_a_lesson_becomes_markup() {
    let evil = "</script><img src=x onerror=alert(1)>\\\"&'";
    let text = format!(
        "+++\ntitle = \"{evil}\"\nask = \"{evil}\"\nanswers = [\"{evil}\", \"b\"]\nrun = \"{evil}\"\nconfig.train.updates = 5\n[[variation]]\nname = \"v\"\n+++\n{}\n",
        "**</div><script>alert(1)</script>** `<b>` <!-- "
    );
    let own = built_in().unwrap();
    let lessons: Vec<Lesson> = own.into_iter().chain([parse(&text).unwrap()]).collect();
    let pages = site(&lessons, |lesson| format!("petal play <{}>", lesson.text.id)).unwrap();
    assert_eq!(pages.len(), 13);
    for page in &pages {
        let html = &page.html;
        assert!(html.len() < 400_000, "{}: {} bytes", page.name, html.len());
        assert!(!html.contains("<img") && !html.contains("<script>alert") && !html.contains("<!--"), "{}", page.name);
        assert!(
            !html.contains(" style=") && !html.contains("http://127") && !html.contains("<script src"),
            "{}",
            page.name
        );
        let (_, policy) = html.split_once("http-equiv=\"Content-Security-Policy\" content=\"").unwrap();
        let policy = policy.split('"').next().unwrap();
        assert!(policy.starts_with("default-src 'none'; img-src data:; script-src '"), "{policy}");
        let between = |start: &str, end: &str| html.split_once(start).map(|(_, rest)| rest.split_once(end).unwrap().0);
        let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(sha256(text)));
        assert!(policy.contains(&format!("style-src {}", hash(between("<style>", "</style>").unwrap()))), "{policy}");
        let script = between("<script>", "</script>").map_or("'none'".into(), hash);
        assert!(policy.contains(&format!("script-src {script}")), "{}: {policy}", page.name);
    }
    let index = &pages[0].html;
    assert!(
        lessons
            .iter()
            .all(|lesson| index.contains(&format!("href=\"{}.html\"", lesson.text.id)))
    );
    // Readable without scripts.
    let line = &pages[1].html;
    for text in [
        "<li>any curve</li>",
        "The answer is: a straight line.",
        "<b>each unit adds a line</b>",
        "flower.html",
    ] {
        assert!(line.contains(text), "{text}");
    }
}

#[test]
fn the_playground_gets_the_lessons_and_trains_what_the_pages_show() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.md"), format!("{MINE}config.train.updates = 300\n{END}")).unwrap();
    let server = Server::start_in(folder.path(), &["mine.md"]);
    let start = server.beginning();
    assert_eq!(start["lesson"], "mine");
    assert_eq!(start["state"]["config"]["train.updates"], 10_000, "the lesson asks first");
    let lessons = start["lessons"].as_array().unwrap();
    assert_eq!(lessons.len(), 12);

    let state = &lessons[0]["runs"][0]["state"];
    let lines = server.train(state);
    let end = &lines.last().unwrap()["end"];
    let page = Lesson::load(&folder.path().join("mine.md"))
        .unwrap()
        .page(String::new(), None)
        .unwrap();
    assert_eq!(end["frames"], json!(page.runs[0].trained.frames));

    let symmetry = Server::start_in(folder.path(), &["#lesson=symmetry"]);
    let start = symmetry.beginning();
    assert_eq!((&start["lesson"], start["lessons"].as_array().unwrap().len()), (&json!("symmetry"), 11));
}

#[test]
fn pages_replace_pages_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.md"), format!("{MINE}config.train.updates = 3\n{END}")).unwrap();
    let lessons = || {
        let output = program("petal")
            .args(["lessons", "--out", "site", "mine.md"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(lessons().0, Some(0));
    assert_eq!(lessons().0, Some(0), "its own pages");
    let [index, page] = ["index.html", "mine.html"].map(|name| folder.path().join("site").join(name));
    let before = fs::read(&index).unwrap();

    fs::write(&page, "mine").unwrap();
    let (code, message) = lessons();
    assert_eq!(code, Some(2));
    let expected =
        "mine.html exists already and is not a page of lessons: it is not overwritten; choose another folder";
    assert!(message.contains(expected), "{message}");
    assert_eq!((fs::read_to_string(&page).unwrap(), fs::read(&index).unwrap()), ("mine".into(), before));

    fs::remove_file(&page).unwrap();
    fs::create_dir(&page).unwrap();
    assert_eq!(lessons().0, Some(2));
}

#[test]
fn the_example_in_the_documentation_is_a_lesson_and_its_table_has_all_keys() {
    let document = fs::read_to_string(path("docs/lessons.md")).unwrap();
    let (_, example) = document.split_once("```markdown\n").unwrap();
    let lesson = parse(example.split_once("```").unwrap().0).unwrap();
    let page = lesson.page(String::new(), None).unwrap();
    let validation = |name: &str| last(run(&page, name).trained.history.validation_cost.as_ref().unwrap());
    let training = |name: &str| last(&run(&page, name).trained.history.cost);
    assert!(validation("40 samples") > 2.0 * validation("2,000 samples"), "what it says");
    assert!(validation("40 samples") > 4.0 * training("40 samples"));
    assert!(validation("2,000 samples") < 1.3 * training("2,000 samples"));

    let keys = document.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let keys = keys.collect::<Vec<_>>().join(", ");
    let message = parse(&format!("+++\nmagic = 1\n{END}")).unwrap_err();
    assert!(message.ends_with(&format!("accepted: {keys} (x.md:2)")), "{message}\n{keys}");
}
