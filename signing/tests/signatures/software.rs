//! The whole way with a PKCS#12, for every kind of key.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use signing::token::pkcs12::Pkcs12Signer;
use signing::token::training::KeyKind;
use signing::{
    Conditions, DeviceError, DeviceKind, FinishError, Identity, Indication, KeyUse, Level, PinState,
    Prepared, Qualification, Secret, SignatureValue, Signed, Signer, SubIndication, TrustRoots, finish,
    prepare, verify,
};
use testkit::pki::TestPki;

use crate::document::{Recipe, report};
use crate::{FISCAL_CODE, NAME, PIN};

/// A folder with a PKI, and a key file of each kind asked for.
pub(crate) struct Desk {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) pki: TestPki,
    pub(crate) signer: Pkcs12Signer,
}

impl Desk {
    pub(crate) fn new(kind: KeyKind) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let pki = TestPki::create(dir.path()).unwrap();
        let key = pki.key(NAME, FISCAL_CODE, KeyUse::Signature, kind, None).unwrap();
        key.save(&dir.path().join("keys"), "firma", &SecretString::from(PIN))
            .unwrap();
        let signer = Pkcs12Signer::folder(&dir.path().join("keys")).unwrap();
        Self { dir, pki, signer }
    }

    pub(crate) fn identity(&self) -> Identity {
        self.signer.identities().unwrap().remove(0)
    }

    pub(crate) fn trust(&self) -> TrustRoots {
        TrustRoots::from_pem(&std::fs::read(self.pki.trust()).unwrap()).unwrap()
    }

    pub(crate) fn sign(&self, pdf: &[u8]) -> Signed {
        let now = Timestamp::now();
        let prepared = prepare(pdf, &self.identity(), &author(), now).unwrap();
        sign_with(&self.signer, prepared, &self.trust()).unwrap()
    }
}

pub(crate) fn author() -> Conditions {
    Conditions {
        author: Some(FISCAL_CODE.into()),
        fse_precheck: true,
    }
}

pub(crate) fn sign_with(
    signer: &dyn Signer,
    prepared: Prepared,
    trust: &TrustRoots,
) -> Result<Signed, FinishError> {
    let mut grant = signer
        .authorise(prepared.identity(), &[prepared.hash()], Secret::pin(PIN))
        .unwrap();
    let value = grant.sign(&prepared.hash()).unwrap();
    finish(prepared, &value, Some(trust), Timestamp::now())
}

#[test]
fn every_kind_of_key_makes_a_baseline_signature_that_passes() {
    for kind in [KeyKind::Rsa2048, KeyKind::P256, KeyKind::P384] {
        for modern in [false, true] {
            let desk = Desk::new(kind);
            let pdf = Recipe {
                modern,
                ..Recipe::default()
            }
            .pdf();
            let signed = desk.sign(&pdf);
            assert!(
                signed.report.passed(),
                "{kind:?} modern={modern}: {:?}",
                signed.report
            );
            assert_eq!(signed.report.signatures[0].level, Level::BB);
            assert!(
                signed.report.signatures[0].claimed_time.is_some(),
                "/M must be read back"
            );
            assert!(
                signed.pdf.starts_with(&pdf),
                "the bytes received stay as they are"
            );
        }
    }
}

#[test]
fn an_identity_tells_whose_it_is_before_the_password() {
    let identity = Desk::new(KeyKind::P256).identity();
    assert_eq!(identity.subject, NAME);
    assert_eq!(identity.fiscal_code.as_deref(), Some(FISCAL_CODE));
    assert_eq!(identity.device, DeviceKind::File);
    assert_eq!(identity.usage, KeyUse::Signature);
    assert_eq!(identity.qualification, Qualification::QualifiedDevice);
    assert_eq!(identity.pin, PinState::Ready);
    assert!(
        identity.issuer.contains("formazione"),
        "a training issuer must call itself so"
    );
    assert_eq!(identity.chain.len(), 2, "the certificate and its issuer");
    let printed = format!("{identity:?}");
    assert!(
        !printed.contains(NAME) && !printed.contains(FISCAL_CODE),
        "no person in a log: {printed}"
    );
}

