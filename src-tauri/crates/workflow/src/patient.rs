//! *Assistiti*: the search in the archive on this PC, and the record of one patient.
//!
//! Typing does not ask the region and is not an access; opening a record is. Only a whole codice fiscale that nobody
//! here has is looked up at the region, which is how a COT begins a case on a person not yet known.

use clinical::{FiscalCode, Patient, PatientId};
use contract::events::Tag;
use contract::patient::{PatientListView, PatientRequest, PatientSearchRequest, PatientView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::RelatedPerson;

use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::{sync, views};
use cache::AuditAction;

/// More than anybody scrolls through; the total says that there are more.
const MOST: u32 = 2_500;

impl Core {
    /// `patient_search`.
    pub async fn patient_search(&self, request: PatientSearchRequest) -> Answer<PatientListView> {
        let desk = self.desk()?;
        let worker = desk.clone();
        let typed = request.text.trim().to_owned();
        let found = blocking(move || search(&worker, &request)).await?;
        let Ok(code) = FiscalCode::parse(&typed) else {
            return Ok(found);
        };
        if !found.patients.is_empty() || !self.can_ask() {
            return Ok(found);
        }
        // The copy answers when the region does not: an unknown person stays unknown.
        let Ok(Some(patient)) = self.inner.region.fhir().patient_with(&code).await else {
            return Ok(found);
        };
        let id = patient.id.clone();
        let kept = desk.clone();
        blocking(move || {
            kept.replica()
                .apply(Timestamp::now(), move |batch| batch.put_patient(&patient))
                .or_fail()?;
            kept.accessed(AuditAction::PatientSearched, id.as_str())?;
            let view = view_of(&kept, &id, Timestamp::now());
            Ok(PatientListView {
                total: u32::from(view.is_some()),
                patients: view.into_iter().collect(),
            })
        })
        .await
    }

    /// `patient_open`.
    pub async fn patient_open(&self, request: PatientRequest) -> Answer<PatientView> {
        let desk = self.desk()?;
        let id = PatientId::from(request.patient_id);
        if self.can_ask() && desk.replica().patient(&id).or_fail()?.is_none() {
            // What the region says about it is the answer: not there, or not this person's business.
            let patient = self.inner.region.fhir().patient(&id).await.or_fail()?;
            desk.replica()
                .apply(Timestamp::now(), move |batch| batch.put_patient(&patient))
                .or_fail()?;
        }
        if self.can_ask() && matches!(sync::related(self, &desk, &id).await, Ok(true)) {
            self.changed(&[Tag::Patient]);
        }
        blocking(move || {
            let view = view_of(&desk, &id, Timestamp::now())
                .ok_or_else(|| Failure::new(ErrorCode::NotFound, "patient/unknown"))?;
            crate::audit::opened(&desk, AuditAction::PatientOpened, id.as_str())?;
            Ok(view)
        })
        .await
    }

    /// Somebody is logged in and the region answered last time.
    pub(crate) fn can_ask(&self) -> bool {
        self.inner.region.is_logged_in() && self.is_online()
    }
}

fn search(desk: &Desk, request: &PatientSearchRequest) -> Result<PatientListView, Failure> {
    let now = Timestamp::now();
    let limit = request.limit.clamp(1, MOST);
    let (found, total) = if request.text.trim().is_empty() {
        desk.replica().patients(limit).or_fail()?
    } else {
        let found = desk.replica().find_patients(&request.text, limit).or_fail()?;
        (found.patients, found.total)
    };
    Ok(PatientListView {
        patients: found.iter().map(|patient| of(desk, patient, now)).collect(),
        total,
    })
}

fn of(desk: &Desk, patient: &Patient, now: Timestamp) -> PatientView {
    weighed(desk, views::patient(patient, &related_of(desk, &patient.id), now))
}

/// With the latest weight, for whom it belongs beside the identity: minors and represented people.
pub(crate) fn weighed(desk: &Desk, mut view: PatientView) -> PatientView {
    if !view.represented {
        return view;
    }
    let id = PatientId::from(view.id.as_str());
    if let Ok(Some(weight)) = desk.replica().weight_of(&id) {
        view.weight_kg = weight.get("kg").and_then(serde_json::Value::as_f64);
        view.weight_on = weight.get("on").and_then(|on| on.as_str()).map(str::to_owned);
    }
    view
}

/// Who speaks for a patient or helps, as far as this PC knows.
pub(crate) fn related_of(desk: &Desk, patient: &PatientId) -> Vec<RelatedPerson> {
    let known = desk.replica().related_to(patient).unwrap_or_default();
    known
        .into_iter()
        .filter_map(|value| serde_json::from_value(value).ok())
        .collect()
}

/// The record of a patient, if a copy is here.
pub(crate) fn view_of(desk: &Desk, id: &PatientId, now: Timestamp) -> Option<PatientView> {
    let patient = desk.replica().patient(id).ok().flatten()?;
    Some(of(desk, &patient, now))
}
