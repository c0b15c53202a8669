//! The faces of the printed report: what they can draw, how wide it is, and the subset that is embedded.
//!
//! Titillium Web is the typeface of the Italian public administration; Roboto Mono writes the codice fiscale;
//! DejaVu Sans draws what Titillium lacks; a square stands for what none has. Not in it: where text stands on
//! the page. The files come from `assets/fonts/build.sh`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ab_glyph::{Font, FontRef};
use printpdf::{FontId, FontMetrics, ParsedFont, PdfFont};
use subsetter::GlyphRemapper;

use crate::DrawError;

/// A face of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Face {
    Regular,
    SemiBold,
    Bold,
    Italic,
    Mono,
    Fallback,
}

const ALL: [Face; 6] = [
    Face::Regular,
    Face::SemiBold,
    Face::Bold,
    Face::Italic,
    Face::Mono,
    Face::Fallback,
];

/// Stands for a character that no face has.
pub(crate) const MISSING: char = '\u{25A1}';

impl Face {
    fn bytes(self) -> &'static [u8] {
        macro_rules! font {
            ($file:literal) => {
                include_bytes!(concat!("../../../../../assets/fonts/", $file))
            };
        }
        match self {
            Self::Regular => font!("TitilliumWeb-Regular.ttf"),
            Self::SemiBold => font!("TitilliumWeb-SemiBold.ttf"),
            Self::Bold => font!("TitilliumWeb-Bold.ttf"),
            Self::Italic => font!("TitilliumWeb-Italic.ttf"),
            Self::Mono => font!("RobotoMono-Regular.ttf"),
            Self::Fallback => font!("DejaVuSans-Fallback.ttf"),
        }
    }

    /// Name in the PDF, with the tag of a subset (ISO 32000-1, 9.6.4).
    fn name(self) -> &'static str {
        match self {
            Self::Regular => "PSTAAA+TitilliumWeb-Regular",
            Self::SemiBold => "PSTAAB+TitilliumWeb-SemiBold",
            Self::Bold => "PSTAAC+TitilliumWeb-Bold",
            Self::Italic => "PSTAAD+TitilliumWeb-Italic",
            Self::Mono => "PSTAAE+RobotoMono-Regular",
            Self::Fallback => "PSTAAF+DejaVuSans",
        }
    }

    pub(crate) fn id(self) -> FontId {
        FontId(format!("F{}", self as usize))
    }
}

/// All faces, read once.
pub(crate) struct Fonts {
    faces: Vec<FontRef<'static>>,
}

