//! *Verifica identità*, and *Interrompi: identità non confermata*.

use cache::{AuditAction, VisitRecordKind};
use clinical::{IdentityCheck, IdentityMethod as Method, TelevisitId};
use contract::televisit::{ConfirmIdentityRequest, IdentityMethod, TelevisitRequest, TelevisitView};
use contract::{Answer, ErrorCode, Failure};

use super::{Written, encounter_item};
use crate::core::Core;
use crate::failure::OrFail;

impl Core {
    /// `televisit_confirm_identity`. A second click finds it confirmed.
    pub async fn televisit_confirm_identity(&self, request: ConfirmIdentityRequest) -> Answer<TelevisitView> {
        let method = match request.method {
            IdentityMethod::DocumentShown => Method::DocumentShown,
            IdentityMethod::DigitalIdentity => Method::DigitalIdentity,
            IdentityMethod::KnownToClinician => Method::KnownToClinician,
        };
        self.change_visit(
            TelevisitId::from(request.televisit_id),
            move |_, visit, _, now| {
                let identity = IdentityCheck { method, at: now };
                if visit.identity().is_none() {
                    visit.confirm_identity(identity.clone()).or_fail()?;
                }
                let payload = serde_json::to_value(visit.identity().unwrap_or(&identity))
                    .map_err(|_| Failure::new(ErrorCode::Internal, "visit/identity"))?;
                Ok(Written {
                    action: AuditAction::IdentityRecorded,
                    record: Some((VisitRecordKind::Identity, payload)),
                    items: Vec::new(),
                })
            },
        )
        .await
    }

    /// `televisit_refuse_identity`: the visit ends; nothing of another patient was ever shown.
    pub async fn televisit_refuse_identity(&self, request: TelevisitRequest) -> Answer<TelevisitView> {
        let id = TelevisitId::from(request.televisit_id);
        self.hang_up_if(&id, media::signalling::ByeReason::Identity).await;
        self.change_visit(id, |desk, visit, facts, now| {
            visit.identity_mismatch(now).or_fail()?;
            Ok(Written {
                action: AuditAction::IdentityMismatch,
                record: None,
                items: vec![encounter_item(desk, visit, facts, now)?],
            })
        })
        .await
    }
}
