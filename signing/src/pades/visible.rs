//! The visible stamp: *Firmato digitalmente da*, the name and the time, drawn with an embedded font so that PDF/A is kept.
//!
//! It is decoration: what counts is the signature. No picture and no logo. It covers no other annotation of its page,
//! so that a second signer's stamp stands beside the first one's. ISO 32000-1, 12.5.5 (appearance streams) and
//! ISO 19005-2, 6.2.11 (fonts). Not in it: the field and the revision (`revision`).

use std::collections::BTreeMap;

use ab_glyph::{Font as _, FontRef};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat, dictionary};
use subsetter::GlyphRemapper;

use super::inspect;
use crate::error::DocumentRefusal;

/// The typeface of the Italian public administration, which reports are set in.
const FONT: &[u8] = include_bytes!("../../../assets/fonts/TitilliumWeb-Regular.ttf");
const FONT_NAME: &str = "PSTBAA+TitilliumWeb-Regular";

/// Width and height of a stamp, in points.
const SIZE: [f32; 2] = [190.0, 48.0];
/// From the sides and the top of the page, and from its foot, where a report has its number and pages; in points.
const MARGIN: f32 = 48.0;
const FOOT: f32 = 60.0;
/// Between stamps, in points.
const GAP: f32 = 6.0;
/// Between the frame and the text, in points.
const INSET: f32 = 6.0;
/// Sizes of the small lines and of the name, in points; a long name is made smaller down to the last.
const SMALL: f32 = 7.5;
const NAME: f32 = 11.0;
const SMALLEST: f32 = 6.0;
/// Levels of a page tree that are climbed for an inherited value.
const MAX_DEPTH: usize = 32;

/// Where a signature is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visible {
    /// On which page.
    pub page: Page,
    /// Left and bottom of the stamp, in points from the lower left corner of the page; `None` finds a free place,
    /// from the lower right corner on.
    pub at: Option<(u16, u16)>,
}

/// A page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// The last one, where people sign.
    #[default]
    Last,
    /// This one, counted from 1.
    Number(u32),
}

/// A stamp on its page.
pub(super) struct Placed {
    pub(super) page: ObjectId,
    rectangle: Rectangle,
    turned: i64,
    lines: [String; 3],
}

#[derive(Clone, Copy)]
struct Rectangle {
    left: f32,
    bottom: f32,
    right: f32,
    top: f32,
}

impl Rectangle {
    fn of(document: &Document, dictionary: &Dictionary, key: &[u8]) -> Option<Self> {
        let corners: Vec<f32> = inspect::array(document, dictionary, key)?
            .iter()
            .filter_map(|n| document.dereference(n).ok()?.1.as_float().ok())
            .collect();
        let [a, b, c, d] = corners[..] else { return None };
        Some(Self {
            left: a.min(c),
            bottom: b.min(d),
            right: a.max(c),
            top: b.max(d),
        })
    }

    fn at(left: f32, bottom: f32, [width, height]: [f32; 2]) -> Self {
        Self {
            left,
            bottom,
            right: left + width,
            top: bottom + height,
        }
    }

    fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.bottom < other.top
            && other.bottom < self.top
    }

    fn is_within(&self, other: &Self) -> bool {
        self.left >= other.left
            && self.right <= other.right
            && self.bottom >= other.bottom
            && self.top <= other.top
    }
}

/// Finds its place. `name` is the signer's, `time` that of `/M`.
pub(super) fn place(
    document: &Document,
    visible: Visible,
    name: &str,
    time: Timestamp,
) -> Result<Placed, DocumentRefusal> {
    let pages = document.get_pages();
    let page = match visible.page {
        Page::Last => pages.values().next_back(),
        Page::Number(number) => pages.get(&number),
    };
    let page = *page.ok_or(DocumentRefusal::NoSuchPage)?;
    let dictionary = document
        .get_dictionary(page)
        .map_err(|_| DocumentRefusal::Damaged)?;
    let sheet = inherited(document, dictionary, b"CropBox")
        .or_else(|| inherited(document, dictionary, b"MediaBox"))
        .and_then(|holder| {
            Rectangle::of(document, holder, b"CropBox")
                .or_else(|| Rectangle::of(document, holder, b"MediaBox"))
        })
        .ok_or(DocumentRefusal::Damaged)?;
    let turned = inherited(document, dictionary, b"Rotate")
        .and_then(|holder| holder.get_deref(b"Rotate", document).ok()?.as_i64().ok())
        .unwrap_or(0)
        .rem_euclid(360);
    let size = match turned {
        90 | 270 => [SIZE[1], SIZE[0]],
        _ => SIZE,
    };
    let taken: Vec<Rectangle> = inspect::array(document, dictionary, b"Annots")
        .into_iter()
        .flatten()
        .filter_map(|annotation| {
            let annotation = inspect::dictionary(document, annotation)?;
            Rectangle::of(document, annotation, b"Rect").filter(|r| r.left < r.right && r.bottom < r.top)
        })
        .collect();
    let is_free =
        |place: &Rectangle| place.is_within(&sheet) && !taken.iter().any(|other| other.meets(place));
    let rectangle = match visible.at {
        Some((left, bottom)) => {
            let place = Rectangle::at(
                sheet.left + f32::from(left),
                sheet.bottom + f32::from(bottom),
                size,
            );
            Some(place).filter(is_free)
        }
        None => places(&sheet, size).find(is_free),
    };
    Ok(Placed {
        page,
        rectangle: rectangle.ok_or(DocumentRefusal::NoRoomForStamp)?,
        turned,
        lines: lines(name, time),
    })
}

