//! Where the middleware in use in Italy puts its PKCS#11 module, and whether a file can be loaded here at all.
//!
//! One table for three systems; only the existence of a file is looked at. Names from the vendors' own installers and
//! manuals. Not in it: loading (`link`).

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::error::DeviceError;

/// Whose module it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Middleware {
    /// Named in the configuration.
    Configured,
    /// Bit4id: Aruba, InfoCert, Namirial, Poste and most CNS cards.
    Bit4id,
    /// The software of the electronic identity card (CIE), by IPZS.
    Cie,
    /// Actalis, which ships Athena's module.
    Actalis,
    /// Oberthur and IDEMIA cards of older Italian issues.
    Idemia,
    /// Thales SafeNet (eToken, IDPrime).
    SafeNet,
    /// OpenSC.
    OpenSc,
    /// SoftHSM2: tests and training.
    SoftHsm,
}

/// A module found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The file, without links.
    pub path: PathBuf,
    /// Whose it is.
    pub middleware: Middleware,
}

/// The vendor's own before OpenSC: a card that both know is used through the vendor's.
#[cfg(target_os = "linux")]
const PLACES: &[(Middleware, &str)] = &[
    (Middleware::Bit4id, "/usr/lib/bit4id/libbit4xpki.so"),
    (Middleware::Bit4id, "/usr/lib/bit4id/libbit4ipki.so"),
    (Middleware::Bit4id, "/usr/lib/bit4id/libbit4opki.so"),
    (Middleware::Bit4id, "/usr/lib/libbit4xpki.so"),
    (Middleware::Bit4id, "/usr/lib/libbit4ipki.so"),
    (Middleware::Bit4id, "/usr/lib/libbit4opki.so"),
    (Middleware::Bit4id, "/usr/lib64/libbit4xpki.so"),
    (Middleware::Bit4id, "/usr/lib/x86_64-linux-gnu/libbit4xpki.so"),
    (Middleware::Bit4id, "/usr/lib/x86_64-linux-gnu/libbit4ipki.so"),
    (Middleware::Cie, "/usr/local/lib/libcie-pkcs11.so"),
    (Middleware::Cie, "/usr/lib/libcie-pkcs11.so"),
    (Middleware::Cie, "/usr/lib64/libcie-pkcs11.so"),
    (Middleware::Actalis, "/usr/lib/libASEP11.so"),
    (Middleware::Actalis, "/usr/lib64/libASEP11.so"),
    (Middleware::Actalis, "/usr/lib/x64-athena/libASEP11.so"),
    (Middleware::Idemia, "/usr/lib/libOcsCryptoki.so"),
    (Middleware::Idemia, "/usr/local/AWP/lib/libOcsCryptoki.so"),
    (Middleware::SafeNet, "/usr/lib/libIDPrimePKCS11.so"),
    (Middleware::SafeNet, "/usr/lib/pkcs11/libIDPrimePKCS11.so"),
    (Middleware::SafeNet, "/usr/lib64/libIDPrimePKCS11.so"),
    (Middleware::SafeNet, "/usr/lib/libeTPkcs11.so"),
    (Middleware::SafeNet, "/usr/lib64/libeTPkcs11.so"),
    (Middleware::SafeNet, "/usr/lib/libeToken.so"),
    (Middleware::OpenSc, "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"),
    (Middleware::OpenSc, "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so"),
    (Middleware::OpenSc, "/usr/lib/opensc-pkcs11.so"),
    (Middleware::OpenSc, "/usr/lib64/opensc-pkcs11.so"),
    (Middleware::SoftHsm, "/usr/lib/softhsm/libsofthsm2.so"),
    (
        Middleware::SoftHsm,
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    ),
    (
        Middleware::SoftHsm,
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    ),
    (Middleware::SoftHsm, "/usr/lib64/softhsm/libsofthsm2.so"),
];

