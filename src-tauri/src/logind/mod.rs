//! What is asked of logind on the system's D-Bus (<https://www.freedesktop.org/software/systemd/man/org.freedesktop.login1.html>):
//! which session is ours, and inhibitors of sleep.
//!
//! Not in it: what its signals mean to the station (`system_lock`), and when sleep is held off (`awake`).

use zbus::blocking::Connection;
use zbus::zvariant::{OwnedFd, OwnedObjectPath};

#[cfg(test)]
mod tests;

pub(crate) const LOGIND: &str = "org.freedesktop.login1";
const MANAGER: &str = "/org/freedesktop/login1";
pub(crate) const MANAGER_INTERFACE: &str = "org.freedesktop.login1.Manager";

/// How sleep is held off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Not at all while it is held.
    Block,
    /// Only until it is given back, for a few seconds at most.
    Delay,
}

/// Sleep is held off as long as this lives: logind sees the descriptor close, also when the program ends by a crash.
#[derive(Debug)]
pub(crate) struct Inhibitor {
    _descriptor: OwnedFd,
}

/// Holds sleep off. Blocks until logind has answered; `why` is read by whoever asks the system what keeps it awake, so it
/// says nothing of anybody.
pub(crate) fn inhibit_sleep(bus: &Connection, why: &str, mode: Mode) -> zbus::Result<Inhibitor> {
    let mode = match mode {
        Mode::Block => "block",
        Mode::Delay => "delay",
    };
    let reply = bus.call_method(
        Some(LOGIND),
        MANAGER,
        Some(MANAGER_INTERFACE),
        "Inhibit",
        &("sleep", "Postazione", why, mode),
    )?;
    Ok(Inhibitor {
        _descriptor: reply.body().deserialize()?,
    })
}

/// The session that this program belongs to; none where logind knows of none (started by a service, a container).
pub(crate) fn own_session(bus: &Connection) -> Option<OwnedObjectPath> {
    let reply = bus.call_method(
        Some(LOGIND),
        MANAGER,
        Some(MANAGER_INTERFACE),
        "GetSessionByPID",
        &std::process::id(),
    );
    reply.ok()?.body().deserialize().ok()
}
