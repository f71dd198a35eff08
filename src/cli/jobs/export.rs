//! Writes a trained model for use without Petal.

use std::path::{Path, PathBuf};

use crate::cli::ExitStatus;
use crate::device::Precision;
use crate::error::{Error, Result};
use crate::export;
use crate::files::folder::replace;
use crate::files::model_file::ModelFile;
use clap::{ArgGroup, Args, ValueHint};

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal export runs/default/model.safetensors --onnx model.onnx\n",
    "  petal export runs/default/model.safetensors --onnx model.onnx --dtype f64 --rust model.rs --c model.c\n\n",
    "All take the raw inputs, before scaling. docs/export.md of the source code shows how to call them, and how PyTorch and NumPy\n",
    "read the model file itself. Exit codes: 0 done; 2 bad input.",
);

/// Write a model as an ONNX graph or as a function in Rust or C; a file that exists is replaced
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
#[command(group = ArgGroup::new("output").required(true).multiple(true).args(["onnx", "rust", "c"]))]
pub struct Options {
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

impl Options {
    pub fn run(&self) -> Result<ExitStatus> {
        let outputs = [("--onnx", &self.onnx), ("--rust", &self.rust), ("--c", &self.c)];
        let mut taken = vec![("the model", place(&self.model))];
        for (option, path) in outputs.into_iter().filter_map(|(option, path)| Some((option, path.as_ref()?))) {
            if let Some((other, _)) = taken.iter().find(|(_, taken)| *taken == place(path)) {
                let path = path.display();
                return Err(Error::Argument(format!("{option} {path}: is {other} too; each takes a file of its own")));
            }
            taken.push((option, place(path)));
        }
        let model = ModelFile::load(&self.model)?;
        let onnx = self
            .onnx
            .as_ref()
            .map(|path| export::onnx(&model, self.dtype).map(|graph| (path, graph)))
            .transpose()?;
        let rust = self.rust.as_ref().map(|path| (path, export::rust(&model).into_bytes()));
        let c = self.c.as_ref().map(|path| (path, export::c(&model).into_bytes()));
        [onnx, rust, c]
            .into_iter()
            .flatten()
            .try_for_each(|(path, contents)| replace(path, contents))?;
        Ok(ExitStatus::Success)
    }
}

/// A path by which a file is told from others, whatever the words for it.
fn place(path: &Path) -> PathBuf {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let named = folder
        .canonicalize()
        .ok()
        .zip(path.file_name())
        .map(|(folder, name)| folder.join(name));
    path.canonicalize().ok().or(named).unwrap_or_else(|| path.to_owned())
}
