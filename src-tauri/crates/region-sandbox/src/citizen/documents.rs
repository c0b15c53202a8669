//! The delivered reports of a citizen: the list, the text of one, its PDF.
//!
//! A report is here as soon as the region holds its `DocumentReference`, which the gateway writes at publication. Not
//! in it: attachments of teleconsults (no report), and reports that were annulled or replaced.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::Value;

use crate::citizen::chart::{self, Citizen};
use crate::citizen::report_text::{self, ReportText};
use crate::citizen::shell::{Page, Place, escape, icon, nothing_here};
use crate::{Region, Shared};

/// LOINC: Referto di Televisita, Relazione Collaborativa di Teleconsulto.
const TELEMEDICINE: [&str; 2] = ["75496-0", "85208-7"];
const PDF: &str = "application/pdf";

/// A report that the citizen may read.
#[derive(Clone, Debug)]
pub(super) struct Delivered {
    id: String,
    title: String,
    author: Option<String>,
    at: Option<Timestamp>,
    binary: String,
}

impl Delivered {
    /// The newest first.
    pub(super) fn all(region: &Region, citizen: &Citizen) -> Vec<Self> {
        let mine = format!("Patient/{}", citizen.id);
        let mut all: Vec<Self> = chart::found(region, "DocumentReference", &[("patient", &mine)])
            .iter()
            .filter_map(Self::of)
            .collect();
        all.sort_by_key(|document| std::cmp::Reverse(document.at));
        all
    }

    fn of(reference: &Value) -> Option<Self> {
        if !matches!(reference["status"].as_str(), Some("current") | None) {
            return None;
        }
        let title = chart::concept(&reference["type"])?;
        if is_attachment(reference) {
            return None;
        }
        let attachment = chart::list(&reference["content"])
            .map(|content| &content["attachment"])
            .find(|attachment| attachment["contentType"] == PDF)?;
        let binary = attachment["url"].as_str()?.rsplit_once("Binary/")?.1.to_owned();
        Some(Self {
            id: chart::text(&reference["id"]),
            title: reference["description"]
                .as_str()
                .or(attachment["title"].as_str())
                .map_or(title, str::to_owned),
            author: chart::list(&reference["author"]).find_map(|a| a["display"].as_str().map(str::to_owned)),
            at: [
                &reference["date"],
                &attachment["creation"],
                &reference["meta"]["lastUpdated"],
            ]
            .into_iter()
            .find_map(|time| time.as_str()?.parse().ok()),
            binary,
        })
    }

    /// A list of them as HTML.
    pub(super) fn listed(citizen: &Citizen, documents: &[Self], region: &Region) -> String {
        if documents.is_empty() {
            return "<p class=\"card empty\">Non ci sono ancora documenti. Il referto di una televisita arriva qui appena il \
                    medico lo ha firmato e inviato.</p>"
                .to_owned();
        }
        let items: String = documents
            .iter()
            .map(|document| {
                format!(
                    "<li>{}<div><a href=\"{}\">{}</a><p>{}</p></div>{}</li>",
                    icon("document"),
                    escape(&document.address(citizen)),
                    escape(&document.title),
                    escape(&document.line(region)),
                    icon("right"),
                )
            })
            .collect();
        format!("<ul class=\"card documents\">{items}</ul>")
    }

    fn address(&self, citizen: &Citizen) -> String {
        format!("{}/{}", citizen.documents(), self.id)
    }

    fn line(&self, region: &Region) -> String {
        let when = self.at.map(|at| {
            let day = chart::day(at, region.clock.now());
            let (first, rest) = day.split_at(day.chars().next().map_or(0, char::len_utf8));
            format!("{}{rest}, {}", first.to_uppercase(), chart::hour(at))
        });
        when.into_iter()
            .chain(self.author.clone())
            .collect::<Vec<_>>()
            .join(". ")
    }

    fn bytes(&self, region: &Region) -> Option<Vec<u8>> {
        region
            .store
            .binary(&self.binary)
            .ok()
            .flatten()
            .map(|(_, bytes)| bytes)
    }

    fn read(region: &Region, citizen: &Citizen, id: &str) -> Option<Self> {
        Self::all(region, citizen)
            .into_iter()
            .find(|document| document.id == id)
    }
}

