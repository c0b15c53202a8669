//! Who is at the station: login, role, secret, lock.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Role {
    /// Medico specialista.
    Specialist,
    /// Medico di medicina generale.
    GeneralPractitioner,
    /// Pediatra di libera scelta.
    Paediatrician,
    /// Operatore COT.
    CotOperator,
}

/// How the person proves its identity to the region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum LoginMethod {
    /// Carta operatore o CNS.
    Cns,
    /// SPID.
    Spid,
    /// CIE.
    Cie,
}

/// A role held at a structure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AssignmentView {
    /// Identifier to choose it by.
    pub id: String,
    /// The role.
    pub role: Role,
    /// Structure's name, e.g. *Ospedale del Golfo, Cardiologia*.
    pub structure: String,
    /// Speciality, when there is one.
    pub speciality: Option<String>,
}

/// The person at the station.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PersonView {
    /// Local identifier.
    pub id: String,
    /// Surname.
    pub family: String,
    /// Given names.
    pub given: String,
}

/// Where the session stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
#[ts(export)]
pub enum SessionView {
    /// Nobody is in.
    Out,
    /// Login is going on in the system browser.
    LoggingIn {
        /// The address, to copy where no browser opens.
        address: String,
    },
    /// Logged in for the first time on this PC: create the station's secret.
    NeedsSecret {
        /// Who.
        person: PersonView,
        /// What this station asks for: `pin` (6 digits, where a keychain exists) or `passphrase` (12 characters).
        kind: SecretKind,
    },
    /// Logged in: choose role and structure.
    NeedsRole {
        /// Who.
        person: PersonView,
        /// The choices.
        assignments: Vec<AssignmentView>,
    },
    /// At work.
    Open {
        /// Who.
        person: PersonView,
        /// In what role and where.
        assignment: AssignmentView,
        /// Unlocked without the region: no token yet.
        offline: bool,
    },
    /// Locked; the call, if any, goes on.
    Locked {
        /// Who.
        person: PersonView,
        /// Since when.
        since: String,
        /// Why.
        reason: LockReason,
        /// A call is going on behind the lock.
        call_in_progress: bool,
        /// What the station asks for.
        kind: SecretKind,
    },
}

/// Why the station is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum LockReason {
    /// Somebody asked for it.
    Asked,
    /// Nobody touched it for five minutes.
    Idle,
    /// The PC was locked or put to sleep.
    System,
    /// The card that the person came in or signed with was pulled out.
    Card,
    /// Nobody has unlocked it yet: a person known to this PC has logged in.
    Entering,
}

/// The kind of secret that this station asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SecretKind {
    /// At least 6 digits, together with the system's keychain.
    Pin,
    /// At least 12 characters.
    Passphrase,
}

/// What the person at the station chose for their sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SessionSettingsView {
    /// The station locks when the card that the person came in or signed with is pulled out.
    pub card_lock: bool,
}

/// `session_set_card_lock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SetCardLockRequest {
    /// Whether it locks.
    pub on: bool,
}

/// `session_login`: opens the system browser and returns at once with `LoggingIn`; the end comes by event.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct LoginRequest {
    /// The method.
    pub method: LoginMethod,
}

/// `session_create_secret`.
#[derive(Clone, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct CreateSecretRequest {
    /// The new PIN or passphrase.
    pub secret: String,
}

/// `session_choose_role`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct ChooseRoleRequest {
    /// [`AssignmentView::id`].
    pub assignment_id: String,
}

/// `session_unlock`: also the way in for a person known to this PC, without the network.
#[derive(Clone, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct UnlockRequest {
    /// [`PersonView::id`].
    pub person_id: String,
    /// PIN or passphrase.
    pub secret: String,
}
