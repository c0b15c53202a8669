//! A frozen request between the region's client, which makes and sends it, and the outbox, which keeps it.

use contract::{ErrorCode, Failure};
use region::{Confirm, FrozenRequest, Method};

/// As the outbox keeps it.
pub(crate) fn to_outbox(request: FrozenRequest) -> Result<cache::FrozenRequest, Failure> {
    let confirm = match &request.confirm {
        Some(confirm) => Some(
            serde_json::to_string(confirm)
                .map_err(|_| Failure::new(ErrorCode::Internal, "frozen/confirm"))?,
        ),
        None => None,
    };
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
    };
    Ok(cache::FrozenRequest {
        method: method.to_owned(),
        path: request.path,
        headers: request.headers,
        body: request.body,
        confirm,
    })
}

/// As the region's client sends it; none when it was not written by this program.
pub(crate) fn from_outbox(request: &cache::FrozenRequest) -> Option<FrozenRequest> {
    let method = match request.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        _ => return None,
    };
    let confirm = match &request.confirm {
        Some(text) => Some(serde_json::from_str::<Confirm>(text).ok()?),
        None => None,
    };
    Some(FrozenRequest {
        method,
        path: request.path.clone(),
        headers: request.headers.clone(),
        body: request.body.clone(),
        confirm,
    })
}
