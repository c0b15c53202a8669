//! Foreign bytes: cut, spliced, overwritten and nested without end. No panic, no hang.

use std::sync::OnceLock;

use proptest::prelude::*;
use signing::precheck::fse_precheck;
use signing::token::training::KeyKind;
use signing::validation::DocumentFault;

use crate::desk::Desk;
use crate::document::{Recipe, report};

struct Samples {
    desk: Desk,
    files: Vec<Vec<u8>>,
}

fn samples() -> &'static Samples {
    static SAMPLES: OnceLock<Samples> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let desk = Desk::new(KeyKind::P256);
        let modern = Recipe {
            modern: true,
            ..Recipe::default()
        };
        let cades = ["-cades", "-nodetach", "-outform", "DER"];
        let inner = desk.openssl(b"Referto", &cades);
        let files = vec![
            desk.sign(&report()),
            desk.sign(&desk.sign(&modern.pdf())),
            desk.openssl(&inner, &cades),
            desk.openssl(b"Referto", &["-cades", "-nodetach", "-stream", "-outform", "DER"]),
            desk.openssl(b"Referto", &["-cades", "-nodetach", "-outform", "PEM"]),
        ];
        Samples { desk, files }
    })
}

#[test]
fn what_is_neither_is_told() {
    let desk = &samples().desk;
    for (bytes, fault) in [
        (b"".as_slice(), DocumentFault::Empty),
        (b"un testo", DocumentFault::UnknownFormat),
        (b"MIIfalso", DocumentFault::UnknownFormat),
        (b"%PDF-1.7\n", DocumentFault::Damaged),
    ] {
        let report = desk.judge(bytes);
        assert_eq!(report.fault, Some(fault));
        assert!(!report.passed());
    }
}

#[test]
fn nesting_without_end_ends() {
    let desk = &samples().desk;
    for open in ["[", "<<", "<</A", "<</A["] {
        let mut pdf = format!("%PDF-1.7\n1 0 obj\n{}\nendobj\n", open.repeat(200_000)).into_bytes();
        let at = pdf.len();
        pdf.extend(
            format!(
                "xref\n1 1\n0000000009 00000 n \ntrailer\n<</Root 1 0 R/Size 2>>\nstartxref\n{at}\n%%EOF"
            )
            .bytes(),
        );
        assert!(!desk.judge(&pdf).passed());
    }
    for tag in [0x30u8, 0xa0, 0x24] {
        let deep = [tag, 0x80].repeat(100_000);
        let mut cms = vec![0x30, 0x80, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
        cms.extend(deep);
        assert!(!desk.judge(&cms).passed());
    }
}

#[test]
fn sections_that_point_at_each_other_end() {
    let desk = &samples().desk;
    let body = "%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R/Size 2/Prev 9>>\nstartxref\n9\n%%EOF";
    assert_eq!(desk.judge(body.as_bytes()).fault, Some(DocumentFault::Damaged));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn torn_and_mixed_files_never_panic(
        sample in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..64, any::<u8>()), 1..6),
        donor in any::<prop::sample::Index>(),
    ) {
        let samples = samples();
        let mut file = sample.get(&samples.files).clone();
        let donor = donor.get(&samples.files);
        for (at, length, fill) in cuts {
            let at = at.index(file.len());
            let end = (at + length).min(file.len());
            match fill % 4 {
                0 => { file.drain(at..end); }
                1 => { let from = at.min(donor.len()); file.splice(at..end, donor[from..(from + length).min(donor.len())].to_vec()); }
                2 => { file.truncate(at); }
                _ => file[at..end].fill(fill),
            }
            if file.is_empty() { file.push(0); }
        }
        let _ = samples.desk.judge(&file);
        let _ = fse_precheck(&file, jiff::Timestamp::UNIX_EPOCH);
    }

    /// Numbers are where offsets and lengths live.
    #[test]
    fn other_numbers_never_panic(sample in 0usize..2, at in any::<prop::sample::Index>(), number in any::<u64>()) {
        let samples = samples();
        let file = &samples.files[sample];
        let digits: Vec<usize> = (1..file.len()).filter(|i| file[*i].is_ascii_digit() && !file[i - 1].is_ascii_digit()).collect();
        let start = *at.get(&digits);
        let end = start + file[start..].iter().take_while(|b| b.is_ascii_digit()).count();
        let mut changed = file.clone();
        changed.splice(start..end, number.to_string().into_bytes());
        prop_assert!(!samples.desk.judge(&changed).passed() || changed == *file);
        let _ = fse_precheck(&changed, jiff::Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn foreign_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), kind in 0usize..3) {
        let mut file = [b"%PDF-1.7\n".to_vec(), vec![0x30, 0x80, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2], Vec::new()][kind].clone();
        file.extend(&bytes);
        prop_assert!(!samples().desk.judge(&file).passed());
    }
}
