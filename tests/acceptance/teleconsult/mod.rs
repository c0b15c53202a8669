//! A teleconsult from the question to the *presa visione*, one file a subject; here is what they share.

mod claim;
mod conversation;
mod prescription;
mod represented;
mod request;
mod stopped;
mod versions;
mod words;

use acceptance::{Station, TestRegion, eventually};
use contract::patient::{PatientSearchRequest, PatientView};
use contract::report::Priority;
use contract::teleconsult::{
    AnswerOpening, AttachRequest, SaveTeleconsultRequest, TeleconsultAnswerRequest, TeleconsultDraftRequest,
    TeleconsultDraftView, TeleconsultForm, TeleconsultRequest, TeleconsultState, TeleconsultTextRequest,
    TeleconsultView,
};
use region_sandbox::faults::{Effect, Rule};
use serde_json::Value;
use std::path::PathBuf;

pub(super) const QUESTION: &str =
    "Blocco di branca sinistra non presente un anno fa. Serve una valutazione in presenza?";

/// In progress with the cardiologist; asked by the family doctor.
pub(super) const CLAIMED: &str = "teleconsulto-44829";

pub(super) const QUERCETTI: &str = "quercetti-sandro-specialist";

pub(super) fn opening() -> AnswerOpening {
    AnswerOpening {
        what: "Raddoppiare il diuretico".to_owned(),
        by_when: "da oggi, peso ogni mattina".to_owned(),
        worry: "dispnea a riposo: pronto soccorso".to_owned(),
        control_visit: true,
    }
}

pub(super) async fn patient(station: &Station, name: &str) -> PatientView {
    eventually("the patient's record arrives", || async {
        let request = PatientSearchRequest {
            text: name.to_owned(),
            limit: 5,
        };
        station
            .core
            .patient_search(request)
            .await
            .unwrap()
            .patients
            .into_iter()
            .next()
    })
    .await
}

pub(super) async fn draft(station: &Station, patient: &PatientView) -> TeleconsultDraftView {
    // The specialities come with the directory of colleagues.
    eventually("the specialities arrive", || async {
        let request = TeleconsultDraftRequest {
            patient_id: patient.id.clone(),
        };
        let draft = station.core.teleconsult_draft_open(request).await.unwrap();
        (!draft.specialities.is_empty()).then_some(draft)
    })
    .await
}

pub(super) fn complete(form: &TeleconsultForm) -> TeleconsultForm {
    TeleconsultForm {
        question: QUESTION.to_owned(),
        speciality: "02".to_owned(),
        priority: Some(Priority::B),
        diagnosis: "Blocco di branca sinistra".to_owned(),
        consent: true,
        ..form.clone()
    }
}

pub(super) async fn save(
    station: &Station,
    draft: &TeleconsultDraftView,
    form: TeleconsultForm,
) -> TeleconsultDraftView {
    let request = SaveTeleconsultRequest {
        teleconsult_id: draft.id.clone(),
        revision: draft.revision,
        form,
    };
    station.core.teleconsult_draft_save(request).await.unwrap()
}

pub(super) fn of(id: &str) -> TeleconsultRequest {
    TeleconsultRequest {
        teleconsult_id: id.to_owned(),
    }
}

pub(super) fn words(id: &str, text: &str) -> TeleconsultTextRequest {
    TeleconsultTextRequest {
        teleconsult_id: id.to_owned(),
        text: text.to_owned(),
    }
}

pub(super) async fn in_state(station: &Station, id: &str, state: TeleconsultState) -> TeleconsultView {
    eventually("the case comes to its state and the queue is empty", || async {
        let view = station.core.teleconsult_open(of(id)).await.ok()?;
        (view.row.state == state && view.row.queue.is_none()).then_some(view)
    })
    .await
}

pub(super) fn file(station: &Station, name: &str, bytes: &[u8]) -> PathBuf {
    let path = station.folder().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A plain answer, as a workstation of another make writes it.
pub(super) fn answer(id: &str, text: &str) -> TeleconsultAnswerRequest {
    TeleconsultAnswerRequest {
        teleconsult_id: id.to_owned(),
        text: text.to_owned(),
        opening: AnswerOpening::default(),
    }
}

pub(super) async fn attach(
    station: &Station,
    id: &str,
    path: &std::path::Path,
) -> contract::Answer<TeleconsultDraftView> {
    let path = Some(path.to_str().unwrap().to_owned());
    station
        .core
        .teleconsult_attach(AttachRequest {
            teleconsult_id: id.to_owned(),
            path,
        })
        .await
}

pub(super) fn requests_of_here(region: &TestRegion) -> Vec<Value> {
    let all = region.store().search("ServiceRequest", &[]).unwrap();
    all.into_iter()
        .filter(|request| request["note"][0]["text"] == QUESTION)
        .collect()
}

/// The region does what is asked and its reply never comes.
pub(super) fn reply_lost(path: &str, method: &str) -> Vec<Rule> {
    let rule = Rule {
        path: path.into(),
        method: Some(method.into()),
        times: Some(1),
        effect: Some(Effect::LoseReply),
        ..Rule::default()
    };
    vec![rule]
}

/// The region can be read, and refuses to be written to for now.
pub(super) fn nothing_gets_in() -> Vec<Rule> {
    vec![Rule {
        path: "/fhir".into(),
        method: Some("POST".into()),
        status: Some(503),
        ..Rule::default()
    }]
}
