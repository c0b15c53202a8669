//! What the chosen speciality wants to know, filled in from the archive on this PC where it can be.
//!
//! An item that was never touched takes what the archive says; one that was typed, or emptied, is the doctor's word. Not in
//! it: the templates themselves (`teleconsult::template`, `assets/teleconsult`).

use ::teleconsult::Particular;
use ::teleconsult::template::{Item, PARTICULAR_LIMIT, Source};
use clinical::PatientId;
use contract::patient::Sex;
use contract::teleconsult::TemplateItemView;
use jiff::Timestamp;

use super::form::Body;
use crate::desk::Desk;
use crate::{document, patient, views};

fn items<'a>(desk: &'a Desk, body: &Body, now: Timestamp) -> &'a [Item] {
    let minor = desk
        .replica()
        .patient(&body.patient)
        .ok()
        .flatten()
        .is_some_and(|patient| patient.is_minor_on(views::today(now)));
    desk.assets
        .templates
        .of(body.form.speciality.trim(), minor)
        .map_or(&[], |template| template.items.as_slice())
}

/// The items of the chosen speciality, each with what fills it in.
pub(super) fn view(desk: &Desk, body: &Body, now: Timestamp) -> Vec<TemplateItemView> {
    items(desk, body, now)
        .iter()
        .map(|item| TemplateItemView {
            id: item.id.clone(),
            ask: item.ask.clone(),
            hint: item.hint.clone(),
            wanted: item.wanted,
            filled: item
                .source
                .and_then(|source| fill(desk, &body.patient, source, now)),
        })
        .collect()
}

/// Wanted items that say nothing.
pub(super) fn unsaid(body: &Body, view: &[TemplateItemView]) -> Vec<String> {
    view.iter()
        .filter(|item| item.wanted && words(body, item).trim().is_empty())
        .map(|item| item.id.clone())
        .collect()
}

/// What leaves with the request, in the order of the template.
pub(super) fn particulars(body: &Body, view: &[TemplateItemView]) -> Vec<Particular> {
    view.iter()
        .map(|item| Particular {
            ask: item.ask.clone(),
            words: words(body, item)
                .trim()
                .chars()
                .take(PARTICULAR_LIMIT)
                .collect::<String>()
                .into(),
        })
        .collect()
}

fn words<'a>(body: &'a Body, item: &'a TemplateItemView) -> &'a str {
    body.form
        .particulars
        .get(&item.id)
        .map(String::as_str)
        .or(item.filled.as_deref())
        .unwrap_or_default()
}

fn fill(desk: &Desk, id: &PatientId, source: Source, now: Timestamp) -> Option<String> {
    match source {
        Source::Therapy => {
            let (lines, at) = document::last_therapy(desk, id);
            let day = at.as_deref().and_then(day_of)?;
            (!lines.is_empty()).then(|| format!("{} (referto del {day})", lines.join("; ")))
        }
        Source::LastDocument => {
            let newest = desk.replica().documents_of(id).ok()?.into_iter().next()?;
            let title = newest.payload.get("title")?.as_str()?.to_owned();
            Some(format!("{title}, {}", italian_day(newest.at)))
        }
        Source::Person => {
            let person = patient::view_of(desk, id, now)?;
            let age = match person.age_months {
                Some(1) => "1 mese".to_owned(),
                Some(months) => format!("{months} mesi"),
                None => format!("{} anni", person.age_years),
            };
            Some(match person.sex {
                Sex::Female => format!("{age}, femmina"),
                Sex::Male => format!("{age}, maschio"),
                Sex::Unknown => age,
            })
        }
    }
}

fn day_of(instant: &str) -> Option<String> {
    instant.parse().ok().map(italian_day)
}

fn italian_day(at: Timestamp) -> String {
    views::local(at).strftime("%d/%m/%Y").to_string()
}
