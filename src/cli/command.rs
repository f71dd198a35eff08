//! The command line: its jobs, their help, and the tips after an error in the arguments.
//!
//! Help and messages show commands in the form in which the program was started ([`Invocation`]).

use std::fmt::Write as _;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Args as _, Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use super::exit::{CommandError, ExitStatus};
use super::invocation::{Invocation, Program};
use super::jobs;
use crate::data::text::{one_line, shell_quote};
use crate::error::Result;

/// A two-layer neural network from scratch, with every number checked.
#[derive(Parser)]
#[command(name = "petal", version, subcommand_required = true, arg_required_else_help = true)]
struct Petal {
    #[command(subcommand)]
    job: Job,
}

/// The jobs of `petal`.
#[derive(Subcommand)]
enum Job {
    Init(jobs::init::Options),
    Train(jobs::train::Options),
    Report(jobs::report::Options),
    Animate(jobs::animate::Options),
    #[cfg(feature = "play")]
    Play(jobs::play::Options),
    #[cfg(feature = "play")]
    Lessons(jobs::lessons::Options),
    Verify(jobs::verify::Options),
    Explain(jobs::explain::Options),
    Gradcheck(jobs::gradcheck::Options),
    Predict(jobs::predict::Options),
    Evaluate(jobs::evaluate::Options),
    Export(jobs::export::Options),
    Devices(jobs::devices::Options),
    Parity(jobs::parity::Options),
    #[cfg(feature = "remote")]
    Serve(jobs::serve::Options),
    Completions(jobs::completions::Options),
    Man(jobs::man::Options),
}

/// The groups of jobs in `petal help`, in the order in which a user needs them.
const GROUPS: [(&str, &[&str]); 4] = [
    ("Make a run", &["init", "train", "report", "animate", "play", "lessons"]),
    ("Check a run", &["verify", "explain", "gradcheck"]),
    ("Use a model", &["predict", "evaluate", "export"]),
    ("Devices and shell", &["devices", "parity", "serve", "completions", "man"]),
];

/// The jobs that not every build has, with their Cargo features.
const NEED_FEATURES: [(&str, &str); 3] = [("play", "play"), ("lessons", "play"), ("serve", "remote")];

/// Parses the arguments of `petal` and runs the job that they name.
pub(super) fn petal(invocation: &Invocation) -> Result<ExitStatus, CommandError> {
    let matches = parse_arguments(petal_command(invocation), invocation)?;
    let Petal { job } = Petal::from_arg_matches(&matches).map_err(CommandError::usage)?;

    let status = match &job {
        Job::Init(options) => options.run(invocation),
        Job::Train(options) => options.run(invocation),
        Job::Report(options) => options.run(),
        Job::Animate(options) => options.run(),
        #[cfg(feature = "play")]
        Job::Play(options) => options.run(invocation),
        #[cfg(feature = "play")]
        Job::Lessons(options) => options.run(),
        Job::Verify(options) => options.run(),
        Job::Explain(options) => options.run(),
        Job::Gradcheck(options) => options.run(invocation),
        Job::Predict(options) => options.run(),
        Job::Evaluate(options) => options.run(),
        Job::Export(options) => options.run(),
        Job::Devices(options) => options.run(invocation),
        Job::Parity(options) => options.run(),
        #[cfg(feature = "remote")]
        Job::Serve(options) => options.run(),
        // Both are for an installed `petal`, so they name it in this form and not as this process was started.
        Job::Completions(options) => options.run(petal_command(&Invocation::default())),
        Job::Man(options) => options.run(petal_command(&Invocation::default())),
    };
    Ok(status?)
}

/// Parses the arguments of `train` and trains.
pub(super) fn train(invocation: &Invocation) -> Result<ExitStatus, CommandError> {
    let command = jobs::train::Options::augment_args(Command::new("petal").version(env!("CARGO_PKG_VERSION")));
    let command = with_rewritten_help(command.bin_name(invocation.bin_name(Program::Train)), invocation);
    let matches = parse_arguments(command, invocation)?;
    let options = jobs::train::Options::from_arg_matches(&matches).map_err(CommandError::usage)?;

    Ok(options.run(invocation)?)
}

/// Builds the command line of `petal`. Its help shows the jobs in groups.
fn petal_command(invocation: &Invocation) -> Command {
    let command = Petal::command().bin_name(invocation.bin_name(Program::Petal));
    let command = command.mut_subcommands(|job| with_rewritten_help(job, invocation));
    let jobs = grouped_jobs(&command);
    let more = invocation.rewrite_commands("`petal help JOB` or `petal JOB --help` shows the options of a job.");
    let template = format!("{{about-with-newline}}\n{{usage-heading}} {{usage}}\n{jobs}\n{{options}}{{after-help}}");
    command.after_help(more).help_template(template)
}

