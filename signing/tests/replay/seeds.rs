//! Makes what the fuzzer starts from: `cargo test -p signing --test replay -- --ignored make_the_seeds`.
//!
//! Real answers of OpenSSL's authorities and our own files, all of invented people, with the certificates and the moment that
//! the doors use (`fuzz/fixture`). Run again, it makes another world: then the old corpus reaches less, and is to be fuzzed anew.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use signing::cades::{self, Packaging};
use signing::pades::{Means, Reach, RsaPadding, Shape};
use signing::revocation::Revocations;
use signing::timestamp::{Authority, Imprint, TimeStamps};
use signing::token::pkcs12::Pkcs12Signer;
use signing::transport::{Exchange, Http, Transport, TransportError};
use signing::{Conditions, Secret, Signer as _, TrustRoots, extend, finish, prepare_as};
use testkit::authority::{Key, Reason};
use testkit::responder::{Responder, Service};
use testkit::trusted_list::{ListText, Manner, PointerText, Scheme, ServiceText};
use testkit::tsa::TsaFault;

use crate::document::{Recipe, report};
use crate::doors::CONTENT;
use crate::folder;

const PIN: &str = "12345678";

/// The network, overheard.
#[derive(Clone)]
struct Overheard(Arc<Mutex<Vec<Vec<u8>>>>);

impl Transport for Overheard {
    fn send(&self, exchange: &Exchange<'_>) -> Result<Vec<u8>, TransportError> {
        let answer = Http::new(Duration::from_secs(60))?.send(exchange)?;
        self.0.lock().unwrap().push(answer.clone());
        Ok(answer)
    }
}

fn keep(kind: &str, name: &str, bytes: &[u8]) {
    let at = folder("corpus").join(kind);
    std::fs::create_dir_all(&at).unwrap();
    std::fs::write(at.join(name), bytes).unwrap();
}

#[test]
#[ignore = "writes into the source tree"]
fn make_the_seeds() {
    let dir = tempfile::tempdir().unwrap();
    let services = Responder::start(&dir.path().join("authority")).unwrap();
    let keys = services
        .authority
        .signer("primo", "Rofilo Del Vecchio", "DLVRFO57L04X000A", Key::P256, PIN)
        .unwrap();
    let signer = Pkcs12Signer::folder(&keys).unwrap();
    let identity = signer.identities().unwrap().remove(0);
    let root = std::fs::read(services.authority.trust()).unwrap();
    let (trust, now) = (TrustRoots::from_pem(&root).unwrap(), Timestamp::now());
    let [signer_der, issuer_der] = identity.chain.as_slice() else {
        panic!("two certificates")
    };
    let fixture = folder("fixture");
    std::fs::create_dir_all(&fixture).unwrap();
    for (name, bytes) in [
        ("root.pem", root.as_slice()),
        ("signer.der", signer_der),
        ("issuer.der", issuer_der),
        ("moment", now.to_string().as_bytes()),
    ] {
        std::fs::write(fixture.join(name), bytes).unwrap();
    }

    let heard = Overheard(Arc::default());
    let last = || heard.0.lock().unwrap().pop().unwrap();
    let tsa = vec![Authority::open(services.tsa())];
    let stamps = TimeStamps::new(tsa, trust.clone(), Box::new(heard.clone()));
    for (name, fault) in [
        ("granted", TsaFault::None),
        ("refused", TsaFault::Refuses),
        ("stranger", TsaFault::Stranger),
        ("ordinary", TsaFault::OrdinaryCertificate),
    ] {
        services.set_tsa(Service::Up, fault);
        let _ = stamps.stamp(&Imprint::of(CONTENT), now);
        keep("tsp", name, &last());
    }
    services.set_tsa(Service::Up, TsaFault::None);

    let answers = |ocsp: &str, crl: &str| {
        services.set_ocsp(Service::Up);
        let _ = Revocations::new(Box::new(heard.clone())).look_up(signer_der, issuer_der, now);
        keep("ocsp", ocsp, &last());
        services.set_ocsp(Service::Down);
        let _ = Revocations::new(Box::new(heard.clone())).look_up(signer_der, issuer_der, now);
        keep("crl", crl, &last());
        services.set_ocsp(Service::Up);
    };
    answers("good", "empty");

    let sign = |pdf: &[u8], shape: Shape| {
        let prepared = prepare_as(pdf, &identity, &Conditions::default(), shape, now).unwrap();
        let mut grant = signer
            .authorise(&identity.id, &[prepared.hash()], Secret::pin(PIN))
            .unwrap();
        let value = grant.sign(&prepared.hash()).unwrap();
        finish(prepared, &value, Some(&trust), now).unwrap().pdf
    };
    let modern = Recipe {
        modern: true,
        ..Recipe::default()
    }
    .pdf();
    let room = Shape {
        time_stamp: true,
        ..Shape::default()
    };
    let revocations = Revocations::new(Box::new(heard.clone()));
    let means = Means {
        stamps: &stamps,
        revocations: &revocations,
        trust: &trust,
    };
    let long = extend(&sign(&modern, room), Reach::BLTA, &means, Timestamp::now())
        .unwrap()
        .pdf;
    for (name, pdf) in [
        ("classic", report()),
        ("modern", modern.clone()),
        ("classic-signed", sign(&report(), Shape::default())),
        (
            "modern-signed-twice",
            sign(&sign(&modern, Shape::default()), Shape::default()),
        ),
        ("modern-archived", long),
    ] {
        keep("pdf", name, &pdf);
    }

    let envelope = |content: &[u8], packaging, padding| {
        let prepared = cades::prepare(
            content.to_vec(),
            &identity,
            &Conditions::default(),
            packaging,
            padding,
            now,
        )
        .unwrap();
        let mut grant = signer
            .authorise(&identity.id, &[prepared.hash()], Secret::pin(PIN))
            .unwrap();
        let value = grant.sign(&prepared.hash()).unwrap();
        cades::finish(prepared, &value, Some(&trust), now).unwrap().cms
    };
    let p7m = envelope(CONTENT, Packaging::Enveloping, RsaPadding::Pkcs1);
    let base64 = openssl::base64::encode_block(&p7m);
    for (name, cms) in [
        ("enveloping", p7m.clone()),
        (
            "detached",
            envelope(CONTENT, Packaging::Detached, RsaPadding::Pkcs1),
        ),
        ("nested", envelope(&p7m, Packaging::Enveloping, RsaPadding::Pkcs1)),
        (
            "stamped",
            cades::timestamp(&p7m, &stamps, Timestamp::now()).unwrap(),
        ),
        ("base64", base64.into_bytes()),
        ("streamed", streamed(&services)),
    ] {
        keep("cms", name, &cms);
    }

    services.authority.revoke("primo", Reason::KeyCompromise).unwrap();
    answers("revoked", "revoked");
}

