//! Whose signature on a list is taken, and which shapes of it.

use signing::trust::{ListError, SignatureFault};
use testkit::authority::Key;
use testkit::trusted_list::{ListText, Manner};

use crate::{Office, later, now, refresh, summary};

/// What becomes of a list that is published.
fn published(office: &Office, signer: &str, text: impl Into<Vec<u8>>) -> (Option<u64>, Option<ListError>) {
    office.publisher.publish("it.xml", text);
    summary(&refresh(&office.settings(signer), now())[0])
}

fn fault(fault: SignatureFault) -> (Option<u64>, Option<ListError>) {
    (None, Some(ListError::Signature(fault)))
}

#[test]
fn each_manner_of_signing_is_taken() {
    let keys = [("rsa", false), ("rsa", true), ("p256", false), ("p384", false)];
    let office = Office::open(&[("rsa", Key::Rsa(2048)), ("p256", Key::P256), ("p384", Key::P384)]);
    let mut sequence = 0;
    for (signer, pss) in keys {
        for exclusive in [true, false] {
            for (by_id, version) in [(false, 5), (true, 6)] {
                sequence += 1;
                let list = ListText {
                    version,
                    ..ListText::national("IT", sequence, now())
                };
                let manner = Manner {
                    exclusive,
                    pss,
                    by_id,
                    ..Manner::default()
                };
                let text = list.signed(&office.services.authority, signer, manner).unwrap();
                // A mark and line ends of another system are the same list.
                for text in [text.clone(), format!("\u{feff}{}", text.replace('\n', "\r\n"))] {
                    assert_eq!(
                        published(&office, signer, text),
                        (Some(sequence), None),
                        "{signer} {manner:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_change_of_a_list_is_seen() {
    let office = Office::open(&[("gestore", Key::P256)]);
    let list = ListText {
        services: vec![office.service("CA/QC", "issuer", &[("granted", later(now(), -24))])],
        ..ListText::national("IT", 7, now())
    };
    let text = office.signed(&list, "gestore");
    for (from, to) in [
        (">7<", ">8<"),
        ("granted", "withdrawn"),
        ("CA/QC", "TSA/QTST"),
        ("Prova &amp; figli", "Prova"),
        (" TSLTag=", " Altro=\"1\" TSLTag="),
        ("<TSPService>", "<TSPService><?pi?>"),
        ("</TrustServiceStatusList>", "<x/></TrustServiceStatusList>"),
        ("<TrustServiceStatusList ", "<?pi?><TrustServiceStatusList "),
        ("Target=\"#S1\"", "Target=\"#S1\" a=\"1\""),
        ("<xades:Cert>", "<xades:Cert> "),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let expected = match from {
            // Neither is signed: who verifies does not read it.
            "Target=\"#S1\"" => (Some(7), None),
            _ => fault(SignatureFault::Broken),
        };
        let said = published(&office, "gestore", changed);
        assert_eq!(said, expected, "{from}");
        let _ = std::fs::remove_dir_all(office.dir.path().join("lists"));
    }
}

#[test]
fn only_the_expected_signer_counts() {
    let office = Office::open(&[("gestore", Key::P256), ("altri", Key::P256)]);
    let list = ListText::national("IT", 1, now());
    let by_others = office.signed(&list, "altri");
    assert_eq!(
        published(&office, "gestore", by_others.clone()),
        fault(SignatureFault::Stranger)
    );
    // The certificate that a document brings along is nothing to go by.
    let certificate = |name: &str| {
        let pem = std::fs::read_to_string(office.pem(name)).unwrap();
        let begin = pem.find("-----BEGIN CERTIFICATE-----").unwrap();
        let lines = pem[begin..].lines().filter(|l| !l.starts_with('-'));
        lines.collect::<String>()
    };
    let dressed_up = by_others.replace(&certificate("altri"), &certificate("gestore"));
    assert_ne!(dressed_up, by_others);
    assert_eq!(
        published(&office, "gestore", dressed_up),
        fault(SignatureFault::Broken)
    );
    let misnamed = Manner {
        misnamed: true,
        ..Manner::default()
    };
    let misnamed = list
        .signed(&office.services.authority, "gestore", misnamed)
        .unwrap();
    assert_eq!(
        published(&office, "gestore", misnamed),
        fault(SignatureFault::OtherCertificate)
    );
    let (before, after) = list.unsigned().unwrap();
    assert_eq!(
        published(&office, "gestore", before + &after),
        fault(SignatureFault::Missing)
    );
}

/// A good signature is moved about so that it covers something other than what is read.
#[test]
fn a_wrapped_signature_is_not_taken() {
    let office = Office::open(&[("gestore", Key::P256)]);
    let manner = Manner {
        by_id: true,
        ..Manner::default()
    };
    let list = ListText::national("IT", 1, now());
    let good = list
        .signed(&office.services.authority, "gestore", manner)
        .unwrap();
    let (start, end) = (
        good.find("<ds:Signature ").unwrap(),
        good.find("</ds:Signature>").unwrap(),
    );
    let signature = &good[start..end + "</ds:Signature>".len()];
    let (before, after) = ListText::national("IT", 99, now()).unsigned().unwrap();
    let other_id = before.replacen("Id=\"L1\"", "Id=\"L2\"", 1);
    let no_id = before.replacen(" Id=\"L1\"", "", 1);
    let inside = |holder: &str| {
        let object = format!("<ds:Object>{holder}</ds:Object></ds:Signature>");
        signature.replacen("</ds:Signature>", &object, 1)
    };
    let original = good.replacen(signature, "", 1);
    for (name, wrapped) in [
        (
            "the good list within a forged one",
            format!("{other_id}{good}{after}"),
        ),
        ("the same, without an identifier", format!("{no_id}{good}{after}")),
        (
            "the good list in the signature",
            format!("{other_id}{}{after}", inside(&original)),
        ),
        (
            "two with one identifier",
            format!("{before}{}{after}", inside(&original)),
        ),
        ("beside a copy", format!("{other_id}{original}{signature}{after}")),
        ("on another list", format!("{before}{signature}{after}")),
        ("twice", good.replacen(signature, &signature.repeat(2), 1)),
        (
            "deeper",
            good.replacen(signature, &format!("<x>{signature}</x>"), 1),
        ),
    ] {
        let (kept, problem) = published(&office, "gestore", wrapped);
        assert_eq!(kept, None, "{name}");
        assert!(
            matches!(
                problem,
                Some(ListError::Signature(
                    SignatureFault::NotWhole
                        | SignatureFault::Unsupported
                        | SignatureFault::Several
                        | SignatureFault::Broken
                ))
            ),
            "{name}: {problem:?}"
        );
    }
    assert_eq!(published(&office, "gestore", good), (Some(1), None));
}

#[test]
fn what_is_no_list_is_said_to_be_none() {
    let office = Office::open(&[("gestore", Key::P256)]);
    let text = office.signed(&ListText::national("IT", 1, now()), "gestore");
    let version = ListText {
        version: 4,
        ..ListText::national("IT", 1, now())
    };
    let entities = format!(
        "<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>{}",
        text.replace("Prova", "&b;")
    );
    for (name, bytes, expected) in [
        ("nothing", Vec::new(), ListError::NotXml),
        (
            "a page",
            b"<html>manutenzione</html>".to_vec(),
            ListError::NotAList,
        ),
        ("bytes", vec![0xff, 0xfe, 0, 1], ListError::NotXml),
        (
            "half of it",
            text.as_bytes()[..text.len() / 2].to_vec(),
            ListError::NotXml,
        ),
        ("entities", entities.into_bytes(), ListError::NotXml),
        (
            "depth",
            format!("{}{}", "<a>".repeat(100), "</a>".repeat(100)).into_bytes(),
            ListError::TooLarge,
        ),
        (
            "namespaces",
            format!("<a {}/>", "xmlns:b=\"c\" ".repeat(5000)).into_bytes(),
            ListError::TooLarge,
        ),
        (
            "one long tag",
            format!("<a {}/>", "b=\"\" ".repeat(100_000)).into_bytes(),
            ListError::TooLarge,
        ),
        (
            "version 4",
            office.signed(&version, "gestore").into_bytes(),
            ListError::Version,
        ),
        (
            "another country's",
            office
                .signed(&ListText::national("FR", 1, now()), "gestore")
                .into_bytes(),
            ListError::OtherList,
        ),
        (
            "of another kind",
            office
                .signed(
                    &ListText {
                        territory: "IT".into(),
                        ..ListText::of_lists(1, now())
                    },
                    "gestore",
                )
                .into_bytes(),
            ListError::OtherList,
        ),
    ] {
        assert_eq!(
            published(&office, "gestore", bytes),
            (None, Some(expected)),
            "{name}"
        );
    }
}
