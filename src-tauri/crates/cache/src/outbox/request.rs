//! A request frozen to the byte, and the form in which it is kept.
//!
//! The body is kept as it is, beside a head of JSON: a body of JSON inside JSON would be a third longer on the disk. Requests
//! queued by the first version are one piece of JSON with the body in base64, and are read as well.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::StoreError;

/// A request exactly as it will be sent, and sent again: a repeat is the same bytes.
///
/// Credentials are never part of it: the sender adds the token of the moment.
#[derive(Clone, PartialEq, Eq)]
pub struct FrozenRequest {
    /// HTTP method.
    pub method: String,
    /// Path and query below the region's base address.
    pub path: String,
    /// Headers, in order, without `Authorization`.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// How the region is searched for an earlier attempt, in the words of whoever sends.
    pub confirm: Option<String>,
}

/// Written by earlier versions and read by later ones: a change here loses what people had queued.
#[derive(Serialize)]
struct Head<'a> {
    method: &'a str,
    path: &'a str,
    headers: &'a [(String, String)],
    #[serde(skip_serializing_if = "Option::is_none")]
    confirm: Option<&'a str>,
}

#[derive(Deserialize)]
struct Stored {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    /// Of the first version: base64.
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    confirm: Option<String>,
}

impl FrozenRequest {
    /// SHA-256 of the body, in hexadecimal.
    pub fn body_hash(&self) -> String {
        hex::encode(Sha256::digest(&self.body))
    }

    /// Everything but the body, as it is kept.
    pub(super) fn head(&self) -> Result<Vec<u8>, StoreError> {
        serde_json::to_vec(&Head {
            method: &self.method,
            path: &self.path,
            headers: &self.headers,
            confirm: self.confirm.as_deref(),
        })
        .map_err(|_| StoreError::Unreadable("request"))
    }
}

/// A request from what is kept of it.
pub(super) fn stored(head: &[u8], body: Option<Vec<u8>>) -> Result<FrozenRequest, StoreError> {
    let unreadable = || StoreError::Unreadable("request");
    let head: Stored = serde_json::from_slice(head).map_err(|_| unreadable())?;
    let body = match (body, head.body) {
        (Some(body), _) => body,
        (None, Some(text)) => STANDARD.decode(text).map_err(|_| unreadable())?,
        (None, None) => return Err(unreadable()),
    };
    Ok(FrozenRequest {
        method: head.method,
        path: head.path,
        headers: head.headers,
        body,
        confirm: head.confirm,
    })
}

impl fmt::Debug for FrozenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FrozenRequest({} {} bytes)", self.method, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(confirm: Option<&str>) -> FrozenRequest {
        FrozenRequest {
            method: "POST".into(),
            path: "/fhir/Communication".into(),
            headers: vec![("Content-Type".into(), "application/fhir+json".into())],
            body: b"ciao".to_vec(),
            confirm: confirm.map(str::to_owned),
        }
    }

    #[test]
    fn the_stored_request_keeps_its_form() {
        let head = r#"{"method":"POST","path":"/fhir/Communication","headers":[["Content-Type","application/fhir+json"]]}"#;
        assert_eq!(request(None).head().unwrap(), head.as_bytes());
        assert_eq!(
            stored(head.as_bytes(), Some(b"ciao".to_vec())).unwrap(),
            request(None)
        );
        let searched = head.replace("]]}", r#"]],"confirm":"search"}"#);
        assert_eq!(request(Some("search")).head().unwrap(), searched.as_bytes());
        assert_eq!(
            stored(searched.as_bytes(), Some(b"ciao".to_vec())).unwrap(),
            request(Some("search"))
        );
        assert!(matches!(
            stored(head.as_bytes(), None),
            Err(StoreError::Unreadable("request"))
        ));
    }

    #[test]
    fn what_the_first_version_queued_is_read() {
        let old = r#"{"method":"POST","path":"/fhir/Communication","headers":[["Content-Type","application/fhir+json"]],"body":"Y2lhbw=="}"#;
        assert_eq!(stored(old.as_bytes(), None).unwrap(), request(None));
        let longer = old.replace("\"}", "\",\"confirm\":\"search\"}");
        assert_eq!(stored(longer.as_bytes(), None).unwrap(), request(Some("search")));
    }
}
