//! Bytes in stored JSON as base64: a list of numbers would be four times as long.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use clinical::Sensitive;
use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

pub(crate) fn serialize<S: Serializer>(bytes: &Sensitive<Vec<u8>>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&STANDARD.encode(bytes.expose()))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Sensitive<Vec<u8>>, D::Error> {
    let text = String::deserialize(from)?;
    // The text itself stays out of the error: it is a picture or a report.
    STANDARD
        .decode(text)
        .map(Sensitive::new)
        .map_err(|_| D::Error::custom("not base64"))
}
