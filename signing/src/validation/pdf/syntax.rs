//! The objects of a PDF, read from the bytes themselves (ISO 32000-1, 7.2 and 7.3).
//!
//! Strict on purpose: what two readers could understand in two ways (a key written twice, a string without an
//! end) is a fault and never repaired. Where a value stands in the file is kept, because `/ByteRange` is held
//! against it. Not in it: where objects are found (`xref`).

use std::ops::Range;

/// Deeper nesting is made by nobody; it bounds the stack.
const MAX_DEPTH: usize = 100;
/// Values of one document. Each takes some fifty bytes where the file, compressed, may spend a thousandth of one on it.
pub(crate) const MAX_VALUES: usize = 2_000_000;

/// A value of a PDF.
#[derive(Clone, Debug)]
pub(crate) enum Object {
    /// `null`, and whatever is not there.
    Null,
    /// `true`, `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a point, as written.
    Real(Vec<u8>),
    /// A name, decoded, without its slash.
    Name(Vec<u8>),
    /// A string, decoded.
    Text(Vec<u8>),
    /// An array.
    Array(Vec<Object>),
    /// A dictionary.
    Dictionary(Dictionary),
    /// A stream: its dictionary and where its bytes stand in the file.
    Stream(Dictionary, Range<usize>),
    /// A reference: number and generation.
    Reference(u32, u16),
}

/// The entries of a dictionary in their order, each with the place of its value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dictionary {
    pub(crate) entries: Vec<Entry>,
}

/// One entry.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Vec<u8>,
    pub(crate) value: Object,
    /// From the first byte of the value to the one after its last.
    pub(crate) place: Range<usize>,
}

impl Dictionary {
    /// The value of a key.
    pub(crate) fn get(&self, key: &[u8]) -> Option<&Object> {
        self.entry(key).map(|e| &e.value)
    }

    /// The entry of a key.
    pub(crate) fn entry(&self, key: &[u8]) -> Option<&Entry> {
        self.entries.iter().find(|e| e.key == key)
    }

    /// Whether a key is there.
    pub(crate) fn has(&self, key: &[u8]) -> bool {
        self.entry(key).is_some()
    }
}

impl Object {
    pub(crate) fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(n) => Some(*n),
            _ => None,
        }
    }

    pub(crate) fn size(&self) -> Option<usize> {
        self.integer().and_then(|n| usize::try_from(n).ok())
    }

    pub(crate) fn name(&self) -> Option<&[u8]> {
        match self {
            Self::Name(n) => Some(n),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(t) => Some(t),
            _ => None,
        }
    }

    pub(crate) fn array(&self) -> Option<&[Object]> {
        match self {
            Self::Array(a) => Some(a),
            _ => None,
        }
    }

    /// A dictionary that is not a stream's.
    pub(crate) fn dictionary(&self) -> Option<&Dictionary> {
        match self {
            Self::Dictionary(d) => Some(d),
            _ => None,
        }
    }

    pub(crate) fn reference(&self) -> Option<u32> {
        match self {
            Self::Reference(n, _) => Some(*n),
            _ => None,
        }
    }
}

/// A reader of values over bytes that may be hostile.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
    /// How many values it may still read.
    pub(crate) left: usize,
}

pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at,
            left: MAX_VALUES,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Past white space and comments.
    pub(crate) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|b| b != b'\n' && b != b'\r') {
                    self.at += 1;
                }
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    /// Takes a keyword that ends there.
    pub(crate) fn keyword(&mut self, word: &[u8]) -> Option<()> {
        self.skip_space();
        let rest = self.rest().strip_prefix(word)?;
        if rest.first().is_some_and(|b| !is_space(*b) && !is_delimiter(*b)) {
            return None;
        }
        self.at += word.len();
        Some(())
    }

    /// A number without sign, as in cross-reference tables and object headers.
    pub(crate) fn unsigned(&mut self) -> Option<u64> {
        self.skip_space();
        let digits = self.rest().iter().take_while(|b| b.is_ascii_digit()).count();
        let text = std::str::from_utf8(self.rest().get(..digits)?).ok()?;
        let number = text.parse().ok()?;
        self.at += digits;
        match self.peek() {
            Some(byte) if !is_space(byte) && !is_delimiter(byte) && !byte.is_ascii_alphabetic() => None,
            _ => Some(number),
        }
    }

    /// `N G obj`.
    pub(crate) fn header(&mut self) -> Option<(u32, u16)> {
        let number = u32::try_from(self.unsigned()?).ok()?;
        let generation = u16::try_from(self.unsigned()?).ok()?;
        self.keyword(b"obj")?;
        Some((number, generation))
    }

    /// One value.
    pub(crate) fn value(&mut self) -> Option<Object> {
        self.nested(MAX_DEPTH)
    }

    fn nested(&mut self, depth: usize) -> Option<Object> {
        let depth = depth.checked_sub(1)?;
        self.left = self.left.checked_sub(1)?;
        self.skip_space();
        match self.peek()? {
            b'/' => self.name().map(Object::Name),
            b'(' => self.literal().map(Object::Text),
            b'<' if self.rest().starts_with(b"<<") => self.dictionary(depth).map(Object::Dictionary),
            b'<' => self.hexadecimal().map(Object::Text),
            b'[' => self.array(depth).map(Object::Array),
            b'+' | b'-' | b'.' | b'0'..=b'9' => self.number(),
            b't' => self.keyword(b"true").map(|()| Object::Boolean(true)),
            b'f' => self.keyword(b"false").map(|()| Object::Boolean(false)),
            b'n' => self.keyword(b"null").map(|()| Object::Null),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Object> {
        let length = self
            .rest()
            .iter()
            .take_while(|b| !is_space(**b) && !is_delimiter(**b))
            .count();
        let word = self.rest().get(..length)?;
        self.at += length;
        if let Some(first) = std::str::from_utf8(word).ok().and_then(|w| w.parse::<i64>().ok()) {
            return Some(self.reference(first).unwrap_or(Object::Integer(first)));
        }
        let digits = word
            .strip_prefix(b"-")
            .or(word.strip_prefix(b"+"))
            .unwrap_or(word);
        let plain = digits.iter().all(|b| b.is_ascii_digit() || *b == b'.')
            && digits.iter().any(u8::is_ascii_digit)
            && digits.iter().filter(|b| **b == b'.').count() <= 1;
        plain.then(|| Object::Real(word.to_vec()))
    }

    /// `G R` after a number.
    fn reference(&mut self, number: i64) -> Option<Object> {
        let number = u32::try_from(number).ok()?;
        let mut ahead = self.clone();
        let generation = u16::try_from(ahead.unsigned()?).ok()?;
        ahead.keyword(b"R")?;
        self.at = ahead.at;
        Some(Object::Reference(number, generation))
    }

    fn name(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let mut name = Vec::new();
        while let Some(byte) = self.peek() {
            if is_space(byte) || is_delimiter(byte) {
                break;
            }
            self.at += 1;
            let escaped = || hex_pair(self.bytes.get(self.at..self.at + 2)?);
            match (byte, (byte == b'#').then(escaped).flatten()) {
                (_, Some(decoded)) => {
                    self.at += 2;
                    name.push(decoded);
                }
                (plain, None) => name.push(plain),
            }
        }
        Some(name)
    }

    fn literal(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let (mut text, mut open) = (Vec::new(), 1usize);
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Some(text);
                    }
                }
                b'\\' => {
                    self.escape(&mut text)?;
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Option<()> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            b'\n' => {}
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    match self.peek() {
                        Some(digit @ b'0'..=b'7') => {
                            code = code * 8 + u32::from(digit - b'0');
                            self.at += 1;
                        }
                        _ => break,
                    }
                }
                text.push((code & 0xff) as u8);
            }
            other => text.push(other),
        }
        Some(())
    }

    fn hexadecimal(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let length = memchr::memchr(b'>', self.rest())?;
        let digits = self.rest().get(..length)?;
        self.at += length + 1;
        let mut decoded = Vec::with_capacity(length.div_ceil(2));
        let mut high = None;
        for digit in digits {
            match (nibble(*digit), high) {
                (Some(first), None) => high = Some(first),
                (Some(second), Some(first)) => {
                    decoded.push(first << 4 | second);
                    high = None;
                }
                (None, _) if is_space(*digit) => {}
                (None, _) => return None,
            }
        }
        decoded.extend(high.map(|first| first << 4));
        Some(decoded)
    }

    fn array(&mut self, depth: usize) -> Option<Vec<Object>> {
        self.at += 1;
        let mut values = Vec::new();
        loop {
            self.skip_space();
            if self.peek()? == b']' {
                self.at += 1;
                return Some(values);
            }
            values.push(self.nested(depth)?);
        }
    }

    fn dictionary(&mut self, depth: usize) -> Option<Dictionary> {
        self.at += 2;
        let mut dictionary = Dictionary::default();
        let mut seen = std::collections::HashSet::new();
        loop {
            self.skip_space();
            if self.rest().starts_with(b">>") {
                self.at += 2;
                return Some(dictionary);
            }
            if self.peek()? != b'/' {
                return None;
            }
            let key = self.name()?;
            self.skip_space();
            let start = self.at;
            let value = self.nested(depth)?;
            // Written twice, one reader takes the first and another the last.
            if !seen.insert(key.clone()) {
                return None;
            }
            dictionary.entries.push(Entry {
                key,
                value,
                place: start..self.at,
            });
        }
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

fn hex_pair(pair: &[u8]) -> Option<u8> {
    match pair {
        [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Object> {
        Reader::new(text.as_bytes(), 0).value()
    }

    #[test]
    fn values_are_read_and_their_places_kept() {
        let text = "<</A 1/B#43 [2 0 R -3 .5 (a\\(b\\)\\101\\\n)]/C<4a4>>>";
        let Some(Object::Dictionary(all)) = read(text) else {
            panic!("a dictionary")
        };
        let array = all.get(b"BC").and_then(Object::array).unwrap();
        assert_eq!(array[0].reference(), Some(2));
        assert_eq!(array[1].integer(), Some(-3));
        assert_eq!(array[3].text(), Some(b"a(b)A".as_slice()));
        let entry = all.entry(b"C").unwrap();
        assert_eq!(entry.value.text(), Some([0x4a, 0x40].as_slice()));
        assert_eq!(&text[entry.place.clone()], "<4a4>");
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_not_read() {
        for text in ["<</A 1/A 2>>", "(open", "<</A", "<4g>", "[1 2", "12x", "--1"] {
            assert!(read(text).is_none(), "{text}");
        }
        assert!(read(&"[".repeat(100_000)).is_none());
    }

    proptest::proptest! {
        #[test]
        fn foreign_bytes_never_panic(bytes in proptest::collection::vec(proptest::arbitrary::any::<u8>(), 0..120)) {
            let mut reader = Reader::new(&bytes, 0);
            let _ = reader.value();
            proptest::prop_assert!(reader.at <= bytes.len());
        }
    }
}
