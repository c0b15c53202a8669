//! Authorities on loopback and who signs by them.

use std::ops::Range;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::Timestamp;
use signing::cades::{self, Packaging};
use signing::pades::{Means, Reach, RsaPadding, Shape};
use signing::revocation::Revocations;
use signing::timestamp::{Authority, TimeStamps};
use signing::token::pkcs12::Pkcs12Signer;
use signing::transport::Http;
use signing::{
    Conditions, Secret, SignatureValue, Signer as _, SigningHash, TrustRoots, extend, finish, prepare_as,
};
use testkit::authority::Key;
use testkit::responder::Responder;

/// Invented specialists.
pub(crate) const PEOPLE: [(&str, &str, &str); 2] = [
    ("primo", "Rofilo Del Vecchio", "DLVRFO57L04X000A"),
    ("seconda", "Amalia Prova", "PRVMLA60A41F839X"),
];
/// Their password.
pub(crate) const PIN: &str = "12345678";
/// What is signed when it is no PDF.
pub(crate) const CONTENT: &[u8] = b"Piano assistenziale\r\n\0\xff";

const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Office {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) services: Responder,
}

impl Office {
    pub(crate) fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let services = Responder::start(&dir.path().join("authority")).unwrap();
        Self { dir, services }
    }

    fn trust(&self) -> TrustRoots {
        TrustRoots::from_pem(&std::fs::read(self.services.authority.trust()).unwrap()).unwrap()
    }

    fn stamps(&self) -> TimeStamps {
        let authorities = vec![Authority::open(self.services.tsa())];
        TimeStamps::new(authorities, self.trust(), Box::new(Http::new(PATIENCE).unwrap()))
    }

    pub(crate) fn signer(&self, (name, person, code): (&str, &str, &str), key: Key) -> Pkcs12Signer {
        let folder = self
            .services
            .authority
            .signer(name, person, code, key, PIN)
            .unwrap();
        Pkcs12Signer::folder(&folder).unwrap()
    }

    /// The key file of a signer.
    pub(crate) fn p12(&self, name: &str) -> PathBuf {
        let authority = self.services.authority.key(name);
        authority
            .parent()
            .unwrap()
            .join(format!("keys-{name}/{name}.p12"))
    }

    /// The device's signature; for PSS, which the key file does not make, OpenSSL's with the same key.
    fn value(
        &self,
        signer: &Pkcs12Signer,
        name: &str,
        hash: SigningHash,
        padding: RsaPadding,
    ) -> SignatureValue {
        let identity = signer.identities().unwrap().remove(0);
        if padding == RsaPadding::Pkcs1 {
            let mut grant = signer.authorise(&identity.id, &[hash], Secret::pin(PIN)).unwrap();
            return grant.sign(&hash).unwrap();
        }
        let mut openssl = Command::new("openssl")
            .args([
                "pkeyutl",
                "-sign",
                "-pkeyopt",
                "digest:sha256",
                "-pkeyopt",
                "rsa_padding_mode:pss",
            ])
            .args(["-pkeyopt", "rsa_pss_saltlen:32", "-inkey"])
            .arg(self.services.authority.key(name))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut openssl.stdin.take().unwrap(), &hash.0).unwrap();
        let output = openssl.wait_with_output().unwrap();
        assert!(output.status.success());
        SignatureValue(output.stdout)
    }

    /// PAdES B-B with room for a time-stamp.
    pub(crate) fn pades(
        &self,
        signer: &Pkcs12Signer,
        name: &str,
        pdf: &[u8],
        padding: RsaPadding,
    ) -> Vec<u8> {
        let (identity, now) = (signer.identities().unwrap().remove(0), Timestamp::now());
        let shape = Shape {
            time_stamp: true,
            padding,
            ..Shape::default()
        };
        let prepared = prepare_as(pdf, &identity, &Conditions::default(), shape, now).unwrap();
        let value = self.value(signer, name, prepared.hash(), padding);
        finish(prepared, &value, Some(&self.trust()), now).unwrap().pdf
    }

    pub(crate) fn extend(&self, pdf: &[u8], to: Reach) -> Vec<u8> {
        let (stamps, trust) = (self.stamps(), self.trust());
        let revocations = Revocations::new(Box::new(Http::new(PATIENCE).unwrap()));
        let means = Means {
            stamps: &stamps,
            revocations: &revocations,
            trust: &trust,
        };
        extend(pdf, to, &means, Timestamp::now()).unwrap().pdf
    }

    /// CAdES B-B of [`CONTENT`].
    pub(crate) fn cades(
        &self,
        signer: &Pkcs12Signer,
        name: &str,
        packaging: Packaging,
        padding: RsaPadding,
    ) -> Vec<u8> {
        let (identity, now) = (signer.identities().unwrap().remove(0), Timestamp::now());
        let conditions = Conditions::default();
        let prepared =
            cades::prepare(CONTENT.to_vec(), &identity, &conditions, packaging, padding, now).unwrap();
        let value = self.value(signer, name, prepared.hash(), padding);
        cades::finish(prepared, &value, Some(&self.trust()), now)
            .unwrap()
            .cms
    }

    /// CAdES B-T.
    pub(crate) fn stamped(&self, cms: &[u8]) -> Vec<u8> {
        cades::timestamp(cms, &self.stamps(), Timestamp::now()).unwrap()
    }
}

/// Where `/Contents` of the last signature of a PDF stands.
pub(crate) fn hole(pdf: &[u8]) -> Range<usize> {
    let key = b"/Contents";
    let Some(key_at) = pdf
        .windows(key.len() + 2)
        .rposition(|w| w.starts_with(key) && (w.ends_with(b"<") || w[key.len()] == b'<'))
    else {
        return 0..0;
    };
    let start = key_at + pdf[key_at..].iter().position(|b| *b == b'<').unwrap();
    let end = start + pdf[start..].iter().position(|b| *b == b'>').unwrap() + 1;
    start..end
}
