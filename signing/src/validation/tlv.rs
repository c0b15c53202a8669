//! Tag, length, value: the layers of a CMS without copying what is inside.
//!
//! A `.p7m` may hold 200 MB, and a certificate must be hashed as it stands; so the structure is walked over the
//! bytes, and only its small leaves are decoded by `der`. Indefinite lengths are `ber`'s job.

use der::asn1::ObjectIdentifier;

/// A value with definite length.
#[derive(Clone, Copy)]
pub(crate) struct Tlv<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) whole: &'a [u8],
}

/// The values of a constructed value, one after the other.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a> {
    left: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// The first value and what follows it.
    pub(crate) fn first(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (&tag, &length) = (bytes.first()?, bytes.get(1)?);
        if tag & 0x1f == 0x1f || length == 0x80 {
            return None;
        }
        let (header, size) = if length < 0x80 {
            (2, usize::from(length))
        } else {
            let count = usize::from(length & 0x7f);
            if count > 4 {
                return None;
            }
            let digits = bytes.get(2..2 + count)?;
            (
                2 + count,
                digits.iter().fold(0usize, |sum, d| sum << 8 | usize::from(*d)),
            )
        };
        let end = header.checked_add(size)?;
        let one = Self {
            tag,
            content: bytes.get(header..end)?,
            whole: bytes.get(..end)?,
        };
        Some((one, bytes.get(end..)?))
    }

    /// The only value of `bytes`.
    pub(crate) fn only(bytes: &'a [u8]) -> Option<Self> {
        Self::first(bytes).and_then(|(one, rest)| rest.is_empty().then_some(one))
    }

    /// Its values.
    pub(crate) fn values(self) -> Values<'a> {
        Values { left: self.content }
    }

    /// Its values, all of them well formed, at most `limit`.
    pub(crate) fn all(self, limit: usize) -> Option<Vec<Tlv<'a>>> {
        let mut values = self.values();
        let mut all = Vec::new();
        while !values.left.is_empty() {
            if all.len() == limit {
                return None;
            }
            all.push(values.next()?);
        }
        Some(all)
    }

    /// As an object identifier.
    pub(crate) fn oid(self) -> Option<ObjectIdentifier> {
        (self.tag == 0x06).then_some(())?;
        ObjectIdentifier::from_bytes(self.content).ok()
    }
}

impl<'a> Values<'a> {
    /// The next value.
    pub(crate) fn next(&mut self) -> Option<Tlv<'a>> {
        let (one, rest) = Tlv::first(self.left)?;
        self.left = rest;
        Some(one)
    }

    /// The next value, when it has this tag.
    pub(crate) fn tagged(&mut self, tag: u8) -> Option<Tlv<'a>> {
        let (one, rest) = Tlv::first(self.left)?;
        (one.tag == tag).then(|| self.left = rest)?;
        Some(one)
    }

    /// Nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }
}
