//! Teleconsults in several states: to be taken, in progress, waiting for who asked, answered.

use serde_json::{Value, json};

use super::documents::{LABORATORY, OUTPATIENT, Paper, file};
use super::person::Person;
use super::register::{
    CORVELLI, DELVECCHIATI, FIORENTANO, LOMBARDESI, PETRACCHI, QUARANTELLI, SANTOVITI, teo,
};
use super::staff::{BRANDOLESI, CARDIOLOGY, FERRANTINO, Member, NEPHROLOGY, QUERCETTI, VALMORI};
use super::{EXTENSION, Moment, SPECIALITY, coded, plain_code, put, to};
use crate::fhir::StoreError;
use crate::fhir::writing::Writing;

const MODE: &str = "http://hl7.it/fhir/teleconsulto/CodeSystem/csModalitaTC";
const RANGE: &str = "http://hl7.it/fhir/teleconsulto/CodeSystem/csRaggioErogazione";
const PROFILE: &str =
    "http://hl7.it/fhir/teleconsulto/StructureDefinition/ServiceRequestRichiestaTeleconsulto";
const MODE_EXTENSION: &str = "http://hl7.it/fhir/teleconsulto/StructureDefinition/modalitaEsecPrestazione";

struct Case<'a> {
    number: u32,
    person: Person,
    priority: &'a str,
    subject: &'a str,
    question: &'a str,
    asker: &'a Member,
    speciality: (&'a str, &'a str),
    owner: Option<&'a Member>,
    status: &'a str,
    minutes_ago: i64,
    /// Sender, kind (a message when empty), text, minutes ago.
    messages: &'a [(&'a Member, &'a str, &'a str, i64)],
}

pub(super) fn plant(writing: &mut Writing<'_>, moment: &Moment) -> Result<(), StoreError> {
    let teo = teo(moment.today());
    let case = |number, person, priority, subject, question, minutes_ago| Case {
        number,
        person,
        priority,
        subject,
        question,
        asker: &FERRANTINO,
        speciality: CARDIOLOGY,
        owner: None,
        status: "requested",
        minutes_ago,
        messages: &[],
    };
    let cases = [
        Case {
            owner: Some(&VALMORI),
            status: "in-progress",
            ..case(
                44829,
                QUARANTELLI,
                "U",
                "Dispnea ingravescente in scompenso noto",
                "Dispnea per minimi sforzi da tre giorni, peso aumentato di 3 kg. Aumentare il diuretico o inviare in pronto soccorso?",
                360,
            )
        },
        Case {
            owner: Some(&VALMORI),
            status: "in-progress",
            messages: &[
                (
                    &VALMORI,
                    "information-request",
                    "Mi servono peso attuale e due creatinine degli ultimi sei mesi.",
                    1387,
                ),
                (
                    &FERRANTINO,
                    "",
                    "Peso 71 kg, misurato stamattina. Creatinina 1,9 il 12 nov e 1,8 il 3 lug. Allegato il referto.",
                    176,
                ),
            ],
            ..case(
                44831,
                DELVECCHIATI,
                "B",
                "Quale anticoagulante con filtrato 34?",
                "Fibrillazione atriale dal 2021, in warfarin con INR instabile. Filtrato 34 ml/min il 12 nov. Propone il passaggio a un anticoagulante diretto? Allego esami ed ECG.",
                1533,
            )
        },
        case(
            44833,
            PETRACCHI,
            "B",
            "ECG, nuovo blocco di branca",
            "ECG di controllo con blocco di branca sinistra non presente un anno fa. Asintomatico. Serve una valutazione in presenza?",
            240,
        ),
        case(
            44834,
            LOMBARDESI,
            "D",
            "Palpitazioni, esito Holter",
            "Holter con extrasistolia sopraventricolare frequente. Si indica terapia?",
            1500,
        ),
        Case {
            asker: &BRANDOLESI,
            owner: Some(&VALMORI),
            status: "accepted",
            ..case(
                44836,
                teo,
                "D",
                "Soffio, richiesta del pediatra",
                "Soffio sistolico dolce in bambino che cresce bene. Serve una valutazione in presenza o basta il controllo?",
                1440,
            )
        },
        Case {
            owner: Some(&VALMORI),
            status: "on-hold",
            messages: &[(
                &VALMORI,
                "information-request",
                "Può caricare le sette giornate di misure e la terapia attuale con gli orari?",
                900,
            )],
            ..case(
                44837,
                CORVELLI,
                "D",
                "Ipertensione resistente, sette giorni di misure",
                "Pressione sopra 150/90 con tre farmaci. Quale passo successivo?",
                2880,
            )
        },
        Case {
            owner: Some(&VALMORI),
            status: "completed",
            messages: &[(
                &VALMORI,
                "answer",
                "Che cosa fare: proseguire il betabloccante alla dose attuale\nEntro quando: controllo entro un mese\nQuando preoccuparsi: sincope, frequenza sotto 45 o sopra 120 a riposo\nIndicata televisita di controllo.\n\nLa frequenza è controllata; la terapia anticoagulante è adeguata.",
                28_900,
            )],
            ..case(
                44817,
                FIORENTANO,
                "D",
                "Fibrillazione atriale, frequenza in terapia",
                "Frequenza media 78 all'Holter in terapia con bisoprololo. Si conferma la dose?",
                30_240,
            )
        },
        Case {
            speciality: NEPHROLOGY,
            owner: Some(&QUERCETTI),
            status: "completed",
            messages: &[(
                &QUERCETTI,
                "answer",
                "Funzione renale stabile negli ultimi tre controlli. Prosegua la terapia, nuovo controllo della creatinina tra tre mesi.",
                4000,
            )],
            ..case(
                44818,
                SANTOVITI,
                "P",
                "Microalbuminuria in terapia",
                "Microalbuminuria persistente in terapia con ramipril. Altri accertamenti?",
                7200,
            )
        },
    ];
    for case in &cases {
        plant_one(writing, moment, case)?;
    }
    let attachments: [(&str, (&str, &str), &[&str]); 2] = [
        (
            "ECG 12 derivazioni",
            OUTPATIENT,
            &["Fibrillazione atriale a 78 battiti al minuto, QRS stretto."],
        ),
        ("Creatinina 3 luglio", LABORATORY, &["Creatinina 1,8 mg/dl."]),
    ];
    for (number, (title, kind, lines)) in attachments.into_iter().enumerate() {
        file(
            writing,
            &Paper {
                id: format!("allegato-44831-{number}"),
                patient: &DELVECCHIATI,
                title,
                kind,
                date: moment.ago(1533),
                author: FERRANTINO.as_actor(),
                lines,
                therapy: &[],
                related: Some(json!({"reference": "ServiceRequest/teleconsulto-44831"})),
            },
        )?;
    }
    Ok(())
}

