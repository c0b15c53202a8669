//! The body weight of a patient: Observation of LOINC 29463-7 (HL7 FHIR R4, vital signs profile *bodyweight*).
//!
//! The latest one is shown with its day, as it was measured elsewhere. Not in it: percentiles, doses, or any other figure made of it.

use clinical::PatientId;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::value::{items, reference_id, text};
use super::{Fhir, ResourceType};
use crate::RegionError;

/// The search that finds weights.
pub const WEIGHT: (&str, &str) = ("code", "http://loinc.org|29463-7");

/// A measured weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weight {
    /// FHIR id.
    pub id: String,
    /// Of whom.
    pub patient: PatientId,
    /// Kilograms.
    pub kg: f64,
    /// The day of the measurement.
    pub on: Date,
    /// Its order among others.
    pub at: Timestamp,
    /// It counts: final, amended or corrected. Another one was entered in error or is not finished.
    pub counts: bool,
}

/// The weight that an Observation says; none for another measurement, another unit, or no day.
pub fn weight(resource: &Value) -> Option<Weight> {
    let coded = items(resource, "/code/coding")
        .any(|c| text(c, "/system") == Some("http://loinc.org") && text(c, "/code") == Some("29463-7"));
    if !coded {
        return None;
    }
    let value = resource.pointer("/valueQuantity/value")?.as_f64()?;
    let unit = text(resource, "/valueQuantity/code").or_else(|| text(resource, "/valueQuantity/unit"))?;
    let kg = match unit {
        "kg" => value,
        "g" => value / 1000.0,
        _ => return None,
    };
    let said = text(resource, "/effectiveDateTime")?;
    // FHIR allows a day alone, and an instant with its offset: the day is that of the place where it was measured.
    let on: Date = said.get(..10)?.parse().ok()?;
    let at = said
        .parse()
        .ok()
        .or_else(|| on.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp()))?;
    Some(Weight {
        id: text(resource, "/id")?.to_owned(),
        patient: reference_id(resource.get("subject")?, "Patient")?.into(),
        kg: (kg.is_finite() && kg > 0.0).then_some(kg)?,
        on,
        at,
        counts: matches!(text(resource, "/status"), Some("final" | "amended" | "corrected")),
    })
}

impl Fhir {
    /// The weights of a patient, in no order.
    pub async fn weights_of(&self, patient: &PatientId) -> Result<Vec<Weight>, RegionError> {
        let reference = format!("Patient/{patient}");
        let query = [("patient", reference.as_str()), WEIGHT];
        let page = self.search_all(ResourceType::Observation, &query).await?;
        Ok(page.matches.iter().filter_map(weight).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn measured(value: f64, unit: &str, when: &str) -> Value {
        json!({"resourceType": "Observation", "id": "w", "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
            "subject": {"reference": "Patient/p"}, "effectiveDateTime": when,
            "valueQuantity": {"value": value, "code": unit}})
    }

    #[test]
    fn a_weight_is_read_in_kilograms_with_the_day_of_its_place() {
        let read = weight(&measured(9860.0, "g", "2026-11-02T00:30:00+01:00")).unwrap();
        assert_eq!((read.kg, read.on.to_string().as_str()), (9.86, "2026-11-02"));
        assert!(weight(&measured(9.8, "kg", "2026-11-02")).is_some());
        assert_eq!(
            weight(&measured(21.0, "[lb_av]", "2026-11-02")),
            None,
            "a pound is not a kilogram"
        );
        let mut height = measured(80.0, "cm", "2026-11-02");
        height["code"]["coding"][0]["code"] = json!("8302-2");
        assert_eq!(weight(&height), None);
        let mut wrong = measured(98.0, "kg", "2026-11-02");
        wrong["status"] = json!("entered-in-error");
        assert!(!weight(&wrong).unwrap().counts);
    }
}
