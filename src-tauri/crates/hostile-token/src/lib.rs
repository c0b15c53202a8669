//! A PKCS#11 module that locks, vanishes, hangs, crashes and lies: what SoftHSM2 never does and cards do.
//!
//! It lives in a folder named by `HOSTILE_TOKEN`, read anew at every call, so that a test changes its mood while a
//! program uses it, and a wrong PIN is remembered over a restart as a card remembers it. It has one slot, one RSA key
//! and its certificates. For tests alone: nothing that is shipped depends on it. Not in it: anything that a signature
//! does not ask for.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

mod module;

/// Names the folder to the module.
pub const FOLDER: &str = "HOSTILE_TOKEN";

/// What the module does when it is asked to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Signs.
    Good,
    /// The card is pulled out in the middle: `CKR_DEVICE_REMOVED`, and an empty slot from then on.
    Vanishes,
    /// Never comes back.
    Hangs,
    /// Aborts the process.
    Crashes,
    /// One bit of the signature is wrong.
    Lies,
    /// Answers with an empty signature.
    Empty,
    /// Prints on standard output, as vendor libraries do, then signs.
    Prints,
    /// Aborts when the slots are listed.
    CrashesListing,
    /// Aborts while the PIN is checked.
    CrashesAtLogin,
    /// Never comes back from the login.
    HangsAtLogin,
    /// The person cancels on the reader.
    Cancels,
    /// Another program holds the card.
    Busy,
    /// Signs with another key than the certificate's, and hides its modulus.
    OtherKey,
    /// Shows, and signs with, another key than the certificate's.
    OtherKeyShown,
    /// The PIN must be changed before use.
    PinToBeChanged,
    /// The reader has keys of its own.
    PinPad,
}

const MOODS: [(Mood, &str); 16] = [
    (Mood::Good, "good"),
    (Mood::Vanishes, "vanishes"),
    (Mood::Hangs, "hangs"),
    (Mood::Crashes, "crashes"),
    (Mood::Lies, "lies"),
    (Mood::Empty, "empty"),
    (Mood::Prints, "prints"),
    (Mood::CrashesListing, "crashes-listing"),
    (Mood::CrashesAtLogin, "crashes-at-login"),
    (Mood::HangsAtLogin, "hangs-at-login"),
    (Mood::Cancels, "cancels"),
    (Mood::Busy, "busy"),
    (Mood::OtherKey, "other-key"),
    (Mood::OtherKeyShown, "other-key-shown"),
    (Mood::PinToBeChanged, "pin-to-be-changed"),
    (Mood::PinPad, "pin-pad"),
];

/// A token in a folder, as a test holds it.
#[derive(Clone, Debug)]
pub struct HostileToken {
    dir: PathBuf,
}

impl HostileToken {
    /// Makes a token with its PIN, its lock after so many wrong PINs, its key (PKCS#8, PEM) and its certificates
    /// (DER), the key's own first.
    pub fn create(
        dir: &Path,
        pin: &str,
        locks_after: u32,
        key_pem: &str,
        certificates: &[Vec<u8>],
    ) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let token = Self { dir: dir.to_owned() };
        token.write("pin", pin.as_bytes())?;
        token.write("locks-after", locks_after.to_string().as_bytes())?;
        token.write("wrong", b"0")?;
        token.write("key.pem", key_pem.as_bytes())?;
        for (number, der) in certificates.iter().enumerate() {
            token.write(&format!("certificate-{number}.der"), der)?;
        }
        token.set(Mood::Good)?;
        token.insert()?;
        Ok(token)
    }

    /// One that was made before.
    pub fn at(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Changes the mood.
    pub fn set(&self, mood: Mood) -> io::Result<()> {
        let word = MOODS
            .iter()
            .find(|(known, _)| *known == mood)
            .map(|(_, word)| *word);
        self.write("mood", word.unwrap_or("good").as_bytes())
    }

    /// Puts the card in.
    pub fn insert(&self) -> io::Result<()> {
        self.write("present", b"yes")
    }

    /// Takes the card out.
    pub fn remove(&self) -> io::Result<()> {
        self.write("present", b"no")
    }

    /// The folder, for the environment of who uses the token.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// How many PINs the module was given, right or wrong.
    pub fn logins(&self) -> u32 {
        self.number("logins")
    }

    /// How many signatures it was asked for.
    pub fn signatures(&self) -> u32 {
        self.number("signatures")
    }

    /// The library of the module, built beside the program of the test that depends on this crate.
    pub fn library() -> io::Result<PathBuf> {
        let name = format!(
            "{}hostile_token{}",
            std::env::consts::DLL_PREFIX,
            std::env::consts::DLL_SUFFIX
        );
        let program = std::env::current_exe()?;
        program
            .ancestors()
            .skip(1)
            .take(3)
            .flat_map(|dir| [dir.join(&name), dir.join("deps").join(&name)])
            .find(|path| path.is_file())
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn open() -> Option<Self> {
        std::env::var_os(FOLDER).map(|dir| Self { dir: dir.into() })
    }

    fn mood(&self) -> Mood {
        let word = fs::read_to_string(self.dir.join("mood")).unwrap_or_default();
        MOODS
            .iter()
            .find(|(_, known)| *known == word)
            .map_or(Mood::Good, |(mood, _)| *mood)
    }

    fn present(&self) -> bool {
        fs::read(self.dir.join("present")).is_ok_and(|word| word == b"yes")
    }

    fn number(&self, name: &str) -> u32 {
        fs::read_to_string(self.dir.join(name))
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(0)
    }

    fn count(&self, name: &str) {
        let _ = self.write(name, (self.number(name) + 1).to_string().as_bytes());
    }

    fn certificates(&self) -> Vec<Vec<u8>> {
        (0..)
            .map_while(|number| fs::read(self.dir.join(format!("certificate-{number}.der"))).ok())
            .collect()
    }

    /// Whole or not at all: the module reads while a test writes.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let new = self.dir.join(format!("{name}.new"));
        fs::write(&new, bytes)?;
        fs::rename(new, self.dir.join(name))
    }
}
