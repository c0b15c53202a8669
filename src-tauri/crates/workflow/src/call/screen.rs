//! Where the pictures of a call go: the window's channel, whichever is attached now.
//!
//! The engine's screen lives as long as the program; the window's channel comes and goes as the page is drawn anew. Pictures
//! are never kept here.

use std::sync::{Arc, Mutex, PoisonError};

use media::FrameSink;
use media::wire::FrameKind;

type Deliver = Box<dyn Fn(Vec<u8>) + Send + Sync>;

/// The screen of the station.
pub struct Screen {
    engine: Arc<media::Screen>,
    window: Arc<Mutex<Option<Deliver>>>,
}

impl Default for Screen {
    fn default() -> Self {
        let window: Arc<Mutex<Option<Deliver>>> = Arc::default();
        let out = window.clone();
        let engine = media::Screen::new(move |picture| {
            if let Some(deliver) = &*out.lock().unwrap_or_else(PoisonError::into_inner) {
                deliver(picture);
            }
        });
        Self {
            engine: Arc::new(engine),
            window,
        }
    }
}

impl Screen {
    pub(crate) fn sink(&self) -> Arc<dyn FrameSink> {
        self.engine.clone()
    }

    /// Attaches the window's channel; the one before is let go, with whatever it had not drawn.
    pub(crate) fn attach(&self, deliver: Deliver) {
        *self.window.lock().unwrap_or_else(PoisonError::into_inner) = Some(deliver);
        for kind in [FrameKind::Remote, FrameKind::SelfView] {
            let handed = self.engine.count(kind).handed;
            self.engine.acknowledge(kind, handed);
        }
    }

    pub(crate) fn drawn(&self, remote: u32, own: u32) {
        self.engine.acknowledge(FrameKind::Remote, remote);
        self.engine.acknowledge(FrameKind::SelfView, own);
    }

    /// The call is over: nothing more is handed out for it.
    pub(crate) fn clear(&self) {
        *self.window.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
