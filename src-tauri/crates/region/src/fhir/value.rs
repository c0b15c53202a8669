//! Reading FHIR JSON without trusting it: everything is optional, nothing panics.
//!
//! Not in it: what a resource means.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

/// The text at a JSON pointer.
pub fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .filter(|s| !s.is_empty())
}

/// The items of an array at a JSON pointer; none when it is not one.
pub fn items<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The value of the identifier with a system.
pub fn identifier<'a>(resource: &'a Value, system: &str) -> Option<&'a str> {
    items(resource, "/identifier")
        .find(|i| text(i, "/system") == Some(system))
        .and_then(|i| text(i, "/value"))
}

/// The extension with an address.
pub fn extension<'a>(resource: &'a Value, url: &str) -> Option<&'a Value> {
    items(resource, "/extension").find(|e| text(e, "/url") == Some(url))
}

/// The id in a reference to a type: `Patient/12`, `https://…/Patient/12/_history/3`.
pub fn reference_id<'a>(reference: &'a Value, kind: &str) -> Option<&'a str> {
    id_in(text(reference, "/reference")?, kind)
}

/// The id in the text of a reference.
pub fn id_in<'a>(reference: &'a str, kind: &str) -> Option<&'a str> {
    let path = reference.split("/_history/").next()?;
    let (before, id) = path.rsplit_once('/')?;
    (before == kind || before.ends_with(&format!("/{kind}")))
        .then_some(id)
        .filter(|id| !id.is_empty())
}

/// The code of a system among the codings of a concept.
pub fn code<'a>(concept: &'a Value, system: &str) -> Option<&'a str> {
    items(concept, "/coding")
        .find(|c| text(c, "/system") == Some(system))
        .and_then(|c| text(c, "/code"))
}

/// What a person reads of a concept: its text, else the first display.
pub fn words(concept: &Value) -> Option<&str> {
    text(concept, "/text").or_else(|| items(concept, "/coding").find_map(|c| text(c, "/display")))
}

/// An instant or dateTime with an offset. A date alone is taken as midnight UTC.
pub fn instant(value: &Value, pointer: &str) -> Option<Timestamp> {
    let written = text(value, pointer)?;
    written.parse().ok().or_else(|| {
        let date: Date = written.parse().ok()?;
        date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp())
    })
}

/// `Type/id` of a resource.
pub fn own_reference(resource: &Value) -> Option<String> {
    Some(format!(
        "{}/{}",
        text(resource, "/resourceType")?,
        text(resource, "/id")?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_in_all_their_forms() {
        assert_eq!(id_in("Patient/12", "Patient"), Some("12"));
        assert_eq!(
            id_in("https://r/fhir/Patient/12/_history/3", "Patient"),
            Some("12")
        );
        assert_eq!(id_in("RelatedPatient/12", "Patient"), None);
        assert_eq!(id_in("urn:uuid:12", "Patient"), None);
        assert_eq!(id_in("Patient/", "Patient"), None);
    }
}
