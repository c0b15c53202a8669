//! A request in the making: its form, what the speciality wants to know, its files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::patient::PatientView;
use crate::report::Priority;
use crate::televisit::RepresentationInput;

/// Mode (csModalitaTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TeleconsultMode {
    /// Asincrona.
    Asynchronous,
    /// Sincrona, in presenza dell'assistito.
    SynchronousWithPatient,
    /// Sincrona, in assenza dell'assistito.
    SynchronousWithoutPatient,
}

/// Range (csRaggioErogazione).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TeleconsultRange {
    /// Aziendale.
    Trust,
    /// Regionale.
    Region,
    /// Nazionale.
    National,
}

/// What the asker types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TeleconsultForm {
    /// Quesito diagnostico.
    pub question: String,
    /// Speciality code of the list `specialities`.
    pub speciality: String,
    /// Priority.
    pub priority: Option<Priority>,
    /// Mode.
    pub mode: TeleconsultMode,
    /// Programmata (true) or estemporanea.
    pub scheduled: bool,
    /// Range.
    pub range: TeleconsultRange,
    /// Diagnosis or suspicion.
    pub diagnosis: String,
    /// Consent of the patient or representative to the teleconsult.
    pub consent: bool,
    /// Who represents the patient.
    pub representative: Option<RepresentationInput>,
    /// What the speciality's template asks, by item. An item that was never touched is filled in by the core.
    #[serde(default)]
    pub particulars: BTreeMap<String, String>,
    /// *Oscuramento al genitore*.
    #[serde(default)]
    pub obscured_to_parent: bool,
}

/// What the speciality wants to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TemplateItemView {
    /// Names it in the form.
    pub id: String,
    /// As asked.
    pub ask: String,
    /// An example or a unit.
    pub hint: String,
    /// Without it the specialist usually asks back.
    pub wanted: bool,
    /// What the archive on this PC fills in while nothing is typed.
    pub filled: Option<String>,
}

/// The other one of two versions of a draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DraftVersionView {
    /// The form as it was saved there.
    pub form: TeleconsultForm,
    /// When.
    pub saved_at: String,
}

/// An attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AttachmentView {
    /// Identifier.
    pub id: String,
    /// File name.
    pub name: String,
    /// Media type, as sniffed.
    pub media_type: String,
    /// Size in bytes.
    pub size: u32,
    /// The content is on this PC.
    pub on_this_pc: bool,
}

/// A draft request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TeleconsultDraftView {
    /// Identifier.
    pub id: String,
    /// Patient.
    pub patient: PatientView,
    /// The form.
    pub form: TeleconsultForm,
    /// Revision.
    pub revision: u32,
    /// Saved.
    pub saved_at: Option<String>,
    /// Attachments.
    pub attachments: Vec<AttachmentView>,
    /// Fields that block sending, as the form names them.
    pub missing: Vec<String>,
    /// Specialities to choose from: code and name.
    pub specialities: Vec<(String, String)>,
    /// What the chosen speciality wants to know.
    pub template: Vec<TemplateItemView>,
    /// Wanted items of it that are empty: they do not block sending.
    pub unsaid: Vec<String>,
    /// *Due versioni*: what was saved meanwhile in another window.
    pub other_version: Option<DraftVersionView>,
}

/// `teleconsult_draft_open`: a new draft for a patient, or the one begun.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct TeleconsultDraftRequest {
    /// The patient.
    pub patient_id: String,
}

/// `teleconsult_draft_save`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct SaveTeleconsultRequest {
    /// The draft.
    pub teleconsult_id: String,
    /// Revision.
    pub revision: u32,
    /// The form.
    pub form: TeleconsultForm,
}

/// `teleconsult_draft_settle`: which of two versions goes on. The other one is kept in the archive.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct SettleDraftRequest {
    /// The draft.
    pub teleconsult_id: String,
    /// Revision of the version that stands.
    pub revision: u32,
    /// Go on with the other version.
    pub take_other: bool,
}

/// `teleconsult_attach`: opens the system's file dialog when `path` is absent.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct AttachRequest {
    /// The draft.
    pub teleconsult_id: String,
    /// A path, from a drop on the window.
    pub path: Option<String>,
}

/// `teleconsult_detach`.
#[derive(Clone, Debug, Deserialize, Serialize, TS)]
#[ts(export)]
pub struct DetachRequest {
    /// The draft.
    pub teleconsult_id: String,
    /// The attachment.
    pub attachment_id: String,
}
