//! What stands in for the window: events become lines, and the browser is one that chooses the person by itself.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use contract::Failure;
use contract::events::Changed;
use contract::session::SessionView;
use testkit::station::{EnterError, SignInError, log_in, sign_in};
use tokio::sync::Notify;
use workflow::{Core, Event, Host, Notice};

use crate::LOGIN;
use crate::lines::Lines;

/// What became of the browser's part of a login.
#[derive(Default)]
struct Browser {
    refused: AtomicBool,
    failed: Notify,
}

/// The host of a headless station.
pub(crate) struct Headless {
    user: String,
    lines: Lines,
    queued: AtomicU32,
    browser: Arc<Browser>,
    login_failure: Mutex<Option<Failure>>,
}

impl Headless {
    pub(crate) fn new(user: String, lines: Lines) -> Self {
        Self {
            user,
            lines,
            queued: AtomicU32::new(0),
            browser: Arc::default(),
            login_failure: Mutex::default(),
        }
    }

    /// Items that the region had not confirmed when the link was last told.
    pub(crate) fn queued(&self) -> u32 {
        self.queued.load(Ordering::Relaxed)
    }

    /// The issuer's page knows nobody of this name: trying again changes nothing.
    pub(crate) fn is_refused(&self) -> bool {
        self.browser.refused.load(Ordering::Relaxed)
    }

    /// A login, given up as soon as the browser brings nobody.
    pub(crate) async fn log_in(&self, core: &Core) -> Result<SessionView, EnterError> {
        tokio::select! {
            done = log_in(core, LOGIN) => done,
            () = self.browser.failed.notified() => {
                core.session_login_cancel();
                Err(EnterError::NobodyCame)
            }
        }
    }

    /// Why the last login failed.
    pub(crate) fn last_login_failure(&self) -> Option<Failure> {
        self.login_failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Host for Headless {
    fn tell(&self, event: Event) {
        match event {
            Event::Changed(tags) => self.lines.event("changed", &Changed { tags }),
            Event::Call(call) => self.lines.event("call", &call),
            Event::Link(link) => {
                self.queued.store(link.queued, Ordering::Relaxed);
                self.lines.event("link", &link);
            }
            Event::Session(session) => self.lines.event("session", &session),
            Event::LoginFailed(failure) => {
                self.lines.event("login_failed", &failure);
                *self.login_failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
            }
        }
    }

    fn open_browser(&self, address: &str) -> bool {
        let (address, user, browser) = (address.to_owned(), self.user.clone(), self.browser.clone());
        tokio::spawn(async move {
            if let Err(error) = sign_in(&address, &user).await {
                if matches!(error, SignInError::Refused(400 | 404)) {
                    browser.refused.store(true, Ordering::Relaxed);
                }
                tracing::info!(%error, "the browser brought nobody");
                // Waiters alone are told: a login that was given up meanwhile must not end the next one.
                browser.failed.notify_waiters();
            }
        });
        true
    }

    fn choose_file(&self) -> Option<PathBuf> {
        // Nobody is there to choose: commands that attach carry their path.
        None
    }

    fn stay_awake(&self, _: bool) {
        // Load tests are no reason to keep a PC awake.
    }

    fn notify(&self, notice: Notice) {
        let word = match notice {
            Notice::PatientWaiting => "patient_waiting",
            Notice::AnswerArrived => "answer_arrived",
            Notice::InformationAsked => "information_asked",
            Notice::InformationArrived => "information_arrived",
            Notice::ItemToCorrect => "item_to_correct",
        };
        self.lines.event("notice", &word);
    }
}