/// The part of the help that lists the jobs below the headings of their groups. It ends with the heading of the options.
fn grouped_jobs(command: &Command) -> String {
    let (heading, name) = (*command.get_styles().get_header(), *command.get_styles().get_literal());
    let mut text = String::new();
    for (group, jobs) in GROUPS {
        let _ = write!(text, "\n{heading}{group}:{heading:#}\n");
        for job in jobs {
            // Only builds with the feature `remote` have `serve`, and only those with `play` have `play` and `lessons`.
            if let Some(about) = command.find_subcommand(job).and_then(Command::get_about) {
                let _ = writeln!(text, "  {name}{job:<12}{name:#} {about}");
            }
        }
    }
    let _ = write!(text, "\n{heading}Options:{heading:#}");
    text
}

/// Rewrites the commands in the help of a job to the form in which the program was started.
fn with_rewritten_help(job: Command, invocation: &Invocation) -> Command {
    let rewrite = |text: &StyledStr| invocation.rewrite_help(&text.to_string());
    let after_help = job.get_after_help().map(rewrite).unwrap_or_default();

    job.after_help(after_help)
        .mut_args(|argument| match argument.get_help().map(rewrite) {
            Some(help) => argument.help(help),
            None => argument,
        })
}

/// Parses the arguments of this process.
fn parse_arguments(command: Command, invocation: &Invocation) -> Result<ArgMatches, CommandError> {
    command.try_get_matches_from(std::env::args_os()).map_err(|mut error| {
        escape_control_characters(&mut error);
        if is_resume() {
            name_the_folder(&mut error, invocation);
        }
        let suggestion = match tip(&error, invocation) {
            Some(tip) => ContextValue::StyledStrs(vec![tip.into()]),
            // This removes clap's own suggestion, which is to pass an unknown option as a file name.
            None => ContextValue::None,
        };
        error.insert(ContextKind::Suggested, suggestion);
        CommandError::usage(error)
    })
}

/// Escapes the control characters of the arguments that an error repeats.
fn escape_control_characters(error: &mut clap::Error) {
    let escaped = |value: &ContextValue| match value {
        ContextValue::String(word) => Some(ContextValue::String(one_line(word))),
        ContextValue::Strings(words) => Some(ContextValue::Strings(words.iter().map(|word| one_line(word)).collect())),
        _ => None,
    };
    let context: Vec<_> = error
        .context()
        .filter_map(|(kind, value)| Some((kind, escaped(value)?)))
        .collect();
    for (kind, value) in context {
        error.insert(kind, value);
    }
}

/// Whether this process was asked to resume a run.
fn is_resume() -> bool {
    std::env::args_os().any(|argument| argument == "--resume")
}

/// Changes an error about `petal train --resume`, where a folder is in the place of the configuration.
fn name_the_folder(error: &mut clap::Error, invocation: &Invocation) {
    if let Some(ContextValue::Strings(words)) = error.get(ContextKind::InvalidArg) {
        let words = words.iter().map(|word| word.replace("<CONFIG>", "<FOLDER>")).collect();
        error.insert(ContextKind::InvalidArg, ContextValue::Strings(words));
    }
    if error.get(ContextKind::Usage).is_some() {
        let usage = format!("Usage: {}", invocation.command("train --resume <FOLDER> [OPTIONS]"));
        error.insert(ContextKind::Usage, ContextValue::StyledStr(usage.into()));
    }
}

/// Guesses what a newcomer wanted to do, and names the command for it.
fn tip(error: &clap::Error, invocation: &Invocation) -> Option<String> {
    let context_words = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => vec![word.clone()],
        Some(ContextValue::Strings(words)) => words.clone(),
        _ => vec![],
    };

    match error.kind() {
        ErrorKind::MissingRequiredArgument
            if context_words(ContextKind::InvalidArg).contains(&"<CONFIG>".to_owned()) =>
        {
            let tip = "`petal init` writes a configuration to begin with, and `petal train configs/default.toml` trains from one";
            Some(invocation.rewrite_help(tip))
        }
        ErrorKind::MissingRequiredArgument
            if context_words(ContextKind::InvalidArg).contains(&"<FOLDER>".to_owned()) && is_resume() =>
        {
            Some(invocation.rewrite_help("`petal train --resume runs/default` continues the run in that folder"))
        }
        ErrorKind::InvalidSubcommand => {
            let job = context_words(ContextKind::InvalidSubcommand).pop()?;
            if let Some((_, feature)) = NEED_FEATURES.iter().find(|(name, _)| *name == job) {
                return Some(format!("`{job}` needs a program that was built with --features {feature}"));
            }
            if !job.ends_with(".toml") {
                return None;
            }
            let train = invocation.command(&format!("train {}", shell_quote(&job)));
            Some(format!("`{train}` trains from a configuration"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_in_one_group_and_every_option_has_a_help_text() {
        let command = petal_command(&Invocation::default());
        command.clone().debug_assert();
        let grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, jobs)| jobs.iter().copied()).collect();
        for job in command.get_subcommands() {
            let name = job.get_name();
            assert_eq!(grouped.iter().filter(|grouped| **grouped == name).count(), 1, "{name}");
            assert!(job.get_about().is_some() && job.get_after_help().is_some(), "{name}");
            for argument in job.get_arguments() {
                assert!(argument.get_help().is_some(), "{name} {argument}");
            }
        }
    }
}