#[cfg(target_os = "macos")]
const PLACES: &[(Middleware, &str)] = &[
    (Middleware::Bit4id, "/Library/bit4id/pkcs11/libbit4xpki.dylib"),
    (Middleware::Bit4id, "/Library/bit4id/pkcs11/libbit4ipki.dylib"),
    (Middleware::Bit4id, "/Library/bit4id/pkcs11/libbit4opki.dylib"),
    (
        Middleware::Bit4id,
        "/System/Library/Bit4id/pkcs11/libbit4xpki.dylib",
    ),
    (
        Middleware::Bit4id,
        "/System/Library/Bit4id/pkcs11/libbit4ipki.dylib",
    ),
    (Middleware::Cie, "/Library/ipzs/libcie-pkcs11.dylib"),
    (Middleware::Cie, "/usr/local/lib/libcie-pkcs11.dylib"),
    (Middleware::Actalis, "/usr/local/lib/libASEP11.dylib"),
    (
        Middleware::Actalis,
        "/Library/Application Support/Athena/libASEP11.dylib",
    ),
    (Middleware::Idemia, "/Library/AWP/lib/libOcsCryptoki.dylib"),
    (Middleware::SafeNet, "/usr/local/lib/libIDPrimePKCS11.dylib"),
    (Middleware::SafeNet, "/usr/local/lib/libeTPkcs11.dylib"),
    (Middleware::SafeNet, "/usr/local/lib/libeToken.dylib"),
    (Middleware::OpenSc, "/Library/OpenSC/lib/opensc-pkcs11.so"),
    (Middleware::OpenSc, "/usr/local/lib/opensc-pkcs11.so"),
    (Middleware::OpenSc, "/opt/homebrew/lib/opensc-pkcs11.so"),
    (Middleware::SoftHsm, "/opt/homebrew/lib/softhsm/libsofthsm2.so"),
    (Middleware::SoftHsm, "/usr/local/lib/softhsm/libsofthsm2.so"),
];

/// `%NAME%` is a variable of the environment.
#[cfg(windows)]
const PLACES: &[(Middleware, &str)] = &[
    (Middleware::Bit4id, r"%SystemRoot%\System32\bit4xpki.dll"),
    (Middleware::Bit4id, r"%SystemRoot%\System32\bit4ipki.dll"),
    (Middleware::Bit4id, r"%SystemRoot%\System32\bit4opki.dll"),
    (Middleware::Bit4id, r"%SystemRoot%\System32\bit4cpki.dll"),
    (Middleware::Cie, r"%SystemRoot%\System32\CIEPKI.dll"),
    (Middleware::Cie, r"%ProgramFiles%\CIEPKI\CIEPKI.dll"),
    (Middleware::Actalis, r"%SystemRoot%\System32\asepkcs.dll"),
    (Middleware::Idemia, r"%SystemRoot%\System32\OcsCryptoki.dll"),
    (
        Middleware::Idemia,
        r"%ProgramFiles%\Oberthur Technologies\AWP\DLLs\OcsCryptoki.dll",
    ),
    (
        Middleware::SafeNet,
        r"%ProgramFiles%\SafeNet\Authentication\SAC\x64\IDPrimePKCS1164.dll",
    ),
    (
        Middleware::SafeNet,
        r"%ProgramFiles%\SafeNet\Authentication\SAC\x64\eTPKCS11.dll",
    ),
    (Middleware::SafeNet, r"%SystemRoot%\System32\eTPKCS11.dll"),
    (Middleware::SafeNet, r"%SystemRoot%\System32\eToken.dll"),
    (
        Middleware::OpenSc,
        r"%ProgramFiles%\OpenSC Project\OpenSC\pkcs11\opensc-pkcs11.dll",
    ),
    (
        Middleware::SoftHsm,
        r"%ProgramFiles%\SoftHSM2\lib\softhsm2-x64.dll",
    ),
];

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
const PLACES: &[(Middleware, &str)] = &[];

/// The PKCS#11 modules on this PC: those configured first, then the usual places, each file once.
pub fn modules(configured: &[PathBuf]) -> Vec<PathBuf> {
    modules_named(configured).into_iter().map(|m| m.path).collect()
}

