//! The token of a citizen's invitation: good for one televisit and one place in its room.
//!
//! It is derived from the region's secret and the appointment, so nothing is stored and it survives a restart. A real
//! region would also let it end and be withdrawn.

use openssl::hash::MessageDigest;
use openssl::memcmp;
use openssl::pkey::PKey;
use openssl::sign::Signer;

use crate::Region;
use crate::calls::wire::Role;

/// Whom an invitation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guest {
    /// The patient, or who represents the patient at the same screen.
    Patient,
    /// A caregiver elsewhere.
    Caregiver,
}

impl Guest {
    /// The place in the room.
    pub fn role(self) -> Role {
        match self {
            Self::Patient => Role::Patient,
            Self::Caregiver => Role::Caregiver,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Caregiver => "caregiver",
        }
    }
}

impl Region {
    /// The token for `?t=`.
    pub fn invitation(&self, appointment: &str, guest: Guest) -> String {
        let text = format!("invitation:{}:{appointment}", guest.label());
        let mut code = keyed_hash(MessageDigest::sha256(), self.secret(), text.as_bytes());
        code.truncate(18);
        hex::encode(code)
    }

    /// Whether a token is the one for this place.
    pub fn is_invited(&self, appointment: &str, guest: Guest, token: &str) -> bool {
        let right = self.invitation(appointment, guest);
        !right.is_empty() && right.len() == token.len() && memcmp::eq(right.as_bytes(), token.as_bytes())
    }

    /// Whether a clinician invited a caregiver: a `Communication` of category `invitation` about the Appointment.
    pub fn has_invited_caregiver(&self, appointment: &str) -> bool {
        let about = format!("Appointment/{appointment}");
        // As for the notice of delay: not by a search parameter, and there are few in a sandbox.
        let found = self.store.search("Communication", &[]).unwrap_or_default();
        found.iter().any(|communication| {
            let list = |field: &str| communication[field].as_array().into_iter().flatten();
            list("about").any(|other| other["reference"] == about.as_str())
                && list("category")
                    .flat_map(|category| category["coding"].as_array().into_iter().flatten())
                    .any(|coding| coding["code"] == "invitation")
        })
    }

    /// The address of the citizen's page for a televisit, to put in an invitation.
    pub fn televisit_address(&self, appointment: &str, guest: Guest) -> String {
        let token = self.invitation(appointment, guest);
        let caregiver = if guest == Guest::Caregiver {
            "&caregiver=1"
        } else {
            ""
        };
        format!(
            "{}/portale/televisita/{appointment}?t={token}{caregiver}",
            self.base_url
        )
    }
}

/// HMAC. Empty when the library refuses, which its callers never accept as a code.
pub(super) fn keyed_hash(digest: MessageDigest, key: &[u8], data: &[u8]) -> Vec<u8> {
    let sign = || {
        let key = PKey::hmac(key)?;
        Signer::new(digest, &key)?.sign_oneshot_to_vec(data)
    };
    sign().unwrap_or_default()
}
