//! The programs in `examples/python`.

use std::fs;

use petal::article::Layout;
use petal::files::array_file::{ElementType, Format, StoredArray, to_bytes};

use crate::export::python;
use crate::listings::cases;
use crate::support::path;

#[test]
fn a_point_in_another_layout_ends_a_program_with_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let (_, point, _) = cases().swap_remove(0);
    let programs = [
        ("my_backprop.py", "numpy", Layout::Article, Layout::Torch),
        ("my_backprop_jax.py", "jax, numpy", Layout::Article, Layout::Burn),
        ("my_backprop_torch.py", "torch, numpy", Layout::Torch, Layout::Article),
        ("my_backprop_torch.py", "torch, numpy", Layout::Torch, Layout::Burn),
    ];
    for (program, modules, needed, written) in programs {
        let Some(mut python) = python(modules) else { continue };
        let stored = |array| StoredArray { array, dtype: ElementType::F64 };
        let arrays: Vec<StoredArray> = point.arrays(written).into_iter().map(stored).collect();
        fs::write(folder.path().join("point.npz"), to_bytes(&arrays, Format::Npz).unwrap()).unwrap();

        let program = path(&format!("examples/python/{program}"));
        let output = python.current_dir(folder.path()).arg(&program).output().unwrap();
        let printed = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{}: {printed}", program.display());
        let command = format!("petal gradcheck configs/default.toml --at 100 --write point.npz --layout {needed}");
        assert!(printed.starts_with(&format!("point.npz: needs the layout {needed}, with ")), "{printed}");
        assert!(printed.trim_end().ends_with(&command), "{printed}");
        assert_eq!(printed.lines().count(), 1, "{printed}");
    }
}
