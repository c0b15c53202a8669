//! The one filter that cross-reference streams, object streams and revocation data need: Flate, with the PNG
//! predictors (ISO 32000-1, 7.4.4). Any other filter there is a fault.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

use super::syntax::{Dictionary, Object};

/// The bytes of a stream without its filter, at most `limit` of them. `None`: another filter, damage, too much.
/// The values of `dictionary` must not be references.
pub(super) fn decoded(dictionary: &Dictionary, raw: &[u8], limit: usize) -> Option<Vec<u8>> {
    let filter = match dictionary.get(b"Filter") {
        None | Some(Object::Null) => None,
        Some(Object::Name(name)) => Some(name.as_slice()),
        Some(Object::Array(all)) => match all.as_slice() {
            [] => None,
            [Object::Name(name)] => Some(name.as_slice()),
            _ => return None,
        },
        Some(_) => return None,
    };
    match filter {
        None => (raw.len() <= limit).then(|| raw.to_vec()),
        Some(b"FlateDecode") => {
            let mut plain = Vec::new();
            // One byte more than allowed tells a bomb from a full house.
            ZlibDecoder::new(raw)
                .take(limit as u64 + 1)
                .read_to_end(&mut plain)
                .ok()?;
            if plain.len() > limit {
                return None;
            }
            let parameters = match dictionary.get(b"DecodeParms") {
                Some(Object::Array(all)) => all.first(),
                other => other,
            };
            match parameters {
                None | Some(Object::Null) => Some(plain),
                Some(Object::Dictionary(parameters)) => unpredicted(parameters, plain),
                Some(_) => None,
            }
        }
        Some(_) => None,
    }
}

fn unpredicted(parameters: &Dictionary, data: Vec<u8>) -> Option<Vec<u8>> {
    let number = |key: &[u8], otherwise| match parameters.get(key) {
        None => Some(otherwise),
        Some(value) => value.size(),
    };
    let predictor = number(b"Predictor", 1)?;
    if predictor == 1 {
        return Some(data);
    }
    let (colors, bits, columns) = (
        number(b"Colors", 1)?,
        number(b"BitsPerComponent", 8)?,
        number(b"Columns", 1)?,
    );
    if !(10..=15).contains(&predictor) || bits != 8 || colors == 0 || columns == 0 {
        return None;
    }
    let width = colors.checked_mul(columns)?;
    let mut previous = vec![0u8; if width <= data.len() { width } else { return None }];
    let mut plain = Vec::with_capacity(data.len());
    for row in data.chunks(width.checked_add(1)?) {
        let (kind, row) = row.split_first()?;
        let mut current = vec![0u8; width];
        for (at, byte) in row.iter().enumerate() {
            let left = at.checked_sub(colors).map_or(0, |l| current[l]);
            let above_left = at.checked_sub(colors).map_or(0, |l| previous[l]);
            let above = previous[at];
            let guess = match kind {
                0 => 0,
                1 => left,
                2 => above,
                3 => ((u16::from(left) + u16::from(above)) / 2) as u8,
                4 => paeth(left, above, above_left),
                _ => return None,
            };
            current[at] = byte.wrapping_add(guess);
        }
        plain.extend(current.get(..row.len())?);
        previous = current;
    }
    Some(plain)
}

fn paeth(left: u8, above: u8, above_left: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(above), i16::from(above_left));
    let estimate = a + b - c;
    let (to_a, to_b, to_c) = ((estimate - a).abs(), (estimate - b).abs(), (estimate - c).abs());
    if to_a <= to_b && to_a <= to_c {
        left
    } else if to_b <= to_c {
        above
    } else {
        above_left
    }
}