#[test]
fn a_prepared_document_survives_storage() {
    let desk = Desk::new(KeyKind::P256);
    let prepared = prepare(&report(), &desk.identity(), &author(), Timestamp::now()).unwrap();
    let stored = serde_json::to_string(&prepared).unwrap();
    let again: Prepared = serde_json::from_str(&stored).unwrap();
    assert_eq!(again.hash(), prepared.hash());
    assert!(
        sign_with(&desk.signer, again, &desk.trust())
            .unwrap()
            .report
            .passed()
    );
}

#[test]
fn a_stored_document_that_was_altered_is_not_finished() {
    let desk = Desk::new(KeyKind::P256);
    let prepared = prepare(&report(), &desk.identity(), &author(), Timestamp::now()).unwrap();
    let mut stored: serde_json::Value = serde_json::to_value(&prepared).unwrap();
    stored["contents_at"] = serde_json::json!(40);
    let altered: Prepared = serde_json::from_value(stored).unwrap();
    assert_eq!(
        sign_with(&desk.signer, altered, &desk.trust()).map(drop),
        Err(FinishError::PreparedAltered)
    );
}

#[test]
fn one_authorisation_signs_many_documents_and_no_other() {
    let desk = Desk::new(KeyKind::Rsa2048);
    let now = Timestamp::now();
    let identity = desk.identity();
    let prepared: Vec<_> = (0..3)
        .map(|_| prepare(&report(), &identity, &author(), now).unwrap())
        .collect();
    let hashes: Vec<_> = prepared.iter().map(Prepared::hash).collect();
    let mut grant = desk
        .signer
        .authorise(&identity.id, &hashes, Secret::pin(PIN))
        .unwrap();
    for document in prepared {
        let value = grant.sign(&document.hash()).unwrap();
        assert!(finish(document, &value, Some(&desk.trust()), now).is_ok());
    }
    let stranger = prepare(&desk.sign(&report()).pdf, &identity, &author(), now).unwrap();
    assert_eq!(grant.sign(&stranger.hash()), Err(DeviceError::NotAuthorised));
}

#[test]
fn a_second_signature_leaves_the_first_valid() {
    let desk = Desk::new(KeyKind::P256);
    let twice = desk.sign(&desk.sign(&report()).pdf);
    let [first, second] = twice.report.signatures.as_slice() else {
        panic!("two signatures")
    };
    assert_eq!(first.indication, Indication::TotalPassed);
    assert!(!first.covers_whole_file && second.covers_whole_file);
    assert_ne!(first.field, second.field, "each signature has a field of its own");
}

#[test]
fn a_wrong_password_is_a_wrong_pin() {
    let desk = Desk::new(KeyKind::P256);
    let id = desk.identity().id;
    assert_eq!(
        desk.signer.authorise(&id, &[], Secret::pin("sbagliata")).err(),
        Some(DeviceError::WrongPin)
    );
}

#[test]
fn a_key_file_without_its_chain_beside_it_is_read_with_the_password() {
    let desk = Desk::new(KeyKind::Rsa2048);
    let software = desk.pki.software_identity(NAME, FISCAL_CODE).unwrap();
    let mut signer = Pkcs12Signer::default();
    let id = signer
        .add(&software.p12, &SecretString::from(software.password))
        .unwrap();
    assert_eq!(signer.identities().unwrap()[0].id, id);
}

#[test]
fn another_root_leaves_the_chain_unknown_and_the_document_inside() {
    let desk = Desk::new(KeyKind::P256);
    let other = Desk::new(KeyKind::P256);
    let now = Timestamp::now();
    let signed = desk.sign(&report());
    let report_ = verify(&signed.pdf, &other.trust(), now);
    assert_eq!(
        report_.overall(),
        (
            Indication::Indeterminate,
            Some(SubIndication::NoCertificateChainFound)
        )
    );
    let prepared = prepare(&report(), &desk.identity(), &author(), now).unwrap();
    assert_eq!(
        sign_with(&desk.signer, prepared, &other.trust()).map(drop),
        Err(FinishError::SelfCheck(
            Indication::Indeterminate,
            Some(SubIndication::NoCertificateChainFound)
        ))
    );
}

