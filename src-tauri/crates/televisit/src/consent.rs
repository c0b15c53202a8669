//! Who may give consent to a televisit, and what must be recorded with it.
//!
//! Sources: legge 219/2017 art. 3 (minors: consent of who exercises parental responsibility or of the guardian,
//! the minor's will heard according to age; persons under guardianship: the guardian; support administration: the
//! administrator or the patient, as the court's decree says); art. 320 Codice civile (ordinary acts: one parent
//! is enough). Not in it: the words of the form.

use clinical::{Age, Consent, ConsentGiver, Title};
use serde::{Deserialize, Serialize};

/// From this age the minor's own opinion is recorded.
pub const MINOR_HEARD_FROM: u32 = 12;

/// Who speaks for the patient, as the region's demographic record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// An adult who decides alone.
    Adult,
    /// A minor.
    Minor,
    /// An adult under guardianship (*tutore*).
    Ward,
    /// An adult with an *amministratore di sostegno*.
    Supported,
}

/// Why a consent cannot be recorded as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsentRefusal {
    /// Identity comes first.
    #[error("consent is recorded after the identity")]
    IdentityFirst,
    /// The patient cannot give it alone.
    #[error("a representative must give the consent")]
    RepresentativeNeeded,
    /// The representative's title does not fit the patient.
    #[error("this title does not allow to consent for this patient")]
    WrongTitle,
    /// The name, document or telephone of the representative is missing.
    #[error("the representative's document or telephone is missing")]
    RepresentativeIncomplete,
    /// The minor is old enough to be heard.
    #[error("the minor's own opinion is missing")]
    MinorNotHeard,
    /// The televisit was refused.
    #[error("consent to the televisit was not given")]
    NotGiven,
}

impl Capacity {
    /// From the age and the titles of the related persons at the region.
    pub fn of(age: Age, titles: &[Title]) -> Self {
        let minor = match age {
            Age::Months(_) => true,
            Age::Years(years) => years < 18,
        };
        if minor {
            Self::Minor
        } else if titles.contains(&Title::Guardian) {
            Self::Ward
        } else if titles.contains(&Title::SupportAdministrator) {
            Self::Supported
        } else {
            Self::Adult
        }
    }

    /// Whether a patient may consent without a representative.
    pub fn may_consent_alone(self) -> bool {
        matches!(self, Self::Adult | Self::Supported)
    }

    /// Whether the title fits.
    pub fn accepts(self, title: Title) -> bool {
        match self {
            Self::Adult => false,
            Self::Minor => matches!(title, Title::Parent | Title::Guardian),
            Self::Ward => title == Title::Guardian,
            Self::Supported => title == Title::SupportAdministrator,
        }
    }
}

/// Checks a consent against who the patient is. `age` is the age on the day of the visit.
pub fn check(consent: &Consent, capacity: Capacity, age: Age) -> Result<(), ConsentRefusal> {
    if !consent.to_service {
        return Err(ConsentRefusal::NotGiven);
    }
    match &consent.given_by {
        ConsentGiver::Patient if capacity.may_consent_alone() => Ok(()),
        ConsentGiver::Patient => Err(ConsentRefusal::RepresentativeNeeded),
        ConsentGiver::Representative { representation: r } => {
            if !capacity.accepts(r.title) {
                return Err(ConsentRefusal::WrongTitle);
            }
            let blank = |s: &str| s.trim().is_empty();
            if blank(r.name.family.expose()) || blank(r.document.expose()) || blank(r.phone.expose()) {
                return Err(ConsentRefusal::RepresentativeIncomplete);
            }
            let heard = r.minor_opinion.as_ref().is_some_and(|o| !blank(o.expose()));
            let must_be_heard = matches!(age, Age::Years(years) if years >= MINOR_HEARD_FROM);
            if capacity == Capacity::Minor && must_be_heard && !heard {
                return Err(ConsentRefusal::MinorNotHeard);
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clinical::{PersonName, Representation};
    use jiff::Timestamp;

    fn by(title: Title, opinion: Option<&str>) -> Consent {
        Consent {
            to_service: true,
            to_image: false,
            given_by: ConsentGiver::Representative {
                representation: Representation {
                    name: PersonName::new("Cellentani", "Marta"),
                    title,
                    document: "carta d'identità".into(),
                    phone: "000 000 0142".into(),
                    both_parents: false,
                    minor_opinion: opinion.map(Into::into),
                },
            },
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn alone() -> Consent {
        Consent {
            to_service: true,
            to_image: true,
            given_by: ConsentGiver::Patient,
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn each_patient_has_the_right_giver() {
        use Capacity::*;
        let infant = Age::Months(14);
        let adult = Age::Years(71);
        assert_eq!(check(&alone(), Adult, adult), Ok(()));
        assert_eq!(check(&alone(), Supported, adult), Ok(()));
        assert_eq!(
            check(&alone(), Ward, adult),
            Err(ConsentRefusal::RepresentativeNeeded)
        );
        assert_eq!(
            check(&alone(), Minor, infant),
            Err(ConsentRefusal::RepresentativeNeeded)
        );
        assert_eq!(check(&by(Title::Parent, None), Minor, infant), Ok(()));
        assert_eq!(
            check(&by(Title::Parent, None), Ward, adult),
            Err(ConsentRefusal::WrongTitle)
        );
        assert_eq!(check(&by(Title::Guardian, None), Ward, adult), Ok(()));
        assert_eq!(
            check(&by(Title::SupportAdministrator, None), Supported, adult),
            Ok(())
        );
        assert_eq!(
            check(&by(Title::Parent, None), Adult, adult),
            Err(ConsentRefusal::WrongTitle)
        );
    }

    #[test]
    fn a_fifteen_year_old_is_heard() {
        let age = Age::Years(15);
        assert_eq!(
            check(&by(Title::Parent, None), Capacity::Minor, age),
            Err(ConsentRefusal::MinorNotHeard)
        );
        assert_eq!(
            check(&by(Title::Parent, Some(" ")), Capacity::Minor, age),
            Err(ConsentRefusal::MinorNotHeard)
        );
        assert_eq!(
            check(&by(Title::Parent, Some("È d'accordo")), Capacity::Minor, age),
            Ok(())
        );
    }

    #[test]
    fn a_refusal_is_a_refusal_whoever_gives_it() {
        let mut consent = alone();
        consent.to_service = false;
        assert_eq!(
            check(&consent, Capacity::Adult, Age::Years(40)),
            Err(ConsentRefusal::NotGiven)
        );
    }

    #[test]
    fn capacity_follows_age_before_titles() {
        assert_eq!(Capacity::of(Age::Years(15), &[Title::Parent]), Capacity::Minor);
        assert_eq!(Capacity::of(Age::Years(50), &[Title::Guardian]), Capacity::Ward);
        assert_eq!(
            Capacity::of(Age::Years(50), &[Title::SupportAdministrator]),
            Capacity::Supported
        );
        assert_eq!(Capacity::of(Age::Years(50), &[]), Capacity::Adult);
    }
}
