//! The CA policy: a region whose certificate nobody vouches for is refused, and the additional authorities are obeyed.

use std::io::{Read, Write};
use std::net::TcpListener;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::ssl::{SslAcceptor, SslMethod};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};
use region::{Region, RegionError, Settings, SettingsError};
use url::Url;

/// A server with a certificate of its own making, that says it is up. Its address and its certificate.
fn server() -> (Url, Vec<u8>) {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "Regione di prova").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder
        .set_serial_number(&BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap())
        .unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder
        .set_not_before(&Asn1Time::days_from_now(0).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::days_from_now(2).unwrap())
        .unwrap();
    builder
        .append_extension(BasicConstraints::new().critical().ca().build().unwrap())
        .unwrap();
    let local = SubjectAlternativeName::new()
        .ip("127.0.0.1")
        .build(&builder.x509v3_context(None, None))
        .unwrap();
    builder.append_extension(local).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    let certificate = builder.build();
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
    acceptor.set_private_key(&key).unwrap();
    acceptor.set_certificate(&certificate).unwrap();
    let acceptor = acceptor.build();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("https://{}", listener.local_addr().unwrap())).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = acceptor.accept(stream.unwrap()) else {
                continue;
            };
            let _ = stream.read(&mut [0; 4096]);
            let body = r#"{"status":"up","time":"2026-11-20T10:00:00Z"}"#;
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes());
            let _ = stream.shutdown();
        }
    });
    (url, certificate.to_pem().unwrap())
}

fn client(base: Url, extra_authorities: Option<Vec<u8>>) -> Result<Region, SettingsError> {
    Region::new(Settings {
        base,
        extra_authorities,
        version: "0".into(),
    })
}

#[tokio::test]
async fn an_unknown_authority_is_refused_and_an_additional_one_is_obeyed() {
    let (url, pem) = server();
    let stranger = client(url.clone(), None).unwrap();
    assert_eq!(stranger.health().await, Err(RegionError::TlsRefused));
    let known = client(url, Some(pem)).unwrap();
    assert!(
        known.health().await.is_ok(),
        "the additional authority was not used"
    );
}

#[test]
fn settings_that_would_send_tokens_in_the_clear_are_refused() {
    let with = |base: &str| client(Url::parse(base).unwrap(), None).err();
    assert_eq!(with("http://region.example/r"), Some(SettingsError::Insecure));
    assert_eq!(with("ftp://region.example/"), Some(SettingsError::Address));
    assert_eq!(with("file:///etc/passwd"), Some(SettingsError::Address));
    assert_eq!(with("https://region.example/r"), None);
    assert_eq!(with("http://127.0.0.1:8080"), None);
    let base = Url::parse("https://region.example/").unwrap();
    assert_eq!(
        client(base, Some(b"no certificate".to_vec())).err(),
        Some(SettingsError::Authorities)
    );
}
