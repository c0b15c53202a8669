//! When the PC itself is locked or put to sleep, the station locks too (Linux: logind on the system's D-Bus).
//!
//! Heard are `Lock` of our session, its `LockedHint`, and `PrepareForSleep`, which is made to wait until the station is
//! locked: keys do not sleep in memory. Where there is no such bus, the five idle minutes remain. Not in it: Windows and
//! macOS, and what the lock does (`workflow`).

use std::collections::HashMap;

use workflow::Core;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;
use zbus::zvariant::OwnedValue;
use zbus::{MatchRule, Message};

use crate::logind::{self, Inhibitor, LOGIND, MANAGER_INTERFACE, Mode};

/// Listens in a thread of its own until the program ends.
pub(crate) fn watch(core: Core) {
    let listener = move || {
        let heard = Connection::system()
            .and_then(|bus| listen(&bus, || tauri::async_runtime::block_on(core.system_locks())));
        if let Err(error) = heard {
            tracing::info!(%error, "the system's lock is not heard on this PC");
        }
    };
    let thread = std::thread::Builder::new().name("system-lock".to_owned());
    if let Err(error) = thread.spawn(listener) {
        tracing::warn!(%error, "the system's lock is not heard");
    }
}

/// What a signal of logind says to the station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Locked,
    FallsAsleep,
    Wakes,
}

/// Calls `lock` at each signal that asks for it, and returns when it is done with; ends when the bus does.
pub(crate) fn listen(bus: &Connection, mut lock: impl FnMut()) -> zbus::Result<()> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(LOGIND)?
        .build();
    let signals = MessageIterator::for_match_rule(rule, bus, None)?;
    // On a PC of many accounts, another's session locks without ours.
    let session = logind::own_session(bus);
    let mut delay = hold_sleep(bus);
    for signal in signals {
        let signal = signal?;
        match heard(&signal, session.as_ref().map(|path| path.as_str())) {
            Some(Heard::Locked) => lock(),
            Some(Heard::FallsAsleep) => {
                lock();
                delay = None;
            }
            Some(Heard::Wakes) if delay.is_none() => delay = hold_sleep(bus),
            Some(Heard::Wakes) | None => {}
        }
    }
    Ok(())
}

fn hold_sleep(bus: &Connection) -> Option<Inhibitor> {
    logind::inhibit_sleep(bus, "Blocco della postazione", Mode::Delay)
        .inspect_err(|error| tracing::info!(%error, "sleep does not wait for the lock on this PC"))
        .ok()
}

/// The meaning of a signal; `session` is ours, where it is known.
fn heard(signal: &Message, session: Option<&str>) -> Option<Heard> {
    let header = signal.header();
    let (interface, member) = (header.interface()?.as_str(), header.member()?.as_str());
    let path = header.path()?.as_str();
    let ours = session.is_none_or(|session| session == path);
    match (interface, member) {
        ("org.freedesktop.login1.Session", "Lock") if ours => Some(Heard::Locked),
        (MANAGER_INTERFACE, "PrepareForSleep") => match signal.body().deserialize() {
            Ok(true) => Some(Heard::FallsAsleep),
            _ => Some(Heard::Wakes),
        },
        ("org.freedesktop.DBus.Properties", "PropertiesChanged") if ours => {
            let body = signal.body();
            let (_, values, _): (String, HashMap<String, OwnedValue>, Vec<String>) =
                body.deserialize().ok()?;
            let hint = bool::try_from(values.get("LockedHint")?).unwrap_or(false);
            hint.then_some(Heard::Locked)
        }
        _ => None,
    }
}
