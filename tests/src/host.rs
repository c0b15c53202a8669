//! What stands in for the window: keeps the events, and passes the login address to the test's browser.

use std::path::PathBuf;
use std::sync::Mutex;

use tokio::sync::mpsc;
use workflow::{Event, Host, Notice};

/// A host without a window.
pub struct HeadlessHost {
    browser: mpsc::UnboundedSender<String>,
    pub events: Mutex<Vec<Event>>,
    pub notices: Mutex<Vec<Notice>>,
    pub file: Mutex<Option<PathBuf>>,
    /// What the PC was asked: to stay awake, or not to any longer.
    pub awake: Mutex<Vec<bool>>,
}

impl HeadlessHost {
    pub fn new(browser: mpsc::UnboundedSender<String>) -> Self {
        Self {
            browser,
            events: Mutex::default(),
            notices: Mutex::default(),
            file: Mutex::default(),
            awake: Mutex::default(),
        }
    }
}

impl Host for HeadlessHost {
    fn tell(&self, event: Event) {
        self.events.lock().unwrap().push(event);
    }

    fn open_browser(&self, address: &str) -> bool {
        self.browser.send(address.to_owned()).is_ok()
    }

    fn choose_file(&self) -> Option<PathBuf> {
        self.file.lock().unwrap().clone()
    }

    fn stay_awake(&self, needed: bool) {
        self.awake.lock().unwrap().push(needed);
    }

    fn notify(&self, notice: Notice) {
        self.notices.lock().unwrap().push(notice);
    }
}
