//! Files of 200 MB and more, made of holes: refused at once, without being copied.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use secrecy::SecretString;
use signing::cades::{MAX_CONTENT, Packaging};
use signing::pades::{MAX_DOCUMENT, RsaPadding};
use signing::precheck::{FseProblem, fse_precheck};
use signing::token::pkcs12::Pkcs12Signer;
use signing::token::training::KeyKind;
use signing::{Conditions, DocumentRefusal, KeyUse, PrepareError, Signer as _, cades, precheck, prepare};
use testkit::pki::TestPki;

use crate::{PIN, firma, said};

const SIZE: usize = 200_000_000;

/// A report at both ends and nothing between.
fn hollow(folder: &Path) -> PathBuf {
    let path = folder.join("enorme.pdf");
    let mut file = File::create(&path).unwrap();
    let report = crate::document::report();
    file.write_all(&report).unwrap();
    file.seek(SeekFrom::Start((SIZE - report.len()) as u64)).unwrap();
    file.write_all(&report).unwrap();
    path
}

fn key_file(folder: &Path) -> PathBuf {
    let pki = TestPki::create(folder).unwrap();
    let key = pki
        .key(
            "Rofilo Del Vecchio",
            "DLVRFO57L04X000A",
            KeyUse::Signature,
            KeyKind::P256,
            None,
        )
        .unwrap();
    key.save(&folder.join("keys"), "firma", &SecretString::from(PIN))
        .unwrap()
}

#[test]
fn a_pdf_of_200_megabytes_is_too_large_to_sign() {
    let dir = tempfile::tempdir().unwrap();
    let p12 = key_file(dir.path());
    let pdf = std::fs::read(hollow(dir.path())).unwrap();
    let identity = Pkcs12Signer::folder(p12.parent().unwrap())
        .unwrap()
        .identities()
        .unwrap()
        .remove(0);
    let conditions = Conditions::default();
    assert!(pdf.len() > MAX_DOCUMENT);
    assert_eq!(precheck(&pdf, &conditions), Err(DocumentRefusal::TooLarge));
    assert_eq!(
        prepare(&pdf, &identity, &conditions, Timestamp::now()).unwrap_err(),
        PrepareError::Document(DocumentRefusal::TooLarge)
    );
    let found = fse_precheck(&pdf, Timestamp::now());
    assert_eq!(found.problems, [FseProblem::TooLarge]);
}

#[test]
fn any_file_over_the_limit_is_too_large_for_an_envelope() {
    let dir = tempfile::tempdir().unwrap();
    let p12 = key_file(dir.path());
    let identity = Pkcs12Signer::folder(p12.parent().unwrap())
        .unwrap()
        .identities()
        .unwrap()
        .remove(0);
    let refused = cades::prepare(
        vec![0; MAX_CONTENT + 1],
        &identity,
        &Conditions::default(),
        Packaging::Enveloping,
        RsaPadding::Pkcs1,
        Timestamp::now(),
    )
    .unwrap_err();
    assert_eq!(refused, PrepareError::Document(DocumentRefusal::TooLarge));
}

#[test]
fn firma_says_no_to_200_megabytes() {
    let dir = tempfile::tempdir().unwrap();
    let p12 = key_file(dir.path());
    let file = hollow(dir.path());
    let trust = dir.path().join("trust.pem");
    let out = dir.path().join("firmato.pdf");
    let [p12, trust, out_path] = [&p12, &trust, &out].map(|path| path.to_str().unwrap());
    for words in [
        vec!["verify", "--trust", trust],
        vec!["precheck"],
        vec!["sign", "--p12", p12, "--out", out_path],
    ] {
        let output = firma(&words, &file);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {}", said(&output));
    }
    assert!(!out.exists());
}
