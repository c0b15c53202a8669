//! The form of a request between the window, the draft that is kept, and the rules.

use std::collections::BTreeMap;

use ::teleconsult::{
    Access, Addressee, Attachment, Branch, Diagnosis, Draft, Missing, Mode, Particular, Priority, Range,
    Timing,
};
use clinical::{
    Consent, ConsentGiver, PatientId, PersonName, Representation, Sensitive, TeleconsultId, Title,
};
use contract::teleconsult::{TeleconsultForm, TeleconsultMode, TeleconsultRange};
use contract::televisit::RepresentationInput;
use contract::{ErrorCode, Failure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::colleague::Directory;
use crate::views;

/// A draft as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Body {
    pub(super) patient: PatientId,
    pub(super) form: TeleconsultForm,
    /// When the consent was ticked.
    pub(super) consent_at: Option<Timestamp>,
    /// How many of the versions kept beside this one were decided upon.
    #[serde(default)]
    pub(super) settled: usize,
}

impl Body {
    pub(super) fn new(patient: PatientId) -> Self {
        Self {
            patient,
            form: empty(),
            consent_at: None,
            settled: 0,
        }
    }

    pub(super) fn read(draft: &cache::Draft) -> Result<Self, Failure> {
        serde_json::from_slice(&draft.body)
            .map_err(|_| Failure::new(ErrorCode::ArchiveDamaged, "teleconsult/draft"))
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec(self).map_err(|_| Failure::new(ErrorCode::Internal, "teleconsult/draft"))
    }

    /// Nothing was typed yet.
    pub(super) fn is_blank(&self) -> bool {
        self.form == empty()
    }

    /// Takes the form in; the consent is of when it was first given.
    pub(super) fn take(&mut self, form: TeleconsultForm, now: Timestamp) {
        self.consent_at = if form.consent {
            self.consent_at.or(Some(now))
        } else {
            None
        };
        self.form = form;
    }

    /// The draft as the rules see it.
    pub(super) fn draft(
        &self,
        id: &str,
        files: Vec<Attachment>,
        directory: &Directory,
        particulars: Vec<Particular>,
        now: Timestamp,
    ) -> Draft {
        let form = &self.form;
        let text = |text: &str| text.trim().to_owned();
        let mut draft = Draft::new(TeleconsultId::from(id));
        draft.patient = Some(self.patient.clone());
        draft.question = Sensitive::new(text(&form.question));
        draft.diagnosis = (!text(&form.diagnosis).is_empty()).then(|| Diagnosis {
            code: None,
            text: Sensitive::new(text(&form.diagnosis)),
        });
        draft.addressee = (!text(&form.speciality).is_empty()).then(|| Addressee::Speciality {
            branch: Branch {
                code: text(&form.speciality),
                name: speciality(directory, &form.speciality),
            },
        });
        draft.priority = form.priority.map(priority_in);
        draft.mode = Some(match form.mode {
            TeleconsultMode::Asynchronous => Mode {
                timing: Timing::Asynchronous,
                with_patient: None,
            },
            TeleconsultMode::SynchronousWithPatient => Mode {
                timing: Timing::Synchronous,
                with_patient: Some(true),
            },
            TeleconsultMode::SynchronousWithoutPatient => Mode {
                timing: Timing::Synchronous,
                with_patient: Some(false),
            },
        });
        draft.access = Some(if form.scheduled {
            Access::Scheduled { at: None }
        } else {
            Access::Impromptu
        });
        draft.range = Some(match form.range {
            TeleconsultRange::Trust => Range::Trust,
            TeleconsultRange::Region => Range::Region,
            TeleconsultRange::National => Range::Nation,
        });
        draft.consent = form.consent.then(|| Consent {
            to_service: true,
            to_image: false,
            given_by: match &form.representative {
                Some(person) => ConsentGiver::Representative {
                    representation: representation(person),
                },
                None => ConsentGiver::Patient,
            },
            at: self.consent_at.unwrap_or(now),
        });
        draft.particulars = particulars;
        // Only a parent can be kept from what a minor's record says.
        draft.obscured = form.obscured_to_parent && form.representative.is_some();
        draft.attachments = files;
        draft
    }

