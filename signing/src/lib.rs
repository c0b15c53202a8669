//! Document in, signed document out: PAdES and CAdES with a card, a token or, for training, a PKCS#12.
//!
//! The order is that of a remote signature (CSC API v2), because a card and a file fit it and not the
//! reverse: *prepare* every document, *authorise* once over all hashes, *sign*, *finish*.
//!
//! ```no_run
//! # use signing::{*, token::Signer};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (device, pin, trust): (Box<dyn Signer>, Secret, TrustRoots) = todo!();
//! # let (pdf, now): (Vec<u8>, jiff::Timestamp) = todo!();
//! let identity = device.identities()?.into_iter().find(|i| i.usage == KeyUse::Signature).ok_or("no card")?;
//! let conditions = Conditions { author: Some("DLVRFO57L04X000A".into()), fse_precheck: true };
//! let prepared = prepare(&pdf, &identity, &conditions, now)?;   // may be stored: it is `Serialize`
//! let mut session = device.authorise(&identity.id, &[prepared.hash()], pin)?;
//! let signature = prepared.signed_by(session.as_mut())?;
//! let signed = finish(prepared, &signature, Some(&trust), now)?; // verified before it leaves
//! # Ok(()) }
//! ```
//!
//! What is signed is raised to higher levels later, without a device and without a PIN: [`timestamp()`] makes it B-T or
//! leaves it waiting (*Marca temporale in attesa*), [`extend`] goes on to B-LT and B-LTA.
//!
//! ```no_run
//! # use signing::{*, pades::*, revocation::Revocations, timestamp::*, transport::Http};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (pdf, signers, authorities, now): (Vec<u8>, TrustRoots, TrustRoots, jiff::Timestamp) = todo!();
//! # let (identity, conditions): (Identity, Conditions) = todo!();
//! let room = Shape { time_stamp: true, ..Shape::default() };    // or there is no place for the time-stamp
//! let prepared = prepare_as(&pdf, &identity, &conditions, room, now)?;
//! # let signed: Vec<u8> = todo!();
//! let patience = std::time::Duration::from_secs(20);
//! let tsa = vec![Authority::open("http://tsa.example/tsr"), Authority::open("http://other.example/tsr")];
//! let stamps = TimeStamps::new(tsa, authorities, Box::new(Http::new(patience)?));
//! match timestamp(signed.clone(), &stamps, TimeStampPolicy::Pending, now)? {
//!     Stamped::Complete(b_t) => { /* publish */ }
//!     Stamped::Pending { pdf, why } => { /* keep it; call again */ }
//! }
//! let revocations = Revocations::new(Box::new(Http::new(patience)?)).kept_in("cache".into());
//! let means = Means { stamps: &stamps, revocations: &revocations, trust: &signers };
//! let b_lt = extend(&signed, Reach::BLT, &means, now)?.pdf;     // B-T and B-LT in one go
//! # Ok(()) }
//! ```
//!
//! Whom to trust comes from PEM files, or from the trusted lists of the EU: [`trust`] keeps verified copies of them, and
//! one call without the network gives [`TrustRoots`] and the age of that knowledge ([`trust::TrustedLists::stored`]).
//!
//! Files that are no PDF are signed as CAdES by [`cades`], in the same order, by one person or by several; many documents
//! at once by [`batch`].
//!
//! Every call blocks; a caller with an event loop uses a thread for it. Not in this crate: patients,
//! reports, queues. The network is reached for time-stamps, revocation and lists, through [`transport`], and for remote
//! signatures ([`remote`]). Drivers of cards run in a process of their own ([`token::helper`]). `training` holds the
//! PKCS#12 device, which no packaged build has.

mod base64_bytes;
pub mod batch;
pub mod cades;
mod certificate;
pub mod error;
mod identity;
pub mod pades;
mod path;
pub mod precheck;
mod prepared;
pub mod remote;
pub mod revocation;
pub mod timestamp;
pub mod token;
pub mod transport;
pub mod trust;
pub mod validation;

pub use error::{CertificateRefusal, DeviceError, DocumentRefusal, FinishError, PrepareError, RemoteRefusal};
pub use identity::{DeviceKind, Identity, IdentityId, KeyUse, PinState, Qualification};
pub use pades::{
    Conditions, Prepared, Signed, SigningHash, extend, finish, precheck, prepare, prepare_as, timestamp,
};
pub use token::{Authorised, Devices, Secret, SignatureValue, Signer};
pub use validation::{
    Indication, Level, Question, Revocation, SignatureReport, SubIndication, TrustRoots, VerifyReport,
    judged, judged_with, verify,
};
