//! `teleconsult_list`: every case of this person, in the order of the clocks; drafts among them.

use contract::teleconsult::{TeleconsultListView, TeleconsultRowView, TeleconsultState};
use contract::{Answer, Failure};
use jiff::Timestamp;

use super::form::Body;
use super::{DRAFT, form, view};
use crate::colleague::Directory;
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::{patient, views};

impl Core {
    /// `teleconsult_list`.
    pub async fn teleconsult_list(&self) -> Answer<TeleconsultListView> {
        let desk = self.desk()?;
        let role = desk.role();
        desk.allow(
            role.asks_teleconsults() || role.answers_teleconsults(),
            "teleconsults",
        )?;
        blocking(move || {
            let now = Timestamp::now();
            let directory = Directory::load(&desk);
            let lines = desk.outbox().queue().or_fail()?;
            let mut rows = Vec::new();
            for known in super::all(&desk)? {
                rows.extend(view::row(&desk, &known, &directory, &lines, now));
            }
            if role.asks_teleconsults() {
                rows.extend(drafts(&desk, &directory, now)?);
            }
            rows.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| b.asked_at.cmp(&a.asked_at)));
            let feed = desk.replica().cursor(crate::sync::TELECONSULT_FEED).or_fail()?;
            Ok(TeleconsultListView {
                rows,
                as_of: feed.map(|feed| views::instant(feed.at)),
            })
        })
        .await
    }
}

/// Running clocks first, the one that ends first before the others; then what stands still; then what is over.
fn order(row: &TeleconsultRowView) -> (u8, String) {
    let group = match row.state {
        TeleconsultState::Answered if row.my_turn => 1,
        TeleconsultState::Answered | TeleconsultState::Acknowledged => 3,
        _ if row.due.is_some() => 0,
        TeleconsultState::Draft => 2,
        _ => 1,
    };
    // Instants are RFC 3339 in UTC: their order as text is their order in time, fractions of a second apart.
    (group, row.due.clone().unwrap_or_default())
}

fn drafts(desk: &Desk, directory: &Directory, now: Timestamp) -> Result<Vec<TeleconsultRowView>, Failure> {
    let mut rows = Vec::new();
    for draft in desk.outbox().drafts(DRAFT).or_fail()? {
        let Ok(body) = Body::read(&draft) else { continue };
        let untouched = body.is_blank() && desk.store.attachments.of(&draft.subject).or_fail()?.is_empty();
        let Some(patient) = patient::view_of(desk, &body.patient, now).filter(|_| !untouched) else {
            continue;
        };
        rows.push(TeleconsultRowView {
            id: draft.subject.clone(),
            number: None,
            patient,
            question: view::first_line(&body.form.question),
            priority: body.form.priority.unwrap_or(contract::report::Priority::D),
            state: TeleconsultState::Draft,
            turn_of: Some(desk.practitioner.name.display()),
            turn_unit: None,
            my_turn: true,
            opinion_due: false,
            due: None,
            asked_at: views::instant(draft.saved_at),
            queue: None,
            speciality: form::speciality(directory, &body.form.speciality),
        });
    }
    Ok(rows)
}
