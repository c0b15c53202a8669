//! A televisit that was held, put into a station's archive as the call would have left it, and a complete form for its report.
//!
//! The call itself needs a browser and is proved in the end-to-end tests; what follows it is proved here.

use cache::{SecretKey, StoreKeys, UserStore, VisitRecordKind};
use clinical::{Age, Consent, ConsentGiver, IdentityCheck, IdentityMethod, PatientId, TelevisitId};
use contract::report::{ReportForm, ReportOutcome};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use session::{KdfCost, Keychain, PersonId, Purpose, Stations};
use televisit::{Capacity, LinkSample, Outcome, Prescription, StoredVisit, Visit, VisitKind};

use crate::{PASSPHRASE, Station};

/// Writes the record of a visit held a moment ago. The station must be closed (see [`Station::restart`] before it).
pub fn held_visit(station: &Station, person: &str, televisit: &str, patient: &str) {
    held_visits(station, person, &[(televisit.to_owned(), patient.to_owned())]);
}

/// The same for many visits, each with its patient.
pub fn held_visits(station: &Station, person: &str, visits: &[(String, String)]) {
    let now = Timestamp::now();
    let root = station.folder().join("data").join("people");
    let stations = Stations::at(root, Keychain::none(), KdfCost::default());
    let person = PersonId::parse(person).unwrap();
    let keys = stations
        .unlock(&person, &SecretString::from(PASSPHRASE.to_owned()), now)
        .unwrap();
    let key = |purpose| SecretKey::new(*keys.derive(purpose));
    let keys = StoreKeys {
        outbox: key(Purpose::Outbox),
        cache: key(Purpose::Cache),
        audit: key(Purpose::Audit),
        attachments: key(Purpose::Attachments),
    };
    let (store, _) = UserStore::open(&stations.dir(&person), &keys, now).unwrap();
    for (televisit, patient) in visits {
        let stored = StoredVisit::of(&held(televisit, patient), now);
        let id = TelevisitId::from(televisit.as_str());
        store
            .outbox
            .commit(now, move |step| {
                step.visit_record(&id, VisitRecordKind::Progress, &stored)
            })
            .unwrap();
    }
    store.close();
}

fn held(televisit: &str, patient: &str) -> Visit {
    let now = Timestamp::now();
    let before = |minutes: i64| now.checked_sub(SignedDuration::from_mins(minutes)).unwrap();
    let prescription = Prescription {
        id: "p".to_owned(),
        nre: None,
        kind: Some(VisitKind::Control),
        service_code: None,
        service: None,
        question: None,
        prescriber: None,
        requester: None,
        authored_on: None,
    };
    let id = TelevisitId::from(televisit);
    let whose = PatientId::from(patient);
    let mut visit = Visit::schedule(
        id,
        whose,
        Capacity::of(Age::Years(71), &[]),
        before(25),
        &prescription,
    )
    .unwrap();
    visit.patient_arrived(before(24));
    visit
        .confirm_identity(IdentityCheck {
            method: IdentityMethod::DocumentShown,
            at: before(22),
        })
        .unwrap();
    let consent = Consent {
        to_service: true,
        to_image: false,
        given_by: ConsentGiver::Patient,
        at: before(21),
    };
    visit.record_consent(consent, Age::Years(71)).unwrap();
    visit.start(before(20)).unwrap();
    visit.link_up(before(20)).unwrap();
    for _ in 0..30 {
        let sample = LinkSample {
            round_trip_ms: 40,
            loss_permille: 2,
            jitter_ms: 3,
            received_kbps: 700,
            frames_per_second: 30,
        };
        visit.sample(&sample).unwrap();
    }
    visit.end_call(before(2)).unwrap();
    visit.complete(Outcome::Delivered, before(1)).unwrap();
    visit
}

/// A form with nothing missing.
pub fn complete_form(mut form: ReportForm) -> ReportForm {
    form.history = "Portatrice di pacemaker bicamerale da tre mesi.".to_owned();
    form.examination = "Vigile, eupnoica a riposo. Ferita asciutta, senza arrossamento.".to_owned();
    form.measurement_source = "Valori misurati dalla paziente con apparecchio proprio.".to_owned();
    form.conclusions = "Compenso stabile. Si conferma la terapia in atto.".to_owned();
    form.outcome = Some(ReportOutcome::Stable);
    form.next_control = "Tra 3 mesi, in presenza".to_owned();
    form.therapy = "Invariata.".to_owned();
    form.link_suitable = Some(true);
    form.darkening_asked = true;
    form
}
