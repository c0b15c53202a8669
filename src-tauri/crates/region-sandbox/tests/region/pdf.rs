//! PDFs as the workstation sends them: a page, `cda.xml` inside, a signature over the whole.

use lopdf::{Dictionary, Document, Object, Stream, StringFormat, dictionary};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::KeyUsage;
use openssl::x509::{X509, X509NameBuilder};

/// Space for the CMS, bytes.
const RESERVED: usize = 6000;
/// Stands where the numbers of the ByteRange will be.
const NUMBER: i64 = 1_234_567_890;

/// A document to build. What is wrong with it is said by its fields.
pub(crate) struct Sheet {
    pub(crate) cda: Vec<u8>,
    pub(crate) name: &'static str,
    /// A second attachment that stands before `cda.xml`.
    pub(crate) before: bool,
    pub(crate) kids: bool,
    pub(crate) signature: Option<Signature>,
}

pub(crate) struct Signature {
    pub(crate) non_repudiation: bool,
    pub(crate) sub_filter: &'static str,
    pub(crate) time: bool,
    /// `CMS_CADES`: adds signing-certificate-v2.
    pub(crate) cades: bool,
}

impl Default for Signature {
    fn default() -> Self {
        Self {
            non_repudiation: true,
            sub_filter: "ETSI.CAdES.detached",
            time: true,
            cades: true,
        }
    }
}

impl Sheet {
    pub(crate) fn of(cda: &str) -> Self {
        Self {
            cda: cda.as_bytes().to_vec(),
            name: "cda.xml",
            before: false,
            kids: false,
            signature: None,
        }
    }

    pub(crate) fn signed(self) -> Self {
        Self {
            signature: Some(Signature::default()),
            ..self
        }
    }

    pub(crate) fn build(&self) -> Vec<u8> {
        let mut document = Document::with_version("1.7");
        let pages = document.new_object_id();
        let page = document.add_object(dictionary! { "Type" => "Page", "Parent" => pages });
        document.objects.insert(
            pages,
            Object::Dictionary(
                dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1,
                "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()] },
            ),
        );
        let mut names = Vec::new();
        if self.before {
            names.extend(attachment(&mut document, "altro.xml", b"<a/>"));
        }
        if !self.name.is_empty() {
            names.extend(attachment(&mut document, self.name, &self.cda));
        }
        let leaf = dictionary! { "Names" => names };
        let tree = if self.kids {
            let leaf = document.add_object(leaf);
            dictionary! { "Kids" => vec![leaf.into()] }
        } else {
            leaf
        };
        let tree = document.add_object(tree);
        let names = document.add_object(dictionary! { "EmbeddedFiles" => tree });
        let mut catalog = dictionary! { "Type" => "Catalog", "Pages" => pages, "Names" => names };
        if let Some(signature) = &self.signature {
            let value = document.add_object(signature.placeholder());
            let field = document.add_object(dictionary! { "FT" => "Sig", "T" => Object::string_literal("Firma1"),
                "V" => value, "Subtype" => "Widget", "Type" => "Annot", "Rect" => vec![0.into(), 0.into(), 0.into(), 0.into()] });
            catalog.set(
                "AcroForm",
                dictionary! { "Fields" => vec![field.into()], "SigFlags" => 3 },
            );
        }
        let catalog = document.add_object(catalog);
        document.trailer.set("Root", catalog);
        let mut bytes = Vec::new();
        document.save_to(&mut bytes).expect("a PDF");
        match &self.signature {
            Some(signature) => signature.put_into(bytes),
            None => bytes,
        }
    }
}

fn attachment(document: &mut Document, name: &str, content: &[u8]) -> [Object; 2] {
    let stream = document.add_object(Stream::new(
        dictionary! { "Type" => "EmbeddedFile" },
        content.to_vec(),
    ));
    let specification = document.add_object(
        dictionary! { "Type" => "Filespec", "F" => Object::string_literal(name),
        "UF" => Object::string_literal(name), "EF" => dictionary! { "F" => stream } },
    );
    [Object::string_literal(name), specification.into()]
}

impl Signature {
    fn placeholder(&self) -> Dictionary {
        let mut value = dictionary! { "Type" => "Sig", "Filter" => "Adobe.PPKLite", "SubFilter" => self.sub_filter,
        "ByteRange" => vec![0.into(), NUMBER.into(), NUMBER.into(), NUMBER.into()],
        "Contents" => Object::String(vec![0; RESERVED], StringFormat::Hexadecimal) };
        if self.time {
            value.set("M", Object::string_literal("D:20261121101500+01'00'"));
        }
        value
    }

    fn put_into(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        let zeros = vec![b'0'; RESERVED * 2];
        let start = find(&bytes, &zeros) - 1;
        let end = start + RESERVED * 2 + 2;
        for number in [start, end, bytes.len() - end] {
            let at = find(&bytes, NUMBER.to_string().as_bytes());
            let text = format!("{number:<10}");
            bytes[at..at + 10].copy_from_slice(text.as_bytes());
        }
        let signed = [&bytes[..start], &bytes[end..]].concat();
        let hex = hex::encode(self.sign(&signed));
        bytes[start + 1..start + 1 + hex.len()].copy_from_slice(hex.as_bytes());
        bytes
    }

    fn sign(&self, data: &[u8]) -> Vec<u8> {
        const CADES: u32 = 0x0010_0000;
        let (certificate, key) = certificate(self.non_repudiation);
        let mut flags = CMSOptions::BINARY | CMSOptions::DETACHED;
        if self.cades {
            flags |= CMSOptions::from_bits_retain(CADES);
        }
        let cms =
            CmsContentInfo::sign(Some(&certificate), Some(&key), None, Some(data), flags).expect("a CMS");
        cms.to_der().expect("DER")
    }
}

fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes
        .windows(what.len())
        .position(|w| w == what)
        .expect("the placeholder")
}

fn certificate(non_repudiation: bool) -> (X509, PKey<Private>) {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "VALMORI Irene, firma di prova")
        .unwrap();
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
        .set_not_after(&Asn1Time::days_from_now(30).unwrap())
        .unwrap();
    let mut usage = KeyUsage::new();
    usage.critical();
    if non_repudiation {
        usage.non_repudiation()
    } else {
        usage.digital_signature()
    };
    builder.append_extension(usage.build().unwrap()).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    (builder.build(), key)
}