#[test]
fn a_signature_of_another_key_does_not_leave() {
    let desk = Desk::new(KeyKind::P256);
    let other = Desk::new(KeyKind::P256);
    let prepared = prepare(&report(), &desk.identity(), &author(), Timestamp::now()).unwrap();
    let mut grant = other
        .signer
        .authorise(&other.identity().id, &[prepared.hash()], Secret::pin(PIN))
        .unwrap();
    let foreign = grant.sign(&prepared.hash()).unwrap();
    assert_eq!(
        finish(prepared, &foreign, Some(&desk.trust()), Timestamp::now()).map(drop),
        Err(FinishError::SelfCheck(
            Indication::TotalFailed,
            Some(SubIndication::SigCryptoFailure)
        ))
    );
}

#[test]
fn without_roots_everything_but_the_chain_is_checked() {
    let desk = Desk::new(KeyKind::P256);
    let now = Timestamp::now();
    let prepared = prepare(&report(), &desk.identity(), &author(), now).unwrap();
    let mut grant = desk
        .signer
        .authorise(prepared.identity(), &[prepared.hash()], Secret::pin(PIN))
        .unwrap();
    let value = grant.sign(&prepared.hash()).unwrap();
    assert!(finish(prepared.clone(), &value, None, now).is_ok());
    let wrong = SignatureValue(vec![0; 70]);
    assert!(
        finish(prepared.clone(), &wrong, None, now).is_err(),
        "a missing root excuses nothing else"
    );
    let huge = SignatureValue(vec![0; 8000]);
    assert_eq!(
        finish(prepared, &huge, None, now).map(drop),
        Err(FinishError::SpaceTooSmall)
    );
}

#[test]
fn an_old_key_file_with_rc2_opens() {
    let desk = Desk::new(KeyKind::P256);
    let key = desk
        .pki
        .key(NAME, FISCAL_CODE, KeyUse::Signature, KeyKind::Rsa2048, None)
        .unwrap();
    let [pem, old] = ["chiave.pem", "vecchio.p12"].map(|name| desk.dir.path().join(name));
    let chain = key.chain_pem().unwrap();
    std::fs::write(
        &pem,
        [key.key_pem().unwrap().expose_secret(), chain.as_str()].concat(),
    )
    .unwrap();
    let made = std::process::Command::new("openssl")
        .args([
            "pkcs12",
            "-export",
            "-legacy",
            "-passout",
            &format!("pass:{PIN}"),
            "-in",
        ])
        .arg(&pem)
        .arg("-out")
        .arg(&old)
        .status()
        .unwrap();
    assert!(made.success(), "openssl with its legacy provider");
    let mut signer = Pkcs12Signer::default();
    signer.add(&old, &SecretString::from(PIN)).unwrap();
    let identity = signer.identities().unwrap().remove(0);
    let prepared = prepare(&report(), &identity, &author(), Timestamp::now()).unwrap();
    assert!(
        sign_with(&signer, prepared, &desk.trust())
            .unwrap()
            .report
            .passed()
    );
}

#[test]
fn the_authority_of_a_folder_is_kept() {
    let desk = Desk::new(KeyKind::P256);
    let again = TestPki::create(desk.dir.path()).unwrap();
    let later = again
        .software_identity("Noemi Cella", "CLLNNI25P46X000O")
        .unwrap();
    let mut signer = Pkcs12Signer::default();
    signer
        .add(&later.p12, &SecretString::from(later.password))
        .unwrap();
    assert_eq!(
        signer.identities().unwrap()[0].chain[1],
        desk.identity().chain[1],
        "one issuer for both"
    );
}
