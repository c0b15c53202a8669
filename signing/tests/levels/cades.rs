//! CAdES B-B and B-T, enveloping and detached, with every key and padding; OpenSSL and pyHanko's `asn1crypto` judge.

use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use signing::cades::{Packaging, Prepared, Signed, finish, prepare, prepare_beside, timestamp};
use signing::error::{DocumentRefusal, ExtendError, PrepareError};
use signing::pades::{RsaPadding, Shape};
use signing::{
    Conditions, FinishError, Indication, Level, Question, Revocation, Secret, SignatureValue, Signer,
    SubIndication, judged, prepare_as,
};
use testkit::authority::Key;
use testkit::responder::Service;
use testkit::tsa::TsaFault;

use crate::document::report;
use crate::referees::{passes, pdfsig};
use crate::{Office, PEOPLE, PIN};

const CONTENT: &[u8] = b"Piano assistenziale\r\n\0\xff";

fn value(signer: &dyn Signer, prepared: &Prepared) -> SignatureValue {
    let hash = prepared.hash();
    let mut grant = signer
        .authorise(prepared.identity(), &[hash], Secret::pin(PIN))
        .unwrap();
    prepared.signed_by(grant.as_mut()).unwrap()
}

fn prepared(signer: &dyn Signer, packaging: Packaging, padding: RsaPadding) -> Prepared {
    let identity = signer.identities().unwrap().remove(0);
    let conditions = Conditions {
        author: Some(PEOPLE[0].2.into()),
        fse_precheck: false,
    };
    prepare(
        CONTENT.to_vec(),
        &identity,
        &conditions,
        packaging,
        padding,
        Timestamp::now(),
    )
    .unwrap()
}

fn sign(office: &Office, kind: Key, packaging: Packaging, padding: RsaPadding) -> Signed {
    let signer = office.signer(PEOPLE[0], kind);
    let prepared = prepared(&signer, packaging, padding);
    let value = value(&signer, &prepared);
    finish(prepared, &value, Some(&office.trust()), Timestamp::now()).unwrap()
}

fn openssl_verifies(cms: &Path, content: Option<&Path>, trust: &Path) {
    let mut command = Command::new("openssl");
    command.args([
        "cms", "-verify", "-cades", "-binary", "-purpose", "any", "-inform", "DER", "-in",
    ]);
    command.arg(cms).arg("-CAfile").arg(trust);
    if let Some(content) = content {
        command.arg("-content").arg(content);
    }
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.stdout, CONTENT);
}

#[test]
fn every_key_and_packaging_passes_openssl_and_the_referee() {
    let office = Office::open();
    let trust = office.services.authority.trust();
    let file = office.dir.path().join("contenuto.txt");
    std::fs::write(&file, CONTENT).unwrap();
    for (kind, padding) in [
        (Key::Rsa(2048), RsaPadding::Pkcs1),
        (Key::Rsa(3072), RsaPadding::Pss),
        // Certified for PSS alone: it pads so unasked.
        (Key::RsaPss(2048), RsaPadding::Pkcs1),
        (Key::P256, RsaPadding::Pkcs1),
        (Key::P384, RsaPadding::Pkcs1),
    ] {
        for packaging in [Packaging::Enveloping, Packaging::Detached] {
            let signed = sign(&office, kind, packaging, padding);
            let stamped = timestamp(&signed.cms, &office.time_stamps(), Timestamp::now()).unwrap();
            let content = (packaging == Packaging::Detached).then_some(file.as_path());
            for (cms, level, name) in [(&signed.cms, Level::BB, "B-B"), (&stamped, Level::BT, "B-T")] {
                let told = judged(
                    cms,
                    &Question {
                        trust: &office.trust(),
                        at: Timestamp::now(),
                        revocation: Revocation::Soft,
                        content: content.map(|_| CONTENT),
                    },
                );
                assert!(told.passed(), "{kind:?} {packaging:?}: {told:?}");
                assert_eq!(told.signatures[0].level, level);
                assert!(
                    told.signatures[0].claimed_time.is_some(),
                    "CAdES wants signing-time"
                );
                let path = office.dir.path().join("firma.p7m");
                std::fs::write(&path, cms).unwrap();
                openssl_verifies(&path, content, &trust);
                let shown = file.display().to_string();
                let mut options = vec!["--expect", name];
                if content.is_some() {
                    options.extend(["--content", shown.as_str()]);
                }
                passes(&path, &trust, &options);
            }
        }
    }
}

#[test]
fn a_pdf_signed_with_pss_passes_too() {
    let office = Office::open();
    let signer = office.signer(PEOPLE[0], Key::Rsa(2048));
    let identity = signer.identities().unwrap().remove(0);
    let shape = Shape {
        padding: RsaPadding::Pss,
        ..Shape::default()
    };
    let conditions = Conditions {
        author: None,
        fse_precheck: true,
    };
    let prepared = prepare_as(&report(), &identity, &conditions, shape, Timestamp::now()).unwrap();
    let mut grant = signer
        .authorise(&identity.id, &[prepared.hash()], Secret::pin(PIN))
        .unwrap();
    let right = prepared.signed_by(grant.as_mut()).unwrap();
    let wrong = grant.sign(&prepared.hash()).unwrap();
    let done = |value| signing::finish(prepared.clone(), value, Some(&office.trust()), Timestamp::now());
    assert_eq!(
        done(&wrong).unwrap_err(),
        FinishError::SelfCheck(Indication::TotalFailed, Some(SubIndication::SigCryptoFailure)),
        "a device that pads otherwise is found out"
    );
    let path = office.dir.path().join("pss.pdf");
    std::fs::write(&path, done(&right).unwrap().pdf).unwrap();
    passes(
        &path,
        &office.services.authority.trust(),
        &["--expect", "B-B", "--fse"],
    );
    pdfsig(&path, 1);
}

