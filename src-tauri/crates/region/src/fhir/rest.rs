//! The generic interactions: read, search with paging, create, update, transaction, history, binary.
//!
//! Source: FHIR R4 http.html. Not in it: what a resource means.

use base64::Engine as _;
use serde_json::Value;

use super::value::{items, text};
use super::{Fhir, ResourceType};
use crate::client::{Ask, DOCUMENT_LIMIT};
use crate::{Confirm, FrozenRequest, Method, RegionError};

/// Pages followed in one search before it is called garbled: a server that loops must not hold the program.
const PAGES: usize = 500;

/// A resource with its version.
#[derive(Clone, PartialEq)]
pub struct Versioned {
    /// The resource.
    pub resource: Value,
    /// For `If-Match`, without `W/` and quotes.
    pub version: Option<String>,
}

impl std::fmt::Debug for Versioned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Versioned({:?})", self.version)
    }
}

/// One page, or all pages, of a search.
#[derive(Clone, Default, PartialEq)]
pub struct Page {
    /// What was searched for.
    pub matches: Vec<Value>,
    /// What came along (`_include`).
    pub included: Vec<Value>,
    /// The next page.
    pub next: Option<String>,
    /// How many match in all, where the region says.
    pub total: Option<u32>,
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Page({} + {})", self.matches.len(), self.included.len())
    }
}

impl Fhir {
    /// Reads one resource.
    pub async fn read(&self, kind: ResourceType, id: &str) -> Result<Versioned, RegionError> {
        let url = self
            .region
            .url(&format!("fhir/{}/{}", kind.as_str(), plain(id)?))?;
        let answer = self.region.ask(Ask::get(url)).await?;
        let resource: Value = answer.json()?;
        if text(&resource, "/resourceType") != Some(kind.as_str()) {
            return Err(RegionError::Garbled);
        }
        let version = answer
            .version()
            .or_else(|| text(&resource, "/meta/versionId").map(str::to_owned));
        Ok(Versioned { resource, version })
    }

    /// The first page of a search.
    pub async fn search(&self, kind: ResourceType, query: &[(&str, &str)]) -> Result<Page, RegionError> {
        let mut url = self.region.url(&format!("fhir/{}", kind.as_str()))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        page(&self.region.ask(Ask::get(url)).await?.json()?, kind)
    }

    /// The page after `next`.
    pub async fn next_page(&self, kind: ResourceType, next: &str) -> Result<Page, RegionError> {
        let url = self
            .region
            .base()
            .join("fhir/")
            .and_then(|b| b.join(next))
            .map_err(|_| RegionError::Garbled)?;
        page(
            &self
                .region
                .ask(Ask::get(self.region.below_base(url)?))
                .await?
                .json()?,
            kind,
        )
    }

    /// All pages of a search.
    pub async fn search_all(&self, kind: ResourceType, query: &[(&str, &str)]) -> Result<Page, RegionError> {
        let mut all = self.search(kind, query).await?;
        for _ in 0..PAGES {
            let Some(next) = all.next.take() else {
                return Ok(all);
            };
            let more = self.next_page(kind, &next).await?;
            all.matches.extend(more.matches);
            all.included.extend(more.included);
            all.next = more.next;
        }
        Err(RegionError::Garbled)
    }

    /// Creates a resource that carries an identifier of its own; one that is there already is returned instead.
    pub async fn create(&self, resource: &Value) -> Result<Versioned, RegionError> {
        let frozen = FrozenRequest::create(resource)?;
        versioned(self.region.transmit(&frozen).await?)
    }

    /// Updates a resource of a known version; [`RegionError::Conflict`] when somebody else was faster.
    pub async fn update(&self, resource: &Value, version: &str) -> Result<Versioned, RegionError> {
        let frozen = FrozenRequest::update(resource, version)?;
        versioned(self.region.transmit(&frozen).await?)
    }

    /// Sends a transaction.
    pub async fn transaction(&self, bundle: &Value) -> Result<Value, RegionError> {
        let frozen = FrozenRequest::transaction(bundle, None)?;
        let sent = self.region.transmit(&frozen).await?;
        serde_json::from_slice(&sent.body).map_err(|_| RegionError::Garbled)
    }

    /// All versions of a resource, newest first.
    pub async fn history(&self, kind: ResourceType, id: &str) -> Result<Vec<Value>, RegionError> {
        let bundle: Value = self
            .region
            .get_json(&format!("fhir/{}/{}/_history", kind.as_str(), plain(id)?))
            .await?;
        Ok(items(&bundle, "/entry")
            .filter_map(|e| e.get("resource"))
            .cloned()
            .collect())
    }

