//! A patient's demographic record as the region keeps it.
//!
//! Not in it: representation (`consent`), clinical content, and how the record is fetched.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{FiscalCode, PatientId, Sensitive};

/// Administrative sex, as FHIR `Patient.gender` and CDA `administrativeGenderCode` write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// F.
    Female,
    /// M.
    Male,
    /// UN in CDA.
    Unknown,
}

/// A person's name, shown as `COGNOME Nome`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonName {
    /// Surname, as registered.
    pub family: Sensitive<String>,
    /// Given names, as registered.
    pub given: Sensitive<String>,
}

impl PersonName {
    /// From its two parts.
    pub fn new(family: impl Into<String>, given: impl Into<String>) -> Self {
        Self {
            family: Sensitive::new(family.into()),
            given: Sensitive::new(given.into()),
        }
    }

    /// `COGNOME Nome`, for the screen and the documents.
    pub fn display(&self) -> String {
        format!("{} {}", self.family.expose().to_uppercase(), self.given.expose())
    }
}

/// The demographic record of a patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patient {
    /// Identifier at the region.
    pub id: PatientId,
    /// Name.
    pub name: PersonName,
    /// Date of birth.
    pub birth_date: Sensitive<Date>,
    /// Sex.
    pub sex: Sex,
    /// Codice fiscale.
    pub fiscal_code: FiscalCode,
    /// Telephone number, kept at hand during a call.
    pub phone: Option<Sensitive<String>>,
    /// Place of birth: ISTAT or Belfiore code and name.
    pub birth_place: Option<Sensitive<String>>,
    /// Residence in one line.
    pub address: Option<Sensitive<String>>,
    /// City of residence.
    pub city: Option<Sensitive<String>>,
}

/// An age as a clinician reads it: months under two years, then years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Completed months, under two years.
    Months(u32),
    /// Completed years.
    Years(u32),
}

impl Patient {
    /// Age on a day; zero months for a date of birth in the future.
    pub fn age_on(&self, day: Date) -> Age {
        let born = *self.birth_date.expose();
        let mut months = (i32::from(day.year()) - i32::from(born.year())) * 12 + i32::from(day.month())
            - i32::from(born.month());
        if day.day() < born.day() {
            months -= 1;
        }
        let months = u32::try_from(months).unwrap_or(0);
        if months < 24 {
            Age::Months(months)
        } else {
            Age::Years(months / 12)
        }
    }

    /// Under 18 on a day (art. 2 Codice civile).
    pub fn is_minor_on(&self, day: Date) -> bool {
        match self.age_on(day) {
            Age::Months(_) => true,
            Age::Years(years) => years < 18,
        }
    }
}
