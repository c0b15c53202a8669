//! What is refused before a device is asked, each with its own error.

use jiff::{Timestamp, ToSpan};
use lopdf::{Object, dictionary};
use secrecy::SecretString;
use signing::token::pkcs12::Pkcs12Signer;
use signing::token::training::{KeyKind, Validity};
use signing::{
    CertificateRefusal, Conditions, DocumentRefusal, Identity, KeyUse, PrepareError, Signer, precheck,
    prepare,
};

use crate::document::{Recipe, report};
use crate::software::{Desk, author};
use crate::{FISCAL_CODE, NAME, PIN};

fn refused(pdf: &[u8]) -> Option<DocumentRefusal> {
    precheck(
        pdf,
        &Conditions {
            author: None,
            fse_precheck: true,
        },
    )
    .err()
}

fn with_form(form: lopdf::Dictionary) -> Vec<u8> {
    Recipe {
        form: Some(form),
        ..Recipe::default()
    }
    .pdf()
}

#[test]
fn a_sound_report_is_not_refused() {
    assert_eq!(refused(&report()), None);
}

#[test]
fn what_is_not_a_readable_pdf_is_refused() {
    assert_eq!(
        refused(b"<html>Accesso alla rete ospiti</html>"),
        Some(DocumentRefusal::NotPdf)
    );
    assert_eq!(refused(b""), Some(DocumentRefusal::NotPdf));
    let whole = report();
    assert_eq!(
        refused(&whole[..whole.len() / 2]),
        Some(DocumentRefusal::Damaged),
        "cut in the middle"
    );
}

#[test]
fn an_encrypted_pdf_is_refused_even_when_it_opens_without_a_password() {
    let mut document = lopdf::Document::load_mem(&report()).unwrap();
    let version = lopdf::EncryptionVersion::V2 {
        document: &document,
        owner_password: "proprietario",
        user_password: "",
        key_length: 128,
        permissions: lopdf::Permissions::all(),
    };
    let state = lopdf::EncryptionState::try_from(version).unwrap();
    document.encrypt(&state).unwrap();
    let mut pdf = Vec::new();
    document.save_to(&mut pdf).unwrap();
    assert_eq!(refused(&pdf), Some(DocumentRefusal::Encrypted));
}

#[test]
fn a_certified_document_is_refused_only_when_no_change_is_allowed() {
    let certified = |level| {
        Recipe {
            permissions: Some(level),
            ..Recipe::default()
        }
        .pdf()
    };
    assert_eq!(refused(&certified(1)), Some(DocumentRefusal::Certified));
    assert_eq!(refused(&certified(2)), None, "P=2 allows signatures");
}

#[test]
fn empty_signature_fields_and_xfa_are_refused() {
    let field = dictionary! { "FT" => "Sig", "T" => Object::string_literal("Vuoto") };
    let empty = with_form(dictionary! { "Fields" => vec![Object::Dictionary(field.clone())] });
    assert_eq!(refused(&empty), Some(DocumentRefusal::EmptySignatureField));
    let parent =
        dictionary! { "T" => Object::string_literal("Gruppo"), "Kids" => vec![Object::Dictionary(field)] };
    let nested = with_form(dictionary! { "Fields" => vec![Object::Dictionary(parent)] });
    assert_eq!(
        refused(&nested),
        Some(DocumentRefusal::EmptySignatureField),
        "one level down"
    );
    let xfa =
        with_form(dictionary! { "Fields" => Vec::<Object>::new(), "XFA" => Object::string_literal("x") });
    assert_eq!(refused(&xfa), Some(DocumentRefusal::Xfa));
}

#[test]
fn a_form_that_contains_itself_ends() {
    let mut document = lopdf::Document::load_mem(&report()).unwrap();
    let id = document.new_object_id();
    document.set_object(id, dictionary! { "Kids" => vec![Object::from(id); 200] });
    document.catalog_mut().unwrap().set(
        "AcroForm",
        dictionary! { "Fields" => vec![Object::from(id); 200] },
    );
    let mut pdf = Vec::new();
    document.save_to(&mut pdf).unwrap();
    assert_eq!(
        refused(&pdf),
        None,
        "no signature field in it, and an answer in our lifetime"
    );
}

