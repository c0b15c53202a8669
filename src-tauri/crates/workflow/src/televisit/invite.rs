//! *Invita caregiver*: the region gives the invited person the link to the televisit, by the patient's page.

use cache::AuditAction;
use clinical::{PersonName, TelevisitId};
use contract::televisit::{InviteCaregiverRequest, TelevisitView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use televisit::Participant;

use super::{Written, resources};
use crate::core::Core;
use crate::desk::Desk;
use crate::failure::OrFail;

/// Longer is no name and no relation.
const MOST_LETTERS: usize = 80;

impl Core {
    /// `televisit_invite_caregiver`. A person invited already is not invited again.
    pub async fn televisit_invite_caregiver(&self, request: InviteCaregiverRequest) -> Answer<TelevisitView> {
        let family = words(&request.family, "family")?;
        let given = words(&request.given, "given")?;
        let relation = words(&request.relation, "relation")?;
        self.change_visit(
            TelevisitId::from(request.televisit_id),
            move |desk, visit, _, now| {
                let name = PersonName::new(family, given);
                let shown = shown(&name);
                if visit.participants.iter().any(|p| same(p.name.expose(), &shown)) {
                    return Ok(Written::only(AuditAction::VisitOpened));
                }
                visit
                    .invite(Participant {
                        name: shown.into(),
                        relation: relation.into(),
                        invited_at: now,
                        joined_at: None,
                        left_at: None,
                    })
                    .or_fail()?;
                Ok(Written {
                    action: AuditAction::CaregiverInvited,
                    record: None,
                    items: vec![resources::invitation_item(desk, visit, &name, now)?],
                })
            },
        )
        .await
    }
}

fn words(text: &str, field: &'static str) -> Result<String, Failure> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MOST_LETTERS {
        return Err(Failure::new(ErrorCode::BadRequest, "invite/words").with_field(field));
    }
    Ok(text.to_owned())
}

/// *Paola Riccitelli*.
pub(super) fn shown(name: &PersonName) -> String {
    format!("{} {}", name.given.expose(), name.family.expose())
}

/// The same name, however it was typed.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// When the invitations that have not reached the region were made.
pub(super) fn queued(desk: &Desk, id: &TelevisitId) -> Vec<Timestamp> {
    let items = desk.outbox().open_items(id.as_str()).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| resources::invited_at(&item.request.body))
        .collect()
}
