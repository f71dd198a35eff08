//! What a run leaves on disk.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`folder`] | the run's folder: creating, locking, reopening |
//! | [`model_file`] | the trained model as a safetensors file, with its metadata |
//! | [`checkpoint`] | the state of a training run, from which it can continue |
//! | [`frames_file`] | the parameters after chosen updates |
//! | [`settings_diff`] | how two configurations differ, and whether a run can be resumed in spite of it |
//! | [`array_file`] | files of named arrays: NumPy, safetensors, JSON |
//! | [`atomic`] | writing a file completely or not at all |

pub mod array_file;
pub mod atomic;
pub mod checkpoint;
pub mod folder;
pub mod frames_file;
pub mod model_file;
mod model_metadata;
pub mod settings_diff;
