//! People: the own list of a family doctor or paediatrician, who speaks for whom, and the colleagues.
//!
//! Lists are read by the change feed. A specialist and a COT see people through visits and cases; of those, relatives are
//! asked for once a day. Not in it: patients that come with the agenda (`agenda`).

use cache::StoreError;
use clinical::{PatientId, Role};
use jiff::{SignedDuration, Timestamp};
use region::fhir::Cursor;
use region::fhir::people::{patient, related_person};
use region::{RegionError, ResourceType};
use serde_json::Value;

use crate::colleague::Colleague;
use crate::core::Core;
use crate::desk::Desk;
use crate::views;

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
    let any = !changed.resources.is_empty();
    let cursor = changed.cursor();
    let patients: Vec<_> = changed.resources.iter().filter_map(patient).collect();
    keep(desk, move |batch| {
        for patient in &patients {
            batch.put_patient(patient)?;
        }
        batch.set_cursor(&feed, &cursor)
    });
    Ok(any)
}

async fn relatives(core: &Core, desk: &Desk) -> Result<bool, RegionError> {
    let changed = feed_of(core, desk, RELATED, ResourceType::RelatedPerson, &[]).await?;
    let any = !changed.resources.is_empty();
    let cursor = changed.cursor();
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
}

impl Fed {
    /// The cursor as it is kept, in the same transaction as the rows.
    pub(super) fn cursor(&self) -> String {
        serde_json::to_string(&self.cursor).unwrap_or_default()
    }
}

/// Reads a feed to its end.
pub(super) async fn feed_of(
    core: &Core,
    desk: &Desk,
    feed: &str,
    kind: ResourceType,
    only: &[(&str, &str)],
) -> Result<Fed, RegionError> {
    let kept = desk.replica().cursor(feed).ok().flatten();
    // A cursor that cannot be read starts the feed anew: rows come twice, none is lost.
    let mut cursor: Cursor = kept
        .and_then(|kept| serde_json::from_str(&kept.cursor).ok())
        .unwrap_or_default();
    let mut resources = Vec::new();
    loop {
        let page = core
            .inner
            .region
            .fhir()
            .changes_where(kind, &cursor, only)
            .await?;
        let stuck = page.cursor == cursor;
        cursor = page.cursor;
        resources.extend(page.changes.into_iter().map(|change| change.resource));
        if !page.more || stuck {
            return Ok(Fed { resources, cursor });
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