    /// A binary, by `Binary/<id>` or a full address below the region.
    pub async fn binary(&self, url: &str) -> Result<super::Binary, RegionError> {
        let url = self
            .region
            .base()
            .join("fhir/")
            .and_then(|b| b.join(url))
            .map_err(|_| RegionError::Garbled)?;
        let url = self.region.below_base(url)?;
        let answer = self
            .region
            .ask(Ask {
                limit: DOCUMENT_LIMIT,
                headers: vec![("accept", "*/*")],
                ..Ask::get(url)
            })
            .await?;
        // A server may answer with the resource (base64 inside) or with the bytes themselves.
        if answer.content_type.as_deref() == Some("application/fhir+json") {
            let resource: Value = answer.json()?;
            let data = text(&resource, "/data").unwrap_or_default();
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(data)
                .map_err(|_| RegionError::Garbled)?;
            let content_type = text(&resource, "/contentType")
                .unwrap_or("application/octet-stream")
                .to_owned();
            return Ok(super::Binary { content_type, bytes });
        }
        let content_type = answer
            .content_type
            .clone()
            .unwrap_or_else(|| "application/octet-stream".to_owned());
        if content_type == "text/html" {
            return Err(RegionError::NotTheRegion);
        }
        Ok(super::Binary {
            content_type,
            bytes: answer.body,
        })
    }
}

impl FrozenRequest {
    /// A conditional create: the resource must carry an identifier made here.
    pub fn create(resource: &Value) -> Result<Self, RegionError> {
        let kind = text(resource, "/resourceType").ok_or(RegionError::Garbled)?;
        let own = super::value::identifier(resource, super::OWN_IDENTIFIER);
        let mut headers = json_headers();
        if let Some(value) = own {
            headers.push((
                "if-none-exist".to_owned(),
                format!("identifier={}|{value}", super::OWN_IDENTIFIER),
            ));
        }
        Ok(Self {
            method: Method::Post,
            path: format!("fhir/{kind}"),
            headers,
            body: serde_json::to_vec(resource).map_err(|_| RegionError::Garbled)?,
            confirm: own.map(|value| Confirm::Identifier {
                resource: kind.to_owned(),
                system: super::OWN_IDENTIFIER.to_owned(),
                value: value.to_owned(),
            }),
        })
    }

    /// A versioned update. A repeat after a lost reply meets 412; the caller compares before calling it a conflict.
    pub fn update(resource: &Value, version: &str) -> Result<Self, RegionError> {
        let kind = text(resource, "/resourceType").ok_or(RegionError::Garbled)?;
        let id = plain(text(resource, "/id").ok_or(RegionError::Garbled)?)?;
        let mut headers = json_headers();
        headers.push(("if-match".to_owned(), format!("W/\"{}\"", plain(version)?)));
        Ok(Self {
            method: Method::Put,
            path: format!("fhir/{kind}/{id}"),
            headers,
            body: serde_json::to_vec(resource).map_err(|_| RegionError::Garbled)?,
            confirm: None,
        })
    }

    /// Bytes under an id made here, raw (FHIR R4, binary.html): a repeat writes the same bytes again, so nothing needs
    /// to be confirmed. The DocumentReference that names `Binary/<id>` goes after it.
    pub fn binary(id: &str, content_type: &str, bytes: Vec<u8>) -> Result<Self, RegionError> {
        Ok(Self {
            method: Method::Put,
            path: format!("fhir/Binary/{}", plain(id)?),
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: bytes,
            confirm: None,
        })
    }

    /// A transaction; `confirm` names the entry whose presence proves that the whole was carried out.
    pub fn transaction(bundle: &Value, confirm: Option<Confirm>) -> Result<Self, RegionError> {
        Ok(Self {
            method: Method::Post,
            path: "fhir".to_owned(),
            headers: json_headers(),
            body: serde_json::to_vec(bundle).map_err(|_| RegionError::Garbled)?,
            confirm,
        })
    }
}

fn json_headers() -> Vec<(String, String)> {
    vec![("content-type".to_owned(), "application/fhir+json".to_owned())]
}

/// An id as FHIR allows it: nothing that could leave the path.
pub(crate) fn plain(id: &str) -> Result<&str, RegionError> {
    let right = (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
        && id != "."
        && id != "..";
    if right { Ok(id) } else { Err(RegionError::NotFound) }
}

fn versioned(sent: crate::Sent) -> Result<Versioned, RegionError> {
    let resource = serde_json::from_slice(&sent.body).map_err(|_| RegionError::Garbled)?;
    Ok(Versioned {
        resource,
        version: sent.version,
    })
}

fn page(bundle: &Value, kind: ResourceType) -> Result<Page, RegionError> {
    if text(bundle, "/resourceType") != Some("Bundle") {
        return Err(RegionError::Garbled);
    }
    let mut page = Page::default();
    for entry in items(bundle, "/entry") {
        let Some(resource) = entry.get("resource") else {
            continue;
        };
        match text(resource, "/resourceType") {
            Some("OperationOutcome") | None => {}
            Some(t) if t == kind.as_str() && text(entry, "/search/mode") != Some("include") => {
                page.matches.push(resource.clone());
            }
            Some(_) => page.included.push(resource.clone()),
        }
    }
    page.next = items(bundle, "/link")
        .find(|l| text(l, "/relation") == Some("next"))
        .and_then(|l| text(l, "/url"))
        .map(str::to_owned);
    page.total = bundle
        .get("total")
        .and_then(Value::as_u64)
        .and_then(|n| u32::try_from(n).ok());
    Ok(page)
}
