//! The last lines of `petal train`: the files of the run, and commands to try next.

use crate::cli::invocation::Invocation;
use crate::config::Config;
use crate::data::checked_numbers::Count;
use crate::data::text::{plural, shell_quote_path};
use crate::device::{Backend, DeviceChoice, DeviceName, Precision};
use crate::files::folder::{REPORT, RunFolder};
use crate::network::gradients::Engine;
use crate::run::Run;
use crate::train::Ending;

/// Lists the files of a run. Then it shows how to resume an interrupted run, or what to try after a run that went well. The last
/// line names the page.
///
/// `config` is the configuration of the run, or of the sweep that it belongs to. `arguments_except` returns the arguments of this run without the overrides of the given keys.
pub fn files_and_next_steps(
    folder: &RunFolder,
    run: &Run,
    config: &Config,
    ending: &Ending,
    invocation: &Invocation,
    arguments_except: impl Fn(&[&str]) -> String,
) -> String {
    let files = format!("Everything is in {}:\n  {}", folder.path().display(), file_names(folder, config));
    let next = match ending {
        Ending::Diverged { .. } | Ending::Failed { .. } => String::new(),
        Ending::Interrupted => {
            let resume = invocation.command(&format!("train --resume {}", shell_quote_path(folder.path())));
            format!("\n\nTo continue this run\n  {resume}")
        }
        Ending::Finished | Ending::StoppedEarly => {
            let (key, option) = other_value(config);
            let other_value = format!("train {} {option}", arguments_except(&[key]));
            let other_device =
                other_device(run).map(|options| format!("train {} {options}", arguments_except(&["device", "dtype"])));
            let commands = std::iter::once(other_value).chain(other_device);
            let commands = commands.map(|arguments| format!("\n  {}", invocation.command(&arguments)));
            format!("\n\nTry next{}", commands.collect::<String>())
        }
    };
    let page = folder.files().iter().any(|file| file == REPORT);
    let page = page.then(|| format!("\n\nOpen in a browser\n  {}", folder.path().join(REPORT).display()));
    format!("{files}{next}{}", page.unwrap_or_default())
}

/// The names of the files, in a sweep without those of the checkpoints and their frames, which may be many.
fn file_names(folder: &RunFolder, config: &Config) -> String {
    let of_run = |file: &str, what: &str| config.sweep.is_some() && file.starts_with(what);
    let files = || folder.files().iter().map(String::as_str);
    let names: Vec<&str> = files()
        .filter(|file| !of_run(file, "checkpoint-") && !of_run(file, "frames-"))
        .collect();
    match files().filter(|file| of_run(file, "checkpoint-")).count() {
        0 => names.join("  "),
        count => format!("{}  and {count} {}", names.join("  "), plural(count, "checkpoint")),
    }
}

/// Another number of hidden units to try, or for a sweep several seeds or other values: the key, and the option.
fn other_value(config: &Config) -> (&'static str, String) {
    match &config.sweep {
        Some(sweep) if sweep.seeds.is_none() => return ("sweep.seeds", "--sweep seeds=5".into()),
        Some(_) => return ("sweep.model.hidden", "--sweep model.hidden=2,6,10".into()),
        None => {}
    }
    let hidden = config.model.hidden.get();
    let other = Count::<1, 100_000>::try_from(5 * hidden as i64).map_or(hidden / 5, Count::get);
    ("model.hidden", format!("--set model.hidden={other}"))
}

/// Options for another device or float type to try, if there is one that the run can start with.
fn other_device(run: &Run) -> Option<String> {
    let fits_f32 = run.can_start_in(Precision::F32);
    match run.config.train.engine {
        // It computes on the CPU only.
        Engine::Fused => match run.config.dtype {
            Precision::F64 => fits_f32.then(|| format!("--dtype {}", Precision::F32)),
            Precision::F32 => Some(format!("--dtype {}", Precision::F64)),
        },
        Engine::Autodiff | Engine::Manual => {
            let is_flex = run.config.device == DeviceChoice::from(DeviceName::from(Backend::Flex));
            let other = if is_flex { Backend::NdArray } else { Backend::Flex };
            let dtype = if fits_f32 { Precision::F32 } else { Precision::F64 };
            Some(format!("--device {other} --dtype {dtype}"))
        }
    }
}
