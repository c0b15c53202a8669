//! Covered bytes cannot change unseen: every one of a small file, a seeded sample of a large one.

use signing::token::training::KeyKind;

use crate::desk::Desk;
use crate::document::{Recipe, report};

fn hole(pdf: &[u8]) -> std::ops::Range<usize> {
    let key = b"/Contents<";
    let start = pdf.windows(key.len()).rposition(|w| w == key).unwrap() + key.len() - 1;
    let end = start + pdf[start..].iter().position(|b| *b == b'>').unwrap() + 1;
    start..end
}

/// A small generator with a fixed seed: the same bytes on every machine.
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

#[test]
fn every_covered_byte_of_a_small_file_counts() {
    let desk = Desk::new(KeyKind::P256);
    let pdf = desk.sign(&report());
    let hole = hole(&pdf);
    assert!(desk.judge(&pdf).passed());
    let mut seeded = Seeded(20_261_121);
    for at in (0..pdf.len()).filter(|at| !hole.contains(at)) {
        let mut changed = pdf.clone();
        changed[at] ^= 1 << seeded.below(8);
        assert!(!desk.judge(&changed).passed(), "byte {at}");
    }
}

#[test]
fn a_sample_of_a_large_file_counts() {
    let desk = Desk::new(KeyKind::Rsa2048);
    let cda = "<ClinicalDocument xmlns=\"urn:hl7-org:v3\">".to_owned()
        + &"<p>pressione 120/80</p>".repeat(20_000)
        + "</ClinicalDocument>";
    let cda: &'static str = cda.leak();
    let large = Recipe {
        attachments: vec![("cda.xml", cda)],
        modern: true,
        ..Recipe::default()
    };
    let pdf = desk.sign(&desk.sign(&large.pdf()));
    assert!(desk.judge(&pdf).passed());
    let hole = hole(&pdf);
    let mut seeded = Seeded(7);
    for _ in 0..300 {
        let at = seeded.below(pdf.len());
        if hole.contains(&at) {
            continue;
        }
        let mut changed = pdf.clone();
        changed[at] ^= 1 << seeded.below(8);
        assert!(!desk.judge(&changed).passed(), "byte {at}");
    }
}

/// A CMS has parts that no signature covers (its version, for one): they may change, never the content nor the
/// signer.
#[test]
fn no_byte_of_an_envelope_changes_content_or_signer() {
    let desk = Desk::new(KeyKind::P256);
    let content = b"Referto: pressione 120/80";
    let p7m = desk.openssl(content, &["-cades", "-nodetach", "-outform", "DER"]);
    let before = desk.judge(&p7m);
    assert!(before.passed());
    let start = p7m.windows(content.len()).position(|w| w == content).unwrap();
    let mut accepted = 0;
    for at in 0..p7m.len() {
        let mut changed = p7m.clone();
        changed[at] ^= 1 << (at % 8);
        let after = desk.judge(&changed);
        if after.passed() {
            assert!(
                !(start..start + content.len()).contains(&at),
                "content, byte {at}"
            );
            assert_eq!(after.signatures[0].certificate, before.signatures[0].certificate);
            accepted += 1;
        }
    }
    assert!(accepted < p7m.len() / 2, "{accepted} of {}", p7m.len());
}
