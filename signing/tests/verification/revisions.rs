//! Revisions after a signature, written by hand: what is allowed, and the attacks.

use signing::token::training::KeyKind;
use signing::validation::LaterChanges;
use signing::{Indication, SubIndication};

use crate::desk::Desk;
use crate::document::report;

/// Appends a revision: objects by number, and numbers to free.
fn revision(pdf: &[u8], objects: &[(u32, &str)], freed: &[u32]) -> Vec<u8> {
    let text = String::from_utf8_lossy(pdf);
    let last = |key: &str| -> String {
        let at = text.rfind(key).unwrap() + key.len();
        text[at..]
            .trim_start()
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == ' ' || *c == 'R')
            .collect::<String>()
            .trim()
            .to_owned()
    };
    let (root, prev) = (last("/Root "), last("startxref"));
    let mut out = pdf.to_vec();
    out.push(b'\n');
    let mut table = String::from("xref\n");
    for (number, body) in objects {
        table += &format!("{number} 1\n{:010} 00000 n \n", out.len());
        out.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    for number in freed {
        table += &format!("{number} 1\n0000000000 65535 f \n");
    }
    let at = out.len();
    out.extend(
        format!("{table}trailer\n<</Size 99/Root {root}/Prev {prev}>>\nstartxref\n{at}\n%%EOF\n").bytes(),
    );
    out
}

/// The number of the first object with this text in it.
fn number_with(pdf: &[u8], part: &str) -> u32 {
    let text = String::from_utf8_lossy(pdf);
    let at = text.find(part).unwrap();
    let header = text[..at].rfind(" 0 obj").unwrap();
    text[..header]
        .rsplit(|c: char| !c.is_ascii_digit())
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

#[test]
fn a_second_signature_is_no_change() {
    let desk = Desk::new(KeyKind::P256);
    let twice = desk.judge(&desk.sign(&desk.sign(&report())));
    assert!(twice.passed());
    assert_eq!(
        twice
            .signatures
            .iter()
            .map(|s| s.later_changes)
            .collect::<Vec<_>>(),
        [LaterChanges::Signatures, LaterChanges::None]
    );
}

#[test]
fn an_empty_revision_and_unused_objects_change_nothing() {
    let desk = Desk::new(KeyKind::P256);
    let signed = desk.sign(&report());
    for file in [
        revision(&signed, &[], &[]),
        revision(&signed, &[(90, "(nessuno lo usa)")], &[]),
    ] {
        let report = desk.judge(&file);
        assert!(report.passed(), "{report:?}");
    }
}

#[test]
fn what_was_signed_cannot_be_replaced_hidden_or_pointed_elsewhere() {
    let desk = Desk::new(KeyKind::P256);
    let signed = desk.sign(&report());
    let page = number_with(&signed, "/Type/Page/");
    let attached = number_with(&signed, "/EmbeddedFile");
    let attacks = [
        ("page", revision(&signed, &[(page, "<</Type/Page>>")], &[])),
        ("attachment freed", revision(&signed, &[], &[attached])),
        ("attachment null", revision(&signed, &[(attached, "null")], &[])),
        ("page freed", revision(&signed, &[], &[page])),
    ];
    for (what, file) in attacks {
        let report = desk.judge(&file);
        assert!(!report.passed(), "{what}");
        if let Some(signature) = report.signatures.first() {
            assert_eq!(signature.later_changes, LaterChanges::Forbidden, "{what}");
            assert_eq!(signature.indication, Indication::TotalFailed);
            assert_eq!(signature.sub_indication, Some(SubIndication::FormatFailure));
        }
    }
}

#[test]
fn bytes_that_belong_to_no_revision_are_refused() {
    let desk = Desk::new(KeyKind::P256);
    let signed = desk.sign(&report());
    for tail in [
        "\n9 0 obj\n(x)\nendobj\n",
        "\n9 0 obj\n(x)\nendobj\n%%EOF\n",
        "\n% dopo\n",
        "\nstartxref\n0\n%%EOF\n",
    ] {
        let mut longer = signed.clone();
        longer.extend(tail.bytes());
        assert!(!desk.judge(&longer).passed(), "{tail:?}");
    }
    // Blank space shows nothing.
    let mut blank = signed.clone();
    blank.extend(b"\r\n");
    assert!(desk.judge(&blank).passed());
}

#[test]
fn a_revision_that_says_its_end_is_the_old_one_is_refused() {
    let desk = Desk::new(KeyKind::P256);
    let signed = desk.sign(&report());
    let text = String::from_utf8_lossy(&signed).into_owned();
    let at = text.rfind("startxref").unwrap();
    let old_end = &text[at..];
    let mut longer = signed.clone();
    longer.extend(format!("\n9 0 obj\n(x)\nendobj\n{old_end}").bytes());
    assert!(!desk.judge(&longer).passed());
}

/// Signature wrapping: a copy of the dictionary elsewhere, which still names the bytes of the first.
#[test]
fn a_copy_of_a_signature_is_no_signature() {
    let desk = Desk::new(KeyKind::P256);
    let signed = desk.sign(&report());
    let key = b"/SubFilter/ETSI.CAdES.detached";
    let inside = signed.windows(key.len()).position(|w| w == key).unwrap();
    let start = signed[..inside].windows(5).rposition(|w| w == b" obj\n").unwrap() + 5;
    let end = inside + signed[inside..].windows(6).position(|w| w == b"endobj").unwrap();
    let copy = String::from_utf8(signed[start..end].to_vec()).unwrap();
    let number = number_with(&signed, "/SubFilter/ETSI");
    let report = desk.judge(&revision(&signed, &[(number, &copy)], &[]));
    assert!(!report.passed());
    assert_eq!(
        report.signatures[0].sub_indication,
        Some(SubIndication::FormatFailure)
    );
}
