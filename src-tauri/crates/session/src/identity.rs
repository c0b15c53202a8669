//! Who a person is at the region, kept closed under their own key, so that work can begin without the network.

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use clinical::{Assignment, Practitioner};
use serde::{Deserialize, Serialize};

use crate::keys::{Purpose, UserKeys};

/// What the last login said of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The practitioner.
    pub practitioner: Practitioner,
    /// Every role held.
    pub assignments: Vec<Assignment>,
    /// The role last chosen (an [`Assignment`]'s id).
    pub chosen: Option<String>,
}

/// Why the identity was not kept or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// None was kept: the network is needed once.
    #[error("no identity is kept here")]
    Absent,
    /// The file is not what was written, or belongs to another key.
    #[error("the kept identity cannot be read")]
    Damaged,
    /// The system's random generator did not answer.
    #[error("no random numbers from the system")]
    Random,
    /// The disk refused.
    #[error("the disk refused: {0}")]
    Disk(std::io::ErrorKind),
}

const MAGIC: &[u8] = b"PSTZIDN1";

pub(crate) fn seal(identity: &Identity, keys: &UserKeys) -> Result<Vec<u8>, IdentityError> {
    let text = zeroize::Zeroizing::new(serde_json::to_vec(identity).map_err(|_| IdentityError::Damaged)?);
    let mut nonce = [0u8; 12];
    getrandom::fill(&mut nonce).map_err(|_| IdentityError::Random)?;
    let payload = Payload {
        msg: &text,
        aad: MAGIC,
    };
    let sealed = cipher(keys)
        .encrypt(&Nonce::from(nonce), payload)
        .map_err(|_| IdentityError::Damaged)?;
    Ok([MAGIC, &nonce, &sealed].concat())
}

pub(crate) fn open(bytes: &[u8], keys: &UserKeys) -> Result<Identity, IdentityError> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(IdentityError::Damaged)?;
    let (nonce, sealed) = rest.split_first_chunk::<12>().ok_or(IdentityError::Damaged)?;
    let payload = Payload {
        msg: sealed,
        aad: MAGIC,
    };
    let text = cipher(keys)
        .decrypt(&Nonce::from(*nonce), payload)
        .map_err(|_| IdentityError::Damaged)?;
    serde_json::from_slice(&zeroize::Zeroizing::new(text)).map_err(|_| IdentityError::Damaged)
}

fn cipher(keys: &UserKeys) -> Aes256GcmSiv {
    Aes256GcmSiv::new((&*keys.derive(Purpose::Identity)).into())
}
