//! People: the own list of a family doctor or paediatrician, who speaks for whom, and the colleagues.
//!
//! Lists are read by the change feed. A specialist and a COT see people through visits and cases; of those, relatives are
//! asked for once a day. Not in it: patients that come with the agenda (`agenda`).

use std::collections::BTreeSet;

use cache::replica::{CaseFilter, CaseTable};
use cache::{AuditAction, StoreError};
use clinical::{PatientId, Role};
use jiff::{SignedDuration, Timestamp};
use region::fhir::Cursor;
use region::fhir::people::{patient, related_person};
use region::fhir::value::text;
use region::{RegionError, ResourceType};
use serde_json::Value;

use crate::colleague::Colleague;
use crate::core::Core;
use crate::desk::Desk;
use crate::views;

use super::weights;

/// The feed whose moment says of when the own list is.
pub(crate) const FEED: &str = "people";
const COLLEAGUES: &str = "colleagues";
const RELATED: &str = "related";
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Fetches what changed; true when something did.
pub(crate) async fn people(core: &Core, desk: &Desk) -> Result<bool, RegionError> {
    let mut changed = colleagues(core, desk).await?;
    match desk.role() {
        Role::GeneralPractitioner | Role::Paediatrician => {
            changed |= own_list(core, desk).await?;
            changed |= relatives(core, desk).await?;
            changed |= weights::changed(core, desk).await?;
        }
        Role::Specialist => {
            let today = desk
                .replica()
                .agenda(views::today(Timestamp::now()))
                .unwrap_or_default();
            for row in today {
                changed |= related(core, desk, &row.patient).await?;
            }
        }
        Role::CotOperator => {}
    }
    let stamp = Timestamp::now();
    keep(desk, move |batch| batch.set_cursor(FEED, &stamp.to_string()));
    Ok(changed)
}

/// Fetches the patients of cases that are not here yet, with who speaks for them. What the region does not show is left out.
pub(super) async fn missing(core: &Core, desk: &Desk, ids: &[PatientId]) -> Result<(), RegionError> {
    for id in ids {
        if desk.replica().patient(id).ok().flatten().is_some() {
            continue;
        }
        match core.inner.region.fhir().patient(id).await {
            Ok(patient) => keep(desk, move |batch| batch.put_patient(&patient)),
            Err(RegionError::NotFound | RegionError::Forbidden(_) | RegionError::Garbled) => continue,
            Err(error) => return Err(error),
        }
        related(core, desk, id).await?;
    }
    Ok(())
}

/// Who speaks for a patient or helps, asked for once a day; true when it changed.
pub(crate) async fn related(core: &Core, desk: &Desk, id: &PatientId) -> Result<bool, RegionError> {
    let feed = format!("{RELATED}/{id}");
    if is_fresh(desk, &feed, DAY) {
        return Ok(false);
    }
    if desk.role() != Role::CotOperator {
        weights::of(core, desk, id).await?;
    }
    related_now(core, desk, id).await
}

/// Who speaks for a patient or helps, as the region says now; true when it changed.
async fn related_now(core: &Core, desk: &Desk, id: &PatientId) -> Result<bool, RegionError> {
    let feed = format!("{RELATED}/{id}");
    let found = match core.inner.region.fhir().related_to(id).await {
        Ok(found) => found,
        Err(RegionError::NotFound | RegionError::Forbidden(_)) => Vec::new(),
        Err(error) => return Err(error),
    };
    let rows: Vec<(String, Value)> = found
        .iter()
        .filter_map(|person| Some((person.id.clone(), serde_json::to_value(person).ok()?)))
        .collect();
    let before = desk.replica().related_to(id).unwrap_or_default();
    let changed = before.len() != rows.len() || rows.iter().any(|(_, row)| !before.contains(row));
    let (id, stamp) = (id.clone(), Timestamp::now());
    keep(desk, move |batch| {
        batch.forget_related(&id)?;
        for (person, row) in &rows {
            batch.put_related(&id, person, row)?;
        }
        batch.set_cursor(&feed, &stamp.to_string())
    });
    Ok(changed)
}

