//! Many documents, signed by one person in one go.
//!
//! All are prepared, the device is asked once for as many as one authorisation covers, each is signed, finished and
//! handed over with its own outcome: what happens to one is neither hidden by another nor stops it. No PIN is ever
//! used twice: each authorisation asks the person.
//!
//! Not in it: where documents come from and go to, and threads: the call blocks, and [`Attendant::cancelled`] is how
//! another thread ends it.

use jiff::Timestamp;

use crate::error::{DeviceError, FinishError, PrepareError, RemoteRefusal};
use crate::identity::Identity;
use crate::pades::{Conditions, Prepared, RsaPadding, Shape, Signed, SigningHash, finish, prepare_as};
use crate::token::{Authorised, Secret, Signer};
use crate::validation::TrustRoots;

/// Who signs, with what, under which conditions. The same for every document.
pub struct Batch<'a> {
    /// The device.
    pub device: &'a dyn Signer,
    /// The identity, as the device told it.
    pub identity: &'a Identity,
    /// What must hold of every document.
    pub conditions: &'a Conditions,
    /// The roots of the check after each signature; none checks everything but the chain.
    pub trust: Option<&'a TrustRoots>,
    /// How the signatures are made. PSS only where the device can.
    pub shape: Shape,
    /// The time of signing.
    pub now: Timestamp,
}

/// What the person is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// How many documents this authorisation covers.
    pub documents: usize,
    /// How many are to be authorised after these.
    pub after: usize,
    /// Why the last answer was refused, when this is asked again.
    pub refused: Option<DeviceError>,
}

/// What became of one document.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Signed and checked.
    Signed(Box<Signed>),
    /// The document or the certificate was refused before the device was asked.
    NotPrepared(PrepareError),
    /// The device did not authorise.
    NotAuthorised(DeviceError),
    /// Authorised, and the device did not sign.
    NotSigned(DeviceError),
    /// Signed by the device, and the result did not hold.
    NotFinished(FinishError),
    /// The person ended the batch before its turn.
    Cancelled,
}

/// Who stands by: gives the secrets, takes the results.
pub trait Attendant {
    /// The PIN or the codes, typed for this question. None ends the batch.
    fn secret(&mut self, question: &Question) -> Option<Secret>;

    /// Takes the outcome of a document, by its place in the batch. Called once for each.
    fn done(&mut self, document: usize, outcome: Outcome);

    /// Whether the person has asked to stop. What is signed stays signed.
    fn cancelled(&self) -> bool {
        false
    }
}

/// How many came to which end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Signed and checked.
    pub signed: usize,
    /// Refused or failed.
    pub failed: usize,
    /// Not tried.
    pub cancelled: usize,
}

/// Signs them all. `documents` is read once, one after the other.
pub fn sign_all(
    batch: &Batch<'_>,
    documents: impl IntoIterator<Item = Vec<u8>>,
    attendant: &mut dyn Attendant,
) -> Summary {
    let mut desk = Desk {
        batch,
        attendant,
        summary: Summary::default(),
    };
    let mut waiting = desk.prepare(documents);
    let limit = match batch.device.documents_per_authorisation(&batch.identity.id) {
        Ok(limit) => limit.unwrap_or(usize::MAX).max(1),
        Err(error) => {
            desk.give_up(waiting, |_| Outcome::NotAuthorised(error.clone()));
            return desk.summary;
        }
    };
    while !waiting.is_empty() {
        let later = waiting.split_off(waiting.len().min(limit));
        let hashes: Vec<SigningHash> = waiting.iter().map(|(_, prepared)| prepared.hash()).collect();
        match desk.authorise(&hashes, later.len()) {
            Ok(mut grant) => desk.sign(waiting, grant.as_mut()),
            Err(ended) => {
                let outcome = || match &ended {
                    Some(error) => Outcome::NotAuthorised(error.clone()),
                    None => Outcome::Cancelled,
                };
                desk.give_up(waiting, |_| outcome());
                desk.give_up(later, |_| outcome());
                break;
            }
        }
        waiting = later;
    }
    desk.summary
}

type Waiting = Vec<(usize, Prepared)>;

struct Desk<'a, 'b> {
    batch: &'a Batch<'b>,
    attendant: &'a mut dyn Attendant,
    summary: Summary,
}

impl Desk<'_, '_> {
    fn prepare(&mut self, documents: impl IntoIterator<Item = Vec<u8>>) -> Waiting {
        let Batch {
            identity,
            conditions,
            shape,
            now,
            ..
        } = *self.batch;
        let mut waiting = Vec::new();
        for (document, pdf) in documents.into_iter().enumerate() {
            if self.attendant.cancelled() {
                self.hand_over(document, Outcome::Cancelled);
                continue;
            }
            match prepare_as(&pdf, identity, conditions, shape, now) {
                Ok(prepared) => waiting.push((document, prepared)),
                Err(error) => self.hand_over(document, Outcome::NotPrepared(error)),
            }
        }
        waiting
    }

    /// Asks until the device says yes, or something that typing again does not mend. None: the person ended it.
    fn authorise(
        &mut self,
        hashes: &[SigningHash],
        after: usize,
    ) -> Result<Box<dyn Authorised>, Option<DeviceError>> {
        let mut question = Question {
            documents: hashes.len(),
            after,
            refused: None,
        };
        loop {
            if self.attendant.cancelled() {
                return Err(None);
            }
            let secret = self.attendant.secret(&question).ok_or(None)?;
            match self
                .batch
                .device
                .authorise(&self.batch.identity.id, hashes, secret)
            {
                Ok(grant) => return Ok(grant),
                Err(error) if typing_again_helps(&error) => question.refused = Some(error),
                Err(error) => return Err(Some(error)),
            }
        }
    }

    fn sign(&mut self, waiting: Waiting, grant: &mut dyn Authorised) {
        for (document, prepared) in waiting {
            if self.attendant.cancelled() {
                self.hand_over(document, Outcome::Cancelled);
                continue;
            }
            let hash = prepared.hash();
            let value = match self.batch.shape.padding {
                RsaPadding::Pkcs1 => grant.sign(&hash),
                RsaPadding::Pss => grant.sign_pss(&hash),
            };
            let outcome = match value {
                Ok(value) => match finish(prepared, &value, self.batch.trust, self.batch.now) {
                    Ok(signed) => Outcome::Signed(Box::new(signed)),
                    Err(error) => Outcome::NotFinished(error),
                },
                Err(error) => Outcome::NotSigned(error),
            };
            self.hand_over(document, outcome);
        }
    }

    fn give_up(&mut self, waiting: Waiting, outcome: impl Fn(usize) -> Outcome) {
        for (document, _) in waiting {
            self.hand_over(document, outcome(document));
        }
    }

    fn hand_over(&mut self, document: usize, outcome: Outcome) {
        match outcome {
            Outcome::Signed(_) => self.summary.signed += 1,
            Outcome::Cancelled => self.summary.cancelled += 1,
            _ => self.summary.failed += 1,
        }
        self.attendant.done(document, outcome);
    }
}

fn typing_again_helps(error: &DeviceError) -> bool {
    matches!(
        error,
        DeviceError::WrongPin
            | DeviceError::WrongPinFewLeft
            | DeviceError::WrongPinFinalAttempt
            | DeviceError::PinLength { .. }
            | DeviceError::Remote(
                RemoteRefusal::WrongOtp | RemoteRefusal::ExpiredOtp | RemoteRefusal::OtpNeeded
            )
    )
}
