//! What a region replaced beside the program reaches the question and the board.

use crate::teleconsult::{complete, draft, patient, save};
use acceptance::{Station, TestRegion};
use contract::transition::{
    CreateTransitionRequest, TransitionDestination, TransitionOrigin, TransitionRequest,
};

fn write(station: &std::path::Path, name: &str, text: &str) {
    let path = station.join("assets").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_s_template_and_checklist_are_used_without_another_program() {
    let region = TestRegion::open().await;
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "teleconsult/templates.json",
        r#"{"templates":[{"speciality":"02","items":[{"id":"nyha","ask":"Classe NYHA","wanted":true}]}]}"#,
    );
    write(
        folder.path(),
        "cot/paths.json",
        r#"[{"from_hospital":true,"destination":"hospice","items":["Posto confermato dalla Regione"]}]"#,
    );
    write(
        folder.path(),
        "cot/escalation.json",
        r#"{"unassigned":[],"hours_in_state":{},"cases_per_operator":3}"#,
    );
    let doctor = Station::in_folder(folder.path(), &region.address);
    doctor.enter("ferrantino-guido").await;
    let who = patient(&doctor, "petracchi").await;
    let begun = draft(&doctor, &who).await;
    let chosen = save(&doctor, &begun, complete(&begun.form)).await;
    let ids: Vec<&str> = chosen.template.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["nyha"]);
    assert_eq!(chosen.unsaid, ["nyha"]);
    drop(doctor);

    let operator = Station::in_folder(folder.path(), &region.address);
    operator.enter("scarpellini-dario").await;
    let who = patient(&operator, "pontecorbi").await;
    let created = operator
        .core
        .transition_create(CreateTransitionRequest {
            patient_id: who.id.clone(),
            origin: TransitionOrigin::Ward,
            destination: TransitionDestination::Hospice,
            expected_discharge: None,
            from_citizen: false,
            note: String::new(),
        })
        .await
        .unwrap();
    let open = operator
        .core
        .transition_open(TransitionRequest {
            transition_id: created.card.id,
        })
        .await
        .unwrap();
    let names: Vec<&str> = open.checklist.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["Posto confermato dalla Regione"]);
    let board = operator.core.transition_board().await.unwrap();
    assert_eq!(board.most_each, 3);
}
