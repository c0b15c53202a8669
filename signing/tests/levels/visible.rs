//! The visible stamp: seen, read as text, PDF/A still, and never over another one.

use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use signing::error::{DocumentRefusal, PrepareError};
use signing::pades::{Page, Shape, Visible, prepare_as};
use signing::token::pkcs12::Pkcs12Signer;
use signing::{Conditions, Revocation, Signer as _, judged};
use testkit::authority::Key;

use crate::document::report;
use crate::referees::{passes, pdfsig, verapdf};
use crate::{Office, PEOPLE, STAMPED};

const SEEN: Shape = Shape {
    visible: Some(Visible {
        page: Page::Last,
        at: None,
    }),
    ..STAMPED
};

/// The rectangles of visible signatures, in the order of the page.
fn rectangles(pdf: &[u8]) -> Vec<[f32; 4]> {
    let document = lopdf::Document::load_mem(pdf).unwrap();
    let mut found = Vec::new();
    for page in document.page_iter() {
        for widget in document.get_page_annotations(page).unwrap() {
            let corners: Vec<f32> = widget
                .get(b"Rect")
                .and_then(lopdf::Object::as_array)
                .unwrap()
                .iter()
                .map(|n| n.as_float().unwrap())
                .collect();
            if widget.has(b"AP") {
                found.push(corners.try_into().unwrap());
            }
        }
    }
    found
}

fn poppler(tool: &str, file: &Path, more: &[&str]) -> String {
    let output = Command::new(tool)
        .arg(file)
        .args(more)
        .output()
        .expect("poppler-utils installed");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn refused(signer: &Pkcs12Signer, pdf: &[u8], visible: Visible) -> Option<PrepareError> {
    let identity = signer.identities().unwrap().remove(0);
    let shape = Shape {
        visible: Some(visible),
        ..Shape::default()
    };
    prepare_as(pdf, &identity, &Conditions::default(), shape, Timestamp::now()).err()
}

#[test]
fn two_stamps_stand_side_by_side_and_both_signatures_hold() {
    let office = Office::open();
    let signers = PEOPLE.map(|person| office.signer(person, Key::P256));
    let once = office.sign(&signers[0], &report(), SEEN);
    let twice = office.sign(&signers[1], &once, SEEN);
    let file = office.dir.path().join("due.pdf");
    std::fs::write(&file, &twice).unwrap();
    let question = signing::Question {
        trust: &office.trust(),
        at: Timestamp::now(),
        revocation: Revocation::Soft,
        content: None,
    };
    let told = judged(&twice, &question);
    assert!(told.passed() && told.signatures.len() == 2, "{told:?}");
    passes(
        &file,
        &office.services.authority.trust(),
        &["--expect", "B-B", "--fse"],
    );
    pdfsig(&file, 2);
    verapdf(&[&file]);

    let text = poppler("pdftotext", &file, &["-"]);
    assert_eq!(text.matches("Firmato digitalmente da").count(), 2, "{text}");
    for (_, name, _) in PEOPLE {
        assert!(text.contains(name), "{name} in {text}");
    }
    let fonts = poppler("pdffonts", &file, &[]);
    for line in fonts.lines().filter(|line| line.contains("PSTBAA+Titillium")) {
        assert!(
            line.contains("yes yes yes"),
            "embedded, cut down and readable as text: {line}"
        );
    }
    assert!(fonts.contains("PSTBAA+Titillium"), "{fonts}");

    let [a, b] = rectangles(&twice)[..] else {
        panic!("two stamps")
    };
    assert!(
        a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1],
        "{a:?} {b:?}"
    );
    let over_the_first = Visible {
        page: Page::Last,
        at: Some((a[0] as u16 + 20, a[1] as u16 + 5)),
    };
    assert_eq!(
        refused(&signers[1], &once, over_the_first),
        Some(DocumentRefusal::NoRoomForStamp.into())
    );
}

#[test]
fn a_stamp_stands_where_it_is_asked_for_or_is_refused() {
    let office = Office::open();
    let signer = office.signer(PEOPLE[0], Key::P256);
    let at = |page, at| Visible { page, at };
    let shape = Shape {
        visible: Some(at(Page::Number(1), Some((40, 500)))),
        ..STAMPED
    };
    let signed = office.sign(&signer, &report(), shape);
    let [placed] = rectangles(&signed)[..] else {
        panic!("one stamp")
    };
    assert_eq!((placed[0], placed[1]), (40.0, 500.0));
    for (wanted, why) in [
        (at(Page::Number(99), None), DocumentRefusal::NoSuchPage),
        (at(Page::Number(0), None), DocumentRefusal::NoSuchPage),
        (at(Page::Last, Some((580, 20))), DocumentRefusal::NoRoomForStamp),
        (at(Page::Last, Some((20, 9000))), DocumentRefusal::NoRoomForStamp),
    ] {
        assert_eq!(
            refused(&signer, &report(), wanted),
            Some(why.into()),
            "{wanted:?}"
        );
    }
}
