//! Lines on pages: sections with their title in a column of its own, pairs of label and words, and a new page
//! where the old one is full.
//!
//! Not in it: what the sections are (`page`), and the running head and foot, which are drawn last because
//! they say how many pages there are.

use super::{
    canvas::{Canvas, HEIGHT, INK, LINE, NAVY, PALE, Style, WIDTH, style},
    fonts::Face,
};
use crate::DrawError;

pub(super) const LEFT: f32 = 51.0;
pub(super) const RIGHT: f32 = WIDTH - 51.0;
/// Where the words of a section begin: titles stand to the left of it.
pub(super) const WORDS: f32 = LEFT + 132.0;
const TOP_OF_NEXT: f32 = 72.0;
const BOTTOM: f32 = HEIGHT - 62.0;
const BODY: Style = style(Face::Regular, 10.3, INK);
const LEADING: f32 = 14.4;
/// Width of the labels in rows of label and words.
const LABELS: f32 = 84.0;

/// The place where the next line goes.
pub(super) struct Flow {
    pub(super) canvas: Canvas,
    pub(super) page: usize,
    pub(super) y: f32,
    /// No rule before the next section: it begins a page or follows a box.
    pub(super) bare: bool,
    /// Where the title of the section ends, when it is longer than the words.
    title_end: f32,
}

impl Flow {
    pub(super) fn new() -> Result<Self, DrawError> {
        Ok(Self {
            canvas: Canvas::new()?,
            page: 0,
            y: 0.0,
            bare: false,
            title_end: 0.0,
        })
    }

    pub(super) fn room(&self) -> f32 {
        BOTTOM - self.y
    }

    /// A new page where less than `height` is left.
    pub(super) fn need(&mut self, height: f32) {
        if self.room() < height {
            self.canvas.add_page();
            self.page += 1;
            self.y = TOP_OF_NEXT;
            self.bare = true;
            self.title_end = 0.0;
        }
    }

    /// Lines of a paragraph in a column.
    pub(super) fn lines(&self, text: &str, style: Style, width: f32) -> Vec<String> {
        self.canvas.fonts().wrap(text, style.face, style.size, width)
    }

    /// The first `most` lines of a text, the last one closed by an ellipsis where words were left out: for the
    /// places that cannot grow. The whole text is in the attached document.
    pub(super) fn first_lines(&self, text: &str, style: Style, width: f32, most: usize) -> Vec<String> {
        let mut lines = self.lines(text, style, width);
        if lines.len() > most {
            lines.truncate(most);
            if let Some(last) = lines.last_mut() {
                while !last.is_empty()
                    && self
                        .canvas
                        .fonts()
                        .width(&format!("{last}…"), style.face, style.size)
                        > width
                {
                    last.pop();
                }
                last.push('…');
            }
        }
        lines
    }

    /// A section: title at the left, paragraphs at the right, the title again after a page break.
    pub(super) fn section(&mut self, title: &str, paragraphs: &[String], words: Style) {
        let all: Vec<Vec<String>> = paragraphs
            .iter()
            .map(|p| self.lines(p, words, RIGHT - WORDS))
            .collect();
        let count: usize = all.iter().map(Vec::len).sum();
        // Two lines stay together: a title never stands alone at the foot of a page.
        self.open(title, LEADING * count.min(2) as f32 + 16.0);
        let mut page = self.page;
        for (i, paragraph) in all.iter().enumerate() {
            if i > 0 {
                self.y += 4.0;
            }
            for line in paragraph {
                self.need(LEADING);
                if self.page != page {
                    page = self.page;
                    self.bare = false;
                    self.y += 3.0;
                    self.title(&format!("{title} (segue)"));
                }
                self.y += LEADING;
                self.canvas.text(self.page, WORDS, self.y - 3.6, words, line);
            }
        }
    }

    /// Body text of a section.
    pub(super) fn text(&mut self, title: &str, paragraphs: &[String]) {
        self.section(title, paragraphs, BODY);
    }