    /// Fields that block sending, as the form names them and in its order: who speaks for a child comes before consent.
    pub(super) fn missing(&self, draft: &Draft, represented: bool) -> Vec<&'static str> {
        let mut fields = Vec::new();
        if represented && self.form.representative.is_none() {
            fields.push("representative");
        }
        for missing in draft.missing(represented) {
            fields.push(field(missing));
        }
        let order = [
            "patient",
            "question",
            "speciality",
            "priority",
            "mode",
            "attachments",
            "representative",
            "consent",
        ];
        fields.sort_by_key(|field| order.iter().position(|known| known == field));
        fields.dedup();
        fields
    }
}

fn empty() -> TeleconsultForm {
    TeleconsultForm {
        question: String::new(),
        speciality: String::new(),
        priority: None,
        mode: TeleconsultMode::Asynchronous,
        scheduled: false,
        range: TeleconsultRange::Region,
        diagnosis: String::new(),
        consent: false,
        representative: None,
        particulars: BTreeMap::new(),
        obscured_to_parent: false,
    }
}

fn field(missing: Missing) -> &'static str {
    match missing {
        Missing::Patient => "patient",
        Missing::Question | Missing::QuestionTooLong => "question",
        Missing::Addressee => "speciality",
        Missing::Priority => "priority",
        Missing::Mode => "mode",
        Missing::Consent => "consent",
        Missing::Representation | Missing::Title | Missing::RepresentativeData => "representative",
        Missing::AttachmentsTooLarge => "attachments",
    }
}

/// The name of a speciality; its code while the directory is not here.
pub(super) fn speciality(directory: &Directory, code: &str) -> String {
    directory
        .specialities()
        .into_iter()
        .find(|(known, _)| known == code.trim())
        .map_or_else(|| code.trim().to_owned(), |(_, name)| name)
}

fn priority_in(priority: contract::report::Priority) -> Priority {
    use contract::report::Priority as P;
    match priority {
        P::U => Priority::U,
        P::B => Priority::B,
        P::D => Priority::D,
        P::P => Priority::P,
    }
}

pub(super) fn priority(priority: Priority) -> contract::report::Priority {
    use contract::report::Priority as P;
    match priority {
        Priority::U => P::U,
        Priority::B => P::B,
        Priority::D => P::D,
        Priority::P => P::P,
    }
}

pub(super) fn mode(mode: Mode) -> TeleconsultMode {
    match (mode.timing, mode.with_patient) {
        (Timing::Asynchronous, _) => TeleconsultMode::Asynchronous,
        (Timing::Synchronous, Some(true)) => TeleconsultMode::SynchronousWithPatient,
        (Timing::Synchronous, _) => TeleconsultMode::SynchronousWithoutPatient,
    }
}

fn representation(person: &RepresentationInput) -> Representation {
    let text = |text: &str| Sensitive::new(text.trim().to_owned());
    Representation {
        name: PersonName::new(person.family.trim(), person.given.trim()),
        title: views::title_in(person.title),
        document: text(&person.document),
        phone: text(&person.phone),
        both_parents: person.both_parents && views::title_in(person.title) == Title::Parent,
        minor_opinion: person
            .minor_opinion
            .as_deref()
            .map(str::trim)
            .filter(|words| !words.is_empty())
            .map(Into::into),
    }
}

/// Who represents the patient, as the window sees it.
pub(super) fn representative(consent: &Consent) -> Option<RepresentationInput> {
    let ConsentGiver::Representative { representation } = &consent.given_by else {
        return None;
    };
    Some(RepresentationInput {
        family: representation.name.family.expose().clone(),
        given: representation.name.given.expose().clone(),
        title: views::title(representation.title),
        document: representation.document.expose().clone(),
        phone: representation.phone.expose().clone(),
        both_parents: representation.both_parents,
        minor_opinion: representation
            .minor_opinion
            .as_ref()
            .map(|words| words.expose().clone()),
    })
}
