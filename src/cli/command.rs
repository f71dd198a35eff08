//! The command line: the jobs, their help, and what is said of arguments that are not accepted.
//!
//! Commands in help and messages have the form by which the program was started ([`Invocation`]).

use std::fmt::Write as _;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Args as _, Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use super::invocation::{Invocation, Program};
use super::{Failure, Verdict, jobs};
use crate::data::text::shell_quote;
use crate::error::Result;

/// A two-layer neural network from scratch, with every number checked.
#[derive(Parser)]
#[command(name = "petal", version, subcommand_required = true, arg_required_else_help = true)]
struct Petal {
    #[command(subcommand)]
    job: Job,
}

/// What `petal` can do.
#[derive(Subcommand)]
enum Job {
    Init(jobs::init::Options),
    Train(jobs::train::Options),
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

/// The jobs in the order of use.
const GROUPS: [(&str, &[&str]); 4] = [
    ("Make a run", &["init", "train"]),
    ("Look into it", &["verify", "explain", "gradcheck"]),
    ("Use its model", &["predict", "evaluate", "export"]),
    ("Machinery", &["devices", "parity", "serve", "completions", "man"]),
];

/// Parses the arguments of `petal` and does the job that they name.
pub(super) fn petal(invocation: &Invocation) -> Result<Verdict, Failure> {
    let matches = matches(petal_command(invocation), invocation)?;
    let Petal { job } = Petal::from_arg_matches(&matches).map_err(Failure::usage)?;
    let verdict = match &job {
        Job::Init(options) => options.run(invocation),
        Job::Train(options) => options.run(invocation),
        Job::Verify(options) => options.run(),
        Job::Explain(options) => options.run(),
        Job::Gradcheck(options) => options.run(),
        Job::Predict(options) => options.run(),
        Job::Evaluate(options) => options.run(),
        Job::Export(options) => options.run(),
        Job::Devices(options) => options.run(invocation),
        Job::Parity(options) => options.run(),
        #[cfg(feature = "remote")]
        Job::Serve(options) => options.run(),
        Job::Completions(options) => options.run(),
        Job::Man(options) => options.run(),
    };
    Ok(verdict?)
}

/// Parses the arguments of `train` and trains.
pub(super) fn train(invocation: &Invocation) -> Result<Verdict, Failure> {
    let command = jobs::train::Options::augment_args(Command::new("petal").version(env!("CARGO_PKG_VERSION")));
    let command = adapted(command.bin_name(invocation.bin_name(Program::Train)), invocation);
    let matches = matches(command, invocation)?;
    let options = jobs::train::Options::from_arg_matches(&matches).map_err(Failure::usage)?;
    Ok(options.run(invocation)?)
}

/// The command line of `petal`, with its jobs in groups.
pub(super) fn petal_command(invocation: &Invocation) -> Command {
    let command = Petal::command().bin_name(invocation.bin_name(Program::Petal));
    let command = command.mut_subcommands(|job| adapted(job, invocation));
    let jobs = grouped_jobs(&command);
    let more = invocation.adapt("`petal help JOB` or `petal JOB --help` tells more of a job.");
    let template = format!("{{about-with-newline}}\n{{usage-heading}} {{usage}}\n{jobs}\n{{options}}{{after-help}}");
    command.after_help(more).help_template(template)
}

/// The lines of the jobs below the headings of their groups, and the heading of the options.
fn grouped_jobs(command: &Command) -> String {
    let (heading, name) = (*command.get_styles().get_header(), *command.get_styles().get_literal());
    let mut text = String::new();
    for (group, jobs) in GROUPS {
        let _ = write!(text, "\n{heading}{group}:{heading:#}\n");
        for job in jobs {
            // `serve` is not in every build.
            if let Some(about) = command.find_subcommand(job).and_then(Command::get_about) {
                let _ = writeln!(text, "  {name}{job:<12}{name:#} {about}");
            }
        }
    }
    let _ = write!(text, "\n{heading}Options:{heading:#}");
    text
}

/// The command line of a job with its help in the form by which the program was started.
fn adapted(job: Command, invocation: &Invocation) -> Command {
    let adapt = |text: &StyledStr| invocation.adapt_help(&text.to_string());
    let after = job.get_after_help().map(adapt).unwrap_or_default();
    job.after_help(after).mut_args(|argument| match argument.get_help().map(adapt) {
        Some(help) => argument.help(help),
        None => argument,
    })
}

/// The arguments of this process by a command line.
fn matches(command: Command, invocation: &Invocation) -> Result<ArgMatches, Failure> {
    command.try_get_matches_from(std::env::args_os()).map_err(|mut error| {
        match tip(&error, invocation) {
            Some(tip) => error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()])),
            // clap would have an unknown option taken for a file.
            None => error.insert(ContextKind::Suggested, ContextValue::None),
        };
        Failure::usage(error)
    })
}

/// What a newcomer may have meant.
fn tip(error: &clap::Error, invocation: &Invocation) -> Option<String> {
    let given = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => vec![word.clone()],
        Some(ContextValue::Strings(words)) => words.clone(),
        _ => vec![],
    };
    match error.kind() {
        ErrorKind::MissingRequiredArgument if given(ContextKind::InvalidArg).contains(&"<CONFIG>".to_owned()) => {
            let tip = "`petal init` writes a configuration to begin with, and `petal train configs/default.toml` trains from one";
            Some(invocation.adapt_help(tip))
        }
        ErrorKind::InvalidSubcommand => {
            let job = given(ContextKind::InvalidSubcommand).pop()?;
            if job == "serve" {
                return Some("`serve` is there in a program built with --features remote".into());
            }
            let config = Some(job).filter(|word| word.ends_with(".toml"))?;
            let train = invocation.command(&format!("train {}", shell_quote(&config)));
            Some(format!("`{train}` trains from a configuration"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_stands_in_one_group_and_every_option_is_described() {
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
