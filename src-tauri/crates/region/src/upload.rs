//! Attachments in pieces: tus 1.0.0 with creation and checksum (`CONTRACT.md`, *Attachments*).
//!
//! Each call is one step of the protocol; whoever calls keeps the place and reads the bytes, so that a file is never whole in
//! memory and an upload goes on after a crash. Not in it: the order of the steps and when to try again (`workflow`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::answer::{Answer, meaning};
use crate::client::of_transport;
use crate::fhir::rest::plain;
use crate::{FrozenRequest, Method, Region, RegionError};

const VERSION: &str = "1.0.0";
/// tus, checksum extension.
const CHECKSUM_MISMATCH: u16 = 460;
/// The path of the uploads below the base address.
const PATH: &str = "uploads";

/// What is to be uploaded: as JSON, the body of the request that the outbox keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadPlan {
    /// Id of the Binary that it becomes, made here.
    pub id: String,
    /// Media type.
    pub media_type: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the whole, lower-case hexadecimal.
    pub sha256: String,
}

impl UploadPlan {
    /// The request that the outbox keeps: the first step of the upload, without a byte of the file.
    pub fn freeze(&self) -> Result<FrozenRequest, RegionError> {
        Ok(FrozenRequest {
            method: Method::Post,
            path: PATH.to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: serde_json::to_vec(self).map_err(|_| RegionError::Garbled)?,
            confirm: None,
        })
    }

    /// The plan in a request that the outbox kept; none in any other request.
    pub fn of(path: &str, body: &[u8]) -> Option<Self> {
        if path != PATH {
            return None;
        }
        serde_json::from_slice(body).ok()
    }
}

/// Where an upload stands at the region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its address below the region's base.
    pub location: String,
    /// Bytes that the region has.
    pub offset: u64,
}

/// Why a step of an upload failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// This region takes no uploads in pieces.
    #[error("the region takes no uploads in pieces")]
    NotOffered,
    /// The region no longer knows the upload: it is begun anew.
    #[error("the upload is not there any more")]
    Gone,
    /// The region stands at another offset: ask, and go on from there.
    #[error("the region stands at another offset")]
    Elsewhere,
    /// The piece, or with the last piece the whole, is not what was announced.
    #[error("the checksum does not fit")]
    Checksum,
    /// Anything else.
    #[error(transparent)]
    Region(#[from] RegionError),
}

/// The uploads of the region.
#[derive(Clone, Debug)]
pub struct Uploads {
    region: Region,
}

impl Region {
    /// The uploads.
    pub fn uploads(&self) -> Uploads {
        Uploads { region: self.clone() }
    }
}

impl Uploads {
    /// Begins an upload, or finds the one that an earlier attempt began.
    pub async fn create(&self, plan: &UploadPlan) -> Result<Standing, UploadError> {
        let pair = |key: &str, value: &str| format!("{key} {}", STANDARD.encode(value));
        let metadata = [
            pair("id", plain(&plan.id)?),
            pair("filetype", &plan.media_type),
            pair("sha256", &plan.sha256),
        ];
        let headers = [
            ("upload-length", plan.size.to_string()),
            ("upload-metadata", metadata.join(",")),
        ];
        let url = self.region.url(PATH)?;
        let answered = self.call(reqwest::Method::POST, url, &headers, None).await;
        let (answer, headers) = match answered {
            Err(RegionError::NotFound) => return Err(UploadError::NotOffered),
            Err(RegionError::Refused(problem)) if problem.status == 405 => {
                return Err(UploadError::NotOffered);
            }
            Err(RegionError::Unavailable { status: 501, .. }) => return Err(UploadError::NotOffered),
            other => other?,
        };
        if !headers.contains_key("tus-resumable") {
            // A page that says yes to everything.
            return Err(RegionError::NotTheRegion.into());
        }
        let location = answer.location.ok_or(RegionError::Garbled)?;
        Ok(Standing {
            location: self.below_base(&location)?,
            offset: offset(&headers).unwrap_or_default(),
        })
    }

