//! Who is at the station: the people that this PC knows, their secrets and keys, roles, lock.
//!
//! Each person has a directory and a random data key; a PIN or passphrase, together with a secret in the
//! system's keychain where there is one, opens it (`decisions/0003`). From the data key come the keys of the
//! databases, each for one purpose. Lock drops them all; requests already confirmed for sending go on
//! under a key that opens nothing else ([`DeliveryQueue`]).
//!
//! Not in it: the login at the region (`region`), and what the keys open (`cache`). The time is an argument.

mod attempts;
mod delivery;
mod dumps;
mod files;
mod identity;
mod key_file;
mod keychain;
mod keys;
mod lock;
mod people;
mod phase;
mod secret;
mod stations;

pub use delivery::{Confirmed, DeliveryError, DeliveryKey, DeliveryQueue, Outcome};
pub use dumps::keep_out_of_dumps;
pub use identity::{Identity, IdentityError};
pub use key_file::{KdfCost, KeyState, Undecryptable};
pub use keychain::{Keychain, KeychainError};
pub use keys::{Purpose, UserKeys};
pub use lock::{IDLE_LIMIT, IdleLock};
pub use people::{PersonId, Profile, StationPerson};
pub use phase::{OpenUser, Phase, PhaseError, RegionTokens, Session};
pub use secret::{SecretKind, SecretRule, WeakSecret};
pub use stations::{ChangeError, EnrolError, StationError, Stations, UnlockError};
