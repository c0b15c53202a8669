//! A day with many televisits held, each with a complete draft.

use acceptance::{Station, TestRegion, complete_form, eventually, held_visits};
use contract::agenda::AgendaDayRequest;
use contract::batch::{BatchDocumentRequest, BatchDocumentState, BatchPhase, BatchStartRequest, BatchView};
use contract::report::{ReportRequest, SaveReportRequest};
use serde_json::json;

/// Whose televisits they all are.
const PATIENT: &str = "marottoli-assunta";

/// A specialist at work, with reports to sign.
pub(super) struct Day {
    pub(super) station: Station,
    pub(super) reports: Vec<BatchDocumentRequest>,
    /// Documents of the patient that the region had before.
    before: usize,
}

fn today() -> String {
    let zone = jiff::tz::TimeZone::get("Europe/Rome").unwrap();
    jiff::Timestamp::now().to_zoned(zone).date().to_string()
}

/// Books so many televisits beside those that the region has invented.
fn book(region: &TestRegion, count: usize) {
    let store = region.store();
    let like = store.search("Appointment", &[]).unwrap();
    let like = like
        .into_iter()
        .find(|each| each["id"].as_str().is_some_and(|id| id.contains(PATIENT)))
        .expect("a televisit of the patient");
    let request = like["basedOn"][0]["reference"].as_str().unwrap();
    let request = request.strip_prefix("ServiceRequest/").unwrap();
    let request = store.read("ServiceRequest", request).unwrap().unwrap();
    for number in 0..count {
        let mut prescription = request.clone();
        prescription["id"] = json!(format!("prescrizione-serie-{number:02}"));
        let nre = prescription["identifier"][0]["value"].as_str().unwrap();
        prescription["identifier"][0]["value"] = json!(format!("150A3{}{number:02}", &nre[5..13]));
        let mut appointment = like.clone();
        appointment["id"] = json!(id_of(number));
        appointment["identifier"][0]["value"] = json!(format!("CUP-serie-{number:02}"));
        appointment["basedOn"] =
            json!([{"reference": format!("ServiceRequest/prescrizione-serie-{number:02}")}]);
        store.create(prescription).unwrap();
        store.create(appointment).unwrap();
    }
}

fn id_of(number: usize) -> String {
    format!("televisita-serie-{number:02}")
}

pub(super) fn documents_of(region: &TestRegion) -> usize {
    let query = [("patient", "Patient/marottoli-assunta")];
    region.store().search("DocumentReference", &query).unwrap().len()
}

impl Day {
    /// So many televisits held and their reports written, all but the last `unfinished`.
    pub(super) async fn of(region: &TestRegion, station: Station, count: usize, unfinished: usize) -> Self {
        book(region, count);
        let before = documents_of(region);
        station.enter("valmori-irene").await;
        eventually("the televisits arrive", || async {
            let request = AgendaDayRequest {
                day: today(),
                search: "marottoli".to_owned(),
            };
            let rows = station.core.agenda_day(request).await.unwrap().rows;
            (rows.len() > count).then_some(())
        })
        .await;
        let person = station.known_person().await;
        let station = station.restart();
        let visits: Vec<_> = (0..count).map(|n| (id_of(n), PATIENT.to_owned())).collect();
        held_visits(&station, &person, &visits);
        station.enter("valmori-irene").await;
        let mut day = Self {
            station,
            reports: Vec::new(),
            before,
        };
        for (number, (televisit, _)) in visits.into_iter().enumerate() {
            let complete = number < count - unfinished;
            let revision = day.write(&televisit, complete, "Tra 3 mesi, in presenza").await;
            if complete {
                day.reports.push(BatchDocumentRequest {
                    televisit_id: televisit,
                    revision,
                });
            }
        }
        day
    }

    /// Saves the report of a televisit; its new revision.
    pub(super) async fn write(&self, televisit: &str, complete: bool, next_control: &str) -> u32 {
        let core = &self.station.core;
        let request = ReportRequest {
            televisit_id: televisit.to_owned(),
        };
        let open = core.report_open(request).await.unwrap();
        let mut form = complete_form(open.form);
        form.next_control = next_control.to_owned();
        if !complete {
            form.conclusions = String::new();
        }
        let request = SaveReportRequest {
            televisit_id: televisit.to_owned(),
            revision: open.revision,
            form,
        };
        core.report_save(request).await.unwrap().revision
    }

    /// Looks at each of them.
    pub(super) async fn read_all(&self) {
        for report in &self.reports {
            let page = self.station.core.batch_preview(report.clone()).await.unwrap();
            assert!(page.starts_with(b"%PDF-"), "a page to look at");
        }
    }

    /// Looks at those that can still be signed.
    pub(super) async fn read_all_open(&self) {
        let list = self.station.core.batch_list().await.unwrap();
        for report in &self.reports {
            if list
                .rows
                .iter()
                .any(|row| row.televisit_id == report.televisit_id)
            {
                self.station.core.batch_preview(report.clone()).await.unwrap();
            }
        }
    }

    pub(super) fn request(&self, identity: &str, pin: &str) -> BatchStartRequest {
        BatchStartRequest {
            identity_id: identity.to_owned(),
            pin: pin.to_owned(),
            otp: String::new(),
            documents: self.reports.clone(),
        }
    }

    /// The author's identity on the device that is there.
    pub(super) async fn identity(&self) -> String {
        let devices = self.station.core.report_signing_devices().await.unwrap();
        let mine = devices.identities.iter().find(|identity| identity.is_author);
        mine.expect("the author's key").id.clone()
    }

    pub(super) fn state(&self) -> BatchView {
        self.station.core.batch_state().unwrap().expect("a batch")
    }

    pub(super) async fn until(&self, phase: BatchPhase) -> BatchView {
        eventually("the batch gets there", || async {
            Some(self.state()).filter(|view| view.phase == phase)
        })
        .await
    }

    /// Signs all of them, to the end.
    pub(super) async fn sign_all(&self, pin: &str) -> BatchView {
        let request = self.request(&self.identity().await, pin);
        self.station.core.batch_start(request).await.unwrap();
        self.until(BatchPhase::Ended).await
    }

    /// Waits until the region has so many new reports, and the queue nothing more.
    pub(super) async fn delivered(&self, region: &TestRegion, count: usize) {
        eventually("every signed report is delivered", || async {
            let queue = self.station.core.delivery_queue().await.unwrap();
            assert!(queue.to_correct.is_empty(), "{:?}", queue.to_correct);
            let here = documents_of(region) - self.before;
            assert!(here <= count, "{here} documents of {count}: one twice");
            (queue.queued.is_empty() && here == count).then_some(())
        })
        .await;
    }

    pub(super) async fn back(self) -> Self {
        let station = self.station.restart();
        station.enter("valmori-irene").await;
        Self { station, ..self }
    }
}

/// How many reports of a batch are in a state.
pub(super) fn count(view: &BatchView, state: BatchDocumentState) -> usize {
    view.documents.iter().filter(|each| each.state == state).count()
}