async fn own_list(core: &Core, desk: &Desk) -> Result<bool, RegionError> {
    let role = desk.role_reference();
    let feed = format!("patients/{role}");
    let only = [("general-practitioner", role.as_str())];
    let changed = feed_of(core, desk, &feed, ResourceType::Patient, &only).await?;
    let mut any = !changed.resources.is_empty();
    let cursor = changed.cursor();
    let patients: Vec<_> = changed.resources.iter().filter_map(patient).collect();
    let whole = changed.whole.then(|| {
        let ids = changed.resources.iter().filter_map(|r| text(r, "/id"));
        ids.map(str::to_owned).collect::<BTreeSet<String>>()
    });
    keep(desk, move |batch| {
        for patient in &patients {
            batch.put_patient(patient)?;
        }
        batch.set_cursor(&feed, &cursor)
    });
    let listed = match whole {
        Some(ids) => Some(ids),
        None => left_the_list(core, desk, &only).await?,
    };
    if let Some(listed) = listed {
        any |= close_access(desk, &listed);
    }
    Ok(any)
}

/// Who is on the own list, when this PC has another number of people than the region. A feed does not tell of those who left
/// a list: their count does, in one small answer.
async fn left_the_list(
    core: &Core,
    desk: &Desk,
    only: &[(&str, &str)],
) -> Result<Option<BTreeSet<String>>, RegionError> {
    let fhir = core.inner.region.fhir();
    let mut query = only.to_vec();
    query.push(("_summary", "count"));
    let counted = fhir.search(ResourceType::Patient, &query).await?;
    let here = desk.replica().patients(0).map(|(_, n)| n).unwrap_or_default();
    if counted.total.is_none_or(|total| total == here) {
        return Ok(None);
    }
    let mut query = only.to_vec();
    query.extend([("_elements", "id"), ("_count", "500")]);
    let listed = fhir.search_all(ResourceType::Patient, &query).await?;
    let ids = listed.matches.iter().filter_map(|r| text(r, "/id"));
    Ok(Some(ids.map(str::to_owned).collect()))
}

/// People who left the own list leave this PC, with what was copied about them; what is unsent stays in the outbox, and the
/// people of cases that this person still works on stay with their cases. True when somebody left.
fn close_access(desk: &Desk, listed: &BTreeSet<String>) -> bool {
    let replica = desk.replica();
    let gone: Vec<PatientId> = replica
        .patient_ids()
        .unwrap_or_default()
        .into_iter()
        .filter(|id| !listed.contains(id.as_str()))
        .filter(|id| {
            let cases = replica.cases(CaseTable::Teleconsult, CaseFilter::Of(id), 1);
            cases.is_ok_and(|cases| cases.is_empty())
        })
        .collect();
    if gone.is_empty() {
        return false;
    }
    let how_many = gone.len();
    keep(desk, move |batch| {
        gone.iter().try_for_each(|id| batch.remove_patient(id))
    });
    if let Err(failure) = desk.accessed(AuditAction::CachePurged, &format!("left-the-list={how_many}")) {
        tracing::warn!(code = failure.detail, "closing of access not recorded");
    }
    true
}

async fn relatives(core: &Core, desk: &Desk) -> Result<bool, RegionError> {
    let changed = feed_of(core, desk, RELATED, ResourceType::RelatedPerson, &[]).await?;
    let mut any = !changed.resources.is_empty();
    let cursor = changed.cursor();
    // Read anew, the feed tells of who is here and is not in it: each of their patients is asked for.
    if changed.whole {
        let there: BTreeSet<&str> = changed.resources.iter().filter_map(|r| text(r, "/id")).collect();
        for patient in desk.replica().patient_ids().unwrap_or_default() {
            let here = desk.replica().related_to(&patient).unwrap_or_default();
            let mut ids = here.iter().filter_map(|person| text(person, "/id"));
            if ids.any(|id| !there.contains(id)) {
                any |= related_now(core, desk, &patient).await?;
            }
        }
    }
    let rows: Vec<(PatientId, String, Value)> = changed
        .resources
        .iter()
        .filter_map(related_person)
        .filter_map(|person| {
            Some((
                person.patient.clone(),
                person.id.clone(),
                serde_json::to_value(&person).ok()?,
            ))
        })
        .collect();
    keep(desk, move |batch| {
        for (patient, id, row) in &rows {
            batch.put_related(patient, id, row)?;
        }
        batch.set_cursor(RELATED, &cursor)
    });
    Ok(any)
}

