//! The report: form, findings, signature, receipts.

use crate::patient::PatientView;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A field of the form, as findings name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ReportField {
    /// Quesito.
    Question,
    /// Anamnesi.
    History,
    /// Allergie.
    Allergies,
    /// Terapia in atto.
    CurrentTherapy,
    /// Esame e rilievi.
    Examination,
    /// Chi ha misurato i valori riferiti.
    MeasurementSource,
    /// Didascalia dell'immagine.
    ImageCaption,
    /// Diagnosi.
    Diagnosis,
    /// Conclusioni.
    Conclusions,
    /// Esito.
    Outcome,
    /// Accertamenti.
    FurtherTests,
    /// Priorità dell'accertamento.
    Priority,
    /// Prossimo controllo.
    NextControl,
    /// Terapia.
    Therapy,
    /// Suggerimenti.
    Suggestions,
    /// Adeguatezza del collegamento.
    LinkSuitability,
    /// Oscuramento.
    Darkening,
    /// What comes from the visit and is not typed.
    Visit,
}

/// Coded outcome of the report (DM 30 September 2022).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ReportOutcome {
    /// Quadro stabile.
    Stable,
    /// Accesso urgente.
    UrgentAccess,
    /// Ulteriori accertamenti, con priorità.
    FurtherTests,
    /// Piano rinnovato.
    PlanRenewed,
    /// Riprogrammata in presenza.
    RescheduledInPerson,
}

/// Priority classes (PNGLA).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub enum Priority {
    /// Urgente, 72 ore.
    U,
    /// Breve, 10 giorni.
    B,
    /// Differibile, 30 o 60 giorni.
    D,
    /// Programmata, 120 giorni.
    P,
}

/// What the doctor types. Every field may be empty: a draft always saves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct ReportForm {
    /// Quesito, filled from the prescription.
    pub question: String,
    /// Anamnesi.
    pub history: String,
    /// Allergie.
    pub allergies: String,
    /// Terapia in atto, a line each.
    pub current_therapy: String,
    /// Esame e rilievi.
    pub examination: String,
    /// Chi ha misurato i valori riferiti.
    pub measurement_source: String,
    /// Didascalia dell'immagine.
    pub image_caption: String,
    /// Diagnosi.
    pub diagnosis: String,
    /// Conclusioni.
    pub conclusions: String,
    /// Esito.
    pub outcome: Option<ReportOutcome>,
    /// Accertamenti richiesti, with [`ReportOutcome::FurtherTests`] or beside another outcome.
    pub further_tests: String,
    /// Priorità degli accertamenti.
    pub priority: Option<Priority>,
    /// Prossimo controllo.
    pub next_control: String,
    /// Terapia.
    pub therapy: String,
    /// Suggerimenti.
    pub suggestions: String,
    /// Collegamento adeguato alla visita.
    pub link_suitable: Option<bool>,
    /// Nota sul collegamento.
    pub link_note: String,
    /// The patient was asked about *oscuramento*.
    pub darkening_asked: bool,
    /// Oscuramento del documento richiesto dall'assistito.
    pub darkened: bool,
    /// Oscuramento all'assistito, until the doctor has spoken to them.
    pub darkened_from_patient: bool,
    /// Oscuramento al genitore, for a minor.
    pub darkened_from_parent: bool,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum FindingSeverity {
    /// Blocks the signature.
    Blocking,
    /// Worth a look.
    Advice,
}

/// A finding beside its field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FindingView {
    /// Where.
    pub field: ReportField,
    /// How grave.
    pub severity: FindingSeverity,
    /// Which: a key of `ui/src/i18n/it/findings.ts`.
    pub code: String,
    /// Words of the region, for a refusal that we have no sentence for.
    pub region_text: Option<String>,
}

/// What comes from the visit and is never retyped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct VisitFactsView {
    /// NRE.
    pub nre: String,
    /// Begin.
    pub started_at: Option<String>,
    /// End.
    pub ended_at: Option<String>,
    /// Participants in words.
    pub participants: Vec<String>,
    /// Link quality: `good`, `fair`, `poor`.
    pub link_quality: String,
    /// Identity method.
    pub identity_method: Option<crate::televisit::IdentityMethod>,
    /// Identity, when.
    pub identity_at: Option<String>,
    /// Consent, when.
    pub consent_at: Option<String>,
    /// Picture acquired with consent.
    pub image_at: Option<String>,
    /// Outcome of the visit.
    pub outcome: Option<crate::televisit::OutcomeView>,
}

/// Where a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ReportStage {
    /// Draft.
    Draft,
    /// *Da correggere*: refused by the gateway.
    ToCorrect,
    /// Signed or frozen, in delivery.
    Delivering,
    /// Confirmed by the region.
    Delivered,
}

/// `report_open`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ReportView {
    /// The report.
    pub id: String,
    /// Its televisit.
    pub televisit_id: String,
    /// Patient.
    pub patient: PatientView,
    /// Where it stands.
    pub stage: ReportStage,
    /// The form.
    pub form: ReportForm,
    /// Revision, to save on.
    pub revision: u32,
    /// Saved on this PC.
    pub saved_at: Option<String>,
    /// Findings.
    pub findings: Vec<FindingView>,
    /// What comes from the visit.
    pub visit: VisitFactsView,
    /// Receipts, once sent.
    pub delivery: Option<DeliveryView>,
}

