//! Remote signatures over the API of the Cloud Signature Consortium, in both editions, and what goes wrong with them.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use signing::batch::{Attendant, Batch, Outcome, Question, sign_all};
use signing::pades::{RsaPadding, Shape};
use signing::remote::oauth::{Client, Scope};
use signing::remote::{HttpTransport, RemoteSigner, Service, Version};
use signing::token::training::KeyKind;
use signing::{
    Authorised, DeviceError, DeviceKind, KeyUse, Prepared, RemoteRefusal, Secret, Signer as _, TrustRoots,
    finish, prepare, prepare_as,
};
use testkit::authority::Authority;
use testkit::csc::{ACCESS, CLIENT, CREDENTIAL, CscServer, Edition, PIN, Terms, Trouble};
use testkit::pki::TestPki;

use crate::card::{author, signature_identity};
use crate::document::report;
use crate::{FISCAL_CODE, NAME};

const EDITIONS: [Edition; 2] = [Edition::V1, Edition::V2];
/// An address that nobody listens at: the browser's last redirect is read, not followed.
const BACK: &str = "http://127.0.0.1:9/fatto";

struct World {
    server: CscServer,
    signer: RemoteSigner,
    trust: TrustRoots,
    dir: tempfile::TempDir,
}

fn http(patience: u64) -> Box<HttpTransport> {
    Box::new(HttpTransport::new(Duration::from_secs(patience)).unwrap())
}

fn service(server: &CscServer, access: &str, patience: u64) -> Service {
    let access = SecretString::from(access.to_owned());
    Service::new(&server.base(), Some(access), http(patience)).unwrap()
}

fn world_with(edition: Edition, terms: Terms, kind: KeyKind, patience: u64) -> World {
    let dir = tempfile::tempdir().unwrap();
    let pki = TestPki::create(dir.path()).unwrap();
    let key = pki.key(NAME, FISCAL_CODE, KeyUse::Signature, kind, None).unwrap();
    let trust = TrustRoots::from_pem(&std::fs::read(pki.trust()).unwrap()).unwrap();
    let server = CscServer::start(edition, &key, terms, None).unwrap();
    let signer = RemoteSigner::new(service(&server, ACCESS, patience));
    World {
        server,
        signer,
        trust,
        dir,
    }
}

fn world(edition: Edition) -> World {
    world_with(edition, Terms::default(), KeyKind::Rsa2048, 60)
}

impl World {
    fn prepared(&self, count: usize) -> Vec<Prepared> {
        let identity = signature_identity(&self.signer).unwrap();
        (0..count)
            .map(|number| {
                // Different moments, so different hashes.
                let now = Timestamp::now() + Duration::from_secs(number.try_into().unwrap());
                prepare(&report(), &identity, &author(), now).unwrap()
            })
            .collect()
    }

    fn secret(&self) -> Secret {
        typed(PIN, &self.server.otp())
    }

    fn grant(&self, prepared: &[Prepared]) -> Result<Box<dyn Authorised>, DeviceError> {
        self.grant_with(prepared, self.secret())
    }

    fn grant_with(&self, prepared: &[Prepared], secret: Secret) -> Result<Box<dyn Authorised>, DeviceError> {
        let hashes: Vec<_> = prepared.iter().map(Prepared::hash).collect();
        self.signer.authorise(prepared[0].identity(), &hashes, secret)
    }
}

fn typed(pin: &str, otp: &str) -> Secret {
    Secret::Remote {
        pin: Some(SecretString::from(pin.to_owned())),
        otp: Some(SecretString::from(otp.to_owned())),
    }
}

#[test]
fn one_authorisation_and_one_request_sign_several_documents_in_both_editions() {
    for (edition, kind) in [
        (Edition::V1, KeyKind::Rsa2048),
        (Edition::V2, KeyKind::Rsa2048),
        (Edition::V2, KeyKind::P256),
        (Edition::V1, KeyKind::P384),
    ] {
        let world = world_with(edition, Terms::default(), kind, 60);
        let info = service(&world.server, ACCESS, 60).info().unwrap();
        assert_eq!(info.version == Version::V1, edition == Edition::V1);
        let identity = signature_identity(&world.signer).unwrap();
        assert_eq!(identity.device, DeviceKind::Remote);
        assert_eq!(identity.device_label, "Firma remota di prova");
        assert_eq!(identity.fiscal_code.as_deref(), Some(FISCAL_CODE));
        assert_eq!(identity.chain.len(), 2, "the issuer comes from the service");
        let prepared = world.prepared(3);
        let mut grant = world.grant(&prepared).unwrap();
        for document in prepared {
            let value = grant.sign(&document.hash()).unwrap();
            let in_time = Timestamp::now() + Duration::from_secs(3);
            let signed = finish(document, &value, Some(&world.trust), in_time).unwrap();
            assert!(signed.report.passed());
        }
        let counts = world.server.counts();
        assert_eq!(
            (counts.authorisations, counts.sign_requests, counts.signed),
            (1, 1, 3)
        );
    }
}

