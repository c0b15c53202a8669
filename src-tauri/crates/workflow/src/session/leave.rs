//! *Esci* and *Cambia utente*: keys and tokens are gone; what was not sent stays in the person's archive.

use cache::AuditAction;
use contract::Answer;
use contract::session::SessionView;
use jiff::Timestamp;

use super::Entering;
use crate::core::Core;
use crate::host::Event;

impl Core {
    /// `session_leave`. The window has warned of what is still to be sent; a call is ended first.
    pub async fn session_leave(&self) -> Answer<SessionView> {
        self.session_login_cancel();
        self.call_preview_stop();
        self.end_call_on_leaving().await;
        if let Some(desk) = self.set_desk(None) {
            if let Err(failure) = desk.accessed(AuditAction::LoggedOut, "") {
                tracing::warn!(code = failure.detail, "logout not recorded");
            }
            desk.stop_tasks();
        }
        self.inner.region.forget_tokens();
        self.forget_card();
        self.lock(&self.inner.session).log_out(Timestamp::now());
        self.set_entering(Entering::Nobody);
        self.tell(Event::Changed(vec![contract::events::Tag::Station]));
        Ok(self.session_state())
    }
}

impl Core {
    /// The program ends without a word: tasks stop, nothing is written. What was being sent is found again at the next start.
    pub fn abandon(&self) {
        if let Some(desk) = self.set_desk(None) {
            desk.stop_tasks();
        }
        self.inner.region.forget_tokens();
    }
}
