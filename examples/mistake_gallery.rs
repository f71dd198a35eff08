//! Prints a Markdown table of the classic mistakes of hand-written backpropagation and what a check reports for each.
//!
//!     cargo run --example mistake_gallery

#![allow(clippy::print_stdout, reason = "printing is what it is for")]

fn main() -> petal::error::Result<()> {
    print!("{}", petal::gradcheck::gallery::table()?);
    Ok(())
}