/// The same, with whose they are.
pub fn modules_named(configured: &[PathBuf]) -> Vec<Module> {
    let usual = PLACES
        .iter()
        .filter_map(|(middleware, place)| Some((*middleware, expanded(place)?)));
    let asked = configured
        .iter()
        .map(|path| (Middleware::Configured, path.clone()));
    let mut found: Vec<Module> = Vec::new();
    for (middleware, path) in asked.chain(usual) {
        if let Ok(path) = path.canonicalize()
            && path.is_file()
            && found.iter().all(|known| known.path != path)
        {
            found.push(Module { path, middleware });
        }
    }
    found
}

/// Puts the variables in; none when one is not set.
fn expanded(place: &str) -> Option<PathBuf> {
    let Some(rest) = place.strip_prefix('%') else {
        return Some(PathBuf::from(place));
    };
    let (name, rest) = rest.split_once('%')?;
    let mut path = std::env::var_os(name).filter(|value| !value.is_empty())?;
    path.push(rest);
    Some(path.into())
}

/// Says before loading that a library is built for another processor: the loaders' own messages differ by system and
/// language. What is no library at all is left to the loader.
pub(super) fn check_architecture(path: &Path) -> Result<(), DeviceError> {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4096).read_to_end(&mut head));
    match read {
        Err(_) => Err(DeviceError::ModuleUnusable),
        Ok(_) if is_foreign(&head) => Err(DeviceError::ModuleForeign),
        Ok(_) => Ok(()),
    }
}

fn is_foreign(head: &[u8]) -> bool {
    let word = |at: usize| {
        Some(u16::from_le_bytes([
            *head.get(at)?,
            *head.get(at.checked_add(1)?)?,
        ]))
    };
    if head.starts_with(b"\x7fELF") {
        // ELF: class at 4 (1 is 32 bits), machine at 18.
        let class = head.get(4).copied();
        let bits = if cfg!(target_pointer_width = "64") { 2 } else { 1 };
        return class != Some(bits) || machine(word(18), [(62, "x86_64"), (183, "aarch64"), (3, "x86")]);
    }
    if head.starts_with(b"MZ") {
        // PE: the offset of the header at 0x3c, the machine four bytes into it.
        let header = word(0x3c).map(usize::from);
        let found = header.and_then(|at| word(at.checked_add(4)?));
        return machine(found, [(0x8664, "x86_64"), (0xaa64, "aarch64"), (0x014c, "x86")]);
    }
    false
}

/// Whether a machine of the list is named and it is not this one.
fn machine(found: Option<u16>, known: [(u16, &str); 3]) -> bool {
    known
        .iter()
        .find(|(number, _)| Some(*number) == found)
        .is_some_and(|(_, name)| *name != std::env::consts::ARCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configured_modules_come_first_and_each_file_once() {
        let dir = tempfile::tempdir().unwrap();
        let module = dir.path().join("mio.so");
        std::fs::write(&module, "").unwrap();
        let found = modules_named(&[module.clone(), dir.path().join("assente.so"), module.clone()]);
        assert_eq!(found[0].middleware, Middleware::Configured);
        assert_eq!(found[0].path, module.canonicalize().unwrap());
        assert!(found[1..].iter().all(|m| m.middleware != Middleware::Configured));
    }

    #[test]
    fn an_unset_variable_names_no_place() {
        assert_eq!(expanded(r"%POSTAZIONE_NOT_SET%\x.dll"), None);
        assert_eq!(
            expanded("/usr/lib/x.so"),
            Some(PathBuf::from("/usr/lib/x.so")),
            "a plain path stays as it is"
        );
    }

    #[test]
    fn a_library_of_another_processor_is_told_from_its_header() {
        let mut elf = vec![0; 64];
        elf[..5].copy_from_slice(b"\x7fELF\x01");
        elf[18] = 3;
        assert!(is_foreign(&elf), "a 32 bit library");
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(!is_foreign(&own), "this very program");
        let mut pe = vec![0; 256];
        pe[..2].copy_from_slice(b"MZ");
        pe[0x3c] = 0x80;
        pe[0x84] = 0x4c;
        pe[0x85] = 0x01;
        assert!(is_foreign(&pe), "a 32 bit DLL");
        assert!(
            !is_foreign(b"not a library"),
            "the loader says what it thinks of it"
        );
    }
}
