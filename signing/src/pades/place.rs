//! Where the signatures and time-stamps of a PDF stand, and what their `/Contents` hold.
//!
//! For who adds to them; whether they hold is asked of `validation`.

use lopdf::{Dictionary, Document, Object};

use super::inspect;

/// One signature or document time-stamp.
pub(crate) struct Place {
    /// Where `<` of `/Contents` stands.
    pub(crate) contents_at: usize,
    /// From `<` to `>`, both included.
    pub(crate) contents_len: usize,
    /// Where what it covers ends.
    pub(crate) end: usize,
    /// The bytes of `/Contents`, padding included.
    pub(crate) contents: Vec<u8>,
    /// It is a document time-stamp.
    pub(crate) document_time_stamp: bool,
}

/// All of them, in the order of their revisions. Fields without a signature, or with one whose byte range is not
/// exactly around its `/Contents`, are passed over.
pub(crate) fn all(pdf: &[u8], document: &Document) -> Vec<Place> {
    let mut places: Vec<Place> = inspect::signature_fields(document)
        .into_iter()
        .filter_map(|field| read(pdf, document, field.value?))
        .collect();
    places.sort_by_key(|place| place.end);
    places
}

fn read(pdf: &[u8], document: &Document, value: &Dictionary) -> Option<Place> {
    let range: Vec<usize> = inspect::array(document, value, b"ByteRange")?
        .iter()
        .map(|n| n.as_i64().ok().and_then(|n| usize::try_from(n).ok()))
        .collect::<Option<_>>()?;
    let [0, contents_at, after, rest] = range[..] else {
        return None;
    };
    let end = after.checked_add(rest).filter(|end| *end <= pdf.len())?;
    let digits = pdf
        .get(contents_at..after)?
        .strip_prefix(b"<")?
        .strip_suffix(b">")?;
    let contents = hex::decode(digits).ok()?;
    let parsed = value
        .get_deref(b"Contents", document)
        .and_then(Object::as_str)
        .ok()?;
    (parsed == contents).then_some(Place {
        contents_at,
        contents_len: after - contents_at,
        end,
        contents,
        document_time_stamp: inspect::name(document, value, b"SubFilter") == Some(b"ETSI.RFC3161"),
    })
}

/// Writes a CMS in the place of `/Contents`, zeros after it. `None` when it does not fit.
pub(crate) fn fill(pdf: &mut [u8], contents_at: usize, contents_len: usize, cms: &[u8]) -> Option<()> {
    let room = contents_len.checked_sub(2)?;
    let mut digits = hex::encode_upper(cms).into_bytes();
    if digits.len() > room {
        return None;
    }
    digits.resize(room, b'0');
    let from = contents_at.checked_add(1)?;
    pdf.get_mut(from..from.checked_add(room)?)?
        .copy_from_slice(&digits);
    Some(())
}
