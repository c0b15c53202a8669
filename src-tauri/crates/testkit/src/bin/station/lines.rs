//! One JSON value a line: requests in, answers and events out.

use std::io::{BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use contract::{ErrorCode, Failure};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The way to the thread that writes, and the thread, until they are closed.
type Writer = Option<(mpsc::Sender<String>, JoinHandle<()>)>;

/// Standard output. Lines are written by a thread of their own: a driver that reads slowly must not hold the station.
#[derive(Clone)]
pub(crate) struct Lines {
    out: Arc<Mutex<Writer>>,
}

impl Lines {
    pub(crate) fn open() -> Self {
        let (to, from) = mpsc::channel::<String>();
        let thread = std::thread::spawn(move || {
            let mut out = std::io::stdout().lock();
            while let Ok(line) = from.recv() {
                // Whoever drove this station is gone, and with them the reason to run it.
                if out.write_all(line.as_bytes()).and_then(|()| out.flush()).is_err() {
                    std::process::exit(0);
                }
            }
        });
        Self {
            out: Arc::new(Mutex::new(Some((to, thread)))),
        }
    }

    /// Writes one line.
    pub(crate) fn write(&self, value: &Value) {
        let line = format!("{value}\n");
        if let Some((to, _)) = &*self.out.lock().unwrap_or_else(PoisonError::into_inner) {
            // It fails only when the thread has ended, and the process with it.
            let _ = to.send(line);
        }
    }

    /// Writes an event.
    pub(crate) fn event(&self, name: &str, payload: &impl Serialize) {
        match serde_json::to_value(payload) {
            Ok(payload) => self.write(&json!({"event": name, "payload": payload})),
            Err(_) => tracing::error!(name, "an event could not be written"),
        }
    }

    /// Writes what is left, and nothing after it.
    pub(crate) fn close(&self) {
        let open = self.out.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((to, thread)) = open {
            drop(to);
            let _ = thread.join();
        }
    }
}

/// A command that was asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    /// Comes back with the answer.
    #[serde(default)]
    pub(crate) id: Value,
    /// The name, as in `commands.in`.
    pub(crate) command: String,
    /// The request.
    #[serde(default)]
    pub(crate) request: Value,
}

/// Standard input, read by a thread of its own.
pub(crate) struct Incoming(tokio::sync::mpsc::UnboundedReceiver<String>);

impl Incoming {
    pub(crate) fn of_standard_input() -> Self {
        let (to, from) = tokio::sync::mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines() {
                let Ok(line) = line else { return };
                if !line.trim().is_empty() && to.send(line).is_err() {
                    return;
                }
            }
        });
        Self(from)
    }

    /// The next command; none at the end of the input.
    pub(crate) async fn next(&mut self) -> Option<Result<Asked, Failure>> {
        let line = self.0.recv().await?;
        Some(serde_json::from_str(&line).map_err(|_| Failure::new(ErrorCode::BadRequest, "station/line")))
    }
}
