//! Serves a device of this machine to training elsewhere.

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;

use clap::Parser;
use petal::cli::{self, Verdict};
use petal::device::{self, Name, Precision};
use petal::error::{Error, Result};
use petal::report;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  serve\n",
    "  serve --device flex --listen 127.0.0.1:3001\n\n",
    "Then, elsewhere:\n",
    "  train configs/default.toml --device remote:ws://127.0.0.1:3001\n\n",
    "Whoever reaches the address can use the device, and nothing is encrypted. Ctrl-C ends it.\n",
    "Exit codes: 0 ended by Ctrl-C or SIGTERM; 2 bad input.",
);

/// Serve a device to other machines over Burn's remote protocol, on a websocket.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Options {
    /// The device to serve; the program devices shows which there are
    #[arg(long, value_name = "NAME", default_value = "flex")]
    device: Name,

    /// The address to listen on; port 0 lets the system choose one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
}

fn main() -> ExitCode {
    cli::main(|| serve(&Options::parse()))
}

fn serve(options: &Options) -> Result<Verdict> {
    // A client brings its own float type; f32 is what every device has.
    let device = device::open(&options.device, Precision::F32)?;
    let bound = TcpListener::bind(options.listen).and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) =
        bound.map_err(|error| Error::Settings(format!("--listen {}: cannot listen there: {error}", options.listen)))?;
    cli::print(report::serving(&device, address))?;
    device::serve(&device, listener)?;
    Ok(Verdict::Done)
}
