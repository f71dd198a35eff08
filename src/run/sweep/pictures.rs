//! The pictures of a sweep.

use super::plan::Sweep;
use super::row::SweepRow;
use crate::error::Result;
use crate::files::folder::RunFolder;

impl Sweep {
    pub(super) fn draw(&self, _rows: &[SweepRow], _folder: &mut RunFolder) -> Result<()> {
        Ok(())
    }
}