    /// Where an upload stands.
    pub async fn standing(&self, location: &str) -> Result<u64, UploadError> {
        let url = self.region.url(location)?;
        let (_, headers) =
            self.call(reqwest::Method::HEAD, url, &[], None)
                .await
                .map_err(|error| match error {
                    RegionError::NotFound => UploadError::Gone,
                    other => other.into(),
                })?;
        Ok(offset(&headers).ok_or(RegionError::NotTheRegion)?)
    }

    /// Sends the piece that begins at `offset`; the region's offset afterwards. After the last piece the region has compared
    /// the whole with the hash of the plan.
    pub async fn append(&self, location: &str, at: u64, piece: Bytes) -> Result<u64, UploadError> {
        let url = self.region.url(location)?;
        let length = piece.len() as u64;
        let checksum = format!("sha256 {}", STANDARD.encode(Sha256::digest(&piece)));
        let headers = [
            ("content-type", "application/offset+octet-stream".to_owned()),
            ("upload-offset", at.to_string()),
            ("upload-checksum", checksum),
        ];
        let (_, headers) = self
            .call(reqwest::Method::PATCH, url, &headers, Some(piece))
            .await
            .map_err(|error| match error {
                RegionError::NotFound => UploadError::Gone,
                RegionError::Duplicate(_) => UploadError::Elsewhere,
                RegionError::Refused(problem) if problem.status == CHECKSUM_MISMATCH => UploadError::Checksum,
                other => other.into(),
            })?;
        match offset(&headers) {
            Some(now) if now == at.saturating_add(length) => Ok(now),
            Some(_) => Err(UploadError::Elsewhere),
            None => Err(RegionError::NotTheRegion.into()),
        }
    }

    /// An address that the region gave, as kept: below its base, so that no token leaves it.
    fn below_base(&self, location: &str) -> Result<String, RegionError> {
        let base = self.region.base();
        let url = base
            .join(&format!("{PATH}/"))
            .and_then(|base| base.join(location))
            .map_err(|_| RegionError::Garbled)?;
        let url = self.region.below_base(url)?;
        url.path()
            .strip_prefix(base.path())
            .map(|path| match url.query() {
                Some(query) => format!("{path}?{query}"),
                None => path.to_owned(),
            })
            .ok_or(RegionError::Garbled)
    }

    /// One exchange, with one renewal of the token on 401.
    async fn call(
        &self,
        method: reqwest::Method,
        url: Url,
        headers: &[(&'static str, String)],
        body: Option<Bytes>,
    ) -> Result<(Answer, HeaderMap), RegionError> {
        let token = self.region.access_token().await?;
        match self.once(&method, &url, headers, body.clone(), &token).await {
            Err(RegionError::Unauthorised) => {
                let token = self.region.renew(&token).await?;
                self.once(&method, &url, headers, body, &token).await
            }
            other => other,
        }
    }

    async fn once(
        &self,
        method: &reqwest::Method,
        url: &Url,
        headers: &[(&'static str, String)],
        body: Option<Bytes>,
        token: &SecretString,
    ) -> Result<(Answer, HeaderMap), RegionError> {
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
            .map_err(|_| RegionError::Unauthorised)?;
        bearer.set_sensitive(true);
        let mut request = self
            .region
            .shared
            .http
            .request(method.clone(), url.clone())
            .header(header::AUTHORIZATION, bearer)
            .header(HeaderName::from_static("tus-resumable"), VERSION);
        for (name, value) in headers {
            let value = HeaderValue::try_from(value).map_err(|_| RegionError::Garbled)?;
            request = request.header(HeaderName::from_static(name), value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.map_err(|e| of_transport(&e))?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.bytes().await.map_err(|_| RegionError::Garbled)?;
        let answer = Answer::new(status, &headers, body.to_vec());
        // HEAD has no body by which a portal's page could be told.
        let page = answer.content_type.as_deref() == Some("text/html");
        if page && *method == reqwest::Method::HEAD {
            return Err(RegionError::NotTheRegion);
        }
        meaning(answer).map(|answer| (answer, headers))
    }
}

fn offset(headers: &HeaderMap) -> Option<u64> {
    headers.get("upload-offset")?.to_str().ok()?.parse().ok()
}
