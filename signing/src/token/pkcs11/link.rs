//! The program's side of the pipe: starts the helper when it is needed, asks it, and ends it when it is silent.
//!
//! One question at a time, each with its limit. A helper that ended is started again by the next question; a login
//! ends with the process that held it, and no question is ever asked twice. Not in it: what the answers mean.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::wire::{Reply, Request};
use crate::error::DeviceError;
use crate::token::helper::{self, frame};

/// How long a driver may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// To load and start.
    pub load: Duration,
    /// To list readers, tokens and certificates.
    pub list: Duration,
    /// To log in. A PIN pad waits for fingers.
    pub authorise: Duration,
    /// To make one signature.
    pub sign: Duration,
}

impl Default for Limits {
    /// Generous: slow cards take seconds, and a limit that strikes costs a login.
    fn default() -> Self {
        let [load, list, authorise, sign] = [30, 20, 180, 60].map(Duration::from_secs);
        Self {
            load,
            list,
            authorise,
            sign,
        }
    }
}

/// The helper of one module.
pub(super) struct Link {
    module: PathBuf,
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: Option<Running>,
    /// How many helpers were started: a login belongs to one of them.
    started: u64,
}

struct Running {
    child: Child,
    input: ChildStdin,
    replies: mpsc::Receiver<Reply>,
}

impl Link {
    pub(super) fn new(module: &Path, limits: Limits) -> Self {
        Self {
            module: module.to_owned(),
            limits,
            state: Mutex::default(),
        }
    }

    /// Starts the helper unless it runs.
    pub(super) fn start(&self) -> Result<(), DeviceError> {
        self.ready(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
            .map(drop)
    }

    /// Asks the helper, started if needed; says which helper answered.
    pub(super) fn ask(
        &self,
        request: &Request,
        pin: Option<&SecretString>,
    ) -> Result<(Reply, u64), DeviceError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.ready(&mut state)?;
        let number = state.started;
        Ok((self.exchange(&mut state, request, pin)?, number))
    }

    /// Asks the helper of that number and no other: a login does not outlive its helper.
    pub(super) fn ask_same(&self, number: u64, request: &Request) -> Result<Reply, DeviceError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.started != number || state.running.is_none() {
            return Err(DeviceError::ModuleStopped);
        }
        self.exchange(&mut state, request, None)
    }

    /// A helper that ended while nobody asked is no failure: nothing had been asked of it.
    fn ready(&self, state: &mut State) -> Result<(), DeviceError> {
        if let Some(running) = &mut state.running {
            if matches!(running.child.try_wait(), Ok(None)) {
                return Ok(());
            }
            end(state);
        }
        let mut child = helper::command(&self.module)
            .ok_or(DeviceError::HelperMissing)?
            .spawn()
            .map_err(|error| {
                tracing::warn!(kind = ?error.kind(), "the helper of a driver was not started");
                DeviceError::HelperMissing
            })?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            let _ = child.kill();
            return Err(DeviceError::HelperMissing);
        };
        state.started += 1;
        state.running = Some(Running {
            child,
            input,
            replies: read_aside(output),
        });
        match self.reply(state, self.limits.load)? {
            Reply::Ready => Ok(()),
            _ => Err(self.stopped(state)),
        }
    }

    fn exchange(
        &self,
        state: &mut State,
        request: &Request,
        pin: Option<&SecretString>,
    ) -> Result<Reply, DeviceError> {
        let limit = match request {
            Request::List | Request::Serials => self.limits.list,
            Request::Authorise { .. } => self.limits.authorise,
            Request::Sign { .. } | Request::End { .. } => self.limits.sign,
        };
        let Some(running) = &mut state.running else {
            return Err(DeviceError::ModuleStopped);
        };
        let sent = serde_json::to_vec(request)
            .map_err(std::io::Error::from)
            .and_then(|bytes| frame::write(&mut running.input, &bytes))
            .and_then(|()| match pin {
                Some(pin) => frame::write(&mut running.input, pin.expose_secret().as_bytes()),
                None => Ok(()),
            });
        if sent.is_err() {
            return Err(self.stopped(state));
        }
        self.reply(state, limit)
    }

    fn reply(&self, state: &mut State, limit: Duration) -> Result<Reply, DeviceError> {
        let Some(running) = &state.running else {
            return Err(DeviceError::ModuleStopped);
        };
        match running.replies.recv_timeout(limit) {
            Ok(Reply::Failed { error, cause }) => {
                tracing::warn!(module = %self.module.display(), %error, cause, "a driver refused");
                if matches!(error, DeviceError::ModuleUnusable | DeviceError::ModuleForeign) {
                    end(state);
                }
                Err(error)
            }
            Ok(reply) => Ok(reply),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                tracing::warn!(module = %self.module.display(), "a driver does not answer and is ended");
                end(state);
                Err(DeviceError::ModuleSilent)
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(self.stopped(state)),
        }
    }

    fn stopped(&self, state: &mut State) -> DeviceError {
        tracing::warn!(module = %self.module.display(), "the process of a driver ended");
        end(state);
        DeviceError::ModuleStopped
    }
}

/// Kills and buries. On a thread of its own: a process that waits for a device may take its time to die.
fn end(state: &mut State) {
    if let Some(Running { mut child, .. }) = state.running.take() {
        let _ = child.kill();
        std::thread::spawn(move || child.wait());
    }
}

/// What cannot be read as a reply ends the reading: it counts as a helper that stopped.
fn read_aside(output: ChildStdout) -> mpsc::Receiver<Reply> {
    let (replies, inbox) = mpsc::channel();
    std::thread::spawn(move || {
        let mut output = BufReader::new(output);
        while let Ok(Some(bytes)) = frame::read(&mut output)
            && let Ok(reply) = serde_json::from_slice(&bytes)
            && replies.send(reply).is_ok()
        {}
    });
    inbox
}
