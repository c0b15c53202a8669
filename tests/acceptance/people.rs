//! People and their documents: found without the region, opened without the region, and every opening in the register.

use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::document::{DocumentRequest, DocumentView, RecentDocumentsRequest, RecentDocumentsView};
use contract::patient::{PatientRequest, PatientSearchRequest, PatientView};

async fn search(station: &Station, text: &str) -> Vec<PatientView> {
    let request = PatientSearchRequest {
        text: text.to_owned(),
        limit: 50,
    };
    station.core.patient_search(request).await.unwrap().patients
}

async fn found(station: &Station, text: &str) -> PatientView {
    eventually("the patient is found", || async {
        search(station, text).await.into_iter().next()
    })
    .await
}

async fn documents(station: &Station, patient: &PatientView) -> Vec<DocumentView> {
    let request = PatientRequest {
        patient_id: patient.id.clone(),
    };
    station.core.document_list(request).await.unwrap().documents
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_of_who_comes_today_open_with_the_region_gone() {
    let mut region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    let who = found(&station, "marottoli").await;
    let before = eventually("the last documents are on this PC", || async {
        let list = documents(&station, &who).await;
        (list.len() >= 3 && list.iter().take(5).all(|document| document.on_this_pc)).then_some(list)
    })
    .await;
    region.stop().await;
    let request = DocumentRequest {
        document_id: before[0].id.clone(),
    };
    let bytes = station.core.document_content(request.clone()).await.unwrap();
    assert!(bytes.starts_with(b"%PDF-"), "another document was opened");
    assert_eq!(
        u32::try_from(bytes.len()).unwrap(),
        before[0].size,
        "the document was cut"
    );
    let newest_first = before.windows(2).all(|pair| pair[0].date >= pair[1].date);
    assert!(newest_first, "the newest document is not first");
    let register = station.core.audit_list().await.unwrap();
    let opened = register
        .lines
        .iter()
        .filter(|line| line.action == "document_opened");
    assert_eq!(
        opened.map(|line| line.subject.as_str()).collect::<Vec<_>>(),
        [before[0].id.as_str()]
    );
    let unknown = DocumentRequest {
        document_id: "documento-che-non-esiste".to_owned(),
    };
    assert_eq!(
        station.core.document_content(unknown).await.unwrap_err().code,
        ErrorCode::NotFound
    );
}

async fn recent(station: &Station, text: &str, limit: u32) -> RecentDocumentsView {
    let request = RecentDocumentsRequest {
        text: text.to_owned(),
        limit,
    };
    station.core.document_recent(request).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_found_by_name_code_and_title_with_the_region_gone_and_only_opening_is_recorded() {
    let mut region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    let who = found(&station, "marottoli").await;
    let before = eventually(
        "documents of more than one patient are known, some on this PC",
        || async {
            let all = recent(&station, "", 200).await;
            let first = all.documents.first()?.patient.id.clone();
            let several = all.documents.iter().any(|row| row.patient.id != first);
            let hers = recent(&station, "marottoli", 200).await;
            (several && hers.documents.iter().any(|row| row.document.on_this_pc)).then_some(all)
        },
    )
    .await;
    region.stop().await;
    let all = recent(&station, "", 200).await;
    assert!(all.total >= before.total, "documents went away with the network");
    let newest_first = all
        .documents
        .windows(2)
        .all(|pair| pair[0].document.date >= pair[1].document.date);
    assert!(newest_first, "the newest document is not first");
    let one = recent(&station, "", 1).await;
    assert_eq!((one.documents.len(), one.total), (1, all.total));

    let hers = recent(&station, "MAROTTÒLI", 200).await;
    assert!(hers.total >= 1 && hers.total < all.total);
    assert!(
        hers.documents
            .iter()
            .all(|row| row.patient.id == who.id && row.document.patient_id == who.id)
    );
    assert_eq!(
        recent(&station, &who.fiscal_code.to_lowercase(), 200).await.total,
        hers.total
    );
    let wanted = hers.documents.iter().find(|row| row.document.on_this_pc).unwrap();
    let words = format!("marottoli {}", wanted.document.title.to_uppercase());
    let by_title = recent(&station, &words, 200).await;
    assert!(by_title.documents.contains(wanted), "not found by its title");
    assert_eq!(recent(&station, "marottoli nessun-titolo", 200).await.total, 0);

    let opened = |lines: Vec<contract::audit::AuditLineView>| {
        lines
            .into_iter()
            .filter(|line| line.action.starts_with("document_") || line.action.starts_with("patient_"))
            .map(|line| line.subject)
            .collect::<Vec<_>>()
    };
    let typed = opened(station.core.audit_list().await.unwrap().lines);
    assert!(typed.is_empty(), "searching was recorded as an access: {typed:?}");
    let request = DocumentRequest {
        document_id: wanted.document.id.clone(),
    };
    assert!(
        station
            .core
            .document_content(request)
            .await
            .unwrap()
            .starts_with(b"%PDF-")
    );
    assert_eq!(
        opened(station.core.audit_list().await.unwrap().lines),
        [wanted.document.id.as_str()]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_doctor_finds_the_own_list_offline_and_only_opening_is_recorded() {
    let mut region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("ferrantino-guido").await;
    let all = eventually("the list arrives", || async {
        let list = search(&station, "").await;
        (list.len() >= 30).then_some(list)
    })
    .await;
    assert!(
        all.windows(2).all(|pair| pair[0].family <= pair[1].family),
        "the list is not by name"
    );
    region.stop().await;
    let ward = found(&station, "FALCINELLI").await;
    assert!(
        ward.represented && !ward.minor,
        "a person with a guardian is represented"
    );
    assert_eq!(ward.related[0].relation, "tutore");
    assert_eq!(
        found(&station, &ward.fiscal_code).await.id,
        ward.id,
        "not found by codice fiscale"
    );
    assert!(
        search(&station, "cellentani").await.is_empty(),
        "a child of another doctor's list was found"
    );
    let actions = |lines: Vec<contract::audit::AuditLineView>| {
        lines
            .into_iter()
            .filter(|line| line.action.starts_with("patient_"))
            .map(|line| line.action)
            .collect::<Vec<_>>()
    };
    let typed = actions(station.core.audit_list().await.unwrap().lines);
    assert!(typed.is_empty(), "typing was recorded as an access: {typed:?}");
    station
        .core
        .patient_open(PatientRequest {
            patient_id: ward.id.clone(),
        })
        .await
        .unwrap();
    station
        .core
        .patient_open(PatientRequest { patient_id: ward.id })
        .await
        .unwrap();
    let register = station.core.audit_list().await.unwrap();
    assert!(register.intact);
    assert_eq!(
        actions(register.lines),
        ["patient_opened"],
        "one opening is one line"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cot_finds_a_person_by_codice_fiscale_and_sees_no_clinical_document() {
    let region = TestRegion::open().await;
    let people = region
        .store()
        .search("Patient", &[("family", "Torrigiani")])
        .unwrap();
    let code = people[0]["identifier"][0]["value"].as_str().unwrap().to_owned();
    let station = Station::at(&region.address);
    station.enter("scarpellini-dario").await;
    assert!(
        search(&station, "torrigiani").await.is_empty(),
        "a name alone is not asked of the region"
    );
    let who = found(&station, &code).await;
    assert_eq!(who.family, "Torrigiani");
    let register = station.core.audit_list().await.unwrap();
    assert!(
        register
            .lines
            .iter()
            .any(|line| line.action == "patient_searched" && line.subject == who.id)
    );
    let refused = station
        .core
        .document_list(PatientRequest { patient_id: who.id })
        .await
        .unwrap_err();
    assert_eq!(refused.code, ErrorCode::AccessDenied);
    let everything = RecentDocumentsRequest {
        text: String::new(),
        limit: 50,
    };
    let refused = station.core.document_recent(everything).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::AccessDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_doctor_leaves_this_pc_at_the_next_sync_and_the_register_says_so() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("ferrantino-guido").await;
    let who = found(&station, "torrigiani").await;
    let before = search(&station, "").await.len();
    assert!(before >= 30);
    let mut patient = region.store().read("Patient", &who.id).unwrap().unwrap();
    patient["generalPractitioner"] = serde_json::json!([{"reference": "PractitionerRole/nobody"}]);
    region
        .store()
        .update(patient, region_sandbox::fhir::Precondition::None)
        .unwrap();
    eventually("the patient is no longer here", || async {
        search(&station, "torrigiani").await.is_empty().then_some(())
    })
    .await;
    assert_eq!(search(&station, "").await.len(), before - 1, "others left too");
    let register = station.core.audit_list().await.unwrap();
    assert!(register.lines.iter().any(|line| line.action == "cache_purged"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_substitute_on_the_doctor_s_pc_sees_the_delegated_patients_alone_and_only_while_delegated() {
    use region_sandbox::fhir::Precondition;
    let region = TestRegion::open().await;
    let put = |resource: serde_json::Value| region.store().update(resource, Precondition::None).unwrap();
    let read = |kind: &str, id: &str| region.store().read(kind, id).unwrap().unwrap();
    let own = region
        .store()
        .search(
            "Patient",
            &[(
                "general-practitioner",
                "PractitionerRole/ferrantino-guido-general-practitioner",
            )],
        )
        .unwrap();
    let (delegated, not) = own.split_at(2);
    let mut person = read("Practitioner", "ferrantino-guido");
    person["id"] = "lucaroni-lina".into();
    person["name"] = serde_json::json!([{"family": "Lucaroni", "given": ["Lina"]}]);
    person["identifier"][0]["value"] = not[0]["identifier"][0]["value"].clone();
    put(person);
    let mut role = read("PractitionerRole", "ferrantino-guido-general-practitioner");
    role["id"] = "lucaroni-lina-general-practitioner".into();
    role["practitioner"] =
        serde_json::json!({"reference": "Practitioner/lucaroni-lina", "display": "LUCARONI Lina"});
    put(role);
    let me = serde_json::json!({"reference": "PractitionerRole/lucaroni-lina-general-practitioner"});
    for patient in delegated {
        let mut patient = patient.clone();
        patient["generalPractitioner"]
            .as_array_mut()
            .unwrap()
            .push(me.clone());
        put(patient);
    }
    let station = Station::at(&region.address);
    station.enter("ferrantino-guido").await;
    eventually("the doctor's own list is here", || async {
        (search(&station, "").await.len() == own.len()).then_some(())
    })
    .await;
    station.core.session_leave().await.unwrap();
    station.enter("lucaroni-lina").await;
    let seen = eventually("the delegated patients arrive", || async {
        let list = search(&station, "").await;
        (list.len() >= delegated.len()).then_some(list)
    })
    .await;
    let mut seen: Vec<_> = seen.into_iter().map(|patient| patient.id).collect();
    let mut wanted: Vec<_> = delegated
        .iter()
        .map(|p| p["id"].as_str().unwrap().to_owned())
        .collect();
    seen.sort();
    wanted.sort();
    assert_eq!(seen, wanted, "on the same PC, somebody else's list was shown");
    let request = PatientRequest {
        patient_id: not[0]["id"].as_str().unwrap().to_owned(),
    };
    let refused = station.core.patient_open(request).await.unwrap_err();
    assert!(
        matches!(refused.code, ErrorCode::AccessDenied | ErrorCode::NotFound),
        "{refused:?}"
    );
    // The delegation of one ends.
    let id = delegated[0]["id"].as_str().unwrap();
    let mut patient = read("Patient", id);
    let doctors = patient["generalPractitioner"].as_array_mut().unwrap();
    doctors.retain(|doctor| *doctor != me);
    put(patient);
    eventually("the patient leaves this PC", || async {
        let list = search(&station, "").await;
        list.iter().all(|patient| patient.id != id).then_some(())
    })
    .await;
}
