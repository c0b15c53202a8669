//! Login at the region: OpenID Connect authorization code with PKCE in the system browser.
//!
//! Sources: OpenID Connect Core 1.0, RFC 7636 (PKCE, S256 only), RFC 8252 (native apps: loopback redirect, no
//! embedded browser). SPID, CIE and CNS happen at the region's relying party. Not in it: opening the browser
//! (the caller does), the PIN of the station (`session`).

mod issuer;
mod loopback;

use std::sync::Arc;
use std::time::Duration;

use clinical::{FiscalCode, PersonName};
use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier};
use secrecy::SecretString;
use tokio::sync::Notify;
use url::Url;

use crate::{Region, RegionError, Tokens};
pub(crate) use issuer::Issuer;
use loopback::{Loopback, Page};

/// A login that is not finished by then is over.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// How the person chose to be recognised (`acr_values`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginMethod {
    /// Carta operatore o CNS.
    Cns,
    /// SPID.
    Spid,
    /// CIE.
    Cie,
}

/// Who logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Subject at the issuer.
    pub subject: String,
    /// Name.
    pub name: PersonName,
    /// Codice fiscale, from `https://attributes.eid.gov.it/fiscal_number`.
    pub fiscal_code: FiscalCode,
    /// Level of the digital identity, as the issuer states it.
    pub acr: Option<String>,
}

/// Why a login did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// The region did not answer well.
    #[error(transparent)]
    Region(#[from] RegionError),
    /// No port could be opened on this PC.
    #[error("no loopback port could be opened")]
    Loopback,
    /// The person pressed *Annulla* here.
    #[error("cancelled")]
    Cancelled,
    /// Five minutes passed.
    #[error("the login took too long")]
    Expired,
    /// The person or the issuer refused, with the OAuth error code.
    #[error("refused by the issuer")]
    Refused(String),
    /// State, nonce, signature, audience or time of the ID token do not match: possibly an attack or a wrong clock.
    #[error("the issuer's answer failed a check")]
    Untrusted,
    /// The ID token is over already: the clock of this PC is wrong.
    #[error("the clock of this PC differs from the issuer's")]
    WrongClock,
    /// The ID token carries no codice fiscale or no name.
    #[error("the issuer did not say who logged in")]
    NoPerson,
    /// The discovery document is not what OpenID Connect asks for.
    #[error("the issuer's configuration cannot be used")]
    Misconfigured,
}

/// A login that waits for the browser.
#[derive(Debug)]
pub struct PendingLogin {
    region: Region,
    issuer: Arc<Issuer>,
    url: Url,
    loopback: Loopback,
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    cancel: LoginCanceller,
}

/// Ends a pending login from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct LoginCanceller(Arc<Notify>);

impl LoginCanceller {
    /// *Annulla*.
    pub fn cancel(&self) {
        self.0.notify_one();
    }
}

impl Region {
    /// Begins a login: discovery, loopback port, address for the browser.
    pub async fn begin_login(&self, method: LoginMethod) -> Result<PendingLogin, LoginError> {
        let issuer = Arc::new(Issuer::discover(self).await?);
        *self.shared.issuer.write().await = Some(issuer.clone());
        let loopback = Loopback::open().await.map_err(|_| LoginError::Loopback)?;
        let (url, state, nonce, verifier) = issuer.authorization(&loopback.redirect(), method)?;
        let cancel = LoginCanceller::default();
        Ok(PendingLogin {
            region: self.clone(),
            issuer,
            url,
            loopback,
            state,
            nonce,
            verifier,
            cancel,
        })
    }
}

impl PendingLogin {
    /// The address to open in the system browser.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// A handle that ends this login.
    pub fn canceller(&self) -> LoginCanceller {
        self.cancel.clone()
    }

    /// Waits for the browser, five minutes at most, exchanges the code, checks the ID token, and keeps the tokens in
    /// the [`Region`] that began this login. Dropping the future closes the port and keeps nothing.
    pub async fn finish(self) -> Result<Person, LoginError> {
        let Self {
            region,
            issuer,
            loopback,
            state,
            nonce,
            verifier,
            cancel,
            ..
        } = self;
        let redirect = loopback.redirect();
        let callback = tokio::select! {
            callback = loopback.callback(state.secret(), issuer.name()) => callback,
            () = cancel.0.notified() => return Err(LoginError::Cancelled),
            () = tokio::time::sleep(PATIENCE) => return Err(LoginError::Expired),
        };
        let code = match callback.outcome {
            Ok(code) => code,
            Err(error) => {
                callback.browser.answer(Page::Refused).await;
                return Err(LoginError::Refused(error));
            }
        };
        match issuer.exchange(&region, &redirect, code, verifier, &nonce).await {
            Ok((person, tokens)) => {
                region.set_tokens(tokens);
                callback.browser.answer(Page::Done).await;
                Ok(person)
            }
            Err(error) => {
                callback.browser.answer(Page::Failed).await;
                Err(error)
            }
        }
    }
}

/// The browser's return from a login elsewhere than at the region, such as a signature service's.
#[derive(Debug)]
pub struct BrowserReturn(Loopback);

impl BrowserReturn {
    /// Opens the port.
    pub async fn open() -> Result<Self, LoginError> {
        Loopback::open().await.map(Self).map_err(|_| LoginError::Loopback)
    }

    /// The address to which the browser is to return.
    pub fn redirect(&self) -> String {
        self.0.redirect()
    }

    /// Waits for the browser, five minutes at most, and gives the code that it brings with this `state`. `issuer` is who
    /// an answer that names one must name.
    pub async fn code(self, state: &str, issuer: &str) -> Result<SecretString, LoginError> {
        let callback = tokio::time::timeout(PATIENCE, self.0.callback(state, issuer))
            .await
            .map_err(|_| LoginError::Expired)?;
        match callback.outcome {
            Ok(code) => {
                callback.browser.answer(Page::Done).await;
                Ok(SecretString::from(code))
            }
            Err(error) => {
                callback.browser.answer(Page::Refused).await;
                Err(LoginError::Refused(error))
            }
        }
    }
}

/// Renews the tokens.
pub(crate) async fn refresh(region: &Region, token: &SecretString) -> Result<Tokens, RegionError> {
    let known = region.shared.issuer.read().await.clone();
    let issuer = match known {
        Some(issuer) => issuer,
        None => {
            let issuer = match Issuer::discover(region).await {
                Ok(issuer) => Arc::new(issuer),
                Err(LoginError::Region(error)) => return Err(error),
                Err(_) => return Err(RegionError::Garbled),
            };
            *region.shared.issuer.write().await = Some(issuer.clone());
            issuer
        }
    };
    issuer.renew(region, token).await
}
