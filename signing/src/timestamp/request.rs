//! The question to an authority and the envelope of its answer (RFC 3161, 2.4).

use cms::content_info::ContentInfo;
use der::asn1::{Any, BitString, Int, ObjectIdentifier, OctetString};
use der::{Decode, Encode, Sequence};
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_tsp::{MessageImprint, TimeStampReq, TspVersion};

use super::{Imprint, TimeStampError};
use crate::pades::cms::SHA256;

/// `granted` and `grantedWithMods`.
const GRANTED: [u8; 2] = [0, 1];

/// `TimeStampResp`; that of `x509-tsp` reads the failure's bits past the eighth as none.
#[derive(Sequence)]
struct Answer {
    status: StatusInfo,
    #[asn1(optional = "true")]
    token: Option<ContentInfo>,
}

#[derive(Sequence)]
struct StatusInfo {
    status: u8,
    #[asn1(optional = "true")]
    text: Option<Vec<Any>>,
    #[asn1(optional = "true")]
    failure: Option<BitString>,
}

/// A request with its nonce, eight random bytes. The certificate is asked for, so that who verifies has it.
pub(super) fn new(imprint: &Imprint, policy: Option<ObjectIdentifier>) -> der::Result<(Vec<u8>, Vec<u8>)> {
    let mut nonce = [0; 8];
    openssl::rand::rand_bytes(&mut nonce).map_err(|_| der::ErrorKind::Failed)?;
    // Positive, and as many bytes when written: the answer repeats it as a number.
    nonce[0] = nonce[0] & 0x3f | 0x40;
    let request = TimeStampReq {
        version: TspVersion::V1,
        message_imprint: MessageImprint {
            hash_algorithm: AlgorithmIdentifierOwned {
                oid: SHA256,
                parameters: Some(Any::null()),
            },
            hashed_message: OctetString::new(imprint.0)?,
        },
        req_policy: policy,
        nonce: Some(Int::new(&nonce)?),
        cert_req: true,
        extensions: None,
    };
    Ok((request.to_der()?, nonce.to_vec()))
}

/// The token of a granted answer.
pub(super) fn granted(answer: &[u8]) -> Result<Vec<u8>, TimeStampError> {
    let answer = Answer::from_der(answer).map_err(|_| TimeStampError::Unreadable)?;
    let status = answer.status.status;
    if !GRANTED.contains(&status) {
        let first = answer
            .status
            .failure
            .as_ref()
            .and_then(|f| f.bits().position(|bit| bit));
        let failure = first.and_then(|bit| u8::try_from(bit).ok());
        return Err(TimeStampError::Refused { status, failure });
    }
    answer
        .token
        .and_then(|token| token.to_der().ok())
        .ok_or(TimeStampError::Unreadable)
}
