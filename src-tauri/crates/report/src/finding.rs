//! What is missing or inconsistent, by field, in codes that the window turns into sentences.
//!
//! The check runs at each save and decides whether the report can be frozen: one blocking finding and it
//! cannot. The official rules run on the document itself; this check exists so that a doctor who follows it
//! never meets them.

use serde::{Deserialize, Serialize};

use crate::{ReportForm, VisitRecord};

/// A place that the window can jump to: a field of the form or a block of the visit's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldId {
    /// Quesito.
    Question,
    /// Anamnesi.
    History,
    /// Allergie.
    Allergies,
    /// Terapia in atto.
    CurrentTherapy,
    /// Esame e rilievi.
    Findings,
    /// Who measured the reported values.
    MeasurementsNote,
    /// The picture.
    Image,
    /// Its caption.
    ImageCaption,
    /// Conclusioni.
    Conclusions,
    /// Diagnosi.
    Diagnosis,
    /// Esito.
    Outcome,
    /// Accertamenti.
    FurtherTests,
    /// Priority of the further tests.
    Priority,
    /// Prossimo controllo.
    NextControl,
    /// Terapia.
    Therapy,
    /// Suggerimenti.
    Suggestions,
    /// Suitability of the link.
    LinkSuitability,
    /// Note on the link.
    LinkNote,
    /// Oscuramento.
    Darkening,
    /// Pareri di teleconsulto.
    TeleconsultOpinions,
    /// The patient's record (corrected in the agenda, not here).
    Patient,
    /// The author and the role.
    Author,
    /// The structure.
    Structure,
    /// The prescription.
    Prescription,
    /// The service.
    Service,
    /// Start, end and outcome of the call.
    Call,
    /// Participants.
    Participants,
    /// Identity.
    Identity,
    /// Consent.
    Consent,
    /// The link as measured.
    Link,
    /// The document as a whole.
    Document,
}

/// Whether a finding stops the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The report cannot be frozen.
    Blocking,
    /// It can; the doctor should look.
    Warning,
}

/// What was found. The window has a sentence for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingCode {
    /// The question is empty.
    MissingQuestion,
    /// Examination and findings are empty.
    MissingFindings,
    /// The conclusions are empty.
    MissingConclusions,
    /// No outcome was chosen.
    MissingOutcome,
    /// Further tests without a priority.
    MissingPriority,
    /// The outcome is further tests, and none is named.
    MissingFurtherTests,
    /// A priority without further tests.
    PriorityWithoutTests,
    /// The visit is to be repeated in person or controlled, and no time is given.
    MissingNextControl,
    /// The plan is renewed, and no therapy is written.
    MissingTherapy,
    /// Values are reported, and nothing says who measured them.
    MeasurementsWithoutSource,
    /// A picture without a caption.
    MissingImageCaption,
    /// A caption without a picture.
    CaptionWithoutImage,
    /// A picture without consent to it.
    ImageWithoutConsent,
    /// The picture is not a readable PNG or JPEG.
    ImageUnreadable,
    /// The picture is larger than the document can carry.
    ImageTooLarge,
    /// A diagnosis code whose shape is not of ICD-9-CM.
    DiagnosisCodeShape,
    /// A diagnosis code without words.
    DiagnosisCodeWithoutText,
    /// The doctor has not judged the link.
    MissingLinkSuitability,
    /// The link was not adequate, and no note says why.
    MissingLinkNote,
    /// The link was not adequate, and the outcome is stable or the plan renewed.
    OutcomeDespiteInadequateLink,
    /// The patient was not asked about darkening.
    DarkeningNotAsked,
    /// Darkening from the parent for a patient of age.
    ParentDarkeningOfAdult,
    /// An opinion without author or text.
    OpinionIncomplete,
    /// An open disagreement without a word on what it is about.
    DisagreementWithoutText,
    /// No NRE and no paper number.
    MissingPrescription,
    /// No prescriber.
    MissingPrescriber,
    /// The service has no code of the catalogue.
    ServiceCodeShape,
    /// The identity was not confirmed.
    MissingIdentity,
    /// The consent was not recorded or not given.
    MissingConsent,
    /// The call has not ended.
    CallNotEnded,
    /// The call ends before it begins.
    CallTimesReversed,
    /// The visit was not delivered: it has no report.
    VisitNotDelivered,
    /// The structure has no code of its trust, which the document needs.
    MissingTrustCode,
    /// Nothing was measured of the link.
    MissingLinkMeasure,
    /// The date of birth lies in the future or too far back.
    BirthDateImplausible,
    /// The role cannot sign a report of televisit.
    RoleCannotSign,
    /// Characters that a document cannot hold (control characters) are in the text; they will be left out.
    UnprintableCharacters,
    /// The text is longer than a report can be.
    TextTooLong,
}

/// One finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Finding {
    /// Where.
    pub field: FieldId,
    /// How grave.
    pub severity: Severity,
    /// What.
    pub code: FindingCode,
}

/// Checks a draft against its visit. Fast enough for every save; the order is that of the form.
pub fn check(form: &ReportForm, visit: &VisitRecord) -> Vec<Finding> {
    let mut found = Found(Vec::new());
    crate::rules::texts(form, &mut found);
    crate::rules::image(form, visit, &mut found);
    crate::rules::plan(form, visit, &mut found);
    crate::rules::link(form, visit, &mut found);
    crate::rules::visit(visit, &mut found);
    found.0.sort_by_key(|f| (f.field, f.severity));
    found.0.dedup();
    found.0
}

/// The findings as they are collected.
pub(crate) struct Found(Vec<Finding>);

impl Found {
    pub(crate) fn block(&mut self, when: bool, field: FieldId, code: FindingCode) {
        if when {
            self.0.push(Finding {
                field,
                severity: Severity::Blocking,
                code,
            });
        }
    }

    pub(crate) fn warn(&mut self, when: bool, field: FieldId, code: FindingCode) {
        if when {
            self.0.push(Finding {
                field,
                severity: Severity::Warning,
                code,
            });
        }
    }
}
