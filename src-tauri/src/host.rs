//! What the core asks of its window: events, the system browser, the choice of a file, notifications.
//!
//! Not in it: what the window asks of the core (`commands`).

use std::path::PathBuf;

use contract::events::Changed;
use serde::Serialize;
use tauri::{AppHandle, Emitter};
use tauri_plugin_dialog::DialogExt;
use tauri_plugin_notification::NotificationExt;
use tauri_plugin_opener::OpenerExt;
use workflow::{Event, Host, Notice};

use crate::awake::Awake;

/// The window as the core's host.
pub(crate) struct Window {
    app: AppHandle,
    awake: Awake,
}

impl Window {
    /// Of this program.
    pub(crate) fn new(app: AppHandle) -> Self {
        Self {
            app,
            awake: Awake::new(),
        }
    }

    fn emit(&self, name: &str, payload: impl Serialize + Clone) {
        if let Err(error) = self.app.emit_to(crate::WINDOW, name, payload) {
            tracing::warn!(%error, name, "the window did not get an event");
        }
    }
}

impl Host for Window {
    fn tell(&self, event: Event) {
        match event {
            Event::Changed(tags) => self.emit("changed", Changed { tags }),
            Event::Call(call) => self.emit("call", call),
            Event::Link(link) => self.emit("link", link),
            Event::Session(session) => self.emit("session", session),
            Event::LoginFailed(failure) => self.emit("login_failed", failure),
        }
    }

    fn open_browser(&self, address: &str) -> bool {
        #[cfg(feature = "training")]
        if let Some(opened) = crate::training::open_browser(address) {
            return opened;
        }
        self.app.opener().open_url(address, None::<&str>).is_ok()
    }

    fn choose_file(&self) -> Option<PathBuf> {
        #[cfg(feature = "training")]
        if let Some(chosen) = crate::training::chosen_file() {
            return Some(chosen);
        }
        let chosen = self
            .app
            .dialog()
            .file()
            .set_title("Scegli il file da allegare")
            .blocking_pick_file()?;
        chosen.into_path().ok()
    }

    fn stay_awake(&self, needed: bool) {
        self.awake.needed(needed);
    }

    fn notify(&self, notice: Notice) {
        // No name, no clinical word: the notification may lie on a locked screen.
        let body = match notice {
            Notice::PatientWaiting => "Un assistito è in sala d'attesa.",
            Notice::AnswerArrived => "È arrivata una risposta a un teleconsulto.",
            Notice::InformationAsked => "Per un teleconsulto si chiedono altre informazioni.",
            Notice::InformationArrived => "Sono arrivate le informazioni chieste per un teleconsulto.",
            Notice::ItemToCorrect => "Un elemento della coda è da correggere.",
        };
        if let Err(error) = self
            .app
            .notification()
            .builder()
            .title("Postazione")
            .body(body)
            .show()
        {
            tracing::warn!(%error, "a notification was not shown");
        }
    }
}
