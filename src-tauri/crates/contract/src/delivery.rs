//! The queue and the receipts.

use crate::patient::PatientView;
use crate::report::DeliveryView;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What an item carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum QueueSubject {
    /// Referto di televisita.
    Report,
    /// Richiesta di teleconsulto.
    TeleconsultRequest,
    /// Risposta al teleconsulto.
    TeleconsultAnswer,
    /// Other message of a teleconsult.
    TeleconsultMessage,
    /// Allegato.
    Attachment,
    /// Caso COT.
    Transition,
    /// Consegna.
    Handover,
    /// Atti della visita: identità, consenso, esito.
    VisitRecord,
    /// Registro accessi.
    Audit,
}

/// Why an item has not left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum QueueState {
    /// About to leave.
    Ready,
    /// Leaving now.
    Sending,
    /// Attende la rete, or the region after a fault.
    Waiting,
    /// Attende l'accesso.
    WaitingForLogin,
    /// Dopo un altro elemento dello stesso caso.
    Behind,
    /// Da firmare al ritorno della rete.
    AwaitingSignature,
    /// Marca temporale in attesa.
    AwaitingTimeStamp,
    /// Da correggere.
    ToCorrect,
    /// Due versioni.
    Conflict,
    /// Confirmed.
    Confirmed,
}

/// How far the upload of an attachment got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct UploadView {
    /// Bytes that the region has.
    pub sent: u32,
    /// Bytes in all.
    pub size: u32,
    /// A person paused it: it goes on only when a person says so.
    pub paused: bool,
}

/// `delivery_pause_upload`: *Sospendi* and *Riprendi*.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct PauseUploadRequest {
    /// The item of the queue.
    pub item_id: String,
    /// Pause it, or let it go on.
    pub paused: bool,
}

/// An item of the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct QueueItemView {
    /// Identifier.
    pub id: String,
    /// What it carries.
    pub subject: QueueSubject,
    /// Where it stands.
    pub state: QueueState,
    /// Made at.
    pub created_at: String,
    /// Next try.
    pub next_try: Option<String>,
    /// Tries so far.
    pub attempts: u32,
    /// Technical code of the last failure.
    pub detail: Option<String>,
    /// The televisit, teleconsult or transition to open.
    pub opens: Option<String>,
    /// For an attachment: how far it got.
    pub upload: Option<UploadView>,
}

/// A row of *Coda*: one document or message, with the items that carry it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct QueueRowView {
    /// The first item not confirmed, or the last one.
    pub item: QueueItemView,
    /// Patient.
    pub patient: Option<PatientView>,
    /// Receipts, for a report.
    pub delivery: Option<DeliveryView>,
}

/// `delivery_queue`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct QueueView {
    /// Not confirmed, in sending order.
    pub queued: Vec<QueueRowView>,
    /// Da correggere.
    pub to_correct: Vec<QueueRowView>,
    /// Confirmed today.
    pub delivered_today: Vec<QueueRowView>,
    /// Bytes waiting.
    pub bytes: u32,
    /// Last confirmed.
    pub last_sent: Option<String>,
}
