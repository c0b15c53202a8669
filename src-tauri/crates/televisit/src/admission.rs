//! What must be true of a booking before a televisit may be held: the prescription, the citizen's technical
//! test, the CUP booking, and the rule that only control visits are admitted.
//!
//! Source: Accordo Stato-Regioni 17 December 2020, and the process that the region publishes: the televisit is
//! prescribed for follow-up only; a first visit is held in presence.

use clinical::{Nre, Sensitive};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What kind of visit was prescribed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitKind {
    /// Visita di controllo.
    Control,
    /// Prima visita.
    First,
}

/// The visit prescribed is not a control visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a televisit is admitted for control visits only")]
pub struct NotAControlVisit;

impl NotAControlVisit {
    /// The sentence on the screen.
    pub const SENTENCE: &'static str = "La televisita è ammessa solo per visite di controllo. \
         Per una prima visita: prenotazione in presenza al CUP.";
}

/// The prescription behind a televisit (FHIR `ServiceRequest` with NRE).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prescription {
    /// FHIR id at the region.
    pub id: String,
    /// Number of the prescription.
    pub nre: Option<Nre>,
    /// Control or first visit. Unknown counts as not admitted.
    pub kind: Option<VisitKind>,
    /// Code and name of the service of the catalogue.
    pub service_code: Option<String>,
    /// Name of the service, as the catalogue writes it.
    pub service: Option<Sensitive<String>>,
    /// The prescriber's question.
    pub question: Option<Sensitive<String>>,
    /// The prescriber, as shown.
    pub prescriber: Option<Sensitive<String>>,
    /// FHIR id of the prescriber's role.
    pub requester: Option<String>,
    /// When it was written.
    pub authored_on: Option<Timestamp>,
}

impl Prescription {
    /// Admits control visits only.
    pub fn admit(&self) -> Result<(), NotAControlVisit> {
        match self.kind {
            Some(VisitKind::Control) => Ok(()),
            Some(VisitKind::First) | None => Err(NotAControlVisit),
        }
    }
}

/// One check of the citizen's technical test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EligibilityCheck {
    /// `camera`, `microphone` or `network`, as the portal names it.
    pub name: String,
    /// Result in the portal's words.
    pub result: String,
}

/// The citizen's technical test as the portal recorded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eligibility {
    /// Passed or not.
    pub passed: bool,
    /// When it was taken.
    pub at: Timestamp,
    /// The single checks.
    pub checks: Vec<EligibilityCheck>,
}

impl Eligibility {
    /// How old the test is; zero for a time in the future.
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.at).max(SignedDuration::ZERO)
    }
}

/// State of the ticket at the CUP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    /// Pagata.
    Paid,
    /// Esente.
    Exempt,
    /// Da pagare.
    Due,
}

/// The booking at the CUP Unico Regionale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Number of the booking.
    pub number: Option<String>,
    /// Ticket.
    pub payment: Option<Payment>,
    /// When the visit begins.
    pub start: Timestamp,
    /// When it should end.
    pub end: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prescription(kind: Option<VisitKind>) -> Prescription {
        Prescription {
            id: "p1".into(),
            nre: None,
            kind,
            service_code: None,
            service: None,
            question: None,
            prescriber: None,
            requester: None,
            authored_on: None,
        }
    }

    #[test]
    fn only_a_control_visit_is_admitted() {
        assert_eq!(prescription(Some(VisitKind::Control)).admit(), Ok(()));
        assert_eq!(
            prescription(Some(VisitKind::First)).admit(),
            Err(NotAControlVisit)
        );
        assert_eq!(
            prescription(None).admit(),
            Err(NotAControlVisit),
            "an unknown kind must not slip through"
        );
    }

    #[test]
    fn the_sentence_is_the_one_agreed() {
        assert_eq!(
            NotAControlVisit::SENTENCE,
            "La televisita è ammessa solo per visite di controllo. Per una prima visita: prenotazione in presenza al CUP."
        );
    }
}