/// From the lower right corner to the left, then row by row upwards.
fn places(sheet: &Rectangle, size: [f32; 2]) -> impl Iterator<Item = Rectangle> {
    let [width, height] = size;
    let steps = |from: f32, to: f32, step: f32| {
        std::iter::successors(Some(from), move |at| Some(at + step)).take_while(move |at| *at <= to)
    };
    let (left, right) = (sheet.left, sheet.right - MARGIN);
    let rows = steps(sheet.bottom + FOOT, sheet.top - MARGIN - height, height + GAP);
    rows.flat_map(move |bottom| {
        steps(0.0, right - left - MARGIN - width, width + GAP)
            .map(move |from_right| Rectangle::at(right - from_right - width, bottom, size))
    })
}

/// The page, or the nearest node above it, that has this key.
fn inherited<'a>(document: &'a Document, page: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
    let mut node = page;
    for _ in 0..MAX_DEPTH {
        if node.has(key) {
            return Some(node);
        }
        node = inspect::dictionary(document, node.get(b"Parent").ok()?)?;
    }
    None
}

/// The time is that of Italian clocks, where this PC knows it.
fn lines(name: &str, time: Timestamp) -> [String; 3] {
    let when = match TimeZone::get("Europe/Rome") {
        Ok(zone) => time
            .to_zoned(zone)
            .strftime("il %d/%m/%Y alle %H:%M:%S (ora italiana)")
            .to_string(),
        Err(_) => time.strftime("il %d/%m/%Y alle %H:%M:%S UTC").to_string(),
    };
    ["Firmato digitalmente da".to_owned(), name.trim().to_owned(), when]
}

impl Placed {
    /// `/Rect` of the widget.
    pub(super) fn rectangle(&self) -> Vec<Object> {
        let Rectangle {
            left,
            bottom,
            right,
            top,
        } = self.rectangle;
        [left, bottom, right, top].map(Object::Real).to_vec()
    }

    /// Adds the appearance, and gives its number.
    pub(super) fn draw(&self, document: &mut Document) -> Result<ObjectId, DocumentRefusal> {
        let face = FontRef::try_from_slice(FONT).map_err(|_| DocumentRefusal::Damaged)?;
        let mut text = Text::new(face);
        let [width, height] = SIZE;
        let space = width - 2.0 * INSET;
        let [first, name, when] = &self.lines;
        let (name, size) = text.fitting(name, space);
        let mut content = format!(
            "q 0.5 w /C0 CS 0.4 SCN 0.25 0.25 {} {} re S Q /C0 cs 0 scn BT",
            width - 0.5,
            height - 0.5
        );
        for (line, size, up) in [(first, SMALL, 34.5), (&name, size, 20.5), (when, SMALL, 8.0)] {
            let glyphs = text.glyphs(line);
            content += &format!(" /F0 {size} Tf 1 0 0 1 {INSET} {up} Tm <{glyphs}> Tj");
        }
        content += " ET";
        let font = text.embed(document).ok_or(DocumentRefusal::Damaged)?;
        // Upright for who reads, however the page is turned.
        let matrix = match self.turned {
            90 => [0, 1, -1, 0, 0, 0],
            180 => [-1, 0, 0, -1, 0, 0],
            270 => [0, -1, 1, 0, 0, 0],
            _ => [1, 0, 0, 1, 0, 0],
        };
        let form = dictionary! {
            "Type" => "XObject",
            "Subtype" => "Form",
            "BBox" => vec![0.into(), 0.into(), Object::Real(width), Object::Real(height)],
            "Matrix" => matrix.map(Object::from).to_vec(),
            "Resources" => dictionary! {
                "Font" => dictionary! { "F0" => font },
                "ColorSpace" => dictionary! { "C0" => gray() },
            },
        };
        Ok(document.add_object(Stream::new(form, content.into_bytes()).with_compression(false)))
    }
}

/// A grey that means the same on every device: PDF/A takes no other where the file names no output intent
/// (ISO 19005-2, 6.2.4.3).
fn gray() -> Object {
    let white = [0.9505, 1.0, 1.089].map(Object::Real).to_vec();
    let parameters = dictionary! { "WhitePoint" => white, "Gamma" => Object::Real(2.2) };
    Object::Array(vec![
        Object::Name(b"CalGray".to_vec()),
        Object::Dictionary(parameters),
    ])
}

/// The glyphs in use, numbered anew for the subset.
struct Text {
    face: FontRef<'static>,
    remapper: GlyphRemapper,
    /// By their new number: width in thousandths, and character.
    used: BTreeMap<u16, (f32, char)>,
}

