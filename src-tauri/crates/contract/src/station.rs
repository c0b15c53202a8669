//! The state of the PC itself: link, people known here, the technical check.

use crate::session::{PersonView, SecretKind};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The link with the region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LinkView {
    /// The region answered at the last try.
    pub online: bool,
    /// When the cached data is of, when offline: *Senza rete, dati delle 08:12*.
    pub data_as_of: Option<String>,
    /// When the link was lost.
    pub offline_since: Option<String>,
    /// Items that the region has not confirmed.
    pub queued: u32,
    /// Items that need a person.
    pub to_correct: u32,
    /// Seconds to the next try.
    pub next_try_s: Option<u32>,
}

/// A person known to this PC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct KnownPersonView {
    /// Who.
    pub person: PersonView,
    /// Structure of the last session.
    pub structure: String,
    /// Last access.
    pub last_access: String,
    /// What the station asks for.
    pub secret: SecretKind,
}

/// `station_state`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct StationView {
    /// Version of the program.
    pub version: String,
    /// A training edition with the embedded region: said on every screen.
    pub training: bool,
    /// Base address of the region.
    pub region: String,
    /// Address of the citizen's pages, in the training edition.
    pub citizen_address: Option<String>,
    /// The link.
    pub link: LinkView,
    /// People known here.
    pub people: Vec<KnownPersonView>,
    /// The last technical check.
    pub check: Option<StationCheckView>,
    /// No region is configured yet: its address is asked before anything else.
    pub needs_region: bool,
}

/// `station_set_region`: the program starts again on that region.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SetRegionRequest {
    /// Base address, `https://…`.
    pub address: String,
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum CheckItem {
    /// The region answers: `value` milliseconds.
    Region,
    /// The clock agrees with the region's: `value` seconds of difference.
    Clock,
    /// The encrypted archive: `value` free gigabytes.
    Archive,
    /// The camera gives pictures: `value` pictures a second.
    Camera,
    /// The microphone gives sound: `value` dBFS.
    Microphone,
    /// Calls pass through the relay: `value` milliseconds.
    Relay,
    /// A signing device is present: `value` identities.
    SigningDevice,
}

/// Outcome of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum CheckOutcome {
    /// Measured and good.
    Passed,
    /// Works, with a reservation.
    Warning,
    /// Does not work.
    Failed,
    /// The part does not exist on this PC.
    Absent,
}

/// One measured item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CheckItemView {
    /// What.
    pub item: CheckItem,
    /// How it went.
    pub outcome: CheckOutcome,
    /// The figure, in the unit that [`CheckItem`] names.
    pub value: Option<f64>,
    /// Device's name, if a device.
    pub device: Option<String>,
    /// The device is synthetic (training): said on screen.
    pub synthetic: bool,
    /// Technical code when not passed.
    pub detail: Option<String>,
}

/// `station_check`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct StationCheckView {
    /// When it was measured.
    pub at: String,
    /// The items.
    pub items: Vec<CheckItemView>,
    /// No item failed.
    pub passed: bool,
}

/// `shift_state`, `shift_prepare`: *Prima del turno*, what is on this PC to work without the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ShiftView {
    /// Everything that was asked for is here, and the time has not run out.
    pub ready: bool,
    /// When it was last fetched; none before the first time.
    pub prepared_at: Option<String>,
    /// Until when what was fetched counts as prepared.
    pub until: Option<String>,
    /// What is here of what is needed.
    pub items: Vec<ShiftItemView>,
}

/// One kind of data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ShiftItemView {
    /// Which.
    pub kind: ShiftItem,
    /// On this PC.
    pub here: u32,
    /// Needed.
    pub needed: u32,
    /// The last reading at the region went through.
    pub fetched: bool,
}

/// What a shift needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ShiftItem {
    /// Today's televisits.
    Televisits,
    /// Records of the people of today, of the open cases and of the own list.
    Patients,
    /// Last documents of these people.
    Documents,
    /// Open teleconsults.
    Teleconsults,
    /// Open transitions of care.
    Transitions,
}
