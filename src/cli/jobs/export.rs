//! `petal export`: converts a trained model so that it can be used without Petal.

use std::path::{Path, PathBuf};

use crate::cli::ExitStatus;
use crate::cli::options::output_path;
use crate::device::Precision;
use crate::error::{Error, Result};
use crate::export;
use crate::files::atomic::write_atomically;
use crate::files::model_file::ModelFile;
use clap::{ArgGroup, Args, ValueHint};

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal export runs/default/model.safetensors --onnx model.onnx\n",
    "  petal export runs/default/model.safetensors --onnx model.onnx --dtype f64 --rust model.rs --c model.c\n\n",
    "All take the raw inputs, before scaling. docs/export.md of the source code shows how to call them, and how PyTorch and NumPy\n",
    "read the model file itself. Exit codes: 0 done; 2 error.",
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
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = output_path())]
    onnx: Option<PathBuf>,

    /// The float type of the ONNX graph and its inputs
    #[arg(long, value_name = "TYPE", requires = "onnx", default_value = "f32")]
    dtype: Precision,

    /// Write a function in Rust
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = output_path())]
    rust: Option<PathBuf>,

    /// Write a function in C99
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = output_path())]
    c: Option<PathBuf>,
}

impl Options {
    pub fn run(&self) -> Result<ExitStatus> {
        let outputs = [("--onnx", &self.onnx), ("--rust", &self.rust), ("--c", &self.c)];
        let mut used_paths = vec![("the model", comparable_path(&self.model))];
        for (option, path) in outputs {
            let Some(path) = path else { continue };
            let comparable = comparable_path(path);
            if let Some((other, _)) = used_paths.iter().find(|(_, used)| *used == comparable) {
                let path = path.display();
                return Err(Error::Argument(format!(
                    "{option} {path}: is the same file as {other}; must be a different file"
                )));
            }
            used_paths.push((option, comparable));
        }

        // Everything is converted before the first file is written.
        let model = ModelFile::load(&self.model)?;
        let onnx = match &self.onnx {
            Some(path) => Some((path, export::onnx(&model, self.dtype)?)),
            None => None,
        };
        let rust = self.rust.as_ref().map(|path| (path, export::rust(&model).into_bytes()));
        let c = self.c.as_ref().map(|path| (path, export::c(&model).into_bytes()));

        for (path, contents) in [onnx, rust, c].into_iter().flatten() {
            write_atomically(path, contents)?;
        }
        Ok(ExitStatus::Success)
    }
}

/// A path for comparisons: two spellings of the path of one file give the same result.
///
/// A file that does not exist yet is found through its folder.
fn comparable_path(path: &Path) -> PathBuf {
    if let Ok(canonical) = path.canonicalize() {
        return canonical;
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match (folder.canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}
