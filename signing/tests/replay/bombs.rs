//! Small files that would take much memory or time: what the fuzzer does not come upon by itself.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::{doors, passes};

fn deflated(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// A PDF of a catalog, an empty page tree and these further objects, with a cross-reference stream of these rows for the last
/// numbers: `(kind, second, third)`.
struct Bomb {
    bytes: Vec<u8>,
    offsets: Vec<usize>,
}

impl Bomb {
    fn new() -> Self {
        Self {
            bytes: b"%PDF-1.7\n".to_vec(),
            offsets: Vec::new(),
        }
    }

    fn object(&mut self, content: &[u8]) -> &mut Self {
        self.offsets.push(self.bytes.len());
        let head = format!("{} 0 obj\n", self.offsets.len());
        self.bytes.extend_from_slice(head.as_bytes());
        self.bytes.extend_from_slice(content);
        self.bytes.extend_from_slice(b"\nendobj\n");
        self
    }

    fn stream(&mut self, entries: &str, plain: &[u8]) -> &mut Self {
        let packed = deflated(plain);
        let mut content =
            format!("<<{entries}/Filter/FlateDecode/Length {}>>stream\n", packed.len()).into_bytes();
        content.extend_from_slice(&packed);
        content.extend_from_slice(b"\nendstream");
        self.object(&content)
    }

    /// Ends with a cross-reference stream; `within` more objects stand in stream `of`.
    fn end(&mut self, of: u32, within: u32) -> Vec<u8> {
        let at = self.bytes.len();
        let mut rows = Vec::new();
        let mut row = |kind: u8, second: u32, third: u32| {
            rows.push(kind);
            rows.extend(second.to_be_bytes());
            rows.extend(third.to_be_bytes());
        };
        row(0, 0, 0);
        for offset in &self.offsets {
            row(1, u32::try_from(*offset).unwrap(), 0);
        }
        let first = u32::try_from(self.offsets.len()).unwrap() + 2;
        row(1, u32::try_from(at).unwrap(), 0);
        for index in 0..within {
            row(2, of, index);
        }
        let packed = deflated(&rows);
        let head = format!(
            "{} 0 obj\n<</Type/XRef/Size {}/W[1 4 4]/Root 1 0 R/Filter/FlateDecode/Length {}>>stream\n",
            first - 1,
            first + within,
            packed.len()
        );
        self.bytes.extend_from_slice(head.as_bytes());
        self.bytes.extend_from_slice(&packed);
        let tail = format!("\nendstream\nendobj\nstartxref\n{at}\n%%EOF");
        self.bytes.extend_from_slice(tail.as_bytes());
        self.bytes.clone()
    }
}

const PAGES: &[u8] = b"<</Type/Pages/Kids[3 0 R]/Count 1>>";
const PAGE: &[u8] = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>";

fn through(bytes: Vec<u8>, name: &str) {
    passes(doors::pdf, bytes, name);
}

/// The form's fields are one compressed array of very many numbers.
#[test]
fn an_array_that_swells() {
    let mut plain = b"6 0 ".to_vec();
    plain.push(b'[');
    plain.extend(b"0 ".repeat(16_000_000));
    plain.push(b']');
    let mut bomb = Bomb::new();
    bomb.object(b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields 6 0 R>>>>")
        .object(PAGES)
        .object(PAGE)
        .stream("/Type/ObjStm/N 1/First 4", &plain);
    through(bomb.end(4, 1), "an array of sixteen million");
}

/// Every object of an object stream is the same long array.
#[test]
fn one_array_for_all() {
    let count = 20_000;
    let mut header = String::new();
    for n in 0..count {
        header.push_str(&format!("{} 0 ", 6 + n));
    }
    let mut plain = header.clone().into_bytes();
    plain.push(b'[');
    plain.extend(b"0 ".repeat(20_000));
    plain.push(b']');
    let mut bomb = Bomb::new();
    bomb.object(b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields 6 0 R>>>>")
        .object(PAGES)
        .object(PAGE)
        .stream(&format!("/Type/ObjStm/N {count}/First {}", header.len()), &plain);
    through(bomb.end(4, count), "one array for twenty thousand objects");
}

/// Many object streams, each within the limit of one.
#[test]
fn many_streams_that_swell() {
    let mut plain = b"9 0 (".to_vec();
    plain.extend(vec![b' '; 30_000_000]);
    plain.push(b')');
    let mut bomb = Bomb::new();
    bomb.object(b"<</Type/Catalog/Pages 2 0 R>>")
        .object(PAGES)
        .object(PAGE);
    for _ in 0..40 {
        bomb.stream("/Type/ObjStm/N 1/First 4", &plain);
    }
    through(bomb.end(4, 1), "forty streams of thirty megabytes");
}

/// A cross-reference of eight million objects in a few kilobytes, again and again.
#[test]
fn a_cross_reference_that_swells() {
    let mut bytes = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n".to_vec();
    let packed = deflated(&vec![0; 8_388_600]);
    let mut previous = String::new();
    let mut at = 0;
    for n in 0..8 {
        at = bytes.len();
        let head = format!(
            "{} 0 obj\n<</Type/XRef/Size 8388600/W[0 0 1]/Root 1 0 R{previous}/Filter/FlateDecode/Length {}>>stream\n",
            n + 3,
            packed.len()
        );
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(&packed);
        bytes.extend_from_slice(b"\nendstream\nendobj\n");
        previous = format!("/Prev {at}");
    }
    bytes.extend_from_slice(format!("startxref\n{at}\n%%EOF").as_bytes());
    through(bytes, "a cross-reference of eight million, eight times");
}

/// Page trees and attachments that contain themselves.
#[test]
fn trees_that_contain_themselves() {
    let mut bomb = Bomb::new();
    bomb.object(b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles 4 0 R>>/AcroForm<</Fields[5 0 R]>>>>")
        .object(b"<</Type/Pages/Kids[2 0 R 2 0 R 3 0 R 2 0 R]/Count 4>>")
        .object(PAGE)
        .object(b"<</Kids[4 0 R 4 0 R]/Names 4 0 R>>")
        .object(b"<</FT/Sig/T(a)/Kids[5 0 R 5 0 R]/Parent 5 0 R/V 5 0 R>>");
    through(bomb.end(1, 0), "trees in circles");
}

/// Lengths that promise gigabytes.
#[test]
fn lengths_that_lie() {
    for length in [
        &[0x84u8, 0x7f, 0xff, 0xff, 0xff][..],
        &[0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ] {
        let mut cms = vec![0x30];
        cms.extend_from_slice(length);
        cms.extend_from_slice(&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2, 0xa0]);
        cms.extend_from_slice(length);
        for (name, door) in doors::DOORS {
            passes(door, cms.clone(), name);
        }
    }
}

/// An envelope in an envelope, a hundred times.
#[test]
fn envelopes_without_end() {
    let mut inner = b"Referto".to_vec();
    for _ in 0..100 {
        let wrap = |tag: u8, content: &[u8]| {
            let length = u32::try_from(content.len()).unwrap().to_be_bytes();
            [&[tag, 0x84], length.as_slice(), content].concat()
        };
        let data = [
            &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1][..],
            &wrap(0xa0, &wrap(4, &inner)),
        ]
        .concat();
        let signed = [&[2, 1, 1, 0x31, 0][..], &wrap(0x30, &data), &[0x31, 0]].concat();
        let id = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
        inner = wrap(0x30, &[&id[..], &wrap(0xa0, &wrap(0x30, &signed))].concat());
    }
    passes(doors::cms, inner, "a hundred envelopes");
}
