//! *Entra*: the system browser, the region's issuer, the roles.

use clinical::{Practitioner, PractitionerId};
use contract::session::{LoginMethod, LoginRequest, SessionView};
use contract::{Answer, ErrorCode, Failure};
use region::{LoginError, PendingLogin, Person};
use session::{KeyState, PersonId};

use super::{Arrived, Entering};
use crate::core::Core;
use crate::failure::{IntoFailure, OrFail};
use crate::host::Event;

impl Core {
    /// `session_login`: opens the browser and returns; the end is told by an event. A second click while a login is
    /// going on opens the same page again.
    pub async fn session_login(&self, request: LoginRequest) -> Answer<SessionView> {
        let again = match &*self.lock(&self.inner.entering) {
            Entering::LoggingIn { address, .. } => Some(address.clone()),
            _ => None,
        };
        if let Some(address) = again {
            self.inner.host.open_browser(&address);
            return Ok(self.session_state());
        }
        let method = match request.method {
            LoginMethod::Cns => region::LoginMethod::Cns,
            LoginMethod::Spid => region::LoginMethod::Spid,
            LoginMethod::Cie => region::LoginMethod::Cie,
        };
        let pending = self.inner.region.begin_login(method).await.or_fail()?;
        let address = pending.url().to_string();
        let core = self.clone();
        let task = tokio::spawn(async move { core.finish_login(pending, method).await });
        self.set_entering(Entering::LoggingIn {
            address: address.clone(),
            task: task.abort_handle(),
        });
        self.inner.host.open_browser(&address);
        Ok(self.session_state())
    }

    /// `session_login_cancel`.
    pub fn session_login_cancel(&self) -> SessionView {
        let cancelled = match &*self.lock(&self.inner.entering) {
            Entering::LoggingIn { task, .. } => {
                task.abort();
                true
            }
            _ => false,
        };
        if cancelled {
            self.set_entering(self.without_login());
        }
        self.session_state()
    }

    /// Where the session stands when a login did not come about: at work as before, or nobody.
    fn without_login(&self) -> Entering {
        match self.desk_behind_lock() {
            Some(_) => Entering::AtWork { offline: true },
            None => Entering::Nobody,
        }
    }

    async fn finish_login(&self, pending: PendingLogin, method: region::LoginMethod) {
        let arrived = match pending.finish().await {
            Ok(person) => {
                self.recognise(person, matches!(method, region::LoginMethod::Cns))
                    .await
            }
            Err(error) => Err(login_failure(error)),
        };
        match arrived {
            Ok(arrived) => self.welcome(arrived),
            Err(failure) => {
                self.inner.region.forget_tokens();
                self.set_entering(self.without_login());
                self.tell(Event::LoginFailed(failure));
            }
        }
    }

    /// Asks the region for the roles of who logged in.
    async fn recognise(&self, person: Person, by_card: bool) -> Answer<Arrived> {
        let staff = self
            .inner
            .region
            .fhir()
            .assignments(&person.fiscal_code)
            .await
            .or_fail()?;
        let Some(first) = staff.first() else {
            return Err(Failure::new(ErrorCode::NoRole, "login/no-role"));
        };
        let practitioner = Practitioner {
            id: PractitionerId::from(first.practitioner.id.as_str()),
            name: person.name,
            fiscal_code: person.fiscal_code,
        };
        Ok(Arrived {
            person: PersonId::of(self.inner.region.base().as_str(), &person.subject),
            practitioner,
            assignments: staff.into_iter().map(|member| member.assignment).collect(),
            by_card,
        })
    }

    fn welcome(&self, arrived: Arrived) {
        // The person at work logged in again, because the access had ended: the desk is open already.
        if let Some(desk) = self.desk_behind_lock() {
            if desk.person == arrived.person {
                self.set_entering(Entering::AtWork { offline: false });
                self.access_renewed();
            } else {
                // Somebody else's access must never serve this desk: they come in after this person has left.
                self.inner.region.forget_tokens();
                self.set_entering(Entering::AtWork { offline: true });
                self.tell(Event::LoginFailed(Failure::new(
                    ErrorCode::AccessDenied,
                    "login/other-person",
                )));
            }
            return;
        }
        let next = match self
            .inner
            .stations
            .key_state(&arrived.person, jiff::Timestamp::now())
        {
            Ok(KeyState::Absent) => Entering::NeedsSecret(arrived),
            Ok(_) => Entering::NeedsUnlock(arrived),
            Err(error) => {
                self.tell(Event::LoginFailed(error.failure()));
                Entering::Nobody
            }
        };
        self.set_entering(next);
    }
}

fn login_failure(error: LoginError) -> Failure {
    error.failure()
}
