//! The teleconsults of a citizen: their own, and a child's as the parent sees them.
//!
//! *Oscuramento al genitore* is held here: what a doctor kept from the parents is in the minor's own view and in no parent's, nor
//! is there a sign in theirs that something is missing (Garante privacy, guidelines of 4 June 2015). Who is not the child's parent at the
//! region sees nothing. Not in it: the attachments, which are the doctors'.

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::Value;

use crate::citizen::chart::{self, Citizen};
use crate::citizen::shell::{Page, Place, escape, nothing_here};
use crate::{Region, Shared};

const TELECONSULT: &str =
    "http://hl7.it/fhir/teleconsulto/StructureDefinition/ServiceRequestRichiestaTeleconsulto";
/// The extension of the profile that asks for it.
const OBSCURED: &str = "oscuramentodati";

/// `GET /portale/teleconsulti/{citizen}`.
pub(super) async fn own(State(region): State<Shared>, Path(id): Path<String>) -> Response {
    let Some(citizen) = Citizen::read(&region, &id) else {
        return nobody(&region);
    };
    page(
        &region,
        &citizen,
        "I Suoi teleconsulti",
        &all(&region, &citizen, false),
    )
}

/// `GET /portale/genitore/{parent}/{citizen}`: `parent` is the RelatedPerson.
pub(super) async fn of_child(
    State(region): State<Shared>,
    Path((parent, id)): Path<(String, String)>,
) -> Response {
    let related = region.store.read("RelatedPerson", &parent).ok().flatten();
    let is_parent = related.is_some_and(|related| {
        related["patient"]["reference"] == format!("Patient/{id}").as_str()
            && chart::list(&related["relationship"])
                .flat_map(|relationship| chart::list(&relationship["coding"]))
                .any(|coding| matches!(coding["code"].as_str(), Some("PRN" | "MTH" | "FTH")))
    });
    let Some(child) = Citizen::read(&region, &id).filter(|_| is_parent) else {
        return nobody(&region);
    };
    let title = format!("I teleconsulti di {}", child.listed_name());
    page(&region, &child, &title, &all(&region, &child, true))
}

/// The newest first: question, and answer once it is there.
fn all(region: &Region, citizen: &Citizen, by_parent: bool) -> Vec<(String, Vec<String>)> {
    let mine = format!("Patient/{}", citizen.id);
    let mut requests: Vec<Value> = chart::found(region, "ServiceRequest", &[("subject", &mine)])
        .iter()
        .filter(|request| {
            chart::list(&request["meta"]["profile"]).any(|profile| profile == TELECONSULT)
                && !(by_parent && is_obscured(request))
        })
        .map(Value::clone)
        .collect();
    requests.sort_by_key(|request| std::cmp::Reverse(chart::text(&request["authoredOn"])));
    requests
        .iter()
        .map(|request| {
            let about = format!("ServiceRequest/{}", chart::text(&request["id"]));
            let question = chart::text(&request["note"][0]["text"]);
            let answers = chart::found(region, "Communication", &[("based-on", &about)])
                .iter()
                .filter(|message| {
                    chart::list(&message["category"])
                        .flat_map(|category| chart::list(&category["coding"]))
                        .any(|coding| coding["code"] == "answer")
                })
                .map(|message| chart::text(&message["payload"][0]["contentString"]))
                .collect();
            (question, answers)
        })
        .collect()
}

fn is_obscured(request: &Value) -> bool {
    chart::list(&request["extension"]).any(|extension| {
        extension["url"]
            .as_str()
            .is_some_and(|url| url.ends_with(OBSCURED))
            && extension["valueBoolean"] == true
    })
}

fn page(region: &Region, citizen: &Citizen, title: &str, cases: &[(String, Vec<String>)]) -> Response {
    let items: String = cases
        .iter()
        .map(|(question, answers)| {
            let answers: String = answers
                .iter()
                .map(|answer| format!("<p>{}</p>", escape(answer)))
                .collect();
            format!("<li><div><h2>{}</h2>{answers}</div></li>", escape(question))
        })
        .collect();
    let content = if items.is_empty() {
        "<p class=\"card empty\">Non ci sono teleconsulti.</p>".to_owned()
    } else {
        format!("<ul class=\"card documents\">{items}</ul>")
    };
    Page {
        title,
        name: "teleconsults",
        citizen: Some(citizen),
        place: Some(Place::Documents),
        content: format!(
            "<div class=\"wrap page\"><div class=\"title\"><h1>{}</h1><p class=\"lead\">Consulti tra medici chiesti \
             con il consenso.</p></div>{content}</div>",
            escape(title)
        ),
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
