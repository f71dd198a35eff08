//! What `petal gradcheck --write` prints: what was written, and what to do next.

use std::path::Path;

use serde_json::json;

use crate::article::{Layout, Quantity};
use crate::cli::invocation::Invocation;
use crate::data::text::{grouped, plural, shell_quote_path};
use crate::files::array_file::{ArrayFile, Format, StoredArray, shape_text};
use crate::run::Run;

/// Describes a file with the numbers after `update` updates: the arrays, how Python reads it, and how its results are checked.
pub fn point_file(
    run: &Run,
    file: &ArrayFile,
    layout: Layout,
    update: usize,
    arrays: &[StoredArray],
    invocation: &Invocation,
) -> String {
    let width = arrays.iter().map(|stored| stored.array.name.len()).max().unwrap_or(0);
    let lines = arrays.iter().map(|StoredArray { array, .. }| {
        let shape = shape_text(&array.shape);
        match array.values[..] {
            [value] if array.shape.is_empty() => format!("  {:width$}  {shape} = {value}\n", array.name),
            _ => format!("  {:width$}  {shape}\n", array.name),
        }
    });

    let path = file.path();
    let results = path.with_file_name("mine").with_extension(path.extension().unwrap_or_default());
    let check =
        invocation.command(&format!("gradcheck {} --against {}", shell_quote_path(path), shell_quote_path(&results)));
    let names = Quantity::ALL.map(|quantity| layout.name(quantity));
    format!(
        "{} holds the numbers after {} {}, in the layout {layout}, {} numbers:\n{}\nIn Python\n{}\nSave what you compute from them \
         under these names, or some of them, in {}:\n  {}\nThe last four are the parameters after one update. Then check it\n  {check}",
        path.display(),
        grouped(update),
        plural(update, "update"),
        run.config.dtype,
        lines.collect::<String>(),
        python(file.format(), layout, path),
        results.display(),
        names.join(" "),
    )
}

/// The lines of Python that read the file.
fn python(format: Format, layout: Layout, path: &Path) -> String {
    let path = json!(path.to_string_lossy());
    match (format, layout) {
        (Format::Npz, _) => format!("  import numpy as np\n  point = dict(np.load({path}))\n"),
        (Format::Safetensors, Layout::Torch) => {
            format!("  from safetensors.torch import load_file\n  point = load_file({path})\n")
        }
        (Format::Safetensors, _) => format!("  from safetensors.numpy import load_file\n  point = load_file({path})\n"),
        (Format::Json, _) => format!(
            "  import json, numpy as np\n  point = {{name: np.array(value) for name, value in json.load(open({path})).items()}}\n"
        ),
    }
}

/// The same as JSON.
pub fn point_file_json(file: &ArrayFile, layout: Layout, update: usize, arrays: &[StoredArray]) -> String {
    let arrays = arrays.iter().map(
        |StoredArray { array, dtype }| json!({ "name": array.name, "shape": array.shape, "dtype": dtype.to_string() }),
    );
    let report = json!({
        "file": file.path().to_string_lossy(),
        "layout": layout.to_string(),
        "update": update,
        "arrays": arrays.collect::<Vec<_>>(),
    });
    format!("{report:#}")
}
