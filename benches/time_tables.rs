//! Measures the time and the memory for reading and examining a table of a million rows.
//!
//! ```text
//! cargo run -p petal-benches --bin time_tables              # writes target/million.csv, 390 MB, and reads it
//! ```

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::time::Instant;

use petal::data::doctor::examine;
use petal::data::numpy::RandomState;
use petal::data::split::Part;
use petal::data::table::{BlockReader, LabelMode, Settings, read};

const ROWS: usize = 1_000_000;
const COLUMNS: usize = 20;

#[allow(clippy::print_stdout, reason = "an example")]
fn main() -> Result<(), Box<dyn Error>> {
    let path = PathBuf::from("target/million.csv");
    if !path.exists() {
        write(&path)?;
    }
    let settings = Settings { path: path.clone(), label: "label".into(), ..Settings::default() };
    let start = Instant::now();
    let table = read(&settings)?;
    println!("read      {:.2} s, peak memory {}", start.elapsed().as_secs_f64(), peak_memory()?);
    let start = Instant::now();
    let examination = examine(&table, &vec![Part::Train; ROWS], false);
    println!("examined  {:.2} s, peak memory {}", start.elapsed().as_secs_f64(), peak_memory()?);
    println!("{examination}");
    let start = Instant::now();
    let mut rows = BlockReader::open(File::open(&path)?, "million.csv", &table.schema, LabelMode::Require)?;
    let mut count = 0;
    while let Some(block) = rows.next_block(4096)? {
        count += block.x.len() / COLUMNS;
    }
    println!("read in blocks, {count} rows: {:.2} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Writes normal random numbers with up to 17 digits, the maximum that an f64 needs.
fn write(path: &PathBuf) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut random = RandomState::new(1);
    let names: Vec<String> = (1..=COLUMNS).map(|column| format!("x{column}")).collect();
    writeln!(file, "{},label", names.join(","))?;
    for _ in 0..ROWS {
        let row = random.normals(COLUMNS);
        row.iter().try_for_each(|value| write!(file, "{value},"))?;
        writeln!(file, "{}", u8::from(row[0] + row[1] > 0.0))?;
    }
    file.flush()
}

/// The peak memory of this process, from Linux.
fn peak_memory() -> std::io::Result<String> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("unknown");
    Ok(line.trim_start_matches("VmHWM:").trim().to_owned())
}
