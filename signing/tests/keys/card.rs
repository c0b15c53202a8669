//! A card of the hostile module. It finds its folder in the environment, so each test runs its second half in a
//! process of its own.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use hostile_token::HostileToken;
use jiff::{Timestamp, ToSpan as _};
use secrecy::ExposeSecret as _;
use signing::token::helper;
use signing::token::pkcs11::{Limits, Pkcs11Signer};
use signing::token::training::{KeyKind, Validity};
use signing::{
    Authorised, Conditions, DeviceError, Identity, KeyUse, Prepared, Secret, Signed, Signer, TrustRoots,
    finish, prepare,
};
use testkit::pki::TestPki;

use crate::document::report;
use crate::{FISCAL_CODE, NAME, PIN};

const SECOND_HALF: &str = "SIGNING_TEST_FOLDER";

/// A card in a program that uses it.
pub(crate) struct Card {
    pub(crate) token: HostileToken,
    pub(crate) dir: PathBuf,
}

/// In the first process: makes a card that locks after three wrong PINs and runs the test again with it. In the
/// second: the card.
pub(crate) fn card(test: &str) -> Option<Card> {
    card_valid(test, None)
}

/// The same with a certificate of other years.
pub(crate) fn card_valid(test: &str, validity: Option<Validity>) -> Option<Card> {
    if let Some(dir) = std::env::var_os(SECOND_HALF) {
        helper::use_program(env!("CARGO_BIN_EXE_token-helper").into());
        let dir = PathBuf::from(dir);
        return Some(Card {
            token: HostileToken::at(&dir.join("card")),
            dir,
        });
    }
    let dir = tempfile::tempdir().unwrap();
    let pki = TestPki::create(dir.path()).unwrap();
    let key = |usage| {
        pki.key(NAME, FISCAL_CODE, usage, KeyKind::Rsa2048, validity)
            .unwrap()
    };
    let (signature, authentication) = (key(KeyUse::Signature), key(KeyUse::Authentication));
    let mut certificates = signature.chain_der().unwrap();
    certificates.insert(1, authentication.chain_der().unwrap().remove(0));
    let token = HostileToken::create(
        &dir.path().join("card"),
        PIN,
        3,
        signature.key_pem().unwrap().expose_secret(),
        &certificates,
    )
    .unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(SECOND_HALF, dir.path())
        .env(hostile_token::FOLDER, token.dir())
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .concat();
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "the second half of {test} failed:\n{printed}"
    );
    None
}

/// The years before last.
pub(crate) fn past() -> Validity {
    let ago = |days: i64| Timestamp::now().checked_sub((days * 24).hours()).unwrap();
    Validity {
        from: ago(800),
        until: ago(400),
    }
}

impl Card {
    /// Through a driver with the usual limits.
    pub(crate) fn open(&self) -> Pkcs11Signer {
        Pkcs11Signer::open(&HostileToken::library().unwrap()).unwrap()
    }

    /// Through a driver that may sign or log in for eight seconds only.
    pub(crate) fn open_impatient(&self) -> Pkcs11Signer {
        let limits = Limits {
            sign: Duration::from_secs(8),
            authorise: Duration::from_secs(8),
            ..Limits::default()
        };
        Pkcs11Signer::open_with(&HostileToken::library().unwrap(), limits).unwrap()
    }

    pub(crate) fn trust(&self) -> TrustRoots {
        TrustRoots::from_pem(&std::fs::read(self.dir.join("trust.pem")).unwrap()).unwrap()
    }

    /// Logs in for one document.
    pub(crate) fn authorised(
        &self,
        signer: &dyn Signer,
    ) -> Result<(Prepared, Box<dyn Authorised>), DeviceError> {
        let identity = signature_identity(signer)?;
        let prepared = prepare(&report(), &identity, &author(), Timestamp::now()).unwrap();
        let grant = signer.authorise(&identity.id, &[prepared.hash()], Secret::pin(PIN))?;
        Ok((prepared, grant))
    }

    /// Signs one document from beginning to end.
    pub(crate) fn signs(&self, signer: &dyn Signer) -> Result<Signed, DeviceError> {
        let (prepared, mut grant) = self.authorised(signer)?;
        let value = grant.sign(&prepared.hash())?;
        Ok(finish(prepared, &value, Some(&self.trust()), Timestamp::now()).unwrap())
    }
}

pub(crate) fn author() -> Conditions {
    Conditions {
        author: Some(FISCAL_CODE.into()),
        fse_precheck: true,
    }
}

pub(crate) fn signature_identity(signer: &dyn Signer) -> Result<Identity, DeviceError> {
    let mut all = signer.identities()?.into_iter();
    all.find(|i| i.usage == KeyUse::Signature)
        .ok_or(DeviceError::IdentityGone)
}
