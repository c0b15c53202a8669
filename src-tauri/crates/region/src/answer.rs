//! What an HTTP answer means: success, one of the errors, or something that is not the region at all.
//!
//! A proxy or a captive portal answers in HTML, also with 403 or 404: such an answer must never put a request into
//! quarantine. Sources: RFC 9110 (status, Retry-After), RFC 9457 (problem details), FHIR R4 OperationOutcome.

use std::time::Duration;

use reqwest::header::{self, HeaderMap};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fhir::value::text;
use crate::{Problem, RegionError, Sent};

/// Longest wait that a `Retry-After` may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// An answer, read whole.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    /// `WWW-Authenticate: Bearer`: the region's own 401, whatever its body.
    pub(crate) challenged: bool,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(status: u16, headers: &HeaderMap, body: Vec<u8>) -> Self {
        let get = |name| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        Self {
            status,
            content_type: get(header::CONTENT_TYPE).map(|t| {
                t.split(';')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_ascii_lowercase()
            }),
            etag: get(header::ETAG),
            location: get(header::LOCATION).or_else(|| get(header::CONTENT_LOCATION)),
            retry_after: get(header::RETRY_AFTER).and_then(|v| wait(&v, jiff::Timestamp::now())),
            challenged: get(header::WWW_AUTHENTICATE)
                .is_some_and(|c| c.to_ascii_lowercase().starts_with("bearer")),
            body,
        }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.content_type
            .as_deref()
            .is_some_and(|t| t == "application/json" || t.ends_with("+json"))
    }

    /// The body as JSON; a proxy's page is told apart from a cut answer.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, RegionError> {
        if !self.is_json() {
            return Err(RegionError::NotTheRegion);
        }
        serde_json::from_slice(&self.body).map_err(|_| RegionError::Garbled)
    }

    /// The body as JSON, with its version.
    pub(crate) fn version(&self) -> Option<String> {
        self.etag
            .as_deref()
            .map(|e| e.trim_start_matches("W/").trim_matches('"').to_owned())
            .or_else(|| {
                self.location
                    .as_deref()
                    .and_then(|l| l.split("/_history/").nth(1))
                    .map(str::to_owned)
            })
    }

    /// As the receipt of a frozen request. A success without JSON is believed only when it is empty.
    pub(crate) fn sent(self, found: bool) -> Result<Sent, RegionError> {
        let value: Value = if self.body.is_empty() {
            Value::Null
        } else {
            self.json()?
        };
        let id = text(&value, "/id").map(str::to_owned).or_else(|| {
            let path = self.location.as_deref()?.split("/_history/").next()?;
            path.rsplit('/').next().map(str::to_owned)
        });
        let version = self
            .version()
            .or_else(|| text(&value, "/meta/versionId").map(str::to_owned));
        let workflow = text(&value, "/workflowInstanceId").map(str::to_owned);
        Ok(Sent {
            status: self.status,
            id,
            version,
            workflow,
            found,
            body: self.body,
        })
    }
}

/// Success passes; everything else becomes an error.
pub(crate) fn meaning(answer: Answer) -> Result<Answer, RegionError> {
    let status = answer.status;
    let foreign = !answer.body.is_empty() && !answer.is_json();
    match status {
        200..=299 => Ok(answer),
        // RFC 6585: a captive portal says so itself.
        511 => Err(RegionError::NotTheRegion),
        408 | 425 | 500..=599 => Err(RegionError::Unavailable {
            status,
            retry_after: answer.retry_after,
        }),
        429 => Err(RegionError::TooMany {
            retry_after: answer.retry_after,
        }),
        300..=399 | 407 => Err(RegionError::NotTheRegion),
        401 if answer.challenged => Err(RegionError::Unauthorised),
        _ if foreign => Err(RegionError::NotTheRegion),
        401 => Err(RegionError::Unauthorised),
        403 => Err(RegionError::Forbidden(problem(&answer))),
        404 | 410 => Err(RegionError::NotFound),
        409 => Err(RegionError::Duplicate(problem(&answer))),
        412 => Err(RegionError::Conflict),
        400..=499 => Err(RegionError::Refused(
            problem(&answer).unwrap_or_else(|| Box::new(Problem::bare(status))),
        )),
        _ => Err(RegionError::NotTheRegion),
    }
}