    /// Begins a section: a thin rule, then its title; `height` is what must fit below the rule.
    pub(super) fn open(&mut self, title: &str, height: f32) {
        self.y = self.y.max(self.title_end);
        self.need(height + 16.0);
        self.y += 3.0;
        if !self.bare {
            self.y += 6.0;
            self.canvas.rect(self.page, LEFT, self.y, RIGHT - LEFT, 0.6, LINE);
            self.y += 7.0;
        }
        self.bare = false;
        self.title(title);
    }

    fn title(&mut self, title: &str) {
        let style = style(Face::SemiBold, 10.0, NAVY);
        let mut y = self.y + LEADING - 3.6;
        for line in self.lines(title, style, WORDS - LEFT - 14.0) {
            self.canvas.text(self.page, LEFT, y, style, &line);
            y += 12.6;
        }
        self.title_end = y - 12.6 + 3.6;
    }

    /// Ends a run of sections: what follows stands below the last title too.
    pub(super) fn close(&mut self) {
        self.y = self.y.max(self.title_end);
        self.title_end = 0.0;
    }

    /// A new page where rows and `more` below them do not fit together, if a page can hold them at all.
    pub(super) fn need_together(&mut self, rows: &[(String, String, bool)], more: f32) {
        let lines: usize = rows
            .iter()
            .map(|(_, words, _)| self.lines(words, BODY, RIGHT - WORDS - LABELS).len().max(1))
            .sum();
        let height = 32.0 + lines as f32 * LEADING + rows.len() as f32 * 1.2 + more;
        self.close();
        if height < BOTTOM - TOP_OF_NEXT {
            self.need(height);
        }
    }

    /// Rows of label and words in the column of words.
    pub(super) fn rows(&mut self, title: &str, rows: &[(String, String, bool)]) {
        self.open(title, LEADING * 2.0);
        for (label, words, missing) in rows {
            let words_style = if *missing { super::page::MISSING } else { BODY };
            let lines = self.lines(words, words_style, RIGHT - WORDS - LABELS);
            // A short row stays whole; a long note may run on to the next page.
            self.need(LEADING * lines.len().clamp(1, 4) as f32);
            let label_style = style(Face::Regular, 9.2, PALE);
            self.canvas
                .text(self.page, WORDS, self.y + LEADING - 3.6, label_style, label);
            for line in &lines {
                self.need(LEADING);
                self.y += LEADING;
                self.canvas
                    .text(self.page, WORDS + LABELS, self.y - 3.6, words_style, line);
            }
            if lines.is_empty() {
                self.y += LEADING;
            }
            self.y += 1.2;
        }
    }

    /// The lines of each cell of a grid, three at most, and the height that they take.
    pub(super) fn measure(&self, cells: &[Cell<'_>]) -> (Vec<Vec<String>>, f32) {
        let lines: Vec<Vec<String>> = cells
            .iter()
            .map(|c| self.first_lines(&c.words, c.style, c.width - 10.0, 3))
            .collect();
        let most = lines.iter().map(Vec::len).max().unwrap_or(0);
        (lines, 11.0 + 12.4 * most as f32)
    }

    /// A grid of label over words, each cell at a share of the width; gives the height it took.
    pub(super) fn cells(&mut self, x: f32, y: f32, cells: &[Cell<'_>]) -> f32 {
        let (lines, height) = self.measure(cells);
        let mut left = x;
        for (cell, lines) in cells.iter().zip(lines) {
            self.canvas.text(
                self.page,
                left,
                y + 8.0,
                style(Face::Regular, 7.8, PALE),
                cell.label,
            );
            for (n, line) in lines.iter().enumerate() {
                self.canvas
                    .text(self.page, left, y + 20.4 + 12.4 * n as f32, cell.style, line);
            }
            left += cell.width;
        }
        height
    }
}

/// A cell of a grid.
pub(super) struct Cell<'a> {
    pub(super) label: &'a str,
    pub(super) words: String,
    pub(super) width: f32,
    pub(super) style: Style,
}

impl<'a> Cell<'a> {
    pub(super) fn new(label: &'a str, words: impl Into<String>, width: f32, style: Style) -> Self {
        Self {
            label,
            words: words.into(),
            width,
            style,
        }
    }
}
