//! Prints a Markdown table of the classic mistakes of hand-written backpropagation and what a check reports for each.
//!
//!     cargo run --example mistake_gallery

#![allow(clippy::print_stdout, reason = "a program on the command line prints its results")]

fn main() -> petal::error::Result<()> {
    print!("{}", petal::gradcheck::gallery::table()?);
    Ok(())
}
