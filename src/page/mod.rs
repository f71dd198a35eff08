//! The page of a run: one HTML file that shows a whole training and needs no server.

mod data;
mod html;
mod script;
mod template;

pub use data::{
    DivergedAt, FORMAT, FrameData, History, Input, NetworkSize, Numbers, RunData, Samples, Slice, Training,
};
pub use html::{Download, Page, Still, Table};
