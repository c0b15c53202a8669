//! When the PC itself is locked or put to sleep, the station locks too (Linux: logind on the system's D-Bus).
//!
//! Heard are `Lock` of a session, its `LockedHint`, and `PrepareForSleep`. Where there is no such bus, the five idle minutes
//! remain. Not in it: Windows and macOS, and what the lock does (`workflow`).

use std::collections::HashMap;

use workflow::Core;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;
use zbus::zvariant::OwnedValue;
use zbus::{MatchRule, Message};

const LOGIND: &str = "org.freedesktop.login1";

/// Listens in a thread of its own until the program ends.
pub(crate) fn watch(core: Core) {
    let listener = move || {
        if let Err(error) = listen(&core) {
            tracing::info!(%error, "the system's lock is not heard on this PC");
        }
    };
    let thread = std::thread::Builder::new().name("system-lock".to_owned());
    if let Err(error) = thread.spawn(listener) {
        tracing::warn!(%error, "the system's lock is not heard");
    }
}

fn listen(core: &Core) -> zbus::Result<()> {
    let bus = Connection::system()?;
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(LOGIND)?
        .build();
    for message in MessageIterator::for_match_rule(rule, &bus, None)? {
        if locks(&message?) {
            tauri::async_runtime::block_on(core.system_locks());
        }
    }
    Ok(())
}

/// Whether a signal of logind says that the PC is being locked or put to sleep.
fn locks(signal: &Message) -> bool {
    let header = signal.header();
    let interface = header.interface().map(|name| name.as_str().to_owned());
    let member = header.member().map(|name| name.as_str().to_owned());
    match (interface.as_deref(), member.as_deref()) {
        (Some("org.freedesktop.login1.Session"), Some("Lock")) => true,
        (Some("org.freedesktop.login1.Manager"), Some("PrepareForSleep")) => {
            signal.body().deserialize::<bool>().unwrap_or(false)
        }
        (Some("org.freedesktop.DBus.Properties"), Some("PropertiesChanged")) => {
            let body = signal.body();
            let changed = body.deserialize::<(String, HashMap<String, OwnedValue>, Vec<String>)>();
            changed.is_ok_and(|(_, values, _)| {
                let hint = values.get("LockedHint");
                hint.is_some_and(|value| bool::try_from(value).unwrap_or(false))
            })
        }
        _ => false,
    }
}