#[test]
fn what_was_stored_is_finished_and_what_was_altered_is_not() {
    let office = Office::open();
    let signer = office.signer(PEOPLE[0], Key::P256);
    let prepared = prepared(&signer, Packaging::Enveloping, RsaPadding::Pkcs1);
    let value = value(&signer, &prepared);
    let stored = serde_json::to_value(&prepared).unwrap();
    let back: Prepared = serde_json::from_value(stored.clone()).unwrap();
    finish(back, &value, Some(&office.trust()), Timestamp::now()).unwrap();
    let mut altered = stored;
    altered["content"] = "YWx0cm8=".into();
    let altered: Prepared = serde_json::from_value(altered).unwrap();
    assert_eq!(
        finish(altered, &value, None, Timestamp::now()).unwrap_err(),
        FinishError::PreparedAltered
    );
}

#[test]
fn other_content_and_a_silent_authority_are_named() {
    let office = Office::open();
    let signed = sign(&office, Key::P256, Packaging::Detached, RsaPadding::Pkcs1);
    let question = Question {
        trust: &office.trust(),
        at: Timestamp::now(),
        revocation: Revocation::Soft,
        content: Some(b"altro"),
    };
    assert_eq!(
        judged(&signed.cms, &question).overall(),
        (Indication::TotalFailed, Some(SubIndication::HashFailure))
    );
    office.services.set_tsa(Service::Down, TsaFault::None);
    let waits = timestamp(&signed.cms, &office.time_stamps(), Timestamp::now()).unwrap_err();
    assert!(matches!(waits, ExtendError::NoTimeStamp(_)), "{waits:?}");
    assert_eq!(
        timestamp(b"non un CMS", &office.time_stamps(), Timestamp::now()).unwrap_err(),
        ExtendError::ForeignEncoding
    );
}

/// One more signer, the second of the invented people.
fn beside(
    office: &Office,
    signer: &dyn Signer,
    file: &[u8],
    content: Option<&[u8]>,
) -> Result<Vec<u8>, PrepareError> {
    let (identity, now) = (signer.identities().unwrap().remove(0), Timestamp::now());
    let conditions = Conditions::default();
    let content = content.map(<[u8]>::to_vec);
    let prepared = prepare_beside(file, content, &identity, &conditions, RsaPadding::Pkcs1, now)?;
    // It may wait, as every other.
    let stored = serde_json::to_string(&prepared).unwrap();
    let prepared: Prepared = serde_json::from_str(&stored).unwrap();
    let value = value(signer, &prepared);
    Ok(finish(prepared, &value, Some(&office.trust()), now).unwrap().cms)
}

#[test]
fn a_second_signer_stands_beside_the_first() {
    let office = Office::open();
    let trust = office.services.authority.trust();
    let second = office.signer(PEOPLE[1], Key::Rsa(2048));
    let file = office.dir.path().join("contenuto.txt");
    std::fs::write(&file, CONTENT).unwrap();
    for packaging in [Packaging::Enveloping, Packaging::Detached] {
        let content = (packaging == Packaging::Detached).then_some(CONTENT);
        let first = sign(&office, Key::P256, packaging, RsaPadding::Pkcs1).cms;
        let both = beside(&office, &second, &first, content).unwrap();
        let question = Question {
            trust: &office.trust(),
            at: Timestamp::now(),
            revocation: Revocation::Soft,
            content,
        };
        let told = judged(&both, &question);
        assert!(told.passed(), "{told:?}");
        let mut names: Vec<String> = told
            .signatures
            .iter()
            .map(|s| s.signer.as_ref().unwrap().subject.clone())
            .collect();
        names.sort();
        assert_eq!(names, [PEOPLE[1].1, PEOPLE[0].1]);
        let path = office.dir.path().join("due.p7m");
        std::fs::write(&path, &both).unwrap();
        openssl_verifies(&path, content.map(|_| file.as_path()), &trust);

        let mut broken = first.clone();
        *broken.last_mut().unwrap() ^= 1;
        assert_eq!(
            beside(&office, &second, &broken, content).unwrap_err(),
            DocumentRefusal::EarlierSignatureBroken.into()
        );
    }
    let detached = sign(&office, Key::P256, Packaging::Detached, RsaPadding::Pkcs1).cms;
    for (file, why) in [
        (detached.as_slice(), DocumentRefusal::ContentMissing),
        (CONTENT, DocumentRefusal::NotEnvelope),
        (b"", DocumentRefusal::NotEnvelope),
    ] {
        assert_eq!(beside(&office, &second, file, None).unwrap_err(), why.into());
    }
}