#[test]
fn a_hybrid_cross_reference_is_refused() {
    let text = report();
    let at = text.windows(7).rposition(|w| w == b"trailer").unwrap();
    let mut hybrid = text.clone();
    let brackets = at + text[at..].windows(2).position(|w| w == b"<<").unwrap() + 2;
    hybrid.splice(brackets..brackets, b"/XRefStm 17".iter().copied());
    assert_eq!(refused(&hybrid), Some(DocumentRefusal::HybridCrossReference));
}

#[test]
fn the_clinical_document_must_be_attached_by_its_name_once() {
    let with = |attachments| {
        refused(
            &Recipe {
                attachments,
                ..Recipe::default()
            }
            .pdf(),
        )
    };
    let cda = "<ClinicalDocument/>";
    assert_eq!(with(vec![]), Some(DocumentRefusal::CdaMissing));
    assert_eq!(
        with(vec![("nota.txt", "testo")]),
        Some(DocumentRefusal::CdaMissing)
    );
    assert_eq!(with(vec![("CDA.xml", cda)]), Some(DocumentRefusal::CdaMisnamed));
    assert_eq!(
        with(vec![("cda.xml", cda), ("cda.xml", cda)]),
        Some(DocumentRefusal::CdaTwice)
    );
    assert_eq!(
        with(vec![("cda.xml", "niente")]),
        Some(DocumentRefusal::CdaUnreadable)
    );
    assert_eq!(
        with(vec![("cda.xml", cda), ("ecg.pdf", "x")]),
        None,
        "further attachments are welcome"
    );
    let unasked = Recipe {
        attachments: vec![],
        ..Recipe::default()
    }
    .pdf();
    assert_eq!(
        precheck(&unasked, &Conditions::default()),
        Ok(()),
        "only the FSE asks for it"
    );
}

fn identity(usage: KeyUse, validity: Option<(i64, i64)>, fiscal_code: &str) -> Identity {
    let desk = Desk::new(KeyKind::P256);
    let now = Timestamp::now();
    let day = |n: i64| now.checked_add((n * 24).hours()).unwrap();
    let validity = validity.map(|(from, until)| Validity {
        from: day(from),
        until: day(until),
    });
    let key = desk
        .pki
        .key(NAME, fiscal_code, usage, KeyKind::P256, validity)
        .unwrap();
    let dir = desk.dir.path().join("altre");
    key.save(&dir, "altra", &SecretString::from(PIN)).unwrap();
    Pkcs12Signer::folder(&dir)
        .unwrap()
        .identities()
        .unwrap()
        .remove(0)
}

fn refused_certificate(identity: &Identity) -> CertificateRefusal {
    match prepare(&report(), identity, &author(), Timestamp::now()) {
        Err(PrepareError::Certificate(refusal)) => refusal,
        other => panic!("not a refusal of the certificate: {other:?}"),
    }
}

#[test]
fn a_certificate_that_cannot_sign_for_the_author_now_is_refused() {
    let authentication = identity(KeyUse::Authentication, None, FISCAL_CODE);
    assert_eq!(
        refused_certificate(&authentication),
        CertificateRefusal::NotForSignature
    );

    let expired = identity(KeyUse::Signature, Some((-20, -2)), FISCAL_CODE);
    assert_eq!(
        refused_certificate(&expired),
        CertificateRefusal::Expired {
            not_after: expired.not_after
        }
    );

    let early = identity(KeyUse::Signature, Some((2, 20)), FISCAL_CODE);
    assert_eq!(
        refused_certificate(&early),
        CertificateRefusal::NotYetValid {
            not_before: early.not_before
        }
    );

    let colleague = identity(KeyUse::Signature, None, "CLLNNI25P46X000O");
    assert_eq!(refused_certificate(&colleague), CertificateRefusal::NotTheAuthor);

    let nameless = identity(KeyUse::Signature, None, "ABC");
    assert_eq!(refused_certificate(&nameless), CertificateRefusal::NoFiscalCode);
}
