//! The one picture with the services: the one acquired with consent, else a rendering of the visit's record.
//!
//! The official rule wants exactly one; what it may be is decided in `decisions/0004`. Not in it: capture
//! (`media`), and where the picture stands on the page (`pdf`).

mod record;

use base64::Engine as _;

use crate::{
    AcquiredImage, ImageFormat, VisitRecord,
    text::{clean, is_blank},
    time,
};

/// Largest file that the document carries: a 1080p PNG of a room stays below it, and the gateway's limit on
/// the whole PDF is not approached.
pub(crate) const MAX_BYTES: usize = 5_000_000;
/// Largest side in pixels.
const MAX_SIDE: u32 = 8_000;

/// Why a picture cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PictureError {
    /// Not a readable PNG or JPEG of a kind that a PDF/A can hold.
    Unreadable,
    /// Too many bytes or pixels.
    TooLarge,
    /// The rendering of the record failed: a font of the program is damaged.
    Font,
}

/// The picture of a document.
pub(crate) struct Picture {
    bytes: Vec<u8>,
    format: ImageFormat,
    origin: Origin,
}

enum Origin {
    Acquired { at: String },
    Record,
}

/// A picture as a PDF holds it.
pub(crate) struct Pixels {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) grey: bool,
    /// A whole JPEG file, or rows of 8-bit samples.
    pub(crate) data: Vec<u8>,
    pub(crate) jpeg: bool,
}

impl Picture {
    /// The picture of a visit.
    pub(crate) fn of(visit: &VisitRecord) -> Result<Self, PictureError> {
        match &visit.image {
            Some(image) => {
                look(image)?;
                let origin = Origin::Acquired {
                    at: time::hour(image.at),
                };
                Ok(Self {
                    bytes: image.bytes.expose().clone(),
                    format: image.format,
                    origin,
                })
            }
            None => {
                let bytes = record::render(visit).ok_or(PictureError::Font)?;
                Ok(Self {
                    bytes,
                    format: ImageFormat::Png,
                    origin: Origin::Record,
                })
            }
        }
    }

    pub(crate) fn media_type(&self) -> &'static str {
        self.format.media_type()
    }

    pub(crate) fn base64(&self) -> String {
        base64::engine::general_purpose::STANDARD.encode(&self.bytes)
    }

    /// What the picture shows, for its caption.
    pub(crate) fn caption(&self, typed: &str) -> String {
        match &self.origin {
            Origin::Acquired { at } if is_blank(typed) => {
                format!("Immagine acquisita alle {at} con consenso")
            }
            Origin::Acquired { at } => format!(
                "{}, acquisita alle {at} con consenso",
                clean(typed).trim_end_matches('.')
            ),
            Origin::Record => record::LABEL.to_owned(),
        }
    }

    /// The sentence of the report on pictures.
    pub(crate) fn statement(&self) -> &'static str {
        match self.origin {
            Origin::Acquired { .. } => {
                "Un'immagine acquisita durante la visita con il consenso dell'assistito."
            }
            Origin::Record => {
                "Nessuna immagine acquisita durante la visita; l'immagine allegata riporta i dati del collegamento."
            }
        }
    }

    /// The picture taken of the patient, decoded for the page; none for the rendering of the record, whose
    /// content the page already says in words.
    pub(crate) fn for_page(&self) -> Result<Option<Pixels>, PictureError> {
        match self.origin {
            Origin::Acquired { .. } => decode(&self.bytes, self.format).map(Some),
            Origin::Record => Ok(None),
        }
    }
}

