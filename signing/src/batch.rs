//! Many documents, signed by one person in one go.
//!
//! As many as one authorisation covers are prepared, the device is asked once for them, each is signed, finished and
//! handed over with its own outcome: what happens to one is neither hidden by another nor stops it, unless it says that
//! nothing more can be signed ([`ends_a_batch`]). No PIN is ever used twice: each authorisation asks the person.
//!
//! Not in it: where documents come from and go to, and threads: the call blocks, and [`Attendant::cancelled`] is how
//! another thread ends it.

use jiff::Timestamp;

use crate::error::{DeviceError, FinishError, PrepareError, RemoteRefusal};
use crate::identity::Identity;
use crate::pades::{Conditions, Prepared, Shape, Signed, SigningHash, finish, prepare_as};
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

/// Bytes of documents held at once. Beyond it the person is asked once more, so that memory does not grow with the batch.
const HELD: usize = 256 * 1024 * 1024;

/// Signs them all. `documents` is read once, one after the other, no further ahead than one authorisation covers.
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
    let mut documents = documents.into_iter().enumerate();
    let limit = match batch.device.documents_per_authorisation(&batch.identity.id) {
        Ok(limit) => limit.unwrap_or(usize::MAX).max(1),
        Err(error) => {
            desk.give_up(documents.map(|(document, _)| document), || {
                Outcome::NotAuthorised(error.clone())
            });
            return desk.summary;
        }
    };
    loop {
        let waiting = desk.prepare(&mut documents, limit);
        if waiting.is_empty() {
            return desk.summary;
        }
        let hashes: Vec<SigningHash> = waiting.iter().map(|(_, prepared)| prepared.hash()).collect();
        let ended = match desk.authorise(&hashes, documents.size_hint().0) {
            Ok(mut grant) => desk.sign(waiting, grant.as_mut()).map(Outcome::NotSigned),
            Err(ended) => {
                let outcome = ended.map_or(Outcome::Cancelled, Outcome::NotAuthorised);
                desk.give_up(waiting.into_iter().map(|(document, _)| document), || {
                    outcome.clone()
                });
                Some(outcome)
            }
        };
        if let Some(outcome) = ended {
            desk.give_up(documents.map(|(document, _)| document), || outcome.clone());
            return desk.summary;
        }
    }
}

/// Whether nothing more can be signed after this answer of a device: the card is gone, the PIN was refused, the person
/// cancelled on the reader. To go on would burn attempts or fail for every other document alike.
pub fn ends_a_batch(error: &DeviceError) -> bool {
    use DeviceError as D;
    use RemoteRefusal as R;
    match error {
        D::WrongPin | D::WrongPinFewLeft | D::WrongPinFinalAttempt | D::PinLocked => true,
        D::PinToBeChanged | D::PinLength { .. } | D::Cancelled => true,
        D::NoToken | D::IdentityGone | D::TokenRemoved | D::HeldByAnother => true,
        D::ModuleMissing | D::ModuleUnusable | D::ModuleForeign | D::HelperMissing => true,
        D::ModuleStopped | D::ModuleSilent => true,
        D::MechanismUnsupported | D::KeyMissing | D::KeyMismatch => true,
        D::KeyFileUnreadable | D::KeyFileAmbiguous => true,
        D::Remote(
            R::AuthorisationExpired
            | R::AccessExpired
            | R::CredentialDisabled
            | R::Unreachable
            | R::TooManyRequests { .. },
        ) => true,
        D::SignatureUnsound | D::NotAuthorised | D::Remote(_) | D::Failed { .. } => false,
    }
}

type Waiting = Vec<(usize, Prepared)>;

struct Desk<'a, 'b> {
    batch: &'a Batch<'b>,
    attendant: &'a mut dyn Attendant,
    summary: Summary,
}

impl Desk<'_, '_> {
    /// The next documents, as many as one authorisation covers.
    fn prepare(&mut self, documents: &mut impl Iterator<Item = (usize, Vec<u8>)>, limit: usize) -> Waiting {
        let Batch {
            identity,
            conditions,
            shape,
            now,
            ..
        } = *self.batch;
        let mut waiting = Vec::new();
        let mut held = 0;
        while waiting.len() < limit && held < HELD {
            let Some((document, pdf)) = documents.next() else {
                break;
            };
            if self.attendant.cancelled() {
                self.hand_over(document, Outcome::Cancelled);
                continue;
            }
            match prepare_as(&pdf, identity, conditions, shape, now) {
                Ok(prepared) => {
                    held += pdf.len();
                    waiting.push((document, prepared));
                }
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

    /// Signs what was authorised; gives the answer of the device after which nothing more can be signed.
    fn sign(&mut self, waiting: Waiting, grant: &mut dyn Authorised) -> Option<DeviceError> {
        let mut ended: Option<DeviceError> = None;
        for (document, prepared) in waiting {
            if let Some(error) = &ended {
                self.hand_over(document, Outcome::NotSigned(error.clone()));
                continue;
            }
            if self.attendant.cancelled() {
                self.hand_over(document, Outcome::Cancelled);
                continue;
            }
            let outcome = match prepared.signed_by(grant) {
                Ok(value) => match finish(prepared, &value, self.batch.trust, self.batch.now) {
                    Ok(signed) => Outcome::Signed(Box::new(signed)),
                    Err(error) => Outcome::NotFinished(error),
                },
                Err(error) => {
                    ended = Some(error.clone()).filter(ends_a_batch);
                    Outcome::NotSigned(error)
                }
            };
            self.hand_over(document, outcome);
        }
        ended
    }

    fn give_up(&mut self, documents: impl Iterator<Item = usize>, outcome: impl Fn() -> Outcome) {
        for document in documents {
            self.hand_over(document, outcome());
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
