//! Whether the certificate of an identity was revoked, asked before any PIN. What cannot be known blocks nothing.

use jiff::{SignedDuration, Timestamp};
use signing::Identity;
use signing::revocation::{Revocations, Status};
use signing::transport::Http;

use crate::core::Core;
use crate::desk::Desk;
use contract::ErrorCode;

/// The dialog is open meanwhile; the signature itself waits no longer for it.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);
/// An answer is asked for again after this: a card may be revoked while its holder is at work.
const HOLDS: SignedDuration = SignedDuration::from_mins(10);

/// What is known of a certificate, and since when.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    at: Timestamp,
    refusal: Option<ErrorCode>,
}

impl Core {
    /// What forbids the use of this identity, as far as it is known now. Asks nobody.
    pub(crate) fn known_revocation(&self, desk: &Desk, identity: &Identity) -> Option<ErrorCode> {
        let known = self.lock(&desk.signing.statuses);
        known.get(&identity.id).and_then(|known| known.refusal)
    }

    /// The same, asked of the issuer unless that was done a moment ago. Blocks.
    pub(crate) fn revocation(&self, desk: &Desk, identity: &Identity, now: Timestamp) -> Option<ErrorCode> {
        let known = self.lock(&desk.signing.statuses).get(&identity.id).copied();
        if let Some(known) = known.filter(|known| now.duration_since(known.at) < HOLDS) {
            return known.refusal;
        }
        let refusal = self.ask_issuer(identity, now);
        self.lock(&desk.signing.statuses)
            .insert(identity.id.clone(), Known { at: now, refusal });
        refusal
    }

    fn ask_issuer(&self, identity: &Identity, now: Timestamp) -> Option<ErrorCode> {
        let certificate = identity.chain.first()?;
        let issuer = identity.chain.get(1)?;
        let revocations =
            Revocations::new(Box::new(Http::new(PATIENCE).ok()?)).kept_in(self.revocation_folder());
        match revocations.look_up(certificate, issuer, now).ok()?.status {
            Status::Revoked { .. } => Some(ErrorCode::CertificateRevoked),
            Status::Suspended { .. } => Some(ErrorCode::CertificateSuspended),
            Status::Good | Status::Unknown => None,
        }
    }
}
