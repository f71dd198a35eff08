//! The connections of the server: on this machine only, a limited number, each for one request.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::runtime;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::command::Commands;
use super::file::ReportPage;
use super::guard::Guard;
use super::limits::{CONNECTION_TIME, CONNECTIONS, HEAD_TIME, trainings};
use super::routes::{Routes, Slots};
use super::state::State;
use crate::error::{Error, Result};
use crate::page::play_page;

/// The most bytes of a request's head.
const HEAD_BYTES: usize = 16 << 10;
/// How often the server looks whether it must end.
const PAUSE: Duration = Duration::from_millis(100);
/// The pause after a connection that could not be accepted, for example because too many files are open.
const FAILED_PAUSE: Duration = Duration::from_millis(100);
/// The length of the token in bytes.
const TOKEN_BYTES: usize = 16;

/// A server that listens and does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    token: String,
}

impl Server {
    /// Listens on this machine, at a port or at one that the system chooses. No other machine can reach it.
    ///
    /// # Errors
    /// When it cannot listen there.
    pub fn listen(port: Option<u16>) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0)));
        let listening = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = listening.map_err(|error| {
            let option = port.map(|port| format!("--port {port}: ")).unwrap_or_default();
            Error::Argument(format!("{option}cannot listen there: {error}"))
        })?;
        let mut token = [0; TOKEN_BYTES];
        getrandom::fill(&mut token)
            .map_err(|error| Error::Argument(format!("the system has no random numbers for the token: {error}")))?;
        let token = token.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { listener, address, token })
    }

    /// The address of the page, with the token. Who has it can use the server.
    pub fn address(&self) -> String {
        format!("http://{}/#token={}", self.address, self.token)
    }

    /// Answers requests until `is_ended`. `start` is the state of a new page, `note` what its user must know about it.
    ///
    /// # Errors
    /// When the system gives no means to wait for connections.
    pub fn serve(
        self,
        start: &State,
        note: Option<&str>,
        commands: Commands,
        report: ReportPage,
        is_ended: impl Fn() -> bool,
    ) -> Result<()> {
        let page = play_page();
        let routes = Arc::new(Routes {
            guard: Guard::new(self.address.port(), &self.token),
            page: page.html.into(),
            policy: HeaderValue::from_str(&page.policy).unwrap_or_else(|_| unreachable!("hashes in base64")),
            start: with_note(start, note),
            commands,
            report,
            slots: Slots::new(trainings()),
        });

        let failed = |error| Error::Argument(format!("cannot listen at {}: {error}", self.address));
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let served = runtime.block_on(async {
            self.listener.set_nonblocking(true)?;
            let listener = tokio::net::TcpListener::from_std(self.listener)?;
            let (places, places_to_refuse) =
                (Arc::new(Semaphore::new(CONNECTIONS)), Arc::new(Semaphore::new(CONNECTIONS)));
            while !is_ended() {
                let stream = match timeout(PAUSE, listener.accept()).await {
                    Ok(Ok((stream, _))) => stream,
                    Ok(Err(_)) => {
                        sleep(FAILED_PAUSE).await;
                        continue;
                    }
                    Err(_) => continue,
                };
                let (place, is_busy) = match Arc::clone(&places).try_acquire_owned() {
                    Ok(place) => (place, false),
                    Err(_) => match Arc::clone(&places_to_refuse).try_acquire_owned() {
                        Ok(place) => (place, true),
                        Err(_) => continue, // closes the connection
                    },
                };
                let routes = Arc::clone(&routes);
                tokio::spawn(async move {
                    // A connection that ends late or with an error concerns nobody else.
                    let _ = timeout(CONNECTION_TIME, serve_connection(stream, routes, is_busy)).await;
                    drop(place);
                });
            }
            Ok(())
        });
        // Trainings end at their next update, since nobody reads their lines.
        runtime.shutdown_background();
        served.map_err(failed)
    }
}

/// The state of a new page, with a note if there is one.
fn with_note(state: &State, note: Option<&str>) -> Value {
    let mut start = json!(state);
    if let Some(note) = note {
        start["note"] = note.into();
    }
    start
}

async fn serve_connection(stream: TcpStream, routes: Arc<Routes>, is_busy: bool) -> hyper::Result<()> {
    // Frames are small and must not wait for each other.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| async { Ok::<_, Infallible>(routes.answer(request, is_busy).await) });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await
}