fn problem(answer: &Answer) -> Option<Box<Problem>> {
    let value: Value = serde_json::from_slice(&answer.body).ok()?;
    let mut problem = if text(&value, "/resourceType") == Some("OperationOutcome") {
        let issue = value.pointer("/issue/0")?;
        Problem {
            kind: text(issue, "/code").unwrap_or_default().to_owned(),
            title: text(issue, "/details/text").unwrap_or_default().to_owned(),
            detail: text(issue, "/diagnostics").map(Into::into),
            ..Problem::bare(answer.status)
        }
    } else {
        Problem {
            kind: text(&value, "/type").unwrap_or_default().to_owned(),
            title: text(&value, "/title").unwrap_or_default().to_owned(),
            detail: text(&value, "/detail").map(Into::into),
            instance: text(&value, "/instance").map(str::to_owned),
            trace: text(&value, "/traceID")
                .or_else(|| text(&value, "/traceId"))
                .map(str::to_owned),
            ..Problem::bare(answer.status)
        }
    };
    // The gateway writes the status as text in places, and a proxy may rewrite it: the HTTP status counts.
    problem.status = answer.status;
    Some(Box::new(problem))
}

/// `Retry-After` in seconds or as a date, capped.
fn wait(value: &str, now: jiff::Timestamp) -> Option<Duration> {
    let asked = match value.trim().parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = jiff::fmt::rfc2822::parse(value.trim()).ok()?.timestamp();
            at.duration_since(now).try_into().unwrap_or(Duration::ZERO)
        }
    };
    Some(asked.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, content_type: &str, body: &str) -> Answer {
        Answer {
            status,
            content_type: (!content_type.is_empty()).then(|| content_type.to_owned()),
            etag: None,
            location: None,
            retry_after: None,
            challenged: false,
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_portal_page_is_never_a_refusal() {
        for status in [200, 302, 401, 403, 404, 409, 422, 511] {
            let page = answer(status, "text/html", "<html>Accetti le condizioni</html>");
            let result = meaning(page).and_then(|a| a.json::<Value>());
            assert_eq!(result, Err(RegionError::NotTheRegion), "status {status}");
        }
    }

    #[test]
    fn cut_json_is_garbled_and_not_a_success() {
        let cut = meaning(answer(201, "application/fhir+json", "{\"resourceType\":\"Ta")).unwrap();
        assert_eq!(cut.sent(false).unwrap_err(), RegionError::Garbled);
    }

    #[test]
    fn the_gateway_s_problem_is_read_and_its_detail_never_printed() {
        let body = r#"{"type":"/msg/jwt-validation","title":"Campo token JWT non valido.","detail":"ROSSI MARIO",
            "status":"403","instance":"/jwt-person-id","traceID":"t1"}"#;
        match meaning(answer(403, "application/problem+json", body)).map(|_| ()) {
            Err(error @ RegionError::Forbidden(Some(_))) => {
                assert!(
                    !format!("{error} {error:?}").contains("ROSSI"),
                    "a name reached a log"
                );
                let RegionError::Forbidden(Some(problem)) = error else {
                    return;
                };
                assert_eq!(problem.kind, "/msg/jwt-validation");
                assert_eq!(problem.instance.as_deref(), Some("/jwt-person-id"));
                assert_eq!(problem.status, 403);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_capped() {
        let now: jiff::Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        assert_eq!(wait("7", now), Some(Duration::from_secs(7)));
        assert_eq!(
            wait("Fri, 20 Nov 2026 10:00:30 GMT", now),
            Some(Duration::from_secs(30))
        );
        assert_eq!(wait("Fri, 20 Nov 2026 09:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(wait("99999999", now), Some(LONGEST_WAIT));
        assert_eq!(wait("presto", now), None);
    }
}
