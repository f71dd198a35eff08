//! The name of a device in a configuration, such as `flex`, `cuda:1` or `remote:ws://127.0.0.1:3000`.
//!
//! A valid name does not mean that the device exists. [`super::open()`] finds that out.

use std::fmt;
use std::str::FromStr;

use super::backend::Backend;

/// A device's name in configurations: a backend and one of its devices.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeviceName {
    pub(super) backend: Backend,
    pub(super) selector: DeviceSelector,
}

/// Selects one of a backend's devices.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum DeviceSelector {
    /// The backend's default device.
    Default,
    /// The device with this index, counted from 0.
    Index(usize),
    /// The server at this `host:port`.
    Server(String),
}

impl DeviceName {
    /// The backend.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Reads a name and requires that its backend is compiled into this program.
    ///
    /// # Errors
    /// When the name is not valid or its backend is not compiled in.
    pub(super) fn parse_compiled(text: &str) -> Result<Self, String> {
        let name: Self = text.parse()?;
        name.backend.check_compiled()?;
        Ok(name)
    }
}

impl From<Backend> for DeviceName {
    fn from(backend: Backend) -> Self {
        Self { backend, selector: DeviceSelector::Default }
    }
}

impl FromStr for DeviceName {
    type Err = String;

    /// Reads a name. Its backend need not be compiled in.
    ///
    /// # Errors
    /// When the name is not valid. The text says what is accepted.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, suffix) = match text.split_once(':') {
            Some((name, suffix)) => (name, Some(suffix)),
            None => (text, None),
        };
        let Some(backend) = Backend::ALL.into_iter().find(|backend| backend.name() == name) else {
            return Err(format!("not a known device; accepted: {}", accepted_names()));
        };

        let selector = match (backend, suffix) {
            (Backend::Remote, Some(address)) => DeviceSelector::Server(parse_server(address)?),
            (Backend::Remote, None) => return Err("must name the server: remote:ws://host:port".into()),
            (_, None) => DeviceSelector::Default,
            (_, Some(index)) if backend.has_indexed_devices() => {
                let index = index.parse().ok().filter(|&index| index < 256);
                DeviceSelector::Index(index.ok_or_else(|| format!("must be {name} or {name}:N with N from 0 to 255"))?)
            }
            (_, Some(_)) => return Err(format!("must be {name}, which takes nothing after it")),
        };
        Ok(Self { backend, selector })
    }
}

/// Turns `ws://host:port` into `host:port`. The host may be an IPv6 address in brackets.
fn parse_server(address: &str) -> Result<String, String> {
    let server = address
        .strip_prefix("ws://")
        .map(|server| server.strip_suffix('/').unwrap_or(server));
    let valid = server.and_then(|server| server.rsplit_once(':')).is_some_and(|(host, port)| {
        let bracketed = host.starts_with('[') && host.ends_with(']');
        let plain = !host.is_empty() && !host.contains([':', '/', '?', '#', '@', ' ']);
        (plain || bracketed) && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    match server {
        Some(server) if valid => Ok(server.to_owned()),
        _ => Err("must be remote:ws://host:port, such as remote:ws://127.0.0.1:3000".into()),
    }
}

fn accepted_names() -> String {
    let names = Backend::ALL.map(|backend| match backend {
        Backend::Remote => "remote:ws://host:port".to_owned(),
        indexed if indexed.has_indexed_devices() => format!("{0}, {0}:N", indexed.name()),
        other => other.name().to_owned(),
    });
    names.join(", ")
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.selector {
            DeviceSelector::Default => f.pad(self.backend.name()),
            DeviceSelector::Index(index) => f.pad(&format!("{}:{index}", self.backend)),
            DeviceSelector::Server(server) => f.pad(&format!("{}:ws://{server}", self.backend)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parsing_a_name_and_writing_it_returns_the_same_text() {
        for text in ["flex", "ndarray", "cpu", "vulkan", "cuda", "cuda:1", "rocm:0", "remote:ws://127.0.0.1:3000"] {
            assert_eq!(text.parse::<DeviceName>().unwrap().to_string(), text);
        }
        assert_eq!("remote:ws://[::1]:3000/".parse::<DeviceName>().unwrap().to_string(), "remote:ws://[::1]:3000");
    }

    #[test]
    fn an_invalid_name_is_refused_and_the_message_says_what_is_accepted() {
        let refusal = |text: &str| text.parse::<DeviceName>().unwrap_err();
        assert!(refusal("Flex").starts_with("not a known device; accepted: flex, ndarray, cpu, cuda, cuda:N,"));
        assert_eq!(refusal("cuda:x"), "must be cuda or cuda:N with N from 0 to 255");
        assert_eq!(refusal("cuda:-1"), "must be cuda or cuda:N with N from 0 to 255");
        assert_eq!(refusal("flex:0"), "must be flex, which takes nothing after it");
        let invalid_servers = [
            "remote:",
            "remote:a:3000",
            "remote:ws://a",
            "remote:ws://:1",
            "remote:ws://a:0",
            "remote:ws://a:65536",
            "remote:ws://a:1/path",
            "remote:ws://a b:1",
            "remote:wss://a:1",
        ];
        for text in invalid_servers {
            assert!(refusal(text).starts_with("must be remote:ws://host:port"), "{text}");
        }
    }
}
