//! What tus says in headers: versions, numbers, metadata, checksums.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::{MessageDigest, hash};

use super::refusal::Refusal;
use super::shelf::NewUpload;
use crate::fhir::writing::is_id;

pub(super) const VERSION: &str = "1.0.0";
pub(super) const RESUMABLE: &str = "tus-resumable";
pub(super) const OFFSET: &str = "upload-offset";
pub(super) const LENGTH: &str = "upload-length";
pub(super) const EXPIRES: &str = "upload-expires";
pub(super) const CHECKSUM: &str = "upload-checksum";
/// SHA-1 because tus demands it of every server that has the extension.
pub(super) const ALGORITHMS: &str = "sha1,sha256";
const METADATA: &str = "upload-metadata";
const PIECE: &str = "application/offset+octet-stream";

/// The client speaks this version.
pub(super) fn spoken(headers: &HeaderMap) -> Result<(), Refusal> {
    match headers.get(RESUMABLE) {
        Some(version) if version == VERSION => Ok(()),
        _ => Err(Refusal::Version),
    }
}

/// The body is announced as a piece.
pub(super) fn is_piece(headers: &HeaderMap) -> Result<(), Refusal> {
    match headers.get(header::CONTENT_TYPE) {
        Some(kind) if kind == PIECE => Ok(()),
        _ => Err(Refusal::MediaType),
    }
}

/// A number of bytes.
pub(super) fn number(headers: &HeaderMap, name: &str) -> Result<u64, Refusal> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok())
        .ok_or(Refusal::Malformed("manca un numero di byte"))
}

/// Length and metadata of a creation: `id` (of the Binary), `filetype`, `sha256` (of the whole, in hexadecimal).
pub(super) fn new_upload(headers: &HeaderMap) -> Result<NewUpload, Refusal> {
    let length = number(headers, LENGTH)?;
    let text = headers
        .get(METADATA)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (mut id, mut media_type, mut sha256) = (None, None, None);
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD
            .decode(value.trim())
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or(Refusal::Malformed("Upload-Metadata non si legge"))?;
        match key {
            "id" => id = Some(value).filter(|id| is_id(id)),
            "filetype" => media_type = Some(value).filter(|kind| HeaderValue::from_str(kind).is_ok()),
            "sha256" => sha256 = Some(value).filter(|hash| is_sha256(hash)),
            _ => {}
        }
    }
    Ok(NewUpload {
        length,
        id: id.ok_or(Refusal::Malformed("Upload-Metadata non dice id"))?,
        media_type: media_type.ok_or(Refusal::Malformed("Upload-Metadata non dice filetype"))?,
        sha256: sha256.ok_or(Refusal::Malformed("Upload-Metadata non dice sha256"))?,
    })
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// *Upload-Checksum*: the algorithm, a space, the sum in base64.
pub(super) fn judge(checksum: &HeaderValue, piece: &[u8]) -> Result<(), Refusal> {
    let unreadable = Refusal::Malformed("Upload-Checksum non si legge");
    let (algorithm, sum) = checksum
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or(unreadable)?;
    let digest = match algorithm {
        "sha1" => MessageDigest::sha1(),
        "sha256" => MessageDigest::sha256(),
        _ => {
            return Err(Refusal::Malformed(
                "Upload-Checksum con un algoritmo che non si usa",
            ));
        }
    };
    let sum = STANDARD.decode(sum.trim()).map_err(|_| unreadable)?;
    let found = hash(digest, piece).map_err(|_| Refusal::Disk)?;
    if *found == *sum {
        Ok(())
    } else {
        Err(Refusal::Checksum)
    }
}
