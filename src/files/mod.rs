//! What a run leaves on disk: its folder, its model and its checkpoint.

pub mod checkpoint;
pub mod folder;
pub mod model_file;
