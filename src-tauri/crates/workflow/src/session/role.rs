//! *Scegli ruolo e struttura*: from here on the desk is open.

use contract::session::{ChooseRoleRequest, SessionView};
use contract::{Answer, ErrorCode, Failure};

use super::Entering;
use crate::core::Core;

impl Core {
    /// `session_choose_role`.
    pub async fn session_choose_role(&self, request: ChooseRoleRequest) -> Answer<SessionView> {
        // Taken out for as long as the desk opens, so that a second click finds nothing to do.
        let (arrived, keys) = {
            let mut entering = self.lock(&self.inner.entering);
            match std::mem::replace(&mut *entering, Entering::Nobody) {
                Entering::NeedsRole(arrived, keys) => (arrived, keys),
                other => {
                    let at_work = matches!(other, Entering::AtWork { .. });
                    *entering = other;
                    drop(entering);
                    if at_work {
                        return Ok(self.session_state());
                    }
                    return Err(Failure::new(ErrorCode::BadRequest, "session/no-role-asked"));
                }
            }
        };
        let Some(assignment) = arrived
            .assignments
            .iter()
            .find(|a| a.id == request.assignment_id)
            .cloned()
        else {
            *self.lock(&self.inner.entering) = Entering::NeedsRole(arrived, keys);
            return Err(Failure::new(ErrorCode::NoRole, "session/role"));
        };
        let offline = !self.inner.region.is_logged_in();
        match self.open_desk(&arrived, assignment, keys, offline).await {
            Ok(()) => Ok(self.session_state()),
            Err((failure, keys)) => {
                if let Some(keys) = keys {
                    *self.lock(&self.inner.entering) = Entering::NeedsRole(arrived, keys);
                }
                self.tell_session();
                Err(failure)
            }
        }
    }
}
