//! One televisit: identity, consent, call, outcome.

use crate::agenda::{RibbonStepView, TelevisitStage};
use crate::document::DocumentView;
use crate::patient::{PatientView, RepresentativeTitle};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How identity was confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum IdentityMethod {
    /// Documento esibito.
    DocumentShown,
    /// Accesso SPID-CIE.
    DigitalIdentity,
    /// Conosciuto dal medico.
    KnownToClinician,
}

/// Identity as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct IdentityView {
    /// The method.
    pub method: IdentityMethod,
    /// When.
    pub at: String,
}

/// Who represents the patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RepresentationInput {
    /// Surname.
    pub family: String,
    /// Given names.
    pub given: String,
    /// In what title.
    pub title: RepresentativeTitle,
    /// Document seen, in words.
    pub document: String,
    /// Telephone.
    pub phone: String,
    /// Both parents consent.
    pub both_parents: bool,
    /// The minor's own opinion.
    pub minor_opinion: Option<String>,
}

/// Consent as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ConsentView {
    /// To the televisit.
    pub to_service: bool,
    /// To a picture.
    pub to_image: bool,
    /// The representative who gave it; none when the patient did.
    pub representative: Option<RepresentationInput>,
    /// When.
    pub at: String,
}

/// The prescription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PrescriptionView {
    /// NRE.
    pub nre: String,
    /// Its day.
    pub date: String,
    /// Question.
    pub question: String,
    /// Who prescribed: *FERRANTINO Guido, medico di medicina generale*.
    pub requester: String,
    /// A control visit.
    pub control_visit: bool,
    /// Service of the catalogue.
    pub service: String,
}

/// The citizen's technical test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EligibilityView {
    /// Passed.
    pub passed: bool,
    /// When.
    pub at: String,
    /// Age in days.
    pub age_days: u32,
    /// Device, in words.
    pub device: Option<String>,
}

/// A participant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ParticipantView {
    /// Name.
    pub name: String,
    /// Relation: paziente, figlia, caregiver.
    pub relation: String,
    /// Connected now.
    pub connected: bool,
    /// Invited to this televisit.
    pub invited_at: Option<String>,
    /// The invitation has not reached the region yet.
    pub invitation_queued: bool,
}

/// How a televisit ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum OutcomeView {
    /// Erogata.
    Delivered,
    /// Completata in video prima dell'interruzione.
    DeliveredBeforeInterruption,
    /// Interrotta.
    Interrupted {
        /// What follows.
        then: AfterInterruption,
    },
    /// Non erogata.
    NotDelivered {
        /// Why.
        reason: NotDeliveredReason,
        /// Note.
        note: String,
    },
}

/// What follows an interruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AfterInterruption {
    /// Proseguita al telefono.
    ContinuedByPhone,
    /// Da riprogrammare.
    ToReschedule,
}

/// Why a televisit was not held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum NotDeliveredReason {
    /// The patient never came.
    PatientAbsent,
    /// Technical fault.
    Technical,
    /// Identity not confirmed.
    IdentityNotConfirmed,
    /// Consent refused.
    ConsentRefused,
    /// Not suitable at a distance.
    NotSuitable,
    /// Other, with a note.
    Other,
}

/// `televisit_open`, and the answer of every command of this module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TelevisitView {
    /// The televisit.
    pub id: String,
    /// Start as booked.
    pub start: String,
    /// Where it stands.
    pub stage: TelevisitStage,
    /// Patient.
    pub patient: PatientView,
    /// Six steps.
    pub ribbon: Vec<RibbonStepView>,
    /// Prescription.
    pub prescription: Option<PrescriptionView>,
    /// Eligibility test.
    pub eligibility: Option<EligibilityView>,
    /// In the waiting room since.
    pub waiting_since: Option<String>,
    /// Identity, when confirmed.
    pub identity: Option<IdentityView>,
    /// Consent, when recorded.
    pub consent: Option<ConsentView>,
    /// The call began.
    pub started_at: Option<String>,
    /// The call ended.
    pub ended_at: Option<String>,
    /// Outcome.
    pub outcome: Option<OutcomeView>,
    /// Participants.
    pub participants: Vec<ParticipantView>,
    /// Earlier documents, newest first.
    pub documents: Vec<DocumentView>,
    /// Therapy of the last report, a line each.
    pub therapy: Vec<String>,
    /// Its date.
    pub therapy_of: Option<String>,
    /// The report, once opened.
    pub report_id: Option<String>,
    /// Delay notified, in minutes.
    pub delay_minutes: Option<u32>,
}

/// `televisit_open`, `televisit_refuse_identity`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct TelevisitRequest {
    /// The televisit.
    pub televisit_id: String,
}

/// `televisit_confirm_identity`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct ConfirmIdentityRequest {
    /// The televisit.
    pub televisit_id: String,
    /// The method.
    pub method: IdentityMethod,
}

/// `televisit_record_consent`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct RecordConsentRequest {
    /// The televisit.
    pub televisit_id: String,
    /// To the televisit.
    pub to_service: bool,
    /// To a picture.
    pub to_image: bool,
    /// Who gives it, when not the patient.
    pub representative: Option<RepresentationInput>,
}

/// `televisit_notify_delay`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct NotifyDelayRequest {
    /// The televisit.
    pub televisit_id: String,
    /// Minutes, 5 to 120.
    pub minutes: u32,
}

/// `televisit_invite_caregiver`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct InviteCaregiverRequest {
    /// The televisit.
    pub televisit_id: String,
    /// Surname.
    pub family: String,
    /// Given names.
    pub given: String,
    /// Relation in words: figlia, badante.
    pub relation: String,
}

/// `televisit_start`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct StartTelevisitRequest {
    /// The televisit.
    pub televisit_id: String,
    /// Chosen camera: `DeviceView::id`.
    pub camera: Option<String>,
    /// Chosen microphone.
    pub microphone: Option<String>,
}

/// `televisit_choose_outcome`, `televisit_not_delivered`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct ChooseOutcomeRequest {
    /// The televisit.
    pub televisit_id: String,
    /// The outcome.
    pub outcome: OutcomeView,
}