/// A quick look at a picture: format, size, and that its kind can be held. Cheap enough for every save.
pub(crate) fn look(image: &AcquiredImage) -> Result<(), PictureError> {
    let bytes = image.bytes.expose();
    if bytes.len() > MAX_BYTES {
        return Err(PictureError::TooLarge);
    }
    let (width, height) = match image.format {
        ImageFormat::Png => {
            let reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info();
            let reader = reader.map_err(|_| PictureError::Unreadable)?;
            (reader.info().width, reader.info().height)
        }
        ImageFormat::Jpeg => jpeg_frame(bytes)
            .map(|f| (f.width, f.height))
            .ok_or(PictureError::Unreadable)?,
    };
    match (width, height) {
        (0, _) | (_, 0) => Err(PictureError::Unreadable),
        (w, h) if w > MAX_SIDE || h > MAX_SIDE => Err(PictureError::TooLarge),
        _ => Ok(()),
    }
}

fn decode(bytes: &[u8], format: ImageFormat) -> Result<Pixels, PictureError> {
    match format {
        ImageFormat::Jpeg => {
            let frame = jpeg_frame(bytes).ok_or(PictureError::Unreadable)?;
            let (width, height) = (frame.width, frame.height);
            Ok(Pixels {
                width,
                height,
                grey: frame.components == 1,
                data: bytes.to_vec(),
                jpeg: true,
            })
        }
        ImageFormat::Png => decode_png(bytes).ok_or(PictureError::Unreadable),
    }
}

/// Decodes to grey or RGB, eight bits, transparency laid on white.
fn decode_png(bytes: &[u8]) -> Option<Pixels> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let mut samples = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut samples).ok()?;
    samples.truncate(info.buffer_size());
    let over_white = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(255)
    };
    let (grey, data) = match info.color_type {
        png::ColorType::Grayscale => (true, samples),
        png::ColorType::Rgb => (false, samples),
        png::ColorType::GrayscaleAlpha => (
            true,
            samples.chunks_exact(2).map(|p| over_white(p[0], p[1])).collect(),
        ),
        png::ColorType::Rgba => {
            let opaque = |p: &[u8]| {
                [
                    over_white(p[0], p[3]),
                    over_white(p[1], p[3]),
                    over_white(p[2], p[3]),
                ]
            };
            (false, samples.chunks_exact(4).flat_map(opaque).collect())
        }
        png::ColorType::Indexed => return None,
    };
    Some(Pixels {
        width: info.width,
        height: info.height,
        grey,
        data,
        jpeg: false,
    })
}

struct Frame {
    width: u32,
    height: u32,
    components: u8,
}

/// The frame header of a JPEG (ITU-T T.81, B.2.2): grey or three components, eight bits, Huffman coded. Four
/// components (CMYK) would need another output intent and never come from a camera.
fn jpeg_frame(bytes: &[u8]) -> Option<Frame> {
    let mut rest = bytes.strip_prefix(&[0xFF, 0xD8])?;
    loop {
        let at = rest.iter().position(|b| *b != 0xFF)?;
        if at == 0 {
            return None;
        }
        let (marker, after) = (*rest.get(at)?, rest.get(at + 1..)?);
        let length = usize::from(u16::from_be_bytes([*after.first()?, *after.get(1)?]));
        match marker {
            0xC0..=0xC2 => {
                let (precision, components) = (*after.get(2)?, *after.get(7)?);
                let height = u32::from(u16::from_be_bytes([*after.get(3)?, *after.get(4)?]));
                let width = u32::from(u16::from_be_bytes([*after.get(5)?, *after.get(6)?]));
                let right = precision == 8 && matches!(components, 1 | 3);
                return right.then_some(Frame {
                    width,
                    height,
                    components,
                });
            }
            // Start of scan before any frame, or a frame of another coding.
            0xDA | 0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => return None,
            _ => rest = after.get(length.max(2)..)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn foreign_bytes_never_panic(bytes in proptest::collection::vec(0u8.., 0..200)) {
            let mut jpeg = vec![0xFF, 0xD8, 0xFF];
            jpeg.extend(&bytes);
            let _ = jpeg_frame(&jpeg);
            let mut png = vec![0x89, b'P', b'N', b'G', 13, 10, 26, 10];
            png.extend(&bytes);
            let _ = decode_png(&png);
        }
    }
}