async fn colleagues(core: &Core, desk: &Desk) -> Result<bool, RegionError> {
    let mine = desk.assignment();
    let feed = format!("{COLLEAGUES}/{}", mine.id);
    if is_fresh(desk, &feed, HOUR) {
        return Ok(false);
    }
    let structure = format!("Organization/{}", mine.structure.id);
    // The COT hands over among itself; everybody else asks specialists or is asked by name.
    let only = match mine.role {
        Role::CotOperator => ("organization", structure.as_str()),
        _ => ("role", "specialist"),
    };
    let staff = core.inner.region.fhir().staff(&[only]).await?;
    let rows: Vec<(String, Value)> = staff
        .iter()
        .map(Colleague::from)
        .filter_map(|colleague| Some((colleague.id.clone(), serde_json::to_value(&colleague).ok()?)))
        .collect();
    let stamp = Timestamp::now();
    keep(desk, move |batch| {
        batch.put_colleagues(&rows)?;
        batch.set_cursor(&feed, &stamp.to_string())
    });
    Ok(true)
}

/// What a feed brought since it was last read.
pub(super) struct Fed {
    pub(super) resources: Vec<Value>,
    cursor: Cursor,
    /// It was read from its very beginning: what is not in it is not at the region.
    pub(super) whole: bool,
    /// It had been read before and the region no longer has what was read last.
    pub(super) anew: bool,
}

impl Fed {
    /// The cursor as it is kept, in the same transaction as the rows.
    pub(super) fn cursor(&self) -> String {
        serde_json::to_string(&self.cursor).unwrap_or_default()
    }
}

/// Reads a feed to its end.
///
/// From the cursor on; from the beginning when there is none, when the region refuses the cursor, or when the region no longer
/// has what stood at the cursor: it was restored from a copy, or something was deleted or left the search.
pub(super) async fn feed_of(
    core: &Core,
    desk: &Desk,
    feed: &str,
    kind: ResourceType,
    only: &[(&str, &str)],
) -> Result<Fed, RegionError> {
    let kept = desk.replica().cursor(feed).ok().flatten();
    // A cursor that cannot be read starts the feed anew: rows come twice, none is lost.
    let cursor: Option<Cursor> = kept.and_then(|kept| serde_json::from_str(&kept.cursor).ok());
    let mut anew = false;
    if let Some(cursor) = cursor.filter(|cursor| *cursor != Cursor::default()) {
        anew = true;
        match read_from(core, kind, only, cursor).await {
            Ok(Some(fed)) => return Ok(fed),
            Ok(None) => tracing::warn!(feed, "the region no longer has what was read last: read anew"),
            Err(RegionError::Refused(_) | RegionError::NotFound) => {
                tracing::warn!(feed, "the region refused the cursor: read anew");
            }
            Err(error) => return Err(error),
        }
    }
    let fed = read_from(core, kind, only, Cursor::default()).await?;
    let fed = fed.unwrap_or(Fed {
        resources: Vec::new(),
        cursor: Cursor::default(),
        whole: true,
        anew,
    });
    Ok(Fed { anew, ..fed })
}

/// Reads on from a cursor; none when what stood at it is gone.
async fn read_from(
    core: &Core,
    kind: ResourceType,
    only: &[(&str, &str)],
    from: Cursor,
) -> Result<Option<Fed>, RegionError> {
    let whole = from == Cursor::default();
    let mut missing: BTreeSet<String> = from
        .seen
        .iter()
        .filter_map(|seen| seen.rsplit_once('/').map(|(id, _)| id.to_owned()))
        .collect();
    let (mut cursor, mut resources) = (from, Vec::new());
    loop {
        let page = core
            .inner
            .region
            .fhir()
            .changes_where(kind, &cursor, only)
            .await?;
        for id in &page.present {
            missing.remove(id);
        }
        let stuck = page.cursor == cursor;
        cursor = page.cursor;
        resources.extend(page.changes.into_iter().map(|change| change.resource));
        if !page.more || stuck {
            return Ok(missing.is_empty().then_some(Fed {
                resources,
                cursor,
                whole,
                anew: false,
            }));
        }
    }
}

/// Whether a feed was read within a time.
pub(super) fn is_fresh(desk: &Desk, feed: &str, within: SignedDuration) -> bool {
    let read = desk.replica().cursor(feed).ok().flatten().map(|kept| kept.at);
    // A clock that was set back makes it stale, not fresh for ever.
    read.is_some_and(|at| (SignedDuration::ZERO..within).contains(&Timestamp::now().duration_since(at)))
}

/// Writes to the copy. What is not written is fetched again.
pub(super) fn keep(
    desk: &Desk,
    work: impl FnOnce(&mut cache::Batch<'_>) -> Result<(), StoreError> + Send + 'static,
) {
    if desk.replica().apply(Timestamp::now(), work).is_err() {
        tracing::warn!("what the region sent was not stored");
    }
}
