//! The animation of a run: decoded, and compared with `boundary.png`.

use std::fs;
use std::path::Path;

use gif::{ColorOutput, DecodeOptions, Repeat};
use petal::config::Config;
use petal::files::folder::RunFolder;
use petal::run::Run;

use crate::support::{overrides, path, program};

/// An image in RGB.
type Image = Vec<[u8; 3]>;

const INK: [u8; 3] = [40, 40, 40];
/// The rows of the title, where an animation has its numbers.
const TITLE_ROWS: usize = 40;

/// The pictures of a GIF as a viewer shows them, with their times in hundredths of a second.
fn decoded(bytes: &[u8]) -> (Vec<(Image, u16)>, Repeat) {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    let mut decoder = options.read_info(bytes).unwrap();
    let mut canvas = vec![[0; 3]; usize::from(decoder.width()) * usize::from(decoder.height())];
    let mut pictures = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        assert_eq!(frame.buffer.len(), 4 * canvas.len(), "each picture has all pixels");
        for (pixel, rgba) in canvas.iter_mut().zip(frame.buffer.chunks_exact(4)) {
            if rgba[3] > 0 {
                *pixel = rgba[..3].try_into().unwrap();
            }
        }
        pictures.push((canvas.clone(), frame.delay));
    }
    (pictures, decoder.repeat())
}

/// The pixels of a PNG with a palette, and its width.
fn png_pixels(bytes: &[u8]) -> (Image, usize) {
    let mut decoder = png::Decoder::new(bytes);
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size()];
    let width = reader.next_frame(&mut pixels).unwrap().width as usize;
    (pixels.as_chunks().0.to_vec(), width)
}

/// Trains a configuration with changes, and checks its animation for this many seconds.
fn check(config: &str, changes: &[&str], seconds: f64, pictures: usize) {
    let temporary = tempfile::tempdir().unwrap();
    let config = fs::read_to_string(path("configs").join(config)).unwrap();
    let run = Run::prepare(Config::from_toml(&config, "test", &overrides(changes)).unwrap()).unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let trained = run.train_with_checkpoints(&mut folder, None, &mut ()).unwrap();

    let animation = trained.animation(seconds).unwrap();
    let (decoded, repeat) = decoded(&animation.gif().unwrap());
    assert!(matches!(repeat, Repeat::Infinite));
    assert_eq!((decoded.len(), animation.pictures()), (pictures, pictures));
    let (last, delays) = (decoded.last().unwrap(), decoded.iter().map(|(_, delay)| u32::from(*delay)));
    assert_eq!(delays.sum::<u32>(), (100.0 * seconds) as u32 + 200);
    assert_eq!((last.1, animation.seconds()), (200, seconds + 2.0));

    let (still, width) = png_pixels(&trained.evaluate().unwrap().stills().unwrap()[0].1);
    let below_title = |image: &Image| image[TITLE_ROWS * width..].to_vec();
    let (still, first, last) = (below_title(&still), below_title(&decoded[0].0), below_title(&last.0));
    assert!(differing(&first, &last) > still.len() / 20, "the boundary has moved");
    // Similar colours have become one. Only edges of lines and letters differ by more.
    assert!(differing(&still, &last) < still.len() / 50, "{}", differing(&still, &last));
    let ink = |image: &Image| image.iter().filter(|color| **color == INK).count();
    let common = still.iter().zip(&last).filter(|(a, b)| **a == INK && **b == INK).count();
    assert!(ink(&still) > 1_000 && common == ink(&still), "{common} of {}", ink(&still));
}

/// The pixels whose colours differ by more than half of a step of the colormap, 168 / 20, and one for rounding.
fn differing(one: &Image, other: &Image) -> usize {
    let differs = |(a, b): &(&[u8; 3], &[u8; 3])| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > 5);
    one.iter().zip(other).filter(differs).count()
}

#[test]
fn an_animation_has_the_promised_times_and_ends_with_the_boundary() {
    check("default.toml", &["train.updates=300"], 0.55, 11);
}

#[test]
fn an_animation_of_many_inputs_shows_the_slice_until_the_kept_parameters() {
    let data = format!("data.path={:?}", path("data/breast_cancer.csv"));
    // Training goes on after update 242, which is kept because of its validation cost.
    check("breast_cancer.toml", &[&data, "train.updates=400"], 0.5, 10);
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn single_pictures_are_numbered_and_an_error_leaves_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let petal = |arguments: &str| {
        let output = program("petal")
            .current_dir(&temporary)
            .args(arguments.split(' '))
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let config = path("configs/default.toml");
    assert_eq!(petal(&format!("train {} --quiet --set train.updates=2", config.display())).0, Some(0));
    let run = temporary.path().join("runs/default");
    let before = names(&run);
    assert_eq!(petal("animate runs/default --frames pictures"), (Some(0), String::new()));
    assert_eq!(names(&temporary.path().join("pictures")), ["0001.png", "0002.png", "0003.png"]);
    let (_, width) = png_pixels(&fs::read(temporary.path().join("pictures/0003.png")).unwrap());
    assert_eq!(width, 790);
    assert_eq!(names(&run), before);

    fs::write(temporary.path().join("mine.gif"), "mine").unwrap();
    let rows: String = (0..20).map(|i| format!("{i},{}\n", i % 2)).collect();
    fs::write(temporary.path().join("one.csv"), format!("x,y\n{rows}")).unwrap();
    let changes =
        "--set data.kind=\"csv\" --set data.path=\"one.csv\" --set data.label=\"y\" --set data.positive=\"1\"";
    fs::write(temporary.path().join("one.toml"), "").unwrap();
    assert_eq!(petal(&format!("train one.toml --quiet --set train.updates=2 {changes}")), (Some(0), String::new()));
    let all = names(temporary.path());
    for arguments in [
        "runs/default --out mine.gif",
        "runs/default --out new.gif --frames pictures",
        "runs/default --out none/new.gif",
        "runs/default --out new.gif --seconds 0",
        "pictures --out new.gif",
        "none --out new.gif",
        "runs/one --out new.gif",
    ] {
        let (code, message) = petal(&format!("animate {arguments}"));
        assert!(code == Some(2) && message.starts_with("error: "), "{arguments}: {message}");
        assert_eq!(names(temporary.path()), all, "{arguments}");
    }
    assert_eq!(fs::read_to_string(temporary.path().join("mine.gif")).unwrap(), "mine");
}
