//! The remote signature of the person at the desk: what the service tells, kept for a while, and the logins in the browser.
//!
//! What was last seen there is kept with the settings: without a network a report is made ready for it. Not in it: the API
//! (`signing::remote`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract::signing::SigningSettingsView;
use contract::{Answer, ErrorCode, Failure};
use jiff::{SignedDuration, Timestamp};
use region::BrowserReturn;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use signing::remote::oauth::{Client, Granted, Scope};
use signing::remote::{Asks, HttpTransport, RemoteSigner, Service};
use signing::{
    Authorised, DeviceError, DeviceKind, Identity, IdentityId, KeyUse, PinState, Qualification,
    RemoteRefusal, Signer, SigningHash,
};

use super::settings::{Kept, KeptRemote};
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail};

const PATIENCE: Duration = Duration::from_secs(15);
/// What the service told is asked for again after this: the dialog looks every few seconds, and services count.
const HOLDS: Duration = Duration::from_secs(60);
/// The same, after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(10);

/// An identity as it was last seen at the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownIdentity {
    id: IdentityId,
    label: String,
    subject: String,
    fiscal_code: Option<String>,
    issuer: String,
    not_before: Timestamp,
    not_after: Timestamp,
    pin_on_device: bool,
    asks_pin: bool,
    asks_otp: bool,
    in_browser: bool,
    chain: Vec<String>,
}

impl KnownIdentity {
    fn of(identity: &Identity, asks: Asks) -> Self {
        Self {
            id: identity.id.clone(),
            label: identity.device_label.clone(),
            subject: identity.subject.clone(),
            fiscal_code: identity.fiscal_code.clone(),
            issuer: identity.issuer.clone(),
            not_before: identity.not_before,
            not_after: identity.not_after,
            pin_on_device: identity.pin_on_device,
            asks_pin: asks.pin,
            asks_otp: asks.otp,
            in_browser: asks.in_browser,
            chain: identity.chain.iter().map(|der| STANDARD.encode(der)).collect(),
        }
    }

    /// The holder's name.
    pub(super) fn subject(&self) -> String {
        self.subject.clone()
    }

    /// As the service told it.
    pub(crate) fn identity(&self) -> Identity {
        Identity {
            id: self.id.clone(),
            device: DeviceKind::Remote,
            device_label: self.label.clone(),
            subject: self.subject.clone(),
            fiscal_code: self.fiscal_code.clone(),
            issuer: self.issuer.clone(),
            not_before: self.not_before,
            not_after: self.not_after,
            usage: KeyUse::Signature,
            qualification: Qualification::NotQualified,
            pin: PinState::Ready,
            pin_on_device: self.pin_on_device,
            chain: self
                .chain
                .iter()
                .filter_map(|der| STANDARD.decode(der).ok())
                .collect(),
        }
    }

    /// What its holder is asked for.
    pub(crate) fn asks(&self) -> Asks {
        Asks {
            pin: self.asks_pin,
            otp: self.asks_otp,
            in_browser: self.in_browser,
            documents: 1,
        }
    }
}

/// The service of the person at the desk, and what it told.
#[derive(Clone)]
pub(crate) struct RemoteState {
    /// The service.
    pub(crate) signer: Arc<RemoteSigner>,
    /// What is known there: as told now, or as last seen.
    pub(crate) known: Vec<KnownIdentity>,
    /// Why it did not tell now.
    pub(crate) failure: Option<DeviceError>,
    looked: Instant,
}

impl RemoteState {
    /// The network, and not the service or the person, is what is missing.
    pub(crate) fn is_away(&self) -> bool {
        matches!(
            self.failure,
            Some(DeviceError::Remote(
                RemoteRefusal::Unreachable | RemoteRefusal::NoAnswer
            ))
        )
    }

    /// An identity of it.
    pub(crate) fn find(&self, id: &IdentityId) -> Option<&KnownIdentity> {
        self.known.iter().find(|known| &known.id == id)
    }

    fn is_old(&self) -> bool {
        let holds = if self.failure.is_some() {
            AFTER_FAILURE
        } else {
            HOLDS
        };
        self.looked.elapsed() > holds
    }
}

impl Core {
    /// The remote signature that is set up, with what it told; none where none is. Blocks.
    pub(crate) fn remote_state(&self, desk: &Desk) -> Answer<Option<RemoteState>> {
        let mut state = self.lock(&desk.signing.remote);
        if let Some(known) = state.as_ref().filter(|known| !known.is_old()) {
            return Ok(Some(known.clone()));
        }
        let mut kept = Kept::of(desk)?;
        let Some(remote) = kept.remote.as_mut() else {
            *state = None;
            return Ok(None);
        };
        let signer = match state.take() {
            Some(known) => known.signer,
            None => Arc::new(RemoteSigner::new(service(remote)?)),
        };
        let told = signer.identities().and_then(|identities| {
            identities
                .iter()
                .filter(|identity| identity.usage == KeyUse::Signature)
                .map(|identity| Ok(KnownIdentity::of(identity, signer.asks(&identity.id)?)))
                .collect::<Result<Vec<_>, DeviceError>>()
        });
        let failure = match told {
            Ok(identities) => {
                if identities != remote.identities {
                    remote.identities = identities;
                    kept.keep(desk)?;
                }
                None
            }
            Err(error) => {
                tracing::info!(%error, "the signature service told nothing");
                Some(error)
            }
        };
        let known = kept.remote.map(|remote| remote.identities).unwrap_or_default();
        let fresh = RemoteState {
            signer,
            known,
            failure,
            looked: Instant::now(),
        };
        *state = Some(fresh.clone());
        Ok(Some(fresh))
    }

