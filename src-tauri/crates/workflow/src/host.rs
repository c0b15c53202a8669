//! What the use cases ask of whoever carries them: a window, a headless station, a test.
//!
//! Two implementations exist: the Tauri window and the headless one of the tests. Not in it: storage, network, time:
//! those are the same everywhere and are used directly.

use std::path::PathBuf;

use contract::Failure;
use contract::call::CallView;
use contract::events::Tag;
use contract::session::SessionView;
use contract::station::LinkView;

/// What the core tells without being asked.
#[derive(Clone, Debug)]
pub enum Event {
    /// Views of these subjects changed.
    Changed(Vec<Tag>),
    /// The call changed.
    Call(CallView),
    /// The link changed.
    Link(LinkView),
    /// The session changed.
    Session(SessionView),
    /// The login in the browser failed.
    LoginFailed(Failure),
}

/// A system notification: it never carries a name or a clinical word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notice {
    /// Somebody is in the waiting room.
    PatientWaiting,
    /// An answer to a teleconsult arrived.
    AnswerArrived,
    /// A specialist asks for more information.
    InformationAsked,
    /// What a specialist had asked for arrived.
    InformationArrived,
    /// An item of the queue needs a person.
    ItemToCorrect,
}

/// What only a window, or its stand-in, can do.
pub trait Host: Send + Sync + 'static {
    /// Passes an event on.
    fn tell(&self, event: Event);
    /// Opens an address in the system browser; false when it could not.
    fn open_browser(&self, address: &str) -> bool;
    /// Lets the person choose a file; none when they changed their mind. Blocks.
    fn choose_file(&self) -> Option<PathBuf>;
    /// Keeps the PC from going to sleep, or lets it again. Told once when the first need comes and once when the last is over.
    fn stay_awake(&self, needed: bool);
    /// Shows a system notification.
    fn notify(&self, notice: Notice);
}
