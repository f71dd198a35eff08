//! Writes a trained model for use without Petal.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgGroup, Parser, ValueHint};
use petal::cli::{self, Verdict};
use petal::device::Precision;
use petal::error::Result;
use petal::export;
use petal::folder::replace;
use petal::model_file::ModelFile;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  export runs/default/model.safetensors --onnx model.onnx\n",
    "  export runs/default/model.safetensors --onnx model.onnx --dtype f64 --rust model.rs --c model.c\n\n",
    "All take the raw inputs, before scaling. docs/export.md shows how to call them, and how PyTorch and NumPy\n",
    "read the model file itself. Exit codes: 0 done; 2 bad input.",
);

/// Write a trained model as an ONNX graph, or as a function in Rust or C. A file that exists is replaced.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
#[command(group = ArgGroup::new("output").required(true).multiple(true).args(["onnx", "rust", "c"]))]
struct Options {
    /// The model file of a run
    #[arg(value_hint = ValueHint::FilePath)]
    model: PathBuf,

    /// Write an ONNX graph
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    onnx: Option<PathBuf>,

    /// The float type of the ONNX graph and its inputs
    #[arg(long, value_name = "TYPE", requires = "onnx", default_value = "f32")]
    dtype: Precision,

    /// Write a function in Rust
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    rust: Option<PathBuf>,

    /// Write a function in C99
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    c: Option<PathBuf>,
}

fn main() -> ExitCode {
    cli::main(|| write(&Options::parse()))
}

fn write(options: &Options) -> Result<Verdict> {
    let model = ModelFile::load(&options.model)?;
    let onnx = options.onnx.as_ref().map(|path| Ok((path, export::onnx(&model, options.dtype)?))).transpose()?;
    let rust = options.rust.as_ref().map(|path| (path, export::rust(&model).into_bytes()));
    let c = options.c.as_ref().map(|path| (path, export::c(&model).into_bytes()));
    [onnx, rust, c].into_iter().flatten().try_for_each(|(path, contents)| replace(path, contents))?;
    Ok(Verdict::Done)
}
