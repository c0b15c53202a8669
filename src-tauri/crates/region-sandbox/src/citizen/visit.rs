//! The page of a televisit, and the caregiver's.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::Shared;
use crate::citizen::chart::{self, Citizen, Televisit};
use crate::citizen::shell::{Page, fill, nothing_here};

#[derive(Debug, Deserialize)]
pub(super) struct Invited {
    caregiver: Option<String>,
}

/// `GET /portale/televisita/{appointment}?t=`. The page opens with any token: the room tells it whether it is right.
pub(super) async fn page(
    State(region): State<Shared>,
    Path(id): Path<String>,
    Query(invited): Query<Invited>,
) -> Response {
    let found = Televisit::read(&region, &id);
    let Some((televisit, citizen)) = found.and_then(|t| Citizen::read(&region, &t.patient).map(|c| (t, c)))
    else {
        return nothing_here(
            &region,
            "Questa televisita non esiste",
            "Può essere stata spostata o annullata. Controlli l'invito, o i Suoi appuntamenti.",
        );
    };
    let caregiver = invited.caregiver.is_some_and(|value| value != "0");
    let now = region.clock.now();
    let when = televisit
        .start
        .map(|start| format!("{}, {}", chart::day(start, now), chart::hour(start)))
        .unwrap_or_default();
    let doctor = televisit.doctor.title_and_name();
    let phone = televisit
        .phone
        .as_ref()
        .map(|number| format!("Se il collegamento non riesce, chiami l'ambulatorio al numero {number}."))
        .unwrap_or_default();
    let article = televisit.doctor.with_article();
    let chat_hint = format!(
        "Scriva {} {}",
        if televisit.doctor.female { "alla" } else { "al" },
        doctor_word(&televisit)
    );
    let (home, documents) = (citizen.home(), citizen.documents());
    let patient = format!("{} {}", citizen.given, citizen.family);
    let values = [
        ("the_doctor", article.as_str()),
        ("doctor", doctor.as_str()),
        ("visit", televisit.service.as_str()),
        ("when", when.as_str()),
        ("structure", televisit.structure.as_str()),
        ("phone", phone.as_str()),
        ("chat_hint", chat_hint.as_str()),
        ("home", home.as_str()),
        ("documents", documents.as_str()),
        ("patient", patient.as_str()),
    ];
    let (template, name, script) = if caregiver {
        (include_str!("pages/caregiver.html"), "caregiver", "caregiver.js")
    } else {
        (
            include_str!("pages/televisita.html"),
            "televisita",
            "televisita.js",
        )
    };
    Page {
        title: "Televisita",
        name,
        // No way to another page while a televisit is open, and none for a caregiver.
        citizen: None,
        data: vec![
            ("state", "waiting"),
            ("picture", "off"),
            ("appointment", &televisit.id),
            ("doctor", &doctor),
            ("doctor-gender", televisit.doctor.gender()),
        ],
        script: Some(script),
        content: fill(template, &values, &[]),
        place: None,
    }
    .answer(&region)
}

fn doctor_word(televisit: &Televisit) -> &'static str {
    if televisit.doctor.female {
        "dottoressa"
    } else {
        "dottore"
    }
}