    /// The service is asked anew at the next look.
    pub(crate) fn forget_remote_state(&self, desk: &Desk) {
        *self.lock(&desk.signing.remote) = None;
    }

    /// `signing_log_in_remote`: the login at the signature service, in the browser. Answers when the browser is back, after
    /// five minutes at most.
    pub async fn signing_log_in_remote(&self) -> Answer<SigningSettingsView> {
        let desk = self.desk()?;
        let worker = desk.clone();
        let remote = blocking(move || kept_remote(&worker)).await?;
        let granted = self
            .browser_login(remote, |client| client.begin(&Scope::Service))
            .await?;
        let core = self.clone();
        let view = blocking(move || {
            let mut kept = Kept::of(&desk)?;
            if let Some(remote) = kept.remote.as_mut() {
                remote.access = Some(granted.token);
                remote.access_until = SignedDuration::try_from(granted.lasts)
                    .ok()
                    .and_then(|lasts| Timestamp::now().checked_add(lasts).ok());
            }
            kept.keep(&desk)?;
            core.forget_remote_state(&desk);
            core.view_of(&kept)
        })
        .await?;
        self.changed(&[contract::events::Tag::Report]);
        Ok(view)
    }

    /// The consent to these signatures, given in the browser.
    pub(crate) async fn consent_in_browser(
        &self,
        desk: &Arc<Desk>,
        signer: Arc<RemoteSigner>,
        identity: &IdentityId,
        hashes: Vec<SigningHash>,
    ) -> Answer<Box<dyn Authorised>> {
        let (worker, asked, id) = (desk.clone(), signer.clone(), identity.clone());
        let (remote, name) =
            blocking(move || Ok((kept_remote(&worker)?, asked.credential_name(&id).or_fail()?))).await?;
        let wanted = hashes.clone();
        let granted = self
            .browser_login(remote, move |client| {
                client.begin(&Scope::Credential {
                    id: &name,
                    hashes: &wanted,
                })
            })
            .await?;
        let id = identity.clone();
        blocking(move || {
            signer
                .authorised_elsewhere(&id, &hashes, granted.token, granted.lasts)
                .or_fail()
        })
        .await
    }

    async fn browser_login(
        &self,
        remote: KeptRemote,
        begin: impl FnOnce(&Client) -> Result<signing::remote::oauth::Login, DeviceError> + Send + 'static,
    ) -> Answer<Granted> {
        let Some(id) = remote.client_id.clone() else {
            return Err(Failure::new(ErrorCode::SigningServiceLogin, "remote/no-client"));
        };
        let secret = remote.client_secret.clone();
        let server = blocking(move || {
            let info = service(&remote)?.info().or_fail()?;
            info.oauth2
                .ok_or_else(|| Failure::new(ErrorCode::SigningServiceLogin, "remote/no-oauth"))
        })
        .await?;
        let back = BrowserReturn::open().await.or_fail()?;
        let client = Client {
            server: server.clone(),
            id,
            secret,
            redirect: back.redirect(),
        };
        let login = begin(&client).or_fail()?;
        if !self.inner.host.open_browser(&login.address) {
            return Err(Failure::new(ErrorCode::Internal, "remote/browser"));
        }
        let state = login.state().to_owned();
        let code = back.code(&state, &server).await.or_fail()?;
        blocking(move || {
            let transport = HttpTransport::new(PATIENCE).map_err(|_| no_transport())?;
            client.finish(login, &state, &code, &transport).or_fail()
        })
        .await
    }
}

fn kept_remote(desk: &Desk) -> Answer<KeptRemote> {
    Kept::of(desk)?
        .remote
        .ok_or_else(|| Failure::new(ErrorCode::NotFound, "remote/none"))
}

fn service(remote: &KeptRemote) -> Answer<Service> {
    let transport = HttpTransport::new(PATIENCE).map_err(|_| no_transport())?;
    // An access that a login brought and that is over is not sent: the service would refuse what it says without, too.
    let over = remote.access_until.is_some_and(|until| until <= Timestamp::now());
    let access: Option<SecretString> = remote.access.clone().filter(|_| !over);
    Service::new(&remote.address, access, Box::new(transport))
        .map_err(|refusal| DeviceError::Remote(refusal).failure())
}

fn no_transport() -> Failure {
    Failure::new(ErrorCode::Internal, "remote/transport")
}
