//! A practitioner with a key file, and OpenSSL's `cms` with the same key.

use std::path::PathBuf;
use std::process::Command;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use signing::token::pkcs12::Pkcs12Signer;
use signing::token::training::KeyKind;
use signing::{
    Conditions, KeyUse, Question, Revocation, Secret, Signer, TrustRoots, VerifyReport, finish, judged,
    prepare,
};
use testkit::pki::TestPki;

const PASSWORD: &str = "12345678";

/// A folder with a PKI and one key.
pub(crate) struct Desk {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) trust: TrustRoots,
    signer: Pkcs12Signer,
}

impl Desk {
    pub(crate) fn new(kind: KeyKind) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let pki = TestPki::create(dir.path()).unwrap();
        let key = pki
            .key(
                "Rofilo Del Vecchio",
                "DLVRFO57L04X000A",
                KeyUse::Signature,
                kind,
                None,
            )
            .unwrap();
        let keys = dir.path().join("keys");
        key.save(&keys, "firma", &SecretString::from(PASSWORD)).unwrap();
        std::fs::write(keys.join("firma.key"), key.key_pem().unwrap().expose_secret()).unwrap();
        let chain = key.chain_pem().unwrap();
        let issuer = chain.rfind("-----BEGIN").unwrap();
        std::fs::write(keys.join("issuer"), &chain[issuer..]).unwrap();
        let mut trust = TrustRoots::default();
        trust.add_anchors(&std::fs::read(pki.trust()).unwrap()).unwrap();
        Self {
            signer: Pkcs12Signer::folder(&keys).unwrap(),
            dir,
            trust,
        }
    }

    /// PAdES B-B.
    pub(crate) fn sign(&self, pdf: &[u8]) -> Vec<u8> {
        sign_with(&self.signer, pdf)
    }

    /// What `openssl cms -sign` makes of a content, with these further options.
    pub(crate) fn openssl(&self, content: &[u8], options: &[&str]) -> Vec<u8> {
        let at = |name: &str| -> PathBuf { self.dir.path().join("keys").join(name) };
        std::fs::write(at("in"), content).unwrap();
        let made = Command::new("openssl")
            .args(["cms", "-sign", "-binary", "-md", "sha256", "-in"])
            .arg(at("in"))
            .arg("-signer")
            .arg(at("firma.pem"))
            .arg("-inkey")
            .arg(at("firma.key"))
            .arg("-certfile")
            .arg(at("issuer"))
            .arg("-out")
            .arg(at("out"))
            .args(options)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        std::fs::read(at("out")).unwrap()
    }

    pub(crate) fn judge(&self, file: &[u8]) -> VerifyReport {
        self.judge_with(file, None)
    }

    pub(crate) fn judge_with(&self, file: &[u8], content: Option<&[u8]>) -> VerifyReport {
        judged(
            file,
            &Question {
                trust: &self.trust,
                at: Timestamp::now(),
                revocation: Revocation::Soft,
                content,
            },
        )
    }
}

/// Signs with the only signature key of a device.
pub(crate) fn sign_with(signer: &dyn Signer, pdf: &[u8]) -> Vec<u8> {
    let now = Timestamp::now();
    let identity = signer.identities().unwrap().remove(0);
    let prepared = prepare(pdf, &identity, &Conditions::default(), now).unwrap();
    let mut grant = signer
        .authorise(&identity.id, &[prepared.hash()], Secret::pin(PASSWORD))
        .unwrap();
    let value = grant.sign(&prepared.hash()).unwrap();
    finish(prepared, &value, None, now).unwrap().pdf
}
