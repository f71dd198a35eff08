//! The page of a run or a sweep: one HTML file that shows whole trainings and needs no server.

mod data;
mod html;
#[cfg(feature = "play")]
mod lesson;
#[cfg(feature = "play")]
mod markup;
#[cfg(feature = "play")]
mod play;
mod script;
mod template;

pub use data::{
    DataSet, DivergedAt, FORMAT, FrameData, History, Input, NetworkSize, Numbers, RunData, RunOfSweep, RunStart,
    Samples, Slice, SweepData, TrainedRun, Training,
};
pub use html::{Download, Page, Still, Subject, Table};
#[cfg(feature = "play")]
pub use lesson::{LessonPage, LessonText, MARK_OF_LESSONS, RunOfLesson, lesson_index};
#[cfg(feature = "play")]
pub use markup::{Paragraphs, Piece, PieceKind};
#[cfg(feature = "play")]
pub use play::{PlayPage, play_page};
