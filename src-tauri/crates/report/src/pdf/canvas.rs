//! Pages of drawing operations: text in a face, rectangles, a picture. Lengths in points, y from the top.
//!
//! Glyphs are written with the numbers of the whole face and renumbered when the subset is known. Not in it:
//! what stands where (`page`).

use std::collections::BTreeMap;

use printpdf::{
    Codepoint, Color, DictItem, ExternalStream, ExternalXObject, Mm, Op, PdfDocument, PdfFontHandle, PdfPage,
    PdfSaveOptions, Pt, Px, Rect, Rgb, TextItem, TextMatrix, XObject, XObjectId, XObjectTransform,
};

use super::fonts::{Face, Fonts, subset};
use crate::{DrawError, picture::Pixels};

pub(super) const WIDTH: f32 = 595.276;
pub(super) const HEIGHT: f32 = 841.89;

/// A colour of the house, sRGB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ink(pub(super) u8, pub(super) u8, pub(super) u8);

pub(super) const INK: Ink = Ink(0x17, 0x32, 0x4d);
pub(super) const PALE: Ink = Ink(0x3f, 0x56, 0x6b);
pub(super) const NAVY: Ink = Ink(0x0b, 0x2d, 0x52);
pub(super) const PRIMARY: Ink = Ink(0x00, 0x59, 0xb3);
pub(super) const LINE: Ink = Ink(0xc9, 0xd5, 0xe0);
pub(super) const GROUND: Ink = Ink(0xf0, 0xf3, 0xf7);
pub(super) const TINT: Ink = Ink(0xe6, 0xf0, 0xfa);
pub(super) const DANGER: Ink = Ink(0xa8, 0x1e, 0x36);

impl Ink {
    fn colour(self) -> Color {
        let part = |v: u8| f32::from(v) / 255.0;
        Color::Rgb(Rgb {
            r: part(self.0),
            g: part(self.1),
            b: part(self.2),
            icc_profile: None,
        })
    }
}

/// A face at a size in a colour.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) face: Face,
    pub(super) size: f32,
    pub(super) ink: Ink,
}

pub(super) const fn style(face: Face, size: f32, ink: Ink) -> Style {
    Style { face, size, ink }
}

/// The pages as they are drawn.
pub(super) struct Canvas {
    fonts: &'static Fonts,
    pages: Vec<Vec<Op>>,
    picture: Option<Pixels>,
    used: BTreeMap<Face, BTreeMap<u16, char>>,
    /// Whether a character was drawn as [`super::fonts::MISSING`].
    pub(super) lacked: bool,
}

const PICTURE: &str = "Immagine";

impl Canvas {
    pub(super) fn new() -> Result<Self, DrawError> {
        let fonts = Fonts::get()?;
        Ok(Self {
            fonts,
            pages: vec![Vec::new()],
            picture: None,
            used: BTreeMap::new(),
            lacked: false,
        })
    }

