//! The entry (choose an invented citizen) and a citizen's home: appointments and the latest documents.

use axum::extract::{OriginalUri, Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use crate::calls::Guest;
use crate::citizen::chart::{self, Citizen, Televisit};
use crate::citizen::documents::Delivered;
use crate::citizen::shell::{Page, Place, escape, icon, nothing_here};
use crate::{Region, Shared};

/// Of the documents, as many stand on the home page.
const LATEST: usize = 3;

/// `GET /portale`.
pub(super) async fn entry(State(region): State<Shared>) -> Response {
    let (expected, others): (Vec<_>, Vec<_>) = Citizen::all(&region)
        .into_iter()
        .map(|citizen| {
            let next = citizen.televisits(&region).into_iter().find(Televisit::is_open);
            (citizen, next)
        })
        .partition(|(_, next)| next.is_some());
    let list = [
        ("Con una televisita in programma", expected),
        ("Altre persone", others),
    ]
    .into_iter()
    .filter(|(_, people)| !people.is_empty())
    .map(|(title, people)| group(&region, title, &people))
    .collect::<String>();
    let list = if list.is_empty() {
        "<p class=\"card empty\">In questa regione non ci sono ancora persone.</p>".to_owned()
    } else {
        list
    };
    let content = format!(
        "<div class=\"wrap page\"><div class=\"title\"><h1>Chi vuole essere?</h1><p class=\"lead\">Nel portale vero si \
         entra con SPID o CIE. Qui scelga una persona inventata e veda ciò che vede lei.</p></div>{list}</div>"
    );
    Page {
        title: "Scegli una persona",
        name: "entry",
        content,
        ..Page::default()
    }
    .answer(&region)
}

fn group(region: &Region, title: &str, people: &[(Citizen, Option<Televisit>)]) -> String {
    let now = region.clock.now();
    let cards: String = people
        .iter()
        .map(|(citizen, next)| {
            let visit = next.as_ref().map(|televisit| match televisit.start {
                Some(start) => format!(
                    "<p>Televisita {}, {}</p>",
                    chart::day(start, now),
                    chart::hour(start)
                ),
                None => "<p>Televisita da fissare</p>".to_owned(),
            });
            format!(
                "<li class=\"card choice-card\"><span class=\"initials\" aria-hidden=\"true\">{}</span><div>\
                 <a href=\"{}\">{}</a><p>{}</p>{}</div>{}</li>",
                escape(&citizen.initials()),
                escape(&citizen.home()),
                escape(&citizen.listed_name()),
                escape(&citizen.age(now).unwrap_or_default()),
                visit.unwrap_or_default(),
                icon("right"),
            )
        })
        .collect();
    format!(
        "<section class=\"stack\"><h2>{}</h2><ul class=\"list\">{cards}</ul></section>",
        escape(title)
    )
}

/// An address with a slash too many, or none of ours.
pub(super) async fn elsewhere(State(region): State<Shared>, OriginalUri(address): OriginalUri) -> Response {
    match address.path().strip_suffix('/') {
        Some(path) if path.starts_with("/portale") => Redirect::permanent(path).into_response(),
        _ => nothing_here(
            &region,
            "Pagina non trovata",
            "Controlli l'indirizzo, oppure riparta dall'inizio.",
        ),
    }
}

/// `GET /portale/{citizen}`.
pub(super) async fn home(State(region): State<Shared>, Path(id): Path<String>) -> Response {
    let Some(citizen) = Citizen::read(&region, &id) else {
        return nothing_here(
            &region,
            "Persona non trovata",
            "In questa regione di formazione non c'è nessuno con questo indirizzo.",
        );
    };
    let (open, closed): (Vec<_>, Vec<_>) = citizen
        .televisits(&region)
        .into_iter()
        .partition(Televisit::is_open);
    let documents = Delivered::all(&region, &citizen);
    let content = format!(
        "<div class=\"wrap page\"><div class=\"title\"><h1>Buongiorno, {}</h1></div>\
         <section class=\"stack\" aria-labelledby=\"visits\"><h2 id=\"visits\">I Suoi appuntamenti</h2>{}</section>{}\
         <section class=\"stack\" aria-labelledby=\"latest\"><div class=\"section-head\"><h2 id=\"latest\">Ultimi documenti</h2>\
         <a href=\"{}\">Tutti i documenti</a></div>{}</section></div>",
        escape(&citizen.given),
        visits(
            &region,
            &open,
            "Non ha televisite in programma. Le prenota il CUP, dopo la prescrizione del Suo medico."
        ),
        if closed.is_empty() {
            String::new()
        } else {
            format!(
                "<section class=\"stack\" aria-labelledby=\"past\"><h2 id=\"past\">Concluse</h2>{}</section>",
                visits(&region, &closed, "")
            )
        },
        escape(&citizen.documents()),
        Delivered::listed(&citizen, documents.get(..LATEST).unwrap_or(&documents), &region),
    );
    Page {
        title: "I miei appuntamenti",
        name: "home",
        citizen: Some(&citizen),
        place: Some(Place::Appointments),
        content,
        ..Page::default()
    }
    .answer(&region)
}

fn visits(region: &Region, televisits: &[Televisit], empty: &str) -> String {
    if televisits.is_empty() {
        return format!("<p class=\"card empty\">{}</p>", escape(empty));
    }
    let cards: String = televisits
        .iter()
        .map(|televisit| card(region, televisit))
        .collect();
    format!("<ul class=\"visits\">{cards}</ul>")
}

fn card(region: &Region, televisit: &Televisit) -> String {
    let now = region.clock.now();
    let (day, hour) = match televisit.start {
        Some(start) => (chart::day(start, now), chart::hour(start)),
        None => ("da fissare".to_owned(), String::new()),
    };
    let test = televisit.eligibility(region);
    let passed = matches!(test, Some((true, _)));
    let booking = televisit
        .booking
        .as_deref()
        .map(|number| format!(", prenotazione {number}"))
        .unwrap_or_default();
    format!(
        "<li class=\"card visit-card\"><p class=\"date\"><span class=\"day\">{}</span><span class=\"time\">{}</span></p>\
         <div class=\"visit-what\"><h3>{}</h3><p>Con {} {}</p><p>{}{}</p><p class=\"marks\">{}</p></div>\
         <div class=\"visit-do\">{}</div></li>",
        escape(&day),
        escape(&hour),
        escape(&televisit.service),
        if televisit.doctor.female { "la" } else { "il" },
        escape(&televisit.doctor.title_and_name()),
        escape(&televisit.structure),
        escape(&booking),
        marks(
            televisit,
            test.map(|(passed, at)| (passed, chart::date(chart::local(at).date())))
        ),
        if televisit.is_open() {
            actions(region, televisit, passed)
        } else {
            String::new()
        },
    )
}

fn marks(televisit: &Televisit, test: Option<(bool, String)>) -> String {
    let badge = |kind: &str, symbol: &str, words: &str| {
        format!(
            "<span class=\"badge {kind}\">{}{}</span>",
            icon(symbol),
            escape(words)
        )
    };
    match (televisit.status.as_str(), test) {
        ("fulfilled", _) => badge("ok", "check", "Conclusa"),
        ("noshow", _) => badge("danger", "alert", "Non si è presentato nessuno"),
        ("cancelled" | "entered-in-error", _) => badge("danger", "alert", "Annullata"),
        (_, Some((true, date))) => badge("ok", "check", &format!("Test superato il {date}")),
        (_, Some((false, date))) => badge("danger", "alert", &format!("Test non superato il {date}")),
        (_, None) => badge("warn", "clock", "Test di eleggibilità da fare"),
    }
}

/// The next thing to do comes first and is the only filled button.
fn actions(region: &Region, televisit: &Televisit, passed: bool) -> String {
    let room = room_of(region, televisit, Guest::Patient);
    let (enter, test) = if passed {
        ("button primary", "button")
    } else {
        ("button", "button primary")
    };
    let enter = format!(
        "<a class=\"{enter}\" href=\"{}\">Entra in sala d'attesa</a>",
        escape(&room)
    );
    let test = format!(
        "<a class=\"{test}\" href=\"{}\">{}</a>",
        escape(&televisit.test_page()),
        if passed { "Ripeti il test" } else { "Fai il test" }
    );
    let caregiver = if region.has_invited_caregiver(&televisit.id) {
        format!(
            "<a class=\"button\" href=\"{}\">Link per il caregiver invitato</a>",
            escape(&room_of(region, televisit, Guest::Caregiver))
        )
    } else {
        String::new()
    };
    if passed {
        format!("{enter}{test}{caregiver}")
    } else {
        format!("{test}{enter}{caregiver}")
    }
}

/// A path, so that the page works behind whatever name the region is reached by.
fn room_of(region: &Region, televisit: &Televisit, guest: Guest) -> String {
    let address = region.televisit_address(&televisit.id, guest);
    address
        .strip_prefix(&region.base_url)
        .unwrap_or(&address)
        .to_owned()
}
