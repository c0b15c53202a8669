//! Many people on one PC: nobody reads another, what was confirmed goes on behind the lock under a key that opens nothing else,
//! and the PC does not fall asleep under it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use acceptance::{PASSPHRASE, Station, TestRegion, eventually};
use cache::{SecretKey, StoreKeys, UserStore};
use contract::ErrorCode;
use contract::patient::PatientSearchRequest;
use contract::report::Priority;
use contract::session::{SessionView, UnlockRequest};
use contract::teleconsult::{SaveTeleconsultRequest, TeleconsultForm, TeleconsultRequest};
use jiff::Timestamp;
use region_sandbox::faults::Rule;
use region_sandbox::fhir::Precondition;
use secrecy::SecretString;
use serde_json::{Value, json};
use session::{KdfCost, Keychain, PersonId, Purpose, Stations, UserKeys};

use crate::attachments::begun;

const DOCTOR: &str = "ferrantino-guido";
const PEOPLE: usize = 20;
const FAMILIES: [&str; PEOPLE] = [
    "Abbracciavento",
    "Bellacosa",
    "Cantalamessa",
    "Dellavalle",
    "Esposimonte",
    "Fontanarosa",
    "Guardalben",
    "Iorioso",
    "Lacquaniti",
    "Mezzasalma",
    "Nobilomo",
    "Occhiuzzi",
    "Passalacqua",
    "Quattromani",
    "Rompicapo",
    "Scaccianoce",
    "Tagliaferro",
    "Ursumando",
    "Vinciguerra",
    "Zampaglione",
];

/// A doctor made for the test, with one patient who is theirs alone.
struct Doctor {
    practitioner: String,
    family: &'static str,
    patient: String,
    patient_family: String,
}

fn doctors(region: &TestRegion) -> Vec<Doctor> {
    let store = region.store();
    let put = |resource: Value| store.update(resource, Precondition::None).unwrap();
    let read = |kind: &str, id: &str| store.read(kind, id).unwrap().unwrap();
    let own = format!("PractitionerRole/{DOCTOR}-general-practitioner");
    let patients = store
        .search("Patient", &[("general-practitioner", own.as_str())])
        .unwrap();
    assert!(patients.len() > PEOPLE);
    let mut families = BTreeSet::new();
    let mut patients = patients.into_iter().filter(|patient| {
        let family = patient["name"][0]["family"].as_str().unwrap_or_default();
        !family.is_empty() && families.insert(family.to_owned())
    });
    FAMILIES
        .iter()
        .enumerate()
        .map(|(number, family)| {
            let id = format!("medico-{number:02}");
            let mut patient = patients.next().expect("as many families as doctors");
            let mut person = read("Practitioner", DOCTOR);
            person["id"] = json!(id);
            person["name"] = json!([{"family": family, "given": ["Prova"]}]);
            // Any code that nobody else at the region logs in with.
            person["identifier"][0]["value"] = patient["identifier"][0]["value"].clone();
            put(person);
            let mut role = read("PractitionerRole", &format!("{DOCTOR}-general-practitioner"));
            role["id"] = json!(format!("{id}-general-practitioner"));
            role["practitioner"] = json!({"reference": format!("Practitioner/{id}"), "display": family});
            put(role);
            patient["generalPractitioner"] =
                json!([{"reference": format!("PractitionerRole/{id}-general-practitioner")}]);
            let doctor = Doctor {
                practitioner: id,
                family,
                patient: patient["id"].as_str().unwrap().to_owned(),
                patient_family: patient["name"][0]["family"].as_str().unwrap().to_owned(),
            };
            put(patient);
            doctor
        })
        .collect()
}

async fn seen(station: &Station) -> Vec<String> {
    let request = PatientSearchRequest {
        text: String::new(),
        limit: 50,
    };
    let found = station.core.patient_search(request).await.unwrap();
    found.patients.into_iter().map(|patient| patient.id).collect()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        }
        found.push(path);
    }
    found
}