#[test]
fn a_service_pads_by_pss_where_it_says_so() {
    for edition in EDITIONS {
        let world = world(edition);
        let identity = signature_identity(&world.signer).unwrap();
        let shape = Shape {
            padding: RsaPadding::Pss,
            ..Shape::default()
        };
        let prepared = prepare_as(&report(), &identity, &author(), shape, Timestamp::now()).unwrap();
        let documents = [prepared];
        let mut grant = world.grant(&documents).unwrap();
        let [prepared] = documents;
        let value = prepared.signed_by(grant.as_mut()).unwrap();
        assert_eq!(
            grant.sign(&prepared.hash()),
            Err(DeviceError::NotAuthorised),
            "what was asked for once is not asked for again otherwise"
        );
        let signed = finish(prepared, &value, Some(&world.trust), Timestamp::now()).unwrap();
        assert!(signed.report.passed());
    }
    let world = world_with(Edition::V2, Terms::default(), KeyKind::P256, 60);
    let prepared = world.prepared(1);
    let mut grant = world.grant(&prepared).unwrap();
    let told = grant.sign_pss(&prepared[0].hash());
    assert_eq!(told, Err(DeviceError::MechanismUnsupported));
    assert_eq!(world.server.counts().sign_requests, 0, "nothing was spent on it");
}

#[test]
fn pin_and_code_are_told_apart_and_what_is_missing_is_not_asked_for() {
    for edition in EDITIONS {
        let world = world(edition);
        let prepared = world.prepared(1);
        let told = |secret| world.grant_with(&prepared, secret).err();
        let only_pin = told(Secret::pin(PIN));
        assert_eq!(only_pin, Some(RemoteRefusal::OtpNeeded.into()));
        assert_eq!(told(Secret::OnDevice), Some(RemoteRefusal::PinNeeded.into()));
        assert_eq!(world.server.counts().authorisations, 0);
        assert_eq!(told(typed(PIN, "000000")), Some(RemoteRefusal::WrongOtp.into()));
        world.server.trouble(Trouble::OtpExpired);
        assert_eq!(told(world.secret()), Some(RemoteRefusal::ExpiredOtp.into()));
        world.server.trouble(Trouble::None);
        let code = world.server.otp();
        assert!(world.grant(&prepared).is_ok());
        assert_eq!(
            told(typed(PIN, &code)),
            Some(RemoteRefusal::WrongOtp.into()),
            "a code is good once"
        );
        for _ in 0..3 {
            assert_eq!(
                told(typed("00000000", &world.server.otp())),
                Some(DeviceError::WrongPin)
            );
        }
        assert_eq!(told(world.secret()), Some(DeviceError::PinLocked));
        world.signer.send_otp(prepared[0].identity()).unwrap();
        assert_eq!(world.server.counts().codes_sent, 1);
    }
}

#[test]
fn an_authorisation_that_has_expired_is_told_and_asked_of_nobody_when_it_is_known() {
    for edition in EDITIONS {
        let world = world(edition);
        let prepared = world.prepared(1);
        for (trouble, requests) in [(Trouble::SadSaidToExpire, 0), (Trouble::SadExpiresAtOnce, 1)] {
            world.server.trouble(trouble);
            let mut grant = world.grant(&prepared).unwrap();
            assert_eq!(
                grant.sign(&prepared[0].hash()),
                Err(RemoteRefusal::AuthorisationExpired.into())
            );
            assert_eq!(world.server.counts().sign_requests, requests, "{trouble:?}");
        }
    }
}

