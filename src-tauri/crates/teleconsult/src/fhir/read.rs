//! Reading FHIR JSON without trusting it: everything is optional, nothing panics.

use clinical::Sensitive;
use jiff::Timestamp;
use serde_json::Value;

use super::OWN_IDENTIFIER;

/// The text at a JSON pointer.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .filter(|s| !s.is_empty())
}

/// The items of an array at a JSON pointer.
pub(crate) fn items<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The id in `Kind/id`, also in a full address.
pub(crate) fn reference<'a>(value: &'a Value, pointer: &str, kind: &str) -> Option<&'a str> {
    let (before, id) = text(value, pointer)?
        .split("/_history/")
        .next()?
        .rsplit_once('/')?;
    (before == kind || before.ends_with(&format!("/{kind}"))).then_some(id)
}

/// The UUID made on a PC that a resource carries.
pub fn own_uuid(resource: &Value) -> Option<&str> {
    items(resource, "/identifier")
        .find(|i| text(i, "/system") == Some(OWN_IDENTIFIER))
        .and_then(|i| text(i, "/value"))
        .and_then(|v| v.strip_prefix("urn:uuid:"))
}

/// The extension with an address.
pub(crate) fn extension<'a>(resource: &'a Value, url: &str) -> Option<&'a Value> {
    items(resource, "/extension").find(|e| text(e, "/url") == Some(url))
}

/// The coding of a system among the codings of a concept.
pub(crate) fn coding<'a>(concept: &'a Value, system: &str) -> Option<&'a Value> {
    items(concept, "/coding").find(|c| text(c, "/system") == Some(system))
}

/// An instant with offset.
pub(crate) fn instant(value: &Value, pointer: &str) -> Option<Timestamp> {
    text(value, pointer)?.parse().ok()
}

/// A wrapped text.
pub(crate) fn sensitive(value: &Value, pointer: &str) -> Option<Sensitive<String>> {
    text(value, pointer).map(Into::into)
}