impl Fonts {
    pub(crate) fn get() -> Result<&'static Self, DrawError> {
        static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(|| {
            let faces = ALL
                .iter()
                .map(|f| FontRef::try_from_slice(f.bytes()).ok())
                .collect::<Option<_>>()?;
            Some(Fonts { faces })
        });
        FONTS.as_ref().ok_or(DrawError::Font)
    }

    pub(crate) fn face(&self, face: Face) -> &FontRef<'static> {
        // One entry for each face, by construction in `get`.
        &self.faces[face as usize]
    }

    /// The face and glyph that draw a character, and the character drawn.
    pub(crate) fn glyph(&self, c: char, face: Face) -> (Face, u16, char) {
        // No-break and other spaces are drawn as a space, so that no face lacks them.
        let c = if c.is_whitespace() { ' ' } else { c };
        for (face, c) in [(face, c), (Face::Fallback, c), (Face::Fallback, MISSING)] {
            let id = self.face(face).glyph_id(c).0;
            if id != 0 {
                return (face, id, c);
            }
        }
        (Face::Fallback, self.face(Face::Fallback).glyph_id(' ').0, ' ')
    }

    fn advance(&self, face: Face, glyph: u16) -> f32 {
        let font = self.face(face);
        font.h_advance_unscaled(ab_glyph::GlyphId(glyph)) / font.units_per_em().unwrap_or(1000.0)
    }

    fn char_width(&self, c: char, face: Face) -> f32 {
        let (face, glyph, _) = self.glyph(c, face);
        self.advance(face, glyph)
    }

    /// Width of a text in points.
    pub(crate) fn width(&self, text: &str, face: Face, size: f32) -> f32 {
        text.chars().map(|c| self.char_width(c, face)).sum::<f32>() * size
    }

    /// Breaks one paragraph into lines no wider than `space`; a word that is wider alone is cut.
    pub(crate) fn wrap(&self, text: &str, face: Face, size: f32, space: f32) -> Vec<String> {
        let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0.0);
        let blank = self.width(" ", face, size);
        for word in text.split(' ').filter(|w| !w.is_empty()) {
            let wide = self.width(word, face, size);
            if !line.is_empty() && used + blank + wide > space {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            if !line.is_empty() {
                line.push(' ');
                used += blank;
            }
            if wide <= space {
                line.push_str(word);
                used += wide;
                continue;
            }
            for c in word.chars() {
                let wide = self.char_width(c, face) * size;
                if !line.is_empty() && used + wide > space {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                line.push(c);
                used += wide;
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// The text in runs of one face: glyph and character of each.
    pub(crate) fn runs(&self, text: &str, face: Face) -> Vec<(Face, Vec<(u16, char)>)> {
        let mut runs: Vec<(Face, Vec<(u16, char)>)> = Vec::new();
        for c in text.chars() {
            let (face, glyph, drawn) = self.glyph(c, face);
            match runs.last_mut() {
                Some((last, glyphs)) if *last == face => glyphs.push((glyph, drawn)),
                _ => runs.push((face, vec![(glyph, drawn)])),
            }
        }
        runs
    }

    /// Width of a run in points.
    pub(crate) fn run_width(&self, face: Face, glyphs: &[(u16, char)], size: f32) -> f32 {
        glyphs.iter().map(|(g, _)| self.advance(face, *g)).sum::<f32>() * size
    }
}

/// A face cut to the glyphs in use, and the new number of each.
pub(crate) struct Subset {
    pub(crate) font: PdfFont,
    pub(crate) numbers: BTreeMap<u16, u16>,
}

/// Cuts the faces in use. printpdf without its layout engine embeds whole files, so it is given small ones.
pub(crate) fn subset(
    used: &BTreeMap<Face, BTreeMap<u16, char>>,
) -> Result<BTreeMap<Face, Subset>, DrawError> {
    let fonts = Fonts::get()?;
    let mut all = BTreeMap::new();
    for (face, glyphs) in used {
        let mut remapper = GlyphRemapper::new();
        let numbers: BTreeMap<u16, u16> = glyphs.keys().map(|g| (*g, remapper.remap(*g))).collect();
        let program = subsetter::subset(face.bytes(), 0, &remapper).map_err(|_| DrawError::Font)?;
        let font = fonts.face(*face);
        let em = font.units_per_em().unwrap_or(1000.0);
        let widths = numbers
            .iter()
            .map(|(old, new)| {
                (
                    *new,
                    font.h_advance_unscaled(ab_glyph::GlyphId(*old)).round() as u16,
                )
            })
            .collect();
        let characters = glyphs
            .iter()
            .filter_map(|(old, c)| numbers.get(old).map(|new| (u32::from(*c), *new)))
            .collect();
        let metrics = FontMetrics {
            ascent: font.ascent_unscaled().round() as i16,
            descent: font.descent_unscaled().round() as i16,
        };
        let whole = ParsedFont::from_bytes(face.bytes(), 0, &mut Vec::new()).ok_or(DrawError::Font)?;
        let name = Some(face.name().to_owned());
        let mut parsed =
            ParsedFont::with_glyph_data(program, 0, name, characters, widths, em as u16, metrics);
        parsed.pdf_font_metrics = whole.pdf_font_metrics;
        all.insert(
            *face,
            Subset {
                font: PdfFont::new(parsed),
                numbers,
            },
        );
    }
    Ok(all)
}
