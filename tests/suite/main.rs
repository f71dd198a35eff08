//! The integration tests. They are one program, because each test program links all of Burn.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first error"
)]
#![allow(clippy::print_stdout, reason = "a test reports what it skips")]

// Helpers that several modules share.
mod support;

// The network and its gradients.

// The gradients of the network against autodiff, central differences and NumPy.
mod activation_listings;
mod activations;
mod gradients;
// The loss and its gradient against formulas and NumPy.
mod loss;
// Second derivatives and the sharpness against JAX.
mod curvature;
// The gradient check of the network with typical mistakes in its gradient.
mod gradient_mistakes;
// Numbers of other programs: what NumPy computes by the article's listing, and the sentences about it.
mod listing_sentences;
mod listings;
// The programs in examples/python, with Python.
mod listing_programs;
// Right numbers of other programs are accused of nothing.
mod right_listings;
// The mistake in one line of another program is named.
mod wrong_listings;

// Data and scores.

// Random numbers and generated data against NumPy and scikit-learn.
mod data_against_numpy;
// Reading tables: against pandas and scikit-learn, and with random input.
mod tables;
// The messages about typical mistakes in tables.
mod table_mistakes;
// Rows, cells and quotation marks of tables, and files that are no tables.
mod table_structure;
// The examination of tables: what it finds.
mod doctor;
// Scores, curves and intervals against scikit-learn and SciPy.
mod scores;

// Training.

// The training loop: records, interruption and divergence.
mod training;
// Inputs that are too large or too small for the float type.
mod extreme_inputs;
// The cause of a divergence and the advice against it.
mod divergence_advice;
// Training paths against NumPy.
mod training_against_numpy;
// Mini-batches, momentum, schedules and early stopping.
mod batches;
// Momentum against PyTorch, and in which float type it must be below 1.
mod momentum;
// The examples with the article's network: its published costs.
mod article;

// Runs and their files.

// The files that a run writes.
mod files;
// Files of named arrays from NumPy, PyTorch and Python's json.
mod array_files;
// Such files that are damaged or made to do harm.
mod hostile_arrays;
// The point of a gradient check as such a file.
mod point_files;
// Pictures: lines and marks are where the numbers are.
mod pictures;
// How the boundary of a run formed, as a GIF.
mod animation;
// Checkpoints: what is stored and read back, and damaged files.
mod checkpoints;
// Runs that are interrupted and resumed.
mod report_page;
mod resume;
// The answers of docs/questions.md.
mod questions;
// Mistakes in a sweep.
mod small_numbers;
mod sweep_mistakes;
// Sweeps: runs side by side, which is best, resuming and verification.
mod sweeps;
// `petal verify`: the same run again, and changed files.
mod verify;
// From a table to a model, its scores and its predictions.
mod own_table;
// Predictions are finite, or an error that names the row; one rule for the class.
mod finite_answers;
// Damaged model files.
mod damaged_models;
// Exported models in ONNX, Rust, C, PyTorch and NumPy.
mod export;
mod export_bounds;
// The seeds of the fuzz targets, and random changes of them.
mod fuzz_corpus;

// The programs.

// The messages about mistakes in configurations and options.
mod config_mistakes;
// The playground: its trainings, and what keeps others out.
#[cfg(feature = "play")]
mod play;
// The programs as a shell starts them: exit codes, signals, closed pipes.
mod program;
// The sessions in `tests/cmd`: commands and everything that they print.
mod cmd;
// The commands and the code that the documentation shows.
mod documentation;

// The code itself.

// The imports between modules are those of ARCHITECTURE.md.
mod architecture;