fn plant_one(writing: &mut Writing<'_>, moment: &Moment, case: &Case<'_>) -> Result<(), StoreError> {
    let id = format!("teleconsulto-{}", case.number);
    let request = json!({"reference": format!("ServiceRequest/{id}")});
    let patient = to("Patient", &case.person.id(), &case.person.display());
    let authored = moment.ago(case.minutes_ago);
    let (code, speciality) = case.speciality;
    put(
        writing,
        json!({
            "resourceType": "ServiceRequest", "id": id, "meta": {"profile": [PROFILE]},
            "identifier": [{"system": "urn:ietf:rfc:3986", "value": format!("urn:postazione:{id}")}],
            "status": if case.status == "completed" { "completed" } else { "active" }, "intent": "order",
            "extension": [
                {"url": MODE_EXTENSION, "valueCodeableConcept": coded(MODE, "ASINC_ABS", "Asincrona, in assenza dell'assistito")},
                {"url": format!("{EXTENSION}priority-class"), "valueCode": case.priority}],
            "requisition": {"value": case.number.to_string()},
            "category": [coded(SPECIALITY, code, speciality)],
            "priority": if case.priority == "U" { "urgent" } else { "routine" },
            "code": {"text": "Teleconsulto"},
            "orderDetail": [coded(RANGE, "AZI", "Aziendale")],
            "subject": patient, "authoredOn": authored, "requester": case.asker.as_actor(),
            "reasonCode": [{"text": case.subject}], "note": [{"text": case.question}],
        }),
    )?;
    let mut task = json!({
        "resourceType": "Task", "id": format!("caso-{}", case.number), "intent": "order", "status": case.status,
        "code": plain_code("teleconsult"), "focus": request, "for": patient,
        "requester": case.asker.as_actor(), "authoredOn": authored,
        "priority": if case.priority == "U" { "urgent" } else { "routine" },
    });
    if let Some(owner) = case.owner {
        task["owner"] = owner.as_actor();
    }
    put(writing, task)?;
    for (number, (sender, kind, text, minutes_ago)) in case.messages.iter().enumerate() {
        let recipient = if sender.role_id() == case.asker.role_id() {
            case.owner
        } else {
            Some(case.asker)
        };
        let mut message = json!({
            "resourceType": "Communication", "id": format!("messaggio-{}-{number}", case.number), "status": "completed",
            "identifier": [{"system": "urn:ietf:rfc:3986", "value": format!("urn:postazione:{}-{number}", case.number)}],
            "about": [request], "basedOn": [request], "subject": patient, "sender": sender.as_actor(),
            "recipient": recipient.map(Member::as_actor).into_iter().collect::<Vec<Value>>(),
            "sent": moment.ago(*minutes_ago), "payload": [{"contentString": text}],
        });
        if !kind.is_empty() {
            message["category"] =
                json!([{"coding": [{"system": "https://postazione.example/communication", "code": kind}]}]);
        }
        put(writing, message)?;
    }
    Ok(())
}