#[test]
fn a_lost_answer_leaves_the_outcome_open_and_is_never_sent_again() {
    for (trouble, patience) in [(Trouble::SilentAfterSigning, 8), (Trouble::GatewayTimeout, 60)] {
        let world = world_with(Edition::V2, Terms::default(), KeyKind::Rsa2048, patience);
        let prepared = world.prepared(2);
        let mut grant = world.grant(&prepared).unwrap();
        world.server.trouble(trouble);
        assert_eq!(
            grant.sign(&prepared[0].hash()),
            Err(RemoteRefusal::OutcomeUnknown.into())
        );
        world.server.trouble(Trouble::None);
        for document in &prepared {
            assert_eq!(
                grant.sign(&document.hash()),
                Err(RemoteRefusal::OutcomeUnknown.into()),
                "also when the service is well again"
            );
        }
        assert_eq!(world.server.counts().sign_requests, 1, "{trouble:?}");
        assert_eq!(world.server.counts().signed, 2, "the service had signed");
    }
}

#[test]
fn no_false_signature_of_a_service_leaves() {
    for trouble in [Trouble::Lies, Trouble::Shuffles] {
        let world = world(Edition::V1);
        let prepared = world.prepared(2);
        let mut grant = world.grant(&prepared).unwrap();
        world.server.trouble(trouble);
        for document in &prepared {
            let told = grant.sign(&document.hash());
            assert_eq!(told, Err(DeviceError::SignatureUnsound), "{trouble:?}");
        }
    }
    for trouble in [Trouble::OneMissing, Trouble::Garbled] {
        let world = world(Edition::V2);
        let prepared = world.prepared(2);
        let mut grant = world.grant(&prepared).unwrap();
        world.server.trouble(trouble);
        let told = grant.sign(&prepared[0].hash());
        assert_eq!(told, Err(RemoteRefusal::Garbled.into()), "{trouble:?}");
    }
}

#[test]
fn a_service_that_refuses_or_is_away_says_so() {
    let world = world(Edition::V2);
    let prepared = world.prepared(1);
    let mut grant = world.grant(&prepared).unwrap();
    world.server.trouble(Trouble::TooManyRequests);
    let wait = RemoteRefusal::TooManyRequests {
        retry_after_s: Some(30),
    };
    assert_eq!(grant.sign(&prepared[0].hash()), Err(wait.into()));
    world.server.trouble(Trouble::AccessExpired);
    assert_eq!(
        world.signer.identities(),
        Err(RemoteRefusal::AccessExpired.into())
    );
    world.server.trouble(Trouble::Unavailable);
    assert_eq!(
        world.grant(&prepared).err(),
        Some(RemoteRefusal::Unavailable { status: 503 }.into())
    );
    world.server.trouble(Trouble::Disabled);
    let asked = world.server.counts().authorisations;
    world.signer.identities().unwrap();
    assert_eq!(
        world.grant(&prepared).err(),
        Some(RemoteRefusal::CredentialDisabled.into())
    );
    assert_eq!(world.server.counts().authorisations, asked, "known before asking");
    let (secret, World { server, signer, .. }) = (world.secret(), world);
    drop(server);
    let gone = signer
        .authorise(prepared[0].identity(), &[], typed(PIN, "1"))
        .err();
    drop(secret);
    assert_eq!(
        gone,
        Some(RemoteRefusal::CredentialDisabled.into()),
        "as listed last"
    );
    assert_eq!(signer.identities(), Err(RemoteRefusal::Unreachable.into()));
}

/// Types PIN and the code of the moment.
struct Person<'a> {
    server: &'a CscServer,
    questions: Vec<Question>,
    signed: usize,
}

impl Attendant for Person<'_> {
    fn secret(&mut self, question: &Question) -> Option<Secret> {
        self.questions.push(question.clone());
        Some(typed(PIN, &self.server.otp()))
    }

    fn done(&mut self, document: usize, outcome: Outcome) {
        assert!(matches!(outcome, Outcome::Signed(_)), "{document}: {outcome:?}");
        self.signed += 1;
    }
}

#[test]
fn a_batch_asks_as_often_as_the_credential_wants() {
    for edition in EDITIONS {
        let terms = Terms {
            multisign: 2,
            ..Terms::default()
        };
        let world = world_with(edition, terms, KeyKind::P256, 60);
        let prepared = world.prepared(3);
        let too_many = world.grant(&prepared).err();
        assert_eq!(
            too_many,
            Some(RemoteRefusal::TooManyDocuments { allowed: 2 }.into())
        );
        let identity = signature_identity(&world.signer).unwrap();
        let conditions = author();
        let batch = Batch {
            device: &world.signer,
            identity: &identity,
            conditions: &conditions,
            trust: Some(&world.trust),
            shape: Shape::default(),
            now: Timestamp::now(),
        };
        let mut person = Person {
            server: &world.server,
            questions: Vec::new(),
            signed: 0,
        };
        let summary = sign_all(&batch, vec![report(); 5], &mut person);
        assert_eq!((summary.signed, person.signed), (5, 5));
        let asked: Vec<_> = person.questions.iter().map(|q| (q.documents, q.after)).collect();
        assert_eq!(asked, [(2, 3), (2, 1), (1, 0)]);
        assert_eq!(world.server.counts().sign_requests, 3);
    }
}

