//! From the drawn file to an archive file: PDF/A-3b with the CDA attached as `cda.xml`.
//!
//! Sources: ISO 19005-3 (6.2.2 output intent, 6.6 metadata, 6.8 embedded files), ISO 32000-1; the gateway
//! reads the attachment from the first entry of `Names/EmbeddedFiles`. Everything that printpdf makes at
//! random is replaced, so that the same document gives the same bytes. Not in it: tags (level a and u).

use jiff::Timestamp;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat, dictionary};
use moxcms::ColorProfile;
use sha2::{Digest, Sha256};

use crate::{DrawError, time, wording::TITLE};

/// The name that the gateway compares letter by letter.
const ATTACHMENT: &str = "cda.xml";
const PRODUCER: &str = concat!("Postazione ", env!("CARGO_PKG_VERSION"));

/// Finishes a drawn file.
pub(crate) fn archive(
    drawn: &[u8],
    cda: &[u8],
    language: &str,
    now: Timestamp,
) -> Result<Vec<u8>, DrawError> {
    let mut pdf = Document::load_mem(drawn).map_err(|_| DrawError::Finish)?;
    pdf.version = "1.7".into();
    let profile = output_profile().ok_or(DrawError::Finish)?;
    let profile = pdf.add_object(stream(dictionary! { "N" => 3 }, profile));
    let intent = pdf.add_object(dictionary! {
        "Type" => "OutputIntent",
        "S" => "GTS_PDFA1",
        "OutputConditionIdentifier" => Object::string_literal("sRGB"),
        "Info" => Object::string_literal("sRGB IEC61966-2.1"),
        "DestOutputProfile" => profile,
    });
    let moment = moment(now).ok_or(DrawError::Finish)?;
    let identifier = Sha256::digest([drawn_identity(cda).as_slice(), moment.xmp.as_bytes()].concat());
    let identifier = identifier.get(..16).unwrap_or_default().to_vec();

    // XMP is never compressed (19005-3, 6.6.2): archives look for it without reading the file.
    let dictionary = dictionary! { "Type" => "Metadata", "Subtype" => "XML" };
    let metadata = xmp(&moment.xmp, &hex::encode(&identifier)).into_bytes();
    let metadata = pdf.add_object(Stream::new(dictionary, metadata).with_compression(false));
    let attached = attach(&mut pdf, cda, &moment.pdf);

    let names = dictionary! {
        "EmbeddedFiles" => dictionary! {
            "Names" => vec![Object::string_literal(ATTACHMENT), attached.into()],
        },
    };
    let catalog = pdf.catalog_mut().map_err(|_| DrawError::Finish)?;
    catalog.set("Metadata", metadata);
    catalog.set("OutputIntents", vec![intent.into()]);
    catalog.set("Names", names);
    catalog.set("AF", vec![attached.into()]);
    catalog.set("Lang", Object::string_literal(language));
    catalog.set("ViewerPreferences", dictionary! { "DisplayDocTitle" => true });
    catalog.set("PageMode", "UseNone");

    information(&mut pdf, &moment.pdf)?;
    let identifier = Object::String(identifier, StringFormat::Hexadecimal);
    pdf.trailer.set("ID", vec![identifier.clone(), identifier]);
    // What printpdf wrote for itself (metadata with the hour, a print profile) is no longer referred to.
    pdf.prune_objects();
    pdf.renumber_objects();
    let mut out = Vec::new();
    pdf.save_to(&mut out).map_err(|_| DrawError::Finish)?;
    Ok(out)
}

fn drawn_identity(cda: &[u8]) -> Vec<u8> {
    Sha256::digest(cda).to_vec()
}

