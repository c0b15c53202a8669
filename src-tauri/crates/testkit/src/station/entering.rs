//! From the login to the open desk, as a person would go.

use std::time::{Duration, Instant};

use contract::Failure;
use contract::session::{
    ChooseRoleRequest, CreateSecretRequest, LoginMethod, LoginRequest, SessionView, UnlockRequest,
};
use workflow::Core;

/// Why nobody came in.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    /// A verb refused.
    #[error("{0:?}")]
    Refused(Failure),
    /// The login in the browser ended without anybody.
    #[error("the login in the browser ended without anybody")]
    NobodyCame,
    /// The login did not end in time.
    #[error("the login did not end in time")]
    TooLong,
}

impl From<Failure> for EnterError {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

/// Asks for a login and waits for its end. Whoever carries the core opens the browser ([`super::sign_in`]).
pub async fn log_in(core: &Core, patience: Duration) -> Result<SessionView, EnterError> {
    let method = LoginMethod::Cie;
    core.session_login(LoginRequest { method }).await?;
    let give_up = Instant::now() + patience;
    loop {
        match core.session_state() {
            SessionView::LoggingIn { .. } if Instant::now() > give_up => {
                core.session_login_cancel();
                return Err(EnterError::TooLong);
            }
            SessionView::LoggingIn { .. } => tokio::time::sleep(Duration::from_millis(50)).await,
            SessionView::Out => return Err(EnterError::NobodyCame),
            other => return Ok(other),
        }
    }
}

/// From where the login ended to the open desk: creates the station's secret the first time, gives it later, takes the
/// role named, or the first one.
pub async fn enter(core: &Core, secret: &str, role: Option<&str>) -> Result<SessionView, EnterError> {
    loop {
        match core.session_state() {
            SessionView::NeedsSecret { .. } => {
                let secret = secret.to_owned();
                core.session_create_secret(CreateSecretRequest { secret }).await?;
            }
            SessionView::Locked { person, .. } => {
                let request = UnlockRequest {
                    person_id: person.id,
                    secret: secret.to_owned(),
                };
                core.session_unlock(request).await?;
            }
            SessionView::NeedsRole { assignments, .. } => {
                let chosen = match role {
                    Some(role) => assignments.iter().find(|a| a.id == role),
                    None => assignments.first(),
                };
                let Some(chosen) = chosen else {
                    return Err(EnterError::NobodyCame);
                };
                let assignment_id = chosen.id.clone();
                core.session_choose_role(ChooseRoleRequest { assignment_id })
                    .await?;
            }
            open @ SessionView::Open { .. } => return Ok(open),
            SessionView::Out | SessionView::LoggingIn { .. } => return Err(EnterError::NobodyCame),
        }
    }
}