    pub(super) fn fonts(&self) -> &'static Fonts {
        self.fonts
    }

    pub(super) fn page_count(&self) -> usize {
        self.pages.len()
    }

    pub(super) fn add_page(&mut self) {
        self.pages.push(Vec::new());
    }

    fn draw(&mut self, page: usize, ops: impl IntoIterator<Item = Op>) {
        if let Some(page) = self.pages.get_mut(page) {
            page.extend(ops);
        }
    }

    /// Writes a line with its baseline at `y`, and gives its width.
    pub(super) fn text(&mut self, page: usize, x: f32, y: f32, style: Style, text: &str) -> f32 {
        let mut pen = x;
        for (face, glyphs) in self.fonts.runs(text, style.face) {
            for (glyph, c) in &glyphs {
                self.lacked |= *c == super::fonts::MISSING && !text.contains(*c);
                self.used.entry(face).or_default().entry(*glyph).or_insert(*c);
            }
            let codes = glyphs
                .iter()
                .map(|(g, c)| Codepoint::with_cid(*g, 0.0, c.to_string()))
                .collect();
            let wide = self.fonts.run_width(face, &glyphs, style.size);
            self.draw(
                page,
                [
                    Op::StartTextSection,
                    Op::SetFillColor {
                        col: style.ink.colour(),
                    },
                    Op::SetFont {
                        font: PdfFontHandle::External(face.id()),
                        size: Pt(style.size),
                    },
                    Op::SetTextMatrix {
                        matrix: TextMatrix::Translate(Pt(pen), Pt(HEIGHT - y)),
                    },
                    Op::ShowText {
                        items: vec![TextItem::GlyphIds(codes)],
                    },
                    Op::EndTextSection,
                ],
            );
            pen += wide;
        }
        pen - x
    }

    /// Writes a line that ends at `right`.
    pub(super) fn text_right(&mut self, page: usize, right: f32, y: f32, style: Style, text: &str) {
        let wide = self.fonts.width(text, style.face, style.size);
        self.text(page, right - wide, y, style, text);
    }

    /// Fills a rectangle whose upper left corner is at `x`, `y`.
    pub(super) fn rect(&mut self, page: usize, x: f32, y: f32, width: f32, height: f32, ink: Ink) {
        let rectangle = Rect {
            x: Pt(x),
            y: Pt(HEIGHT - y - height),
            width: Pt(width),
            height: Pt(height),
            mode: Some(printpdf::PaintMode::Fill),
            winding_order: None,
        };
        self.draw(
            page,
            [
                Op::SetFillColor { col: ink.colour() },
                Op::DrawRectangle { rectangle },
            ],
        );
    }

    /// Draws the picture of the document into a rectangle.
    pub(super) fn picture(&mut self, page: usize, x: f32, y: f32, width: f32, height: f32, pixels: Pixels) {
        self.picture = Some(pixels);
        let transform = XObjectTransform {
            translate_x: Some(Pt(x)),
            translate_y: Some(Pt(HEIGHT - y - height)),
            scale_x: Some(width),
            scale_y: Some(height),
            // The matrix above is the whole placement: printpdf must not scale by pixels as well.
            no_auto_scale: true,
            ..XObjectTransform::default()
        };
        self.draw(
            page,
            [Op::UseXobject {
                id: XObjectId(PICTURE.into()),
                transform,
            }],
        );
    }

    /// The file as printpdf writes it.
    pub(super) fn save(self) -> Result<Vec<u8>, DrawError> {
        let subsets = subset(&self.used)?;
        let mut document = PdfDocument::new(crate::wording::TITLE);
        for (face, subset) in &subsets {
            document
                .resources
                .fonts
                .map
                .insert(face.id(), subset.font.clone());
        }
        if let Some(pixels) = self.picture {
            document
                .resources
                .xobjects
                .map
                .insert(XObjectId(PICTURE.into()), image(pixels));
        }
        let faces: BTreeMap<String, Face> = subsets.keys().map(|f| (f.id().0, *f)).collect();
        for mut ops in self.pages {
            let mut numbers = None;
            for op in &mut ops {
                match op {
                    Op::SetFont {
                        font: PdfFontHandle::External(id),
                        ..
                    } => {
                        numbers = faces.get(&id.0).and_then(|f| subsets.get(f)).map(|s| &s.numbers);
                    }
                    Op::ShowText { items } => {
                        for item in items {
                            let TextItem::GlyphIds(codes) = item else { continue };
                            for code in codes {
                                let new = numbers.and_then(|n| n.get(&code.gid)).ok_or(DrawError::Font)?;
                                code.gid = *new;
                            }
                        }
                    }
                    _ => {}
                }
            }
            document.pages.push(PdfPage::new(Mm(210.0), Mm(297.0), ops));
        }
        let mut warnings = Vec::new();
        let options = PdfSaveOptions {
            image_optimization: None,
            ..PdfSaveOptions::default()
        };
        Ok(document.save(&options, &mut warnings))
    }
}

fn image(pixels: Pixels) -> XObject {
    let name = |text: &str| DictItem::Name(text.as_bytes().to_vec());
    let mut dict: BTreeMap<String, DictItem> = [
        ("Type", name("XObject")),
        ("Subtype", name("Image")),
        ("Width", DictItem::Int(i64::from(pixels.width))),
        ("Height", DictItem::Int(i64::from(pixels.height))),
        ("BitsPerComponent", DictItem::Int(8)),
        (
            "ColorSpace",
            name(if pixels.grey { "DeviceGray" } else { "DeviceRGB" }),
        ),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    if pixels.jpeg {
        dict.insert("Filter".into(), name("DCTDecode"));
    }
    let stream = ExternalStream {
        dict,
        content: pixels.data,
        compress: !pixels.jpeg,
    };
    XObject::External(ExternalXObject {
        stream,
        width: Some(Px(1)),
        height: Some(Px(1)),
        dpi: Some(72.0),
    })
}
