//! Cases: teleconsults and transitions of care, put together from their resources.
//!
//! The change feeds of Task and Communication say which cases moved; each of those is then read whole, so that a case
//! in the copy is never half. What was done on this PC and confirmed before the reading is forgotten with it: from then on
//! the region's word counts. Not in it: the mapping, which belongs to the subjects' crates.

mod teleconsults;
mod transitions;

use std::collections::BTreeSet;

use clinical::Role;
use region::fhir::value::{id_in, items, text};
use region::{RegionError, ResourceType};
use serde_json::Value;

use super::people::{Fed, feed_of};
use crate::core::Core;
use crate::desk::Desk;

/// The feed whose moment says of when the teleconsults are.
pub(crate) const TELECONSULT_FEED: &str = "teleconsult/Task";
/// The feed whose moment says of when the transitions are.
pub(crate) const TRANSITION_FEED: &str = "transition/Task";
const TASK: &str = "https://postazione.example/task";

/// Fetches what changed; true when something did.
pub(crate) async fn cases(core: &Core, desk: &Desk) -> Result<bool, RegionError> {
    match desk.role() {
        Role::CotOperator => transitions::transitions(core, desk).await,
        Role::Specialist | Role::GeneralPractitioner | Role::Paediatrician => {
            teleconsults::teleconsults(core, desk).await
        }
    }
}

/// The changes of the Tasks of a code.
async fn tasks(core: &Core, desk: &Desk, feed: &str, code: &str) -> Result<Fed, RegionError> {
    let code = format!("{TASK}|{code}");
    feed_of(core, desk, feed, ResourceType::Task, &[("code", &code)]).await
}

/// What the messages of a feed are about, of one type.
fn about(messages: &[Value], kind: &str) -> BTreeSet<String> {
    messages
        .iter()
        .flat_map(|message| {
            ["/about", "/basedOn", "/partOf"]
                .into_iter()
                .flat_map(|path| items(message, path))
        })
        .filter_map(|reference| id_in(text(reference, "/reference")?, kind))
        .map(str::to_owned)
        .collect()
}

/// The messages about a resource. Stock servers search `based-on`, which is written beside `about`.
async fn messages(core: &Core, reference: &str) -> Result<Vec<Value>, RegionError> {
    let query = [("based-on", reference), ("_count", "200")];
    shown(
        core.inner
            .region
            .fhir()
            .search_all(ResourceType::Communication, &query)
            .await
            .map(|page| page.matches),
    )
    .map(Option::unwrap_or_default)
}

/// An answer, or nothing where the region does not show it to this person.
fn shown<T>(answer: Result<T, RegionError>) -> Result<Option<T>, RegionError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(RegionError::NotFound | RegionError::Forbidden(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn version(resource: &Value) -> Option<String> {
    text(resource, "/meta/versionId").map(str::to_owned)
}