/// Indefinite lengths, as OpenSSL writes them when it streams.
fn streamed(services: &Responder) -> Vec<u8> {
    let at = services.authority.trust();
    let at = at.parent().unwrap();
    std::fs::write(at.join("content"), CONTENT).unwrap();
    let made = std::process::Command::new("openssl")
        .current_dir(at)
        .args([
            "cms",
            "-sign",
            "-binary",
            "-nodetach",
            "-stream",
            "-cades",
            "-md",
            "sha256",
            "-outform",
            "DER",
        ])
        .args([
            "-in",
            "content",
            "-signer",
            "primo.pem",
            "-inkey",
            "primo.key",
            "-out",
            "streamed",
        ])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::read(at.join("streamed")).unwrap()
}

#[test]
#[ignore = "writes into the source tree"]
fn make_the_seeds_of_lists() {
    let dir = tempfile::tempdir().unwrap();
    let services = Responder::start(&dir.path().join("authority")).unwrap();
    let authority = &services.authority;
    authority
        .signer("gestore", "gestore", "DLVRFO57L04X000A", Key::P256, PIN)
        .unwrap();
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    let service = |kind: &str, certificate: &str| ServiceText {
        kind: kind.to_owned(),
        certificate: authority.certificate(certificate),
        statuses: vec![("granted".to_owned(), now), ("withdrawn".to_owned(), now)],
        extensions: String::new(),
    };
    let pointer = |scheme, territory: &str| PointerText {
        scheme,
        territory: territory.to_owned(),
        url: "http://lists.invalid/".to_owned(),
        signers: vec![authority.certificate("gestore")],
    };
    let national = ListText {
        services: vec![service("CA/QC", "issuer"), service("TSA/QTST", "tsa")],
        ..ListText::national("IT", 5, now)
    };
    let of_lists = ListText {
        pointers: vec![
            pointer(Scheme::ListOfLists, "EU"),
            pointer(Scheme::National, "IT"),
        ],
        ..ListText::of_lists(7, now)
    };
    let inclusive = Manner {
        exclusive: false,
        by_id: true,
        ..Manner::default()
    };
    for (name, list, manner) in [
        ("national", &national, Manner::default()),
        ("national-inclusive", &national, inclusive),
        ("list-of-lists", &of_lists, Manner::default()),
    ] {
        let signed = list.signed(authority, "gestore", manner).unwrap();
        keep("list", name, signed.as_bytes());
    }
    let fixture = folder("fixture");
    std::fs::copy(authority.certificate("gestore"), fixture.join("list-signer.pem")).unwrap();
    std::fs::write(fixture.join("list-moment"), now.to_string()).unwrap();
}
