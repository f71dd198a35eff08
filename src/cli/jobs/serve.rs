//! `petal serve`: serves a device of this machine to training runs on other machines.

use std::net::{SocketAddr, TcpListener};

use crate::cli::console::print;
use crate::cli::{ExitStatus, report};
use crate::device::{self, DeviceName, Precision};
use crate::error::{Error, Result};
use clap::Args;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal serve\n",
    "  petal serve --device flex --listen 127.0.0.1:3001\n\n",
    "Then, in another terminal:\n",
    "  petal train configs/default.toml --device remote:ws://127.0.0.1:3001\n\n",
    "Everybody who can reach the address can use the device. Nothing is encrypted. Ctrl-C ends the server.\n",
    "Exit codes: 0 ended by Ctrl-C or SIGTERM; 2 error.",
);

/// Serve a device to other machines over Burn's remote protocol, on a websocket
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// The device to serve; `petal devices` lists the devices
    #[arg(long, value_name = "NAME", default_value = "flex")]
    device: DeviceName,

    /// The address to listen on; port 0 lets the system choose one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
}

impl Options {
    pub fn run(&self) -> Result<ExitStatus> {
        // The client chooses the float type. Every device has f32.
        let device = device::open(&self.device, Precision::F32)?;
        let (address, listener) = TcpListener::bind(self.listen)
            .and_then(|listener| Ok((listener.local_addr()?, listener)))
            .map_err(|error| Error::Argument(format!("--listen {}: cannot listen there: {error}", self.listen)))?;
        print(report::serving(&device, address))?;
        device::serve(&device, listener)?;
        Ok(ExitStatus::Success)
    }
}
