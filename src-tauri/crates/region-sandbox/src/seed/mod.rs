//! The invented people of the sandbox and their day.
//!
//! People, teleconsults and transitions are put in once; the televisits of the day are made at every start on a day
//! that has none, so that an old data directory still opens on a full agenda. Nobody here exists: codici fiscali carry
//! the place X000, which is no municipality, telephone numbers begin with 000. Not in it: anything that a running region
//! would do by itself.

mod cases;
mod day;
mod documents;
mod person;
mod register;
mod staff;
mod transitions;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde_json::{Value, json};

use crate::Region;
use crate::fhir::StoreError;
use crate::fhir::store::Precondition;
use crate::fhir::writing::Writing;

/// Identifier systems and extensions of the region's contract.
const FISCAL_CODE: &str = "http://hl7.it/sid/codiceFiscale";
const NRE: &str = "http://hl7.it/sid/nre";
const STRUCTURE: &str = "http://hl7.it/sid/hsp";
const CUP: &str = "http://hl7.it/sid/cup";
const EXTENSION: &str = "https://postazione.example/fhir/";
const VISIT: &str = "https://postazione.example/visit";
const SPECIALITY: &str = "http://hl7.it/fhir/teleconsulto/CodeSystem/branca-prestazione";

/// Puts in what is missing: the people once, the televisits of today.
pub fn plant(region: &Region) -> Result<(), StoreError> {
    let moment = Moment::of(region.clock.now());
    let today = moment.today().to_string();
    if region.database.setting("seed_people")?.is_none() {
        region.store.write(None, |writing| {
            staff::plant(writing)?;
            register::plant(writing, &moment)?;
            documents::plant(writing, &moment)?;
            cases::plant(writing, &moment)?;
            transitions::plant(writing, &moment)
        })?;
        region.database.set_setting("seed_people", &today)?;
    }
    if region.database.setting("seed_day")?.as_deref() != Some(&today) {
        region.store.write(None, |writing| day::plant(writing, &moment))?;
        region.database.set_setting("seed_day", &today)?;
    }
    Ok(())
}

/// The moment of planting, in Italy.
pub(crate) struct Moment(Zoned);

impl Moment {
    fn of(now: Timestamp) -> Self {
        let zone = TimeZone::get("Europe/Rome").unwrap_or(TimeZone::UTC);
        Self(now.to_zoned(zone))
    }

    fn today(&self) -> Date {
        self.0.date()
    }

    fn now(&self) -> &Zoned {
        &self.0
    }

    /// So many minutes ago.
    fn ago(&self, minutes: i64) -> String {
        rfc3339(
            &self
                .0
                .checked_sub(jiff::SignedDuration::from_mins(minutes))
                .unwrap_or_else(|_| self.0.clone()),
        )
    }

    /// A day so many days ago, at an hour.
    fn days_ago(&self, days: i64, hour: i8, minute: i8) -> String {
        let day = self.day_before(days);
        match day.at(hour, minute, 0, 0).to_zoned(self.0.time_zone().clone()) {
            Ok(zoned) => rfc3339(&zoned),
            Err(_) => self.ago(days * 24 * 60),
        }
    }

    fn day_before(&self, days: i64) -> Date {
        self.today()
            .checked_sub(jiff::SignedDuration::from_hours(days * 24))
            .unwrap_or_else(|_| self.today())
    }
}

/// A FHIR dateTime with the offset of the place.
fn rfc3339(time: &Zoned) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn put(writing: &mut Writing<'_>, resource: Value) -> Result<(), StoreError> {
    writing.put(resource, Precondition::None).map(drop)
}

fn coded(system: &str, code: &str, display: &str) -> Value {
    json!({"coding": [{"system": system, "code": code, "display": display}], "text": display})
}

/// The code of our own tasks and messages: no display, the words are the screen's.
fn plain_code(code: &str) -> Value {
    json!({"coding": [{"system": "https://postazione.example/task", "code": code}]})
}

fn to(kind: &str, id: &str, display: &str) -> Value {
    json!({"reference": format!("{kind}/{id}"), "display": display})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_italy() {
        let moment = Moment::of("2026-11-21T23:30:00Z".parse().expect("a time"));
        assert_eq!(moment.today().to_string(), "2026-11-22", "past midnight in Italy");
        assert_eq!(moment.days_ago(1, 9, 5), "2026-11-21T09:05:00+01:00");
        assert_eq!(moment.ago(60), "2026-11-21T23:30:00+01:00");
    }
}