fn store_keys(keys: &UserKeys) -> StoreKeys {
    let key = |purpose| SecretKey::new(*keys.derive(purpose));
    StoreKeys {
        outbox: key(Purpose::Outbox),
        cache: key(Purpose::Cache),
        audit: key(Purpose::Audit),
        attachments: key(Purpose::Attachments),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_people_on_one_pc_never_read_each_other() {
    let mut region = TestRegion::open().await;
    let doctors = doctors(&region);
    let station = Station::at(&region.address);
    let root = station.folder().join("data").join("people");
    let mut of_person: BTreeMap<String, &Doctor> = BTreeMap::new();
    for doctor in &doctors {
        let SessionView::Open { person, .. } = station.enter(&doctor.practitioner).await else {
            panic!("{} is not in", doctor.practitioner)
        };
        assert_eq!(person.family, doctor.family);
        eventually("their own patient is here, and no other", || async {
            (seen(&station).await == [doctor.patient.clone()]).then_some(())
        })
        .await;
        assert!(
            of_person.insert(person.id, doctor).is_none(),
            "two people are one"
        );
        station.core.session_leave().await.unwrap();
    }
    region.stop().await;

    // Names of files and folders say nothing of anybody; databases hold no name in the clear.
    for path in files(&station.folder().join("data")) {
        let name = path.file_name().unwrap().to_string_lossy().to_lowercase();
        let database = path.extension().is_some_and(|extension| extension == "db");
        let bytes = if database {
            std::fs::read(&path).unwrap()
        } else {
            Vec::new()
        };
        for doctor in &doctors {
            for word in [
                doctor.family,
                doctor.practitioner.as_str(),
                doctor.patient.as_str(),
                doctor.patient_family.as_str(),
            ] {
                assert!(!name.contains(&word.to_lowercase()), "{word} names {name}");
                let there = bytes.windows(word.len()).any(|part| part == word.as_bytes());
                assert!(!there, "{word} is in {name}");
            }
        }
    }

    // Each one's keys against each other's archive: 380 tries, all refused, and none of them damages anything.
    let stations = Stations::at(root.clone(), Keychain::none(), KdfCost::default());
    let secret = SecretString::from(PASSPHRASE.to_owned());
    let keys: Vec<(PersonId, UserKeys)> = of_person
        .keys()
        .map(|id| {
            let person = PersonId::parse(id).unwrap();
            let keys = stations.unlock(&person, &secret, Timestamp::now()).unwrap();
            (person, keys)
        })
        .collect();
    let mut refused = 0;
    for (thief, keys_of_thief) in &keys {
        for (owner, _) in keys.iter().filter(|(owner, _)| owner != thief) {
            let opened = UserStore::open(&stations.dir(owner), &store_keys(keys_of_thief), Timestamp::now());
            assert!(opened.is_err(), "another person's key opened an archive");
            assert!(
                stations.identity(owner, keys_of_thief).is_err(),
                "another person's identity was read"
            );
            refused += 1;
        }
    }
    assert_eq!(refused, PEOPLE * (PEOPLE - 1));
    // Nor does one's own key file open another's folder.
    let (one, other) = (&keys[0].0, &keys[1].0);
    let key_file = |person: &PersonId| stations.dir(person).join("key.json");
    let kept = std::fs::read(key_file(other)).unwrap();
    std::fs::copy(key_file(one), key_file(other)).unwrap();
    assert!(
        stations.unlock(other, &secret, Timestamp::now()).is_err(),
        "a key file moved to another person opened"
    );
    std::fs::write(key_file(other), kept).unwrap();

    // Without the region, from the disk alone, each finds what is theirs.
    for (id, doctor) in &of_person {
        station.unlock(id).await;
        assert_eq!(
            seen(&station).await,
            std::slice::from_ref(&doctor.patient),
            "{}",
            doctor.family
        );
        station.core.session_lock().await.unwrap();
        // Somebody else's secret, or their own, does not open this lock for them.
        let next = of_person.keys().find(|other| *other != id).unwrap();
        let request = UnlockRequest {
            person_id: next.clone(),
            secret: PASSPHRASE.to_owned(),
        };
        assert!(
            station.core.session_unlock(request).await.is_err(),
            "a lock opened for another"
        );
        station.core.session_leave().await.unwrap();
    }
}

async fn ask_for_opinion(station: &Station, question: &str) {
    let begun = begun(station).await;
    let request = SaveTeleconsultRequest {
        teleconsult_id: begun.id.clone(),
        revision: begun.revision,
        form: TeleconsultForm {
            question: question.to_owned(),
            speciality: "02".to_owned(),
            priority: Some(Priority::B),
            diagnosis: "Blocco di branca sinistra".to_owned(),
            consent: true,
            ..begun.form
        },
    };
    let saved = station.core.teleconsult_draft_save(request).await.unwrap();
    assert!(saved.missing.is_empty(), "still missing: {:?}", saved.missing);
    let request = TeleconsultRequest {
        teleconsult_id: begun.id,
    };
    station.core.teleconsult_send(request).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_the_lock_what_was_confirmed_is_counted_without_a_name_and_leaves() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter(DOCTOR).await;
    let person = station.known_person().await;
    begun(&station).await;
    region.faults(vec![Rule {
        method: Some("POST".into()),
        path: "/fhir".into(),
        status: Some(503),
        ..Rule::default()
    }]);
    for question in ["Serve una valutazione?", "Si può anticipare?"] {
        ask_for_opinion(&station, question).await;
    }
    let waiting = station.core.delivery_queue().await.unwrap().queued.len();
    assert!(waiting >= 2, "nothing waits");
    station.host.events.lock().unwrap().clear();
    station.core.session_lock().await.unwrap();
    let state = station.core.station_state().await.unwrap();
    assert_eq!(
        usize::try_from(state.link.queued).unwrap(),
        waiting,
        "the lock screen counts otherwise"
    );
    for refused in [
        station.core.delivery_queue().await.err(),
        station.core.audit_list().await.err(),
        station.core.session_settings().await.err(),
    ] {
        assert_eq!(
            refused.map(|failure| failure.code),
            Some(ErrorCode::SessionLocked)
        );
    }
    region.faults(Vec::new());
    eventually("they leave behind the lock", || async {
        let state = station.core.station_state().await.unwrap();
        assert!(matches!(station.core.session_state(), SessionView::Locked { .. }));
        (state.link.queued == 0).then_some(())
    })
    .await;
    let told = format!("{:?} {state:?}", station.host.events.lock().unwrap()).to_lowercase();
    for word in ["petracchi", "valutazione", "anticipare", "branca"] {
        assert!(!told.contains(word), "{word} was told behind the lock");
    }
    station.unlock(&person).await;
    eventually("the archive knows what left", || async {
        let queue = station.core.delivery_queue().await.unwrap();
        (queue.queued.is_empty() && queue.to_correct.is_empty()).then_some(())
    })
    .await;
    let questions = region.store().search("ServiceRequest", &[]).unwrap();
    for question in ["Serve una valutazione?", "Si può anticipare?"] {
        let arrived = questions
            .iter()
            .filter(|case| case.to_string().contains(question))
            .count();
        assert_eq!(arrived, 1, "{question}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pc_is_kept_awake_while_an_attachment_is_on_its_way_and_no_longer_also_behind_the_lock() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter(DOCTOR).await;
    let person = station.known_person().await;
    begun(&station).await;
    assert!(
        station.host.awake.lock().unwrap().is_empty(),
        "nothing needs the PC awake"
    );
    region.faults(vec![Rule {
        method: Some("PATCH".into()),
        path: "/uploads".into(),
        latency_ms: 400,
        ..Rule::default()
    }]);
    crate::attachments::send_file(&station, 4).await;
    let awake = || station.host.awake.lock().unwrap().last().copied();
    eventually("the PC is asked to stay awake", || async {
        (awake() == Some(true)).then_some(())
    })
    .await;
    station.core.session_lock().await.unwrap();
    eventually("the file arrives behind the lock", || async {
        let uploads = region.state().uploads();
        uploads.first().filter(|upload| upload.done).map(|_| ())
    })
    .await;
    eventually("the PC may sleep again", || async {
        (awake() == Some(false)).then_some(())
    })
    .await;
    station.unlock(&person).await;
    eventually("everything arrived", || async {
        station
            .core
            .delivery_queue()
            .await
            .unwrap()
            .queued
            .is_empty()
            .then_some(())
    })
    .await;
    let told = station.host.awake.lock().unwrap().clone();
    assert_eq!(told.last(), Some(&false));
    assert!(
        told.windows(2).all(|pair| pair[0] != pair[1]),
        "told twice: {told:?}"
    );
}