/// `report_open`, `report_preview` (raw PDF bytes), `report_image` (raw PNG bytes), `report_delivery`, `report_withdraw`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct ReportRequest {
    /// The televisit that it belongs to.
    pub televisit_id: String,
}

/// `report_save`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct SaveReportRequest {
    /// The televisit.
    pub televisit_id: String,
    /// Revision on which the change was made.
    pub revision: u32,
    /// The form.
    pub form: ReportForm,
}

/// `report_save`: answered only after it is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ReportSavedView {
    /// New revision.
    pub revision: u32,
    /// When.
    pub saved_at: String,
    /// Findings.
    pub findings: Vec<FindingView>,
}

/// State of a device's PIN, only as the device reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PinState {
    /// Nothing to report.
    Ready,
    /// I tentativi rimasti sono pochi.
    FewLeft,
    /// Ultimo tentativo prima del blocco.
    LastTry,
    /// Locked.
    Locked,
    /// To be changed before use.
    ToBeChanged,
}

/// The kind of a signing device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SigningDeviceKind {
    /// Card or token (PKCS#11).
    Card,
    /// Remote signature.
    Remote,
    /// File, training only.
    File,
}

/// An identity to sign with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SigningIdentityView {
    /// Identifier.
    pub id: String,
    /// Device.
    pub device: String,
    /// Its kind.
    pub kind: SigningDeviceKind,
    /// Subject's name.
    pub subject: String,
    /// Issuer's name.
    pub issuer: String,
    /// Expiry.
    pub not_after: String,
    /// The subject is who is logged in.
    pub is_author: bool,
    /// PIN state.
    pub pin: PinState,
    /// The PIN is typed on the reader's own keys, never in the window; with a remote signature, the consent is given on the
    /// telephone.
    pub pin_on_device: bool,
    /// A PIN or a password is typed in the window.
    pub asks_pin: bool,
    /// A one-time code is typed in the window.
    pub asks_otp: bool,
    /// The consent is given in the browser, at the signature service.
    pub in_browser: bool,
    /// The service cannot be reached: the report is made ready and signed when the network is back.
    pub signs_later: bool,
    /// Why it cannot be used, when so.
    pub blocked_by: Option<crate::ErrorCode>,
}

/// `report_signing_devices`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SigningDevicesView {
    /// Identities, usable first.
    pub identities: Vec<SigningIdentityView>,
    /// Why the remote signature that is set up cannot be used now.
    pub remote_failure: Option<crate::Failure>,
    /// A time-stamp is put on what is signed here.
    pub time_stamp: bool,
}

/// `report_send_otp`: has the signature service send the one-time code (SMS, push).
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct SendOtpRequest {
    /// [`SigningIdentityView::id`].
    pub identity_id: String,
}

/// `report_sign_waiting`: one authorisation for all reports *Da firmare al ritorno della rete*.
#[derive(Clone, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct SignWaitingRequest {
    /// [`SigningIdentityView::id`].
    pub identity_id: String,
    /// PIN of the credential; never stored.
    pub pin: String,
    /// One-time code; never stored.
    pub otp: String,
}

/// What became of the reports that waited for a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SignedWaitingView {
    /// Signed and on their way.
    pub signed: u32,
    /// Still waiting: more than one authorisation covers.
    pub left: u32,
    /// Refused, each with its reason; the others are not stopped by them.
    pub refused: Vec<SignRefusalView>,
}

/// A report that was not signed with the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SignRefusalView {
    /// The televisit whose report it is.
    pub televisit_id: String,
    /// Why not.
    pub failure: crate::Failure,
}

/// `report_sign_and_send`.
#[derive(Clone, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct SignAndSendRequest {
    /// The televisit whose report it is.
    pub televisit_id: String,
    /// Revision that was read on screen.
    pub revision: u32,
    /// [`SigningIdentityView::id`].
    pub identity_id: String,
    /// PIN of the device; never stored. Empty where the device asks for it by itself.
    pub pin: String,
    /// One-time code of a remote signature; never stored. Empty where none is asked for.
    #[serde(default)]
    pub otp: String,
}

/// The steps of the receipts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ReceiptStep {
    /// Validato.
    Validated,
    /// Firmato.
    Signed,
    /// Marca temporale; only where one was given or is awaited. Its `id` is the level reached, `B-T` or `B-LT`.
    TimeStamped,
    /// Consegnato alla Regione.
    Delivered,
    /// Disponibile sul Portale.
    OnPortal,
    /// Nel FSE.
    InFse,
}

/// One receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ReceiptView {
    /// The step.
    pub step: ReceiptStep,
    /// When it was confirmed; none while waiting.
    pub at: Option<String>,
    /// Identifier given by the region (workflow instance, trace).
    pub id: Option<String>,
    /// For [`ReceiptStep::InFse`], the day foreseen.
    pub foreseen: Option<String>,
}

/// The receipts of a report and its five-day clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DeliveryView {
    /// Five receipts in order, six with a time-stamp.
    pub receipts: Vec<ReceiptView>,
    /// Publication must come before (five days from validation).
    pub publish_before: Option<String>,
    /// State of the queued item.
    pub item: Option<crate::delivery::QueueItemView>,
}
