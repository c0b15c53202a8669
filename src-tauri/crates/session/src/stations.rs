//! The directory of this station: one folder a person, their key, their profile.
//!
//! A key is never overwritten. A change of secret writes beside, verifies by opening, and only then takes the
//! old one's place; the old one goes when the new one has been seen to open.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::attempts::Attempts;
use crate::files;
use crate::identity::{self, Identity, IdentityError};
use crate::key_file::{KdfCost, KeyFile, KeyState, Undecryptable, WrapError};
use crate::keychain::{Keychain, KeychainError};
use crate::keys::UserKeys;
use crate::people::{PersonId, Profile, StationPerson};
use crate::secret::{SecretKind, SecretRule, WeakSecret};

/// Why the station's directory could not be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StationError {
    /// The disk refused.
    #[error("the disk refused: {0}")]
    Disk(ErrorKind),
    /// Another process is changing this person's key.
    #[error("another process is changing this key")]
    Busy,
    /// The system's random generator did not answer.
    #[error("no random numbers from the system")]
    Random,
    /// What was written does not read back.
    #[error("what was written does not read back")]
    NotVerified,
}

impl From<std::io::Error> for StationError {
    fn from(e: std::io::Error) -> Self {
        Self::Disk(e.kind())
    }
}

/// Why a person was not given a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnrolError {
    /// They have one already: it is never overwritten.
    #[error("this person already has a key here")]
    AlreadyEnrolled,
    /// There is no key, and there is an outbox that only a lost key opens.
    #[error("there is an outbox here whose key is lost")]
    OrphanedOutbox,
    /// The secret is not accepted.
    #[error(transparent)]
    Weak(#[from] WeakSecret),
    /// The keychain refused its half.
    #[error(transparent)]
    Keychain(#[from] KeychainError),
    /// The directory refused.
    #[error(transparent)]
    Station(#[from] StationError),
}

/// Why a person's key was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnlockError {
    /// This person has no key here.
    #[error("this person has no key here")]
    Absent,
    /// The secret is not the right one.
    #[error("wrong secret")]
    Wrong {
        /// Not before, for the next try; `None` when it may be made at once.
        not_before: Option<Timestamp>,
    },
    /// Too many wrong tries: nothing was tried.
    #[error("too soon after wrong secrets")]
    TooSoon {
        /// When a try may be made.
        not_before: Timestamp,
    },
    /// No secret opens it.
    #[error(transparent)]
    Undecryptable(#[from] Undecryptable),
    /// The keychain did not answer now; the secret was not tried.
    #[error(transparent)]
    Keychain(KeychainError),
    /// The directory refused.
    #[error(transparent)]
    Station(#[from] StationError),
}

impl From<std::io::Error> for UnlockError {
    fn from(e: std::io::Error) -> Self {
        Self::Station(e.into())
    }
}

/// Why a secret was not changed. The old one still opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The old one did not open.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// The new one is not accepted.
    #[error(transparent)]
    Weak(#[from] WeakSecret),
    /// The directory refused.
    #[error(transparent)]
    Station(#[from] StationError),
}

/// The people of this station and their keys.
#[derive(Clone, Debug)]
pub struct Stations {
    root: PathBuf,
    keychain: Keychain,
    cost: KdfCost,
}

impl Stations {
    /// In a directory, which need not exist yet.
    pub fn at(root: impl Into<PathBuf>, keychain: Keychain, cost: KdfCost) -> Self {
        Self {
            root: root.into(),
            keychain,
            cost,
        }
    }

    /// What this PC accepts as a new secret.
    pub fn secret_rule(&self) -> SecretRule {
        if self.keychain.is_available() {
            SecretRule::PinOrPassphrase
        } else {
            SecretRule::PassphraseOnly
        }
    }

    /// A person's directory: the databases go here too.
    pub fn dir(&self, person: &PersonId) -> PathBuf {
        self.root.join(person.as_str())
    }

    /// The people that this PC knows, last access first. Readable before anybody unlocks.
    pub fn people(&self, now: Timestamp) -> Result<Vec<StationPerson>, StationError> {
        let entries = match std::fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(e.into()),
        };
        let mut people = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let Some(id) = name.to_str().and_then(PersonId::parse) else {
                continue;
            };
            let key = self.key_state(&id, now)?;
            if key == KeyState::Absent {
                continue;
            }
            let profile = self.profile(&id)?;
            people.push(StationPerson { id, profile, key });
        }
        people.sort_by(|a, b| {
            let last = |p: &StationPerson| p.profile.as_ref().map(|profile| profile.last_access);
            last(b).cmp(&last(a)).then_with(|| a.id.cmp(&b.id))
        });
        Ok(people)
    }

    /// What the login screen shows of a person; `None` when it is missing or cannot be read.
    pub fn profile(&self, person: &PersonId) -> Result<Option<Profile>, StationError> {
        let bytes = files::read(&self.dir(person).join("profile.json"))?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Keeps what the login screen shows.
    pub fn set_profile(&self, person: &PersonId, profile: &Profile) -> Result<(), StationError> {
        let bytes = serde_json::to_vec_pretty(profile).map_err(std::io::Error::from)?;
        Ok(files::replace(&self.dir(person).join("profile.json"), &bytes)?)
    }

    /// Keeps who a person is at the region, closed under their key.
    pub fn set_identity(
        &self,
        person: &PersonId,
        keys: &UserKeys,
        identity: &Identity,
    ) -> Result<(), IdentityError> {
        let sealed = identity::seal(identity, keys)?;
        files::replace(&self.dir(person).join("identity.sealed"), &sealed)
            .map_err(|e| IdentityError::Disk(e.kind()))
    }

    /// Who a person is at the region, as last kept.
    pub fn identity(&self, person: &PersonId, keys: &UserKeys) -> Result<Identity, IdentityError> {
        let path = self.dir(person).join("identity.sealed");
        let bytes = files::read(&path).map_err(|e| IdentityError::Disk(e.kind()))?;
        identity::open(&bytes.ok_or(IdentityError::Absent)?, keys)
    }

    /// Whether a person's key can be opened here. Tries nothing and asks the keychain nothing.
    pub fn key_state(&self, person: &PersonId, now: Timestamp) -> Result<KeyState, StationError> {
        let dir = self.dir(person);
        let Some(bytes) = files::read(&key_path(&dir))? else {
            return Ok(KeyState::Absent);
        };
        Ok(match KeyFile::parse(&bytes, person) {
            Ok(file) => KeyState::Locked {
                kind: file.secret,
                not_before: Attempts::load(&dir, now)?.not_before(now),
            },
            Err(why) => KeyState::Undecryptable(why),
        })
    }

    /// Gives a person a key, closed by a secret of their choice. Refused where they have one.
    pub fn enrol(
        &self,
        person: &PersonId,
        secret: &SecretString,
        profile: &Profile,
        now: Timestamp,
    ) -> Result<UserKeys, EnrolError> {
        let kind = self.secret_rule().check(secret)?;
        let dir = self.dir(person);
        files::private_dir(&dir).map_err(StationError::from)?;
        let _lock = lock(&dir)?;
        if key_path(&dir).try_exists().map_err(StationError::from)? {
            return Err(EnrolError::AlreadyEnrolled);
        }
        if dir.join("outbox.db").try_exists().map_err(StationError::from)? {
            return Err(EnrolError::OrphanedOutbox);
        }
        let keys = UserKeys::new(random()?);
        let half = self.new_half()?;
        let named = half.as_ref().map(|(entry, half)| (entry.as_str(), &**half));
        let file = KeyFile::seal(person, &keys, (secret, kind), named, self.cost, now).map_err(wrap)?;
        self.set_profile(person, profile)?;
        files::create(&key_path(&dir), &file.to_bytes()).map_err(StationError::from)?;
        match self.read_back(
            person,
            &key_path(&dir),
            secret,
            named.map(|(_, half)| half),
            &keys,
        ) {
            Ok(()) => Ok(keys),
            Err(error) => {
                // Nothing is closed under this key yet.
                let _ = std::fs::remove_file(key_path(&dir));
                Err(error.into())
            }
        }
    }

    /// Opens a person's key. A wrong secret makes the next try wait.
    pub fn unlock(
        &self,
        person: &PersonId,
        secret: &SecretString,
        now: Timestamp,
    ) -> Result<UserKeys, UnlockError> {
        let dir = self.dir(person);
        let bytes = files::read(&key_path(&dir))?.ok_or(UnlockError::Absent)?;
        let file = KeyFile::parse(&bytes, person)?;
        let attempts = Attempts::load(&dir, now)?;
        if let Some(not_before) = attempts.not_before(now) {
            return Err(UnlockError::TooSoon { not_before });
        }
        let half = self.half_of(&file)?;
        let failed = attempts.failed(now);
        failed.store(&dir)?;
        match file.open(secret, half.as_deref()) {
            Ok(keys) => {
                Attempts::clear(&dir)?;
                // Left by a change of secret that ended after the new one had taken its place.
                remove(&dir.join("key.old"))?;
                Ok(keys)
            }
            Err(WrapError::WrongSecret) => Err(UnlockError::Wrong {
                not_before: failed.not_before(now),
            }),
            Err(WrapError::Damaged) => Err(Undecryptable::Damaged.into()),
            Err(WrapError::Random) => Err(StationError::Random.into()),
        }
    }

    /// Changes a person's secret. Until the new one has been seen to open, the old one does.
    pub fn change_secret(
        &self,
        person: &PersonId,
        old: &SecretString,
        new: &SecretString,
        now: Timestamp,
    ) -> Result<(), ChangeError> {
        let kind = self.secret_rule().check(new)?;
        let dir = self.dir(person);
        let _lock = lock(&dir)?;
        let keys = self.unlock(person, old, now)?;
        let bytes = files::read(&key_path(&dir)).map_err(StationError::from)?;
        let before = KeyFile::parse(&bytes.ok_or(UnlockError::Absent)?, person).map_err(UnlockError::from)?;
        let half = match self.half_of(&before)? {
            Some(half) => before.keychain.as_ref().map(|k| (k.entry.clone(), half)),
            // A keychain that came later takes its half now.
            None => self.new_half().map_err(UnlockError::Keychain)?,
        };
        let named = half.as_ref().map(|(entry, half)| (entry.as_str(), &**half));
        let file = KeyFile::seal(person, &keys, (new, kind), named, self.cost, now).map_err(wrap)?;

        let (current, fresh, aside) = (key_path(&dir), dir.join("key.new"), dir.join("key.old"));
        let change = || -> Result<(), StationError> {
            files::write_synced(&fresh, &file.to_bytes())?;
            self.read_back(person, &fresh, new, named.map(|(_, half)| half), &keys)?;
            std::fs::copy(&current, &aside)?;
            File::open(&aside)?.sync_all()?;
            std::fs::rename(&fresh, &current)?;
            files::sync_parent(&current)?;
            match self.read_back(person, &current, new, named.map(|(_, half)| half), &keys) {
                Ok(()) => Ok(remove(&aside)?),
                Err(error) => {
                    std::fs::rename(&aside, &current)?;
                    Err(error)
                }
            }
        };
        Ok(change()?)
    }

    fn new_half(&self) -> Result<Option<NamedHalf>, KeychainError> {
        if !self.keychain.is_available() {
            return Ok(None);
        }
        // A name of its own each time: an entry of the keychain is never overwritten either.
        let entry = uuid::Uuid::now_v7().to_string();
        let half = random().map_err(|_| KeychainError::Refused)?;
        self.keychain.write(&entry, &half)?;
        if *self.keychain.read(&entry)? == *half {
            Ok(Some((entry, half)))
        } else {
            Err(KeychainError::Refused)
        }
    }

    fn half_of(&self, file: &KeyFile) -> Result<Option<Zeroizing<[u8; 32]>>, UnlockError> {
        let Some(named) = &file.keychain else {
            return Ok(None);
        };
        match self.keychain.read(&named.entry) {
            Ok(half) if named.is_of(&half) => Ok(Some(half)),
            Ok(_) => Err(Undecryptable::KeychainEntryReplaced.into()),
            Err(KeychainError::NoEntry) => Err(Undecryptable::KeychainEntryLost.into()),
            Err(other) => Err(UnlockError::Keychain(other)),
        }
    }

    fn read_back(
        &self,
        person: &PersonId,
        path: &Path,
        secret: &SecretString,
        half: Option<&[u8; 32]>,
        keys: &UserKeys,
    ) -> Result<(), StationError> {
        let bytes = files::read(path)?.ok_or(StationError::NotVerified)?;
        let file = KeyFile::parse(&bytes, person).map_err(|_| StationError::NotVerified)?;
        let opened = file.open(secret, half).map_err(|_| StationError::NotVerified)?;
        if opened.data() == keys.data() {
            Ok(())
        } else {
            Err(StationError::NotVerified)
        }
    }

    /// What kind of secret a person chose, to draw the right field.
    pub fn secret_kind(&self, person: &PersonId, now: Timestamp) -> Result<Option<SecretKind>, StationError> {
        Ok(match self.key_state(person, now)? {
            KeyState::Locked { kind, .. } => Some(kind),
            KeyState::Absent | KeyState::Undecryptable(_) => None,
        })
    }
}

/// An entry of the keychain and the half that it holds.
type NamedHalf = (String, Zeroizing<[u8; 32]>);

fn key_path(dir: &Path) -> PathBuf {
    dir.join("key.json")
}

fn random() -> Result<Zeroizing<[u8; 32]>, StationError> {
    let mut bytes = Zeroizing::new([0u8; 32]);
    getrandom::fill(&mut bytes[..]).map_err(|_| StationError::Random)?;
    Ok(bytes)
}

fn wrap(error: WrapError) -> StationError {
    match error {
        WrapError::Random => StationError::Random,
        WrapError::WrongSecret | WrapError::Damaged => StationError::NotVerified,
    }
}

fn remove(path: &Path) -> Result<(), StationError> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}

/// Held while a key is made or changed.
struct Held(File);

impl Drop for Held {
    fn drop(&mut self) {
        // Closing alone is not enough: a process being started holds a copy of the lock until it runs.
        if let Err(error) = self.0.unlock() {
            tracing::warn!(kind = ?error.kind(), "the lock of a key was not released");
        }
    }
}

fn lock(dir: &Path) -> Result<Held, StationError> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join("key.lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Held(file)),
        Err(TryLockError::WouldBlock) => Err(StationError::Busy),
        Err(TryLockError::Error(e)) => Err(e.into()),
    }
}
