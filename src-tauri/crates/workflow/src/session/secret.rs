//! The first time on this PC: the person creates the station's PIN or passphrase. None is built in.

use contract::session::{CreateSecretRequest, SessionView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use secrecy::SecretString;
use session::Profile;

use super::Entering;
use crate::core::{Core, blocking};
use crate::failure::OrFail;

impl Core {
    /// `session_create_secret`.
    pub async fn session_create_secret(&self, request: CreateSecretRequest) -> Answer<SessionView> {
        let secret = SecretString::from(request.secret);
        let arrived = match &*self.lock(&self.inner.entering) {
            Entering::NeedsSecret(arrived) => arrived.clone(),
            _ => return Err(Failure::new(ErrorCode::BadRequest, "session/no-secret-asked")),
        };
        let stations = self.inner.stations.clone();
        let now = Timestamp::now();
        let profile = Profile {
            name: arrived.practitioner.name.display().into(),
            role: None,
            structure: None,
            last_access: now,
        };
        let person = arrived.person.clone();
        let keys = blocking(move || stations.enrol(&person, &secret, &profile, now).or_fail()).await?;
        self.set_entering(Entering::NeedsRole(arrived, keys));
        Ok(self.session_state())
    }
}
