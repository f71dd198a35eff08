//! From a request to its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderValue;
use hyper::{Request, StatusCode};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::answer::{Answer, json_answer, lines_answer, page_answer};
use super::command::Commands;
use super::file::{FileRequest, ReportPage};
use super::gradients::GradientsRequest;
use super::guard::{Guard, Route};
use super::limits::{BODY_BYTES, BODY_TIME, CONNECTIONS, TRAINING_TIME};
use super::prepared::Prepared;
use super::refusal::Refusal;
use super::state::State;
use super::table::TableRequest;
use super::training::{Stream, train};

/// How many lines may wait for a page before its training waits.
const LINES: usize = 4;
/// A body that is too long is read up to this length, since a browser shows no answer that comes while it sends.
const DISCARDED_BYTES: usize = 64 << 20;

/// What all requests share.
pub(super) struct Routes {
    pub(super) guard: Guard,
    pub(super) page: Bytes,
    pub(super) policy: HeaderValue,
    pub(super) start: Value,
    pub(super) commands: Commands,
    pub(super) report: ReportPage,
    pub(super) slots: Slots,
}

/// The trainings that may run at once.
#[derive(Clone)]
pub(super) struct Slots {
    free: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Slots {
    pub(super) fn new(count: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(count)), waiting: Arc::default() }
    }
}

/// A training that waits, as long as this lives.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Routes {
    /// The answer to a request. With too many connections, every request is refused.
    pub(super) async fn answer(&self, request: Request<Incoming>, is_busy: bool) -> Answer {
        let answer = if is_busy { self.busy(request).await } else { self.route(request).await };
        answer.unwrap_or_else(Answer::from)
    }

    async fn busy(&self, request: Request<Incoming>) -> Result<Answer, Refusal> {
        let (parts, body) = request.into_parts();
        self.guard.check(&parts)?;
        // A browser shows no answer that comes while it sends.
        let _ = read(body).await;
        let message = format!("the server has {CONNECTIONS} connections, which is its limit; close a page or wait");
        Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, message))
    }

    async fn route(&self, request: Request<Incoming>) -> Result<Answer, Refusal> {
        let (parts, body) = request.into_parts();
        match self.guard.check(&parts)? {
            Route::Page => Ok(page_answer(self.page.clone(), &self.policy)),
            Route::Start => Ok(json_answer(&self.start)),
            Route::Train => self.train(read(body).await?).await,
            Route::Table => {
                let request = TableRequest::from_json(&read(body).await?)?;
                Ok(json_answer(&in_background(move || request.answer()).await??))
            }
            Route::Gradients => self.gradients(read(body).await?).await,
            Route::File => self.file(read(body).await?).await,
        }
    }

    /// Checks the state, then streams the training as soon as there is a place for it.
    async fn train(&self, body: Bytes) -> Result<Answer, Refusal> {
        let state = State::from_json(&body)?;
        let prepared = in_background(move || Prepared::new(&state)).await??;

        let (sender, receiver) = mpsc::channel(LINES);
        let stream = Stream { lines: sender, runtime: Handle::current() };
        let (slots, commands) = (self.slots.clone(), self.commands.clone());
        tokio::spawn(async move {
            let slot = match Arc::clone(&slots.free).try_acquire_owned() {
                Ok(slot) => Some(slot),
                Err(_) => {
                    let waiting = Waiting::new(&slots.waiting);
                    let ahead = waiting.0.load(Ordering::Relaxed);
                    let line = Bytes::from(format!("{}\n", json!({ "wait": ahead })));
                    let _ = stream.lines.send(line).await;
                    until_gone(&stream, slots.free.clone().acquire_owned()).await
                }
            };
            let Some(slot) = slot else { return };
            let trained = spawn_blocking(move || {
                train(&prepared, &commands, &stream, TRAINING_TIME);
                drop(slot);
            });
            // A panic has been printed, and the page sees that the last line is missing.
            let _ = trained.await;
        });
        Ok(lines_answer(receiver))
    }

    /// Computes gradients as soon as there is a place for it, as for a training.
    async fn gradients(&self, body: Bytes) -> Result<Answer, Refusal> {
        let request = GradientsRequest::from_json(&body)?;
        let slot = Arc::clone(&self.slots.free).acquire_owned().await.map_err(|_| failed())?;
        let answer = in_background(move || {
            let answer = request.answer();
            drop(slot);
            answer
        });
        Ok(json_answer(&answer.await??))
    }

    /// Makes a file as soon as there is a place for its training.
    async fn file(&self, body: Bytes) -> Result<Answer, Refusal> {
        let request = FileRequest::from_json(&body)?;
        let slot = Arc::clone(&self.slots.free).acquire_owned().await.map_err(|_| failed())?;
        let report = self.report;
        let (sender, receiver) = oneshot::channel();
        spawn_blocking(move || {
            let made = Prepared::new(&request.state)
                .and_then(|prepared| request.answer(&prepared, report, &|| sender.is_closed()));
            drop(slot);
            // Nobody waits for it if this fails.
            let _ = sender.send(made);
        });
        receiver.await.map_err(|_| failed())?
    }
}

/// Waits for a place, unless the page closes the connection.
async fn until_gone<T, E>(stream: &Stream, place: impl Future<Output = Result<T, E>>) -> Option<T> {
    let mut place = std::pin::pin!(place);
    loop {
        // The pause is not seen: a place is taken at once.
        match timeout(Duration::from_millis(200), &mut place).await {
            Ok(place) => return place.ok(),
            Err(_) if stream.lines.is_closed() => return None,
            Err(_) => {}
        }
    }
}

/// Does work that computes, beside the connections.
async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
    spawn_blocking(work).await.map_err(|_| failed())
}

fn failed() -> Refusal {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the server failed; its terminal says why")
}

/// The body of a request.
async fn read(body: Incoming) -> Result<Bytes, Refusal> {
    timeout(BODY_TIME, collected(body)).await.unwrap_or_else(|_| {
        let message = format!("the request did not come within {} s", BODY_TIME.as_secs());
        Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, message))
    })
}

async fn collected(mut body: Incoming) -> Result<Bytes, Refusal> {
    let (mut bytes, mut received) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "the request ended before its body"))?;
        let data = frame.into_data().unwrap_or_default();
        received += data.len();
        if received <= BODY_BYTES {
            bytes.extend_from_slice(&data);
        } else if received > DISCARDED_BYTES {
            break;
        }
    }
    if received > BODY_BYTES {
        let message = format!("the request has more than {} MiB, the limit of the playground", BODY_BYTES >> 20);
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, message));
    }
    Ok(bytes.into())
}
