//! The PC is kept from sleeping while a call or an attachment is on its way: logind's inhibitor on Linux,
//! `SetThreadExecutionState` on Windows, an IOKit assertion on macOS (both through the crate `keepawake`).
//!
//! Held by a thread of its own: asking the system may block, and Windows binds the hold to the thread. Each of the three
//! ends with the process, so that a crash keeps no PC awake. Not in it: when it is needed (`workflow`).

use std::sync::mpsc;

/// What others read when they ask the system why it does not sleep. It says nothing of anybody.
const WHY: &str = "Chiamata o invio in corso";

/// The program's hold on the PC's sleep.
pub(crate) struct Awake {
    needs: mpsc::Sender<bool>,
}

impl Awake {
    /// Not held.
    pub(crate) fn new() -> Self {
        let mut bus = None;
        Self::by(move || system::hold(&mut bus))
    }

    /// By another means than this system's own.
    pub(crate) fn by<Held>(mut hold: impl FnMut() -> Option<Held> + Send + 'static) -> Self {
        let (needs, told) = mpsc::channel();
        let holder = move || {
            let mut held = None;
            while let Ok(needed) = told.recv() {
                match (needed, &held) {
                    (true, None) => held = hold(),
                    (true, Some(_)) => {}
                    (false, _) => held = None,
                }
            }
        };
        let thread = std::thread::Builder::new().name("awake".to_owned());
        if let Err(error) = thread.spawn(holder) {
            tracing::warn!(%error, "sleep cannot be held off");
        }
        Self { needs }
    }

    /// From now on; returns at once.
    pub(crate) fn needed(&self, needed: bool) {
        // The thread that has gone could hold nothing any more.
        let _ = self.needs.send(needed);
    }
}

#[cfg(target_os = "linux")]
mod system {
    use zbus::blocking::Connection;

    use crate::logind::{self, Inhibitor, Mode};

    pub(super) fn hold(bus: &mut Option<Connection>) -> Option<Inhibitor> {
        let connection = match bus.take() {
            Some(connection) => Ok(connection),
            None => Connection::system(),
        };
        let held = connection.and_then(|connection| {
            let held = logind::inhibit_sleep(&connection, super::WHY, Mode::Block)?;
            *bus = Some(connection);
            Ok(held)
        });
        held.inspect_err(|error| tracing::info!(%error, "sleep is not held off on this PC"))
            .ok()
    }
}

#[cfg(any(target_os = "windows", target_os = "macos"))]
mod system {
    use keepawake::KeepAwake;

    pub(super) fn hold(_: &mut Option<()>) -> Option<KeepAwake> {
        keepawake::Builder::default()
            .idle(true)
            .sleep(true)
            .reason(super::WHY)
            .app_name("Postazione")
            .app_reverse_domain("it.campania.sinfonia.postazione")
            .create()
            .inspect_err(|error| tracing::info!(%error, "sleep is not held off on this PC"))
            .ok()
    }
}

#[cfg(not(any(target_os = "linux", target_os = "windows", target_os = "macos")))]
mod system {
    pub(super) fn hold(_: &mut Option<()>) -> Option<()> {
        None
    }
}
