//! The page of a run or a sweep: one HTML file that shows whole trainings and needs no server.

mod data;
mod html;
mod script;
mod template;

pub use data::{
    DataSet, DivergedAt, FORMAT, FrameData, History, Input, NetworkSize, Numbers, RunData, RunOfSweep, Samples, Slice,
    SweepData, TrainedRun, Training,
};
pub use html::{Download, Page, Still, Subject, Table};
