//! Key files and certificates that cannot be used, and knowledge that is too old.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{Timestamp, ToSpan as _};
use secrecy::SecretString;
use signing::revocation::Revocations;
use signing::token::pkcs11::Pkcs11Signer;
use signing::token::pkcs12::Pkcs12Signer;
use signing::transport::Http;
use signing::{DeviceError, Signer as _};
use testkit::authority::Key;
use testkit::responder::Responder;

use crate::document::report;
use crate::{PIN, firma, openssl, said};

fn add(path: &Path) -> Result<Pkcs12Signer, DeviceError> {
    let mut signer = Pkcs12Signer::default();
    signer.add(path, &SecretString::from(PIN)).map(|_| signer)
}

/// A self-made certificate that commits, with a key of this kind.
fn odd_key(folder: &Path, key: &str) -> PathBuf {
    let subject = "/CN=Rofilo Del Vecchio/serialNumber=TINIT-DLVRFO57L04X000A".replace(' ', "_");
    openssl(
        folder,
        &format!(
            "req -x509 -newkey {key} -nodes -keyout k.pem -out c.pem -days 3 -subj {subject} -addext keyUsage=critical,nonRepudiation"
        ),
    );
    openssl(
        folder,
        &format!("pkcs12 -export -inkey k.pem -in c.pem -out k.p12 -passout pass:{PIN}"),
    );
    folder.join("k.p12")
}

#[test]
fn a_key_file_that_is_none_or_holds_no_key_has_its_own_error() {
    let dir = tempfile::tempdir().unwrap();
    let none = dir.path().join("testo.p12");
    std::fs::write(&none, b"un testo").unwrap();
    assert_eq!(add(&none).err(), Some(DeviceError::KeyFileUnreadable));
    assert_eq!(
        add(&dir.path().join("manca.p12")).err(),
        Some(DeviceError::KeyFileUnreadable)
    );
    odd_key(dir.path(), "rsa:2048");
    openssl(
        dir.path(),
        &format!("pkcs12 -export -nokeys -in c.pem -out solo.p12 -passout pass:{PIN}"),
    );
    let keyless = dir.path().join("solo.p12");
    assert_eq!(add(&keyless).err(), Some(DeviceError::KeyFileAmbiguous));

    let pdf = dir.path().join("referto.pdf");
    std::fs::write(&pdf, report()).unwrap();
    let out = dir.path().join("firmato.pdf");
    for key in [&none, &keyless] {
        let words = [
            "sign",
            "--p12",
            key.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
        ];
        let output = firma(&words, &pdf);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(!out.exists());
    }
}

/// The header of a library tells for which processor it is.
#[cfg(target_os = "linux")]
#[test]
fn a_driver_for_another_processor_is_told_before_it_is_loaded() {
    let dir = tempfile::tempdir().unwrap();
    let driver = dir.path().join("driver.so");
    let mut header = b"\x7fELF\x01\x01\x01".to_vec();
    header.resize(64, 0);
    // EM_386, a shared object.
    header[16..20].copy_from_slice(&[3, 0, 3, 0]);
    std::fs::write(&driver, header).unwrap();
    assert_eq!(
        Pkcs11Signer::open(&driver).unwrap_err(),
        DeviceError::ModuleForeign
    );
}

#[test]
fn an_answer_on_revocation_that_is_past_its_time_is_told_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let services = Responder::start(&dir.path().join("authority")).unwrap();
    let person = ("primo", "Rofilo Del Vecchio", "DLVRFO57L04X000A");
    let folder = services
        .authority
        .signer(person.0, person.1, person.2, Key::P256, PIN)
        .unwrap();
    let identity = Pkcs12Signer::folder(&folder)
        .unwrap()
        .identities()
        .unwrap()
        .remove(0);
    let revocations = Revocations::new(Box::new(Http::new(Duration::from_secs(60)).unwrap()));
    // The responder answers for a day.
    let later = Timestamp::now().checked_add((20 * 24).hours()).unwrap();
    let evidence = revocations
        .look_up(&identity.chain[0], &identity.chain[1], later)
        .unwrap();
    assert!(evidence.is_stale(later) && !evidence.is_stale(Timestamp::now()));
}
