//! Shows what the referee says of each classic mistake of hand-written backpropagation, as a Markdown table.
//!
//!     cargo run --example mistake_gallery

#![allow(clippy::print_stdout, reason = "printing is what it is for")]

fn main() -> petal::error::Result<()> {
    print!("{}", petal::gradcheck::mistakes::table()?);
    Ok(())
}