impl Text {
    fn new(face: FontRef<'static>) -> Self {
        Self {
            face,
            remapper: GlyphRemapper::new(),
            used: BTreeMap::new(),
        }
    }

    /// A character that the face lacks is a question mark: the certificate says it exactly.
    fn glyph(&self, c: char) -> (u16, char) {
        let c = if c.is_whitespace() { ' ' } else { c };
        match self.face.glyph_id(c).0 {
            0 => (self.face.glyph_id('?').0, '?'),
            glyph => (glyph, c),
        }
    }

    fn width(&self, glyph: u16) -> f32 {
        let em = self.face.units_per_em().unwrap_or(1000.0);
        self.face.h_advance_unscaled(ab_glyph::GlyphId(glyph)) * 1000.0 / em
    }

    fn line_width(&self, line: &str, size: f32) -> f32 {
        line.chars().map(|c| self.width(self.glyph(c).0)).sum::<f32>() * size / 1000.0
    }

    /// The name and the size at which it fits; cut only when it fits at none.
    fn fitting(&self, name: &str, space: f32) -> (String, f32) {
        let mut size = NAME;
        while size > SMALLEST && self.line_width(name, size) > space {
            size -= 0.5;
        }
        let mut name = name.to_owned();
        while self.line_width(&name, size) > space && name.pop().is_some() {}
        (name, size)
    }

    fn glyphs(&mut self, line: &str) -> String {
        let mut hexadecimal = String::new();
        for c in line.chars() {
            let (glyph, c) = self.glyph(c);
            let number = self.remapper.remap(glyph);
            self.used.insert(number, (self.width(glyph), c));
            hexadecimal += &format!("{number:04X}");
        }
        hexadecimal
    }

    /// A composite font by glyph numbers (ISO 32000-1, 9.7), with what it means as text beside it.
    fn embed(&self, document: &mut Document) -> Option<ObjectId> {
        let program = subsetter::subset(FONT, 0, &self.remapper).ok()?;
        let length = i64::try_from(program.len()).ok()?;
        let mut program = Stream::new(dictionary! { "Length1" => length }, program);
        program.compress().ok()?;
        let program = document.add_object(program);
        let em = self.face.units_per_em()?;
        let thousandths = |units: f32| Object::Integer((units * 1000.0 / em).round() as i64);
        let (ascent, descent) = (self.face.ascent_unscaled(), self.face.descent_unscaled());
        let descriptor = document.add_object(dictionary! {
            "Type" => "FontDescriptor",
            "FontName" => FONT_NAME,
            // Symbolic: its glyphs are known by number alone.
            "Flags" => 4,
            "FontBBox" => vec![thousandths(-em / 2.0), thousandths(descent), thousandths(em * 2.0), thousandths(ascent)],
            "ItalicAngle" => 0,
            "Ascent" => thousandths(ascent),
            "Descent" => thousandths(descent),
            "CapHeight" => thousandths(ascent),
            "StemV" => 80,
            "FontFile2" => program,
        });
        let widths = self
            .used
            .iter()
            .flat_map(|(number, (width, _))| {
                [
                    i64::from(*number).into(),
                    Object::Array(vec![Object::Real(*width)]),
                ]
            })
            .collect::<Vec<_>>();
        let text = |value: &str| Object::String(value.as_bytes().to_vec(), StringFormat::Literal);
        let descendant = document.add_object(dictionary! {
            "Type" => "Font",
            "Subtype" => "CIDFontType2",
            "BaseFont" => FONT_NAME,
            "CIDSystemInfo" => dictionary! {
                "Registry" => text("Adobe"), "Ordering" => text("Identity"), "Supplement" => 0,
            },
            "FontDescriptor" => descriptor,
            "CIDToGIDMap" => "Identity",
            "W" => widths,
        });
        let meaning =
            document.add_object(Stream::new(Dictionary::new(), self.meaning()).with_compression(false));
        Some(document.add_object(dictionary! {
            "Type" => "Font",
            "Subtype" => "Type0",
            "BaseFont" => FONT_NAME,
            "Encoding" => "Identity-H",
            "DescendantFonts" => vec![descendant.into()],
            "ToUnicode" => meaning,
        }))
    }

    /// The `ToUnicode` map (ISO 32000-1, 9.10.3).
    fn meaning(&self) -> Vec<u8> {
        let mut map = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap \
             /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def \
             /CMapName /Adobe-Identity-UCS def /CMapType 2 def \
             1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
            .to_owned();
        let all: Vec<_> = self.used.iter().collect();
        for some in all.chunks(100) {
            map += &format!("{} beginbfchar\n", some.len());
            for (number, (_, c)) in some {
                let mut units = [0; 2];
                let unicode: String = c
                    .encode_utf16(&mut units)
                    .iter()
                    .map(|unit| format!("{unit:04X}"))
                    .collect();
                map += &format!("<{number:04X}> <{unicode}>\n");
            }
            map += "endbfchar\n";
        }
        map += "endcmap CMapName currentdict /CMap defineresource pop end end\n";
        map.into_bytes()
    }
}
