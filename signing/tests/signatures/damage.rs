//! Covered bytes cannot change unseen, and foreign bytes never panic.

use std::sync::OnceLock;

use jiff::Timestamp;
use proptest::prelude::*;
use signing::token::training::KeyKind;
use signing::{Conditions, Indication, SubIndication, TrustRoots, precheck, verify};

use crate::document::{Recipe, report};
use crate::software::Desk;

fn signed() -> &'static (Vec<u8>, TrustRoots) {
    static SIGNED: OnceLock<(Vec<u8>, TrustRoots)> = OnceLock::new();
    SIGNED.get_or_init(|| {
        let desk = Desk::new(KeyKind::P256);
        (desk.sign(&report()).pdf, desk.trust())
    })
}

fn contents_hole(pdf: &[u8]) -> std::ops::Range<usize> {
    let key = b"/Contents<";
    let start = pdf.windows(key.len()).rposition(|w| w == key).unwrap() + key.len() - 1;
    let end = start + pdf[start..].iter().position(|b| *b == b'>').unwrap() + 1;
    start..end
}

#[test]
fn a_changed_word_of_the_attachment_is_a_hash_failure() {
    let (pdf, trust) = signed();
    let mut changed = pdf.clone();
    let at = changed.windows(8).position(|w| w == b"Clinical").unwrap();
    changed[at] = b'c';
    let report = verify(&changed, trust, Timestamp::now());
    assert_eq!(
        report.overall(),
        (Indication::TotalFailed, Some(SubIndication::HashFailure))
    );
}

#[test]
fn a_signature_value_that_changed_is_a_crypto_failure() {
    let (pdf, trust) = signed();
    let hole = contents_hole(pdf);
    let mut changed = pdf.clone();
    // The signature value ends the CMS: its last digit before the padding.
    let last = hole.start
        + pdf[hole.clone()]
            .iter()
            .rposition(|b| *b != b'0' && *b != b'>')
            .unwrap();
    changed[last] = if pdf[last] == b'1' { b'2' } else { b'1' };
    let report = verify(&changed, trust, Timestamp::now());
    assert_eq!(
        report.overall(),
        (Indication::TotalFailed, Some(SubIndication::SigCryptoFailure))
    );
}

#[test]
fn bytes_hidden_in_the_padding_are_seen() {
    let (pdf, trust) = signed();
    let mut changed = pdf.clone();
    changed[contents_hole(pdf).end - 2] = b'A';
    let report = verify(&changed, trust, Timestamp::now());
    assert_eq!(
        report.overall(),
        (Indication::TotalFailed, Some(SubIndication::FormatFailure))
    );
}

#[test]
fn what_is_appended_after_the_signature_is_not_covered() {
    let (pdf, trust) = signed();
    let mut longer = pdf.clone();
    longer.extend_from_slice(b"\n% dopo\n");
    assert!(!verify(&longer, trust, Timestamp::now()).passed());
}

#[test]
fn after_its_end_a_certificate_proves_nothing_by_itself() {
    let (pdf, trust) = signed();
    let later: Timestamp = "2035-01-01T00:00:00Z".parse().unwrap();
    let report = verify(pdf, trust, later);
    assert_eq!(
        report.overall(),
        (Indication::Indeterminate, Some(SubIndication::OutOfBoundsNoPoe))
    );
}

#[test]
fn an_unsigned_document_has_nothing_to_validate() {
    let report = verify(&report(), &TrustRoots::default(), Timestamp::now());
    assert_eq!(
        report.overall(),
        (Indication::Indeterminate, Some(SubIndication::SignedDataNotFound))
    );
    assert!(!report.passed());
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    for open in ["[", "<<", "<</A", "<</A["] {
        let mut pdf = format!("%PDF-1.7\n1 0 obj\n{}\nendobj\n", open.repeat(200_000)).into_bytes();
        pdf.extend(b"trailer\n<</Root 1 0 R/Size 2>>\nstartxref\n0\n%%EOF");
        assert!(precheck(&pdf, &Conditions::default()).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn a_flipped_covered_byte_never_leaves_a_valid_signature(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let (pdf, trust) = signed();
        let hole = contents_hole(pdf);
        let at = at.index(pdf.len() - hole.len());
        let at = if at < hole.start { at } else { at + hole.len() };
        let mut changed = pdf.clone();
        changed[at] ^= 1 << bit;
        prop_assert!(!verify(&changed, trust, Timestamp::now()).passed(), "byte {at} bit {bit}");
    }

    /// A CMS has parts that no signature covers (its version, for one): they may change, never the signer.
    #[test]
    fn a_flipped_byte_of_the_cms_never_changes_the_signer(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let (pdf, trust) = signed();
        let hole = contents_hole(pdf);
        let mut changed = pdf.clone();
        changed[hole.start + at.index(hole.len())] ^= 1 << bit;
        let now = Timestamp::now();
        let (before, after) = (verify(pdf, trust, now), verify(&changed, trust, now));
        if after.passed() {
            prop_assert_eq!(&after.signatures[0].certificate, &before.signatures[0].certificate);
        }
    }

    #[test]
    fn foreign_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut pdf = b"%PDF-1.7\n".to_vec();
        pdf.extend(&bytes);
        let _ = precheck(&bytes, &Conditions::default());
        let _ = precheck(&pdf, &Conditions { author: None, fse_precheck: true });
        let _ = verify(&pdf, &TrustRoots::default(), Timestamp::now());
    }

    #[test]
    fn torn_and_mixed_documents_never_panic(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..64, any::<u8>()), 1..6),
        modern: bool,
    ) {
        let mut pdf = if modern { Recipe { modern, ..Recipe::default() }.pdf() } else { signed().0.clone() };
        for (at, length, fill) in cuts {
            let at = at.index(pdf.len());
            let end = (at + length).min(pdf.len());
            if fill % 2 == 0 { pdf.drain(at..end); } else { pdf[at..end].fill(fill); }
            if pdf.is_empty() { pdf.push(0); }
        }
        let _ = precheck(&pdf, &Conditions { author: None, fse_precheck: true });
        let _ = verify(&pdf, &signed().1, Timestamp::now());
    }
}