/// What a browser does: opens the address and is sent back with state and code.
fn browse(address: &str) -> (String, SecretString) {
    let client = reqwest::blocking::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let answer = client.get(address).send().unwrap();
    let back = answer.headers()["Location"].to_str().unwrap().to_owned();
    assert!(back.starts_with(BACK), "{back}");
    let back = url::Url::parse(&back).unwrap();
    let get = |name: &str| {
        let mut pairs = back.query_pairs();
        pairs.find(|(key, _)| key == name).unwrap().1.into_owned()
    };
    (get("state"), SecretString::from(get("code")))
}

#[test]
fn a_login_in_the_browser_opens_the_service_and_authorises_a_signature() {
    for edition in EDITIONS {
        let terms = Terms {
            in_browser: true,
            ..Terms::default()
        };
        let world = world_with(edition, terms, KeyKind::Rsa2048, 60);
        let info = service(&world.server, ACCESS, 60).info().unwrap();
        let client = Client {
            server: info.oauth2.unwrap(),
            id: CLIENT.into(),
            secret: None,
            redirect: BACK.into(),
        };
        let login = client.begin(&Scope::Service).unwrap();
        let (state, code) = browse(&login.address);
        let granted = client.finish(login, &state, &code, http(60).as_ref()).unwrap();
        let service = Service::new(&world.server.base(), Some(granted.token), http(60)).unwrap();
        let signer = RemoteSigner::new(service);
        assert_eq!(signer.identities().unwrap().len(), 1);

        // A code is good once, and only for the login that asked for it.
        let again = client.begin(&Scope::Service).unwrap();
        let (_, fresh) = browse(&again.address);
        let told = client.finish(again, "another state", &fresh, http(60).as_ref());
        assert_eq!(told.err(), Some(RemoteRefusal::AccessExpired.into()));
        let other = client.begin(&Scope::Service).unwrap();
        let (state, _) = browse(&other.address);
        let told = client.finish(other, &state, &fresh, http(60).as_ref());
        assert_eq!(
            told.err(),
            Some(RemoteRefusal::AccessExpired.into()),
            "the verifier is of another login"
        );

        let prepared = world.prepared(2);
        assert_eq!(
            world.grant(&prepared).err(),
            Some(RemoteRefusal::BrowserNeeded.into())
        );
        let hashes: Vec<_> = prepared.iter().map(Prepared::hash).collect();
        let scope = Scope::Credential {
            id: CREDENTIAL,
            hashes: &hashes,
        };
        let login = client.begin(&scope).unwrap();
        let (state, code) = browse(&login.address);
        let granted = client.finish(login, &state, &code, http(60).as_ref()).unwrap();
        let mut grant = signer
            .authorised_elsewhere(prepared[0].identity(), &hashes, granted.token, granted.lasts)
            .unwrap();
        for hash in &hashes {
            assert!(grant.sign(hash).is_ok());
        }
    }
}

#[test]
fn the_service_stamps_the_time_of_a_hash() {
    for edition in EDITIONS {
        let world = world(edition);
        let pki = TestPki::create(world.dir.path()).unwrap();
        let key = pki
            .key(NAME, FISCAL_CODE, KeyUse::Signature, KeyKind::P256, None)
            .unwrap();
        let tsa = Authority::create(&world.dir.path().join("tsa"), "http://127.0.0.1:9").unwrap();
        let server = CscServer::start(edition, &key, Terms::default(), Some(tsa)).unwrap();
        let service = service(&server, ACCESS, 60);
        assert!(service.info().unwrap().timestamps);
        let token = service.timestamp(&[7; 32], Some(0x1122_3344_5566_7788)).unwrap();
        let holds = |part: &[u8]| token.windows(part.len()).any(|window| window == part);
        assert!(holds(&[7; 32]), "of our hash");
        assert!(
            holds(&[0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88]),
            "with our nonce"
        );
        let without = world.signer.identities().map(drop);
        assert_eq!(without, Ok(()), "the other service has no authority and works");
    }
}
