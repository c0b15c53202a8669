//! The two parts of an upload: `file` and `requestBody`.

use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use serde_json::Value;

use super::MAX_FILE;
use super::problem::{Fault, Problem};
use crate::Shared;

/// A PDF and what is said of it.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) file: Vec<u8>,
    pub(crate) body: Value,
}

impl FromRequest<Shared> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, region: &Shared) -> Result<Self, Self::Rejection> {
        let mut parts = Multipart::from_request(request, region)
            .await
            .map_err(|_| Problem::missing("file"))?;
        let (mut file, mut body) = (None, None);
        while let Some(part) = parts.next_field().await.map_err(|e| broken(e.status()))? {
            let name = part.name().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.map_err(|e| broken(e.status()))?;
            match name.as_str() {
                "file" => file = Some(bytes.to_vec()),
                "requestBody" => {
                    let read = serde_json::from_slice::<Value>(&bytes)
                        .ok()
                        .filter(Value::is_object);
                    body = Some(read.ok_or_else(|| {
                        Problem::new(Fault::BadFormat, "requestBody non è un oggetto JSON")
                    })?);
                }
                _ => {}
            }
        }
        let body = body.ok_or_else(|| Problem::missing("requestBody"))?;
        let file = file.ok_or_else(|| Problem::missing("file"))?;
        if file.len() > MAX_FILE {
            return Err(broken(StatusCode::PAYLOAD_TOO_LARGE));
        }
        Ok(Self { file, body })
    }
}

fn broken(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(Fault::TooLarge, "Il file supera 20 MB")
    } else {
        Problem::new(Fault::BadFormat, "La richiesta non è multipart/form-data")
    }
}