/// What hangs on a request and is no report of a televisit or teleconsult was attached for the doctors.
fn is_attachment(reference: &Value) -> bool {
    let of_request = chart::list(&reference["context"]["related"])
        .filter_map(|related| related["reference"].as_str())
        .any(|related| related.starts_with("ServiceRequest/"));
    let telemedicine = chart::list(&reference["type"]["coding"]).any(|coding| {
        coding["code"]
            .as_str()
            .is_some_and(|code| TELEMEDICINE.contains(&code))
    });
    // The gateway numbers what it publishes.
    of_request && !telemedicine && reference["masterIdentifier"].is_null()
}

/// `GET /portale/documenti/{citizen}`.
pub(super) async fn list(State(region): State<Shared>, Path(id): Path<String>) -> Response {
    let Some(citizen) = Citizen::read(&region, &id) else {
        return nobody(&region);
    };
    let documents = Delivered::all(&region, &citizen);
    let content = format!(
        "<div class=\"wrap page\"><div class=\"title\"><h1>I Suoi documenti</h1><p class=\"lead\">I referti firmati arrivano \
         qui subito; entro cinque giorni sono anche nel Fascicolo Sanitario Elettronico.</p></div>{}</div>",
        Delivered::listed(&citizen, &documents, &region)
    );
    page(&region, &citizen, "I miei documenti", content)
}

/// `GET /portale/documenti/{citizen}/{document}`: the report as text.
pub(super) async fn read(
    State(region): State<Shared>,
    Path((id, document)): Path<(String, String)>,
) -> Response {
    let Some(citizen) = Citizen::read(&region, &id) else {
        return nobody(&region);
    };
    let Some(document) = Delivered::read(&region, &citizen, &document) else {
        return no_document(&region);
    };
    let report = document
        .bytes(&region)
        .and_then(|pdf| report_text::embedded_cda(&pdf))
        .and_then(|cda| ReportText::of(&cda));
    let body = match report {
        Some(report) => report.html(),
        None => "<p>Il testo di questo documento si legge nel PDF.</p>".to_owned(),
    };
    let pdf = format!("{}/referto.pdf", document.address(&citizen));
    let content = format!(
        "<div class=\"wrap page\"><nav class=\"crumbs\" aria-label=\"Percorso\"><ol><li><a href=\"{}\">Documenti</a></li>\
         <li aria-current=\"page\">{title}</li></ol></nav><div class=\"report-head\"><div class=\"title\"><h1>{title}</h1>\
         <p class=\"lead\">{}</p></div><p class=\"actions\"><a class=\"button primary\" href=\"{}\">{}Apri il PDF</a></p>\
         </div><article class=\"card report\" id=\"report-text\">{body}</article></div>",
        escape(&citizen.documents()),
        escape(&document.line(&region)),
        escape(&pdf),
        icon("document"),
        title = escape(&document.title),
    );
    page(&region, &citizen, &document.title, content)
}

/// `GET /portale/documenti/{citizen}/{document}/referto.pdf`.
pub(super) async fn pdf(
    State(region): State<Shared>,
    Path((id, document)): Path<(String, String)>,
) -> Response {
    let found = Citizen::read(&region, &id)
        .and_then(|citizen| Delivered::read(&region, &citizen, &document))
        .and_then(|document| document.bytes(&region));
    match found {
        Some(bytes) => (
            [
                (CONTENT_TYPE, PDF),
                (CONTENT_DISPOSITION, "inline; filename=\"referto.pdf\""),
                (CACHE_CONTROL, "no-store"),
                (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ],
            bytes,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn page(region: &Region, citizen: &Citizen, title: &str, content: String) -> Response {
    Page {
        title,
        name: "documents",
        citizen: Some(citizen),
        place: Some(Place::Documents),
        content,
        ..Page::default()
    }
    .answer(region)
}

fn nobody(region: &Region) -> Response {
    nothing_here(
        region,
        "Persona non trovata",
        "In questa regione di formazione non c'è nessuno con questo indirizzo.",
    )
}

fn no_document(region: &Region) -> Response {
    nothing_here(
        region,
        "Documento non trovato",
        "Può essere stato annullato o sostituito da chi lo ha scritto. Controlli l'elenco dei Suoi documenti.",
    )
}
