//! A rendering of the visit's own record as a PNG, used when no picture was acquired. It says in its first
//! line what it is, and holds no name: time, length, modality, participants by role, link.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

use crate::{
    VisitRecord,
    pdf::fonts::{Face, Fonts},
    text::clean,
    wording,
};

pub(super) const LABEL: &str =
    "Dati della televisita dal registro del sistema; nessuna immagine dell'assistito è stata acquisita";

const WIDTH: usize = 1200;
const MARGIN: f32 = 56.0;
const LABELS: f32 = 240.0;
const BAND: usize = 132;
const LEADING: f32 = 46.0;
const INK: [u8; 3] = [0x17, 0x32, 0x4d];
const PALE: [u8; 3] = [0x3f, 0x56, 0x6b];
const NAVY: [u8; 3] = [0x0b, 0x2d, 0x52];
const WHITE: [u8; 3] = [0xff; 3];

/// Renders the record; none only if a font or the encoder fails.
pub(super) fn render(visit: &VisitRecord) -> Option<Vec<u8>> {
    let fonts = Fonts::get().ok()?;
    let mut rows: Vec<(String, String)> = vec![(
        "Prestazione".into(),
        format!(
            "{} ({})",
            clean(&visit.service.description),
            clean(&visit.service.code)
        ),
    )];
    rows.extend(
        wording::visit_rows(visit, false)
            .into_iter()
            .map(|(label, words)| (label.to_owned(), words)),
    );
    rows.push(("Appuntamento".into(), clean(visit.appointment.as_str())));

    let (plain, bold) = (fonts.face(Face::Regular), fonts.face(Face::SemiBold));
    let space = WIDTH as f32 - 2.0 * MARGIN - LABELS;
    let wrapped: Vec<(String, Vec<String>)> = rows
        .into_iter()
        .map(|(label, words)| (label, fonts.wrap(&words, Face::Regular, 30.0, space)))
        .collect();
    let lines: usize = wrapped.iter().map(|(_, lines)| lines.len().max(1)).sum();
    let height = BAND + 40 + (lines as f32 * LEADING) as usize + 12 * wrapped.len() + 24;

    let mut canvas = Canvas::new(height);
    canvas.fill(0, BAND, NAVY);
    canvas.write(
        bold,
        "Televisita: dati dal registro della visita",
        40.0,
        MARGIN,
        58.0,
        WHITE,
    );
    canvas.write(
        plain,
        "Nessuna immagine dell'assistito è stata acquisita",
        28.0,
        MARGIN,
        102.0,
        WHITE,
    );
    let mut y = BAND as f32 + 64.0;
    for (label, lines) in &wrapped {
        canvas.write(plain, label, 28.0, MARGIN, y, PALE);
        for line in lines {
            canvas.write(bold, line, 30.0, MARGIN + LABELS, y, INK);
            y += LEADING;
        }
        y += 12.0;
    }
    canvas.png()
}

struct Canvas {
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    fn new(height: usize) -> Self {
        Self {
            height,
            pixels: vec![0xff; WIDTH * height * 3],
        }
    }

    fn fill(&mut self, from: usize, to: usize, colour: [u8; 3]) {
        for pixel in self
            .pixels
            .chunks_exact_mut(3)
            .skip(from * WIDTH)
            .take((to - from) * WIDTH)
        {
            pixel.copy_from_slice(&colour);
        }
    }

    /// Writes a line with its baseline at `y`, cut at the right edge.
    fn write(&mut self, font: &FontRef<'static>, text: &str, size: f32, x: f32, y: f32, colour: [u8; 3]) {
        // ab_glyph scales by the height of the face, a page by its em.
        let scale = PxScale::from(size * font.height_unscaled() / font.units_per_em().unwrap_or(1000.0));
        let scaled = font.as_scaled(scale);
        let mut pen = x;
        for c in text.chars() {
            let id = scaled.glyph_id(c);
            if let Some(outline) = scaled.outline_glyph(id.with_scale_and_position(scale, point(pen, y))) {
                let bounds = outline.px_bounds();
                outline.draw(|dx, dy, cover| {
                    // Nine shades of an edge look like all of them and take a third of the room.
                    let cover = (cover.clamp(0.0, 1.0) * 8.0).round() / 8.0;
                    let (px, py) = (
                        bounds.min.x as i64 + i64::from(dx),
                        bounds.min.y as i64 + i64::from(dy),
                    );
                    self.blend(px, py, cover, colour);
                });
            }
            pen += scaled.h_advance(id);
        }
    }

    fn blend(&mut self, x: i64, y: i64, cover: f32, colour: [u8; 3]) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return;
        };
        if x >= WIDTH || y >= self.height {
            return;
        }
        let at = (y * WIDTH + x) * 3;
        for (pixel, ink) in self.pixels.iter_mut().skip(at).take(3).zip(colour) {
            let mixed = f32::from(*pixel) + (f32::from(ink) - f32::from(*pixel)) * cover;
            *pixel = mixed.round() as u8;
        }
    }

    fn png(&self) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(
            &mut out,
            u32::try_from(WIDTH).ok()?,
            u32::try_from(self.height).ok()?,
        );
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder
            .add_text_chunk(
                "Title".into(),
                "Dati della televisita dal registro del sistema".into(),
            )
            .ok()?;
        encoder.write_header().ok()?.write_image_data(&self.pixels).ok()?;
        Some(out)
    }
}
