//! What a signed file itself brings about revocation: CRLs and OCSP answers, each checked before it is believed.
//!
//! Nothing is fetched here, and absence is told apart from a good answer.

use jiff::Timestamp;

use super::{Answer, Pair, Status, covers, crl, ocsp};
use crate::certificate::ReadCertificate;

/// Answers read from one file.
const MAX_ANSWERS: usize = 1024;

/// The revocation data of a file.
#[derive(Default)]
pub(crate) struct Brought {
    crls: Vec<Vec<u8>>,
    ocsps: Vec<Vec<u8>>,
}

impl Brought {
    /// A CRL in DER.
    pub(crate) fn add_crl(&mut self, der: Vec<u8>) {
        if self.crls.len() < MAX_ANSWERS {
            self.crls.push(der);
        }
    }

    /// An `OCSPResponse`, or the `BasicOCSPResponse` alone, in DER.
    pub(crate) fn add_ocsp(&mut self, der: &[u8]) {
        if self.ocsps.len() < MAX_ANSWERS {
            self.ocsps.extend(ocsp::basic(der).ok().map(<[u8]>::to_vec));
        }
    }

    /// What is known of `certificate` at `at`, judged now. `others` may hold the responder's certificate.
    pub(crate) fn status(
        &self,
        certificate: &ReadCertificate,
        issuer: &ReadCertificate,
        others: &[Vec<u8>],
        at: Timestamp,
        now: Timestamp,
    ) -> Status {
        let pair = Pair { certificate, issuer };
        let answers = self.answers(&pair, others, now).filter(|answer| {
            let Some(responder) = answer.responder_in_doubt() else {
                return true;
            };
            let pair = Pair {
                certificate: responder,
                issuer,
            };
            // A responder is not asked about by another in doubt: that would go on for ever.
            let alone = self
                .answers(&pair, others, now)
                .filter(|answer| answer.responder_in_doubt().is_none());
            answer
                .is_believed(Some(summed(alone, answer.this_update)))
                .is_ok()
        });
        summed(answers, at)
    }

    fn answers<'a>(
        &'a self,
        pair: &'a Pair<'a>,
        others: &'a [Vec<u8>],
        now: Timestamp,
    ) -> impl Iterator<Item = Answer> + 'a {
        let from_crls = self.crls.iter().filter_map(|list| crl::read(list, pair).ok());
        let from_ocsps = self
            .ocsps
            .iter()
            .filter_map(|answer| ocsp::read(answer, pair, others).ok());
        from_crls
            .chain(from_ocsps)
            .filter(move |answer| !answer.is_from_the_future(now))
    }
}

/// The earliest revocation, which does not grow old; else whether good news covers `at`.
fn summed(answers: impl Iterator<Item = Answer>, at: Timestamp) -> Status {
    let (mut revoked, mut good): (Option<(Timestamp, Status)>, bool) = (None, false);
    for answer in answers {
        match answer.status {
            Status::Revoked { at: since } | Status::Suspended { since } => {
                if revoked.is_none_or(|(earliest, _)| since < earliest) {
                    revoked = Some((since, answer.status));
                }
            }
            Status::Good => good |= covers(answer.this_update, answer.next_update, at),
            Status::Unknown => {}
        }
    }
    match (revoked, good) {
        (Some((_, status)), _) => status,
        (None, true) => Status::Good,
        (None, false) => Status::Unknown,
    }
}
