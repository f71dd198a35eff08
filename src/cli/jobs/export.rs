//! `petal export`: converts a trained model so that it can be used without Petal.

use std::path::{Path, PathBuf};

use crate::cli::ExitStatus;
use crate::cli::console::remark;
use crate::cli::options::{Input, output_path};
use crate::data::table::LabelMode;
use crate::data::text::{grouped, short};
use crate::device::Precision;
use crate::error::{Error, Result};
use crate::export::{self, BEYOND, FACTOR, Form, LIMIT, Measurement};
use crate::files::atomic::write_atomically;
use crate::files::model_file::ModelFile;
use crate::predict::Predictions;
use clap::{ArgGroup, Args, ValueHint};

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal export runs/default/model.safetensors --onnx model.onnx\n",
    "  petal export runs/default/model.safetensors --onnx model.onnx --dtype f64 --rust model.rs --c model.c\n",
    "  petal export runs/breast_cancer/model.safetensors --onnx model.onnx --table data/breast_cancer.csv\n\n",
    "All take the raw inputs, before scaling. docs/export.md of the source code shows how to call them, and how PyTorch and NumPy\n",
    "read the model file itself. The job computes what the exported models compute and compares it with `petal predict`. It prints\n",
    "the largest difference on standard error, and writes nothing if it is above 1e-4. Exit codes: 0 done; 2 error.",
);

/// Why nothing can be measured without a table.
const NOT_MEASURED: &str = "the model file does not hold the range of its inputs, because an older version wrote it";

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

    /// The float type of the ONNX graph and its inputs: f32 or f64; the default is f32 if its probabilities differ from
    /// Petal's by at most 1e-4, and otherwise f64
    #[arg(long, value_name = "TYPE", requires = "onnx")]
    dtype: Option<Precision>,

    /// Write a function in Rust
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = output_path())]
    rust: Option<PathBuf>,

    /// Write a function in C99
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = output_path())]
    c: Option<PathBuf>,

    /// A table with the columns of the model; the exported models are also compared with Petal on its rows. A model file of
    /// an older version needs it, because it does not hold the range of the inputs
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    table: Option<Input>,
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

        // Everything is measured and converted before the first file is written.
        let model = ModelFile::load(&self.model)?;
        let measured = self.measure(&model)?;
        let (dtype, choice) = self.dtype(&measured)?;
        let mut files = Vec::new();
        for (option, path) in outputs {
            let Some(path) = path else { continue };
            let (language, form, contents) = match option {
                "--onnx" => ("ONNX", Form::Onnx(dtype), export::onnx(&model, dtype)?),
                "--rust" => ("Rust", Form::Code, export::rust(&model).into_bytes()),
                _ => ("C", Form::Code, export::c(&model).into_bytes()),
            };
            measured.check(form, &format!("{option} {}", path.display()), "; use --dtype f64")?;
            files.push((path, language, form, contents));
        }

        for (path, language, form, contents) in files {
            write_atomically(path, contents)?;
            let (largest, bound) = (measured.largest(form), measured.bound(form));
            let difference = match measured.rows() {
                0 => "not measured".to_owned(),
                _ => format!("largest difference from Petal's probability {largest:.1e}, bound {bound:.1e}"),
            };
            remark(format!("{}: {language} in {}; {difference}", path.display(), form.precision()));
        }
        remark(self.summary(&model, &measured));
        choice.iter().for_each(remark);
        Ok(ExitStatus::Success)
    }

    /// Compares all forms with Petal, on the rows of the table and on rows that are spread over the ranges of the inputs.
    fn measure<'a>(&self, model: &'a ModelFile) -> Result<Measurement<'a>> {
        let mut measured = Measurement::new(model);
        if let Some(table) = &self.table {
            // A row that Petal refuses to predict is an error here too.
            let mut rows = Predictions::open(model, table.open()?, table.name(), LabelMode::Ignore)?;
            let mut empty = true;
            while let Some(block) = rows.next_block()? {
                empty &= block.x.is_empty();
                measured.add_rows(&block.x);
            }
            if empty {
                return Err(Error::Argument(format!("--table {}: has no rows", table.name())));
            }
        }
        measured.add_spread();
        if measured.rows() == 0 && (self.table.is_some() || model.metadata.ranges.is_some()) {
            let message = "no probability is finite in the range of the inputs; the parameters are too large".into();
            return Err(Error::Content { path: self.model.clone(), message });
        }
        Ok(measured)
    }

    /// How the bounds were found.
    fn summary(&self, model: &ModelFile, measured: &Measurement<'_>) -> String {
        let source = match (&model.metadata.ranges, &self.table) {
            (None, None) => {
                return format!("Not measured: {NOT_MEASURED}. Use --table FILE with rows such as the model will get.");
            }
            (Some(_), None) => "the training rows",
            (None, Some(_)) => "the rows of the table",
            (Some(_), Some(_)) => "the training rows and the rows of the table",
        };
        format!(
            "Measured at {} rows in the range of {source} and {} % beyond. The bound is {FACTOR} times the largest difference, \
             for other rows and other runtimes.",
            grouped(measured.rows()),
            100.0 * BEYOND
        )
    }

    /// The float type of the ONNX graph, and a sentence about it if f64 was not asked for.
    fn dtype(&self, measured: &Measurement<'_>) -> Result<(Precision, Option<String>)> {
        let f32 = Form::Onnx(Precision::F32);
        let sentence = match self.dtype {
            Some(Precision::F32) if measured.rows() == 0 => {
                let advice = "use --table FILE with rows such as the model will get, or --dtype f64";
                return Err(Error::Argument(format!("--dtype f32: {NOT_MEASURED}; {advice}")));
            }
            Some(dtype) => return Ok((dtype, None)),
            None if measured.default_precision() == Precision::F32 => return Ok((Precision::F32, None)),
            None if measured.rows() == 0 => "ONNX is written in f64 because the difference of f32 is not known.".into(),
            None => {
                let [difference, limit] = [measured.largest(f32), LIMIT].map(short);
                let reason = measured.reason(f32);
                format!(
                    "ONNX is written in f64 because f32 differs by up to {difference}, more than {limit}: {reason}."
                )
            }
        };
        Ok((Precision::F64, self.onnx.is_some().then_some(sentence)))
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
