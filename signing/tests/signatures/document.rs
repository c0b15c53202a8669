//! Small PDF/A-3b documents with `cda.xml` attached, and their faults. They paint nothing, so they need no
//! colour profile and no font.

use lopdf::xref::XrefType;
use lopdf::{Dictionary, Document, Object, Stream, StringFormat, dictionary};

const XMP: &str = "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
<rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>\
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>";

/// What to make.
pub(crate) struct Recipe {
    pub(crate) attachments: Vec<(&'static str, &'static str)>,
    pub(crate) form: Option<Dictionary>,
    pub(crate) permissions: Option<i64>,
    pub(crate) modern: bool,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            attachments: vec![("cda.xml", "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"/>")],
            form: None,
            permissions: None,
            modern: false,
        }
    }
}

/// A sound document.
pub(crate) fn report() -> Vec<u8> {
    Recipe::default().pdf()
}

impl Recipe {
    /// Writes it.
    pub(crate) fn pdf(self) -> Vec<u8> {
        let mut document = Document::with_version("1.7");
        if !self.modern {
            document.reference_table.cross_reference_type = XrefType::CrossReferenceTable;
        }
        let pages = document.new_object_id();
        let contents = document.add_object(Stream::new(Dictionary::new(), b"q Q".to_vec()));
        let page = document.add_object(dictionary! {
            "Type" => "Page", "Parent" => pages, "Contents" => contents, "Resources" => Dictionary::new(),
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        });
        document.set_object(
            pages,
            dictionary! { "Type" => "Pages", "Kids" => vec![Object::from(page)], "Count" => 1 },
        );
        let mut names = Vec::new();
        let mut associated = Vec::new();
        for (name, content) in &self.attachments {
            let stream = document.add_object(Stream::new(
                dictionary! { "Type" => "EmbeddedFile", "Subtype" => "text/xml" },
                content.as_bytes().to_vec(),
            ));
            let specification = document.add_object(dictionary! {
                "Type" => "Filespec", "F" => Object::string_literal(*name), "UF" => Object::string_literal(*name),
                "AFRelationship" => "Source", "EF" => dictionary! { "F" => stream, "UF" => stream },
            });
            names.extend([Object::string_literal(*name), specification.into()]);
            associated.push(Object::from(specification));
        }
        let metadata = document.add_object(
            Stream::new(
                dictionary! { "Type" => "Metadata", "Subtype" => "XML" },
                XMP.as_bytes().to_vec(),
            )
            .with_compression(false),
        );
        let mut catalog = dictionary! {
            "Type" => "Catalog", "Pages" => pages, "AF" => associated, "Metadata" => metadata,
            "Names" => dictionary! { "EmbeddedFiles" => dictionary! { "Names" => names } },
        };
        if let Some(form) = self.form {
            catalog.set("AcroForm", form);
        }
        if let Some(level) = self.permissions {
            let certification = document.add_object(dictionary! {
                "Type" => "Sig", "Reference" => vec![Object::Dictionary(dictionary! {
                    "TransformMethod" => "DocMDP", "TransformParams" => dictionary! { "P" => level },
                })],
            });
            catalog.set("Perms", dictionary! { "DocMDP" => certification });
        }
        let catalog = document.add_object(catalog);
        document.trailer.set("Root", catalog);
        let id = Object::String(vec![7; 16], StringFormat::Hexadecimal);
        document.trailer.set("ID", vec![id.clone(), id]);
        let mut pdf = Vec::new();
        if self.modern {
            document.save_modern(&mut pdf).unwrap();
            return pdf;
        }
        document.save_to(&mut pdf).expect("a document in memory");
        pdf
    }
}