/// The file, its specification, and their relation to the document: the data it was made from.
fn attach(pdf: &mut Document, cda: &[u8], moment: &str) -> ObjectId {
    let parameters = dictionary! {
        "ModDate" => Object::string_literal(moment),
        "CreationDate" => Object::string_literal(moment),
        "Size" => cda.len() as i64,
    };
    let file = pdf.add_object(stream(
        dictionary! { "Type" => "EmbeddedFile", "Subtype" => "text/xml", "Params" => parameters },
        cda.to_vec(),
    ));
    pdf.add_object(dictionary! {
        "Type" => "Filespec",
        "F" => Object::string_literal(ATTACHMENT),
        "UF" => Object::string_literal(ATTACHMENT),
        "Desc" => Object::string_literal("Referto in formato HL7 CDA R2"),
        "AFRelationship" => "Source",
        "EF" => dictionary! { "F" => file, "UF" => file },
    })
}

/// The information dictionary says what XMP says, and nothing of what printpdf adds.
fn information(pdf: &mut Document, moment: &str) -> Result<(), DrawError> {
    let information = dictionary! {
        "Title" => Object::string_literal(TITLE),
        "Producer" => Object::string_literal(PRODUCER),
        "Creator" => Object::string_literal(PRODUCER),
        "CreationDate" => Object::string_literal(moment),
        "ModDate" => Object::string_literal(moment),
    };
    let id = pdf
        .trailer
        .get(b"Info")
        .and_then(Object::as_reference)
        .map_err(|_| DrawError::Finish)?;
    pdf.set_object(id, information);
    Ok(())
}

/// A stream, deflated where that makes it smaller.
fn stream(dictionary: Dictionary, content: Vec<u8>) -> Stream {
    let mut stream = Stream::new(dictionary, content);
    // A stream that cannot be compressed stays as it is.
    let _ = stream.compress();
    stream
}

/// sRGB as an ICC profile, computed: no file of unknown licence. The encoder writes the time of the call into
/// the header (ICC.1:2022, 7.2.8: six big-endian numbers from byte 24); a fixed day stands there instead.
fn output_profile() -> Option<Vec<u8>> {
    let mut profile = ColorProfile::new_srgb().encode().ok()?;
    let day: Vec<u8> = [2026u16, 1, 1, 0, 0, 0]
        .iter()
        .flat_map(|n| n.to_be_bytes())
        .collect();
    profile.get_mut(24..36)?.copy_from_slice(&day);
    Some(profile)
}

struct Moment {
    pdf: String,
    xmp: String,
}

/// A time as PDF (`D:20261120093500+01'00'`) and as XMP (ISO 8601) write it.
fn moment(now: Timestamp) -> Option<Moment> {
    let hl7 = time::hl7(now)?;
    let part = |from: usize, to: usize| hl7.get(from..to);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let (zone_hour, zone_minute) = (part(14, 17)?, part(17, 19)?);
    Some(Moment {
        pdf: format!("D:{year}{month}{day}{hour}{minute}{second}{zone_hour}'{zone_minute}'"),
        xmp: format!("{year}-{month}-{day}T{hour}:{minute}:{second}{zone_hour}:{zone_minute}"),
    })
}

fn xmp(moment: &str, identifier: &str) -> String {
    format!(
        r#"<?xpacket begin="{bom}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
   <pdfaid:part>3</pdfaid:part>
   <pdfaid:conformance>B</pdfaid:conformance>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
   <dc:format>application/pdf</dc:format>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{TITLE}</rdf:li></rdf:Alt></dc:title>
   <dc:language><rdf:Bag><rdf:li>it-IT</rdf:li></rdf:Bag></dc:language>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
   <xmp:CreatorTool>{PRODUCER}</xmp:CreatorTool>
   <xmp:CreateDate>{moment}</xmp:CreateDate>
   <xmp:ModifyDate>{moment}</xmp:ModifyDate>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
   <pdf:Producer>{PRODUCER}</pdf:Producer>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/">
   <xmpMM:DocumentID>uuid:{identifier}</xmpMM:DocumentID>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"#,
        bom = '\u{FEFF}',
    )
}
