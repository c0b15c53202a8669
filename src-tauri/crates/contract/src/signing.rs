//! How this person signs here: time-stamps and remote signature.
//!
//! Secrets come in and never go out: a view says whether one is kept. Not in it: the signature itself ([`crate::report`]).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What happens to a signed report when no authority gives a time-stamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TimeStampPolicy {
    /// It is not signed: the PIN is asked again later.
    Block,
    /// *Marca temporale in attesa*: kept signed, completed without the PIN, then sent.
    #[default]
    Wait,
    /// It is sent without.
    SendWithout,
}

/// A time-stamp authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TimeStampAuthorityView {
    /// Its address.
    pub url: String,
    /// The user of the subscription.
    pub user: Option<String>,
    /// Its password is kept.
    pub has_password: bool,
}

/// A remote signature service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RemoteServiceView {
    /// Its address (CSC API).
    pub address: String,
    /// The name that this program has at the service, for a login in the browser.
    pub client_id: Option<String>,
    /// An access is kept: a token that was typed, or one that a login brought.
    pub has_access: bool,
    /// When the access that a login brought ends.
    pub access_until: Option<String>,
    /// Holders of the credentials last seen there.
    pub identities: Vec<String>,
}

/// `signing_settings`, and the answer of every command that changes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SigningSettingsView {
    /// Asked in this order.
    pub authorities: Vec<TimeStampAuthorityView>,
    /// The list is the one that the station was set up with.
    pub of_the_station: bool,
    /// The station has no roots to hold authorities against: no time-stamp can be taken.
    pub no_roots: bool,
    /// When none answers.
    pub policy: TimeStampPolicy,
    /// Remote signature.
    pub remote: Option<RemoteServiceView>,
}

/// An authority as it is typed.
#[derive(Clone, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct TimeStampAuthorityRequest {
    /// Its address.
    pub url: String,
    /// The user of the subscription, where there is one.
    pub user: Option<String>,
    /// Its password; none keeps the one that is kept for this address and user.
    pub password: Option<String>,
}

/// `signing_set_time_stamps`.
#[derive(Clone, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct SetTimeStampsRequest {
    /// Asked in this order; none at all takes those of the station again.
    pub authorities: Vec<TimeStampAuthorityRequest>,
    /// When none answers.
    pub policy: TimeStampPolicy,
}

/// `signing_set_remote`.
#[derive(Clone, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct SetRemoteRequest {
    /// Address of the service (CSC API).
    pub address: String,
    /// The name that this program has at the service, for a login in the browser.
    pub client_id: Option<String>,
    /// The secret that goes with it, where the service gives one; none keeps the one that is kept.
    pub client_secret: Option<String>,
    /// An access token given by the service; none keeps the one that is kept.
    pub access_token: Option<String>,
}
