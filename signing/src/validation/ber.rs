//! Indefinite lengths made definite, since common signers (PDFBox, DSS) write them and DER readers refuse them.
//!
//! Only the outer layers of a CMS come that way (X.690, 8.1.3.6); what has a definite length is copied as it is,
//! so that nothing signed changes. Also tells where the value ends: `/Contents` is padded with zeros.

/// A CMS has about six layers.
const MAX_DEPTH: usize = 16;

/// The first value of `bytes` with definite lengths, and how many bytes it took.
pub(super) fn first_value(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    value(bytes, MAX_DEPTH)
}

fn value(bytes: &[u8], depth: usize) -> Option<(Vec<u8>, usize)> {
    let (&tag, &length) = (bytes.first()?, bytes.get(1)?);
    // Tags of more than one byte are in no CMS.
    if tag & 0x1f == 0x1f {
        return None;
    }
    if length != 0x80 {
        let end = definite_end(bytes, length)?;
        return Some((bytes.get(..end)?.to_vec(), end));
    }
    let constructed = tag & 0x20 != 0;
    if !constructed || depth == 0 {
        return None;
    }
    let (mut content, mut at) = (Vec::new(), 2);
    while bytes.get(at..at + 2)? != [0, 0] {
        let (child, taken) = value(bytes.get(at..)?, depth - 1)?;
        content.extend(child);
        at += taken;
    }
    // The pieces of an OCTET STRING (X.690, 8.7.3) become one: DER knows no other.
    let (tag, content) = if tag == 0x24 {
        (0x04, joined(&content)?)
    } else {
        (tag, content)
    };
    let mut whole = vec![tag];
    write_length(content.len(), &mut whole);
    whole.extend(content);
    Some((whole, at + 2))
}

fn joined(pieces: &[u8]) -> Option<Vec<u8>> {
    let (mut whole, mut left) = (Vec::with_capacity(pieces.len()), pieces);
    while !left.is_empty() {
        let (piece, rest) = super::tlv::Tlv::first(left)?;
        (piece.tag == 0x04).then(|| whole.extend(piece.content))?;
        left = rest;
    }
    Some(whole)
}

fn definite_end(bytes: &[u8], length: u8) -> Option<usize> {
    if length < 0x80 {
        return Some(2 + usize::from(length));
    }
    let count = usize::from(length & 0x7f);
    if count > 4 {
        return None;
    }
    let digits = bytes.get(2..2 + count)?;
    let content = digits
        .iter()
        .fold(0usize, |sum, digit| (sum << 8) | usize::from(*digit));
    content.checked_add(2 + count)
}

pub(crate) fn write_length(length: usize, to: &mut Vec<u8>) {
    if length < 0x80 {
        to.push(length as u8);
        return;
    }
    let bytes = length.to_be_bytes();
    let significant = &bytes[bytes.iter().take_while(|b| **b == 0).count()..];
    to.push(0x80 | significant.len() as u8);
    to.extend(significant);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indefinite_lengths_become_definite_and_the_end_is_known() {
        let nested = [
            0x30, 0x80, 0x31, 0x80, 0x02, 0x01, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        ];
        let (der, taken) = first_value(&nested).unwrap();
        assert_eq!(der, [0x30, 0x05, 0x31, 0x03, 0x02, 0x01, 0x05]);
        assert_eq!(taken, 11, "two bytes of padding remain");
    }

    #[test]
    fn the_pieces_of_an_octet_string_become_one() {
        let pieces = [
            0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 7, 0x04, 0x02, 8, 9, 0, 0, 0, 0,
        ];
        let (der, _) = first_value(&pieces).unwrap();
        assert_eq!(der, [0x30, 0x05, 0x04, 0x03, 7, 8, 9]);
    }

    #[test]
    fn definite_values_are_copied_and_lengths_over_127_take_more_bytes() {
        let mut value = vec![0x04, 0x81, 0x80];
        value.extend([7; 128]);
        assert_eq!(first_value(&value), Some((value.clone(), 131)));
        let mut wrapped = vec![0x30, 0x80];
        wrapped.extend(&value);
        wrapped.extend([0, 0]);
        let (der, _) = first_value(&wrapped).unwrap();
        assert_eq!(&der[..3], [0x30, 0x81, 131]);
    }

    proptest::proptest! {
        #[test]
        fn foreign_bytes_never_panic(bytes in proptest::collection::vec(proptest::arbitrary::any::<u8>(), 0..64)) {
            if let Some((_, taken)) = first_value(&bytes) {
                proptest::prop_assert!(taken <= bytes.len());
            }
        }
    }
}
