//! What stands where on the printed report.
//!
//! The final document and the preview of a draft are drawn by the same code: a draft says in words what is
//! missing and is marked as not signed. Darkening choices are not printed (see `cda`).

use clinical::Sensitive;
use jiff::Timestamp;

use super::{
    canvas::{DANGER, INK, LINE, NAVY, PALE, PRIMARY, Style, TINT, style},
    flow::{Flow, LEFT, RIGHT, WORDS},
    fonts::Face,
};
use crate::{
    DrawError, Outcome, ReportForm, VisitRecord,
    picture::{Picture, Pixels},
    text::{clean, is_blank, paragraphs},
    time, wording,
};

pub(super) const MISSING: Style = style(Face::Italic, 10.3, DANGER);
/// Characters of the next control that the box of the outcome holds.
const LONGEST_IN_BOX: usize = 240;
pub(super) const VALUE: Style = style(Face::SemiBold, 9.6, INK);

/// What is drawn: a document with its number, or a draft.
pub(crate) enum Draft<'a> {
    Final { document: &'a str, version: u32 },
    Preview,
}

/// Draws the pages.
pub(crate) fn draw(
    form: &ReportForm,
    visit: &VisitRecord,
    picture: Option<&Picture>,
    now: Timestamp,
    draft: &Draft<'_>,
) -> Result<Vec<u8>, DrawError> {
    let mut sheet = Sheet {
        flow: Flow::new()?,
        form,
        visit,
        preview: matches!(draft, Draft::Preview),
    };
    sheet.head(now, draft);
    sheet.patient();
    sheet.prescription();
    sheet.clinical(picture)?;
    sheet.outcome();
    sheet.plan();
    sheet.opinions();
    sheet.held();
    sheet.signature();
    let mut flow = sheet.flow;
    super::frame::running(&mut flow, visit, now, draft);
    flow.canvas.save()
}

/// The document as it is being laid out.
pub(super) struct Sheet<'a> {
    pub(super) flow: Flow,
    form: &'a ReportForm,
    pub(super) visit: &'a VisitRecord,
    pub(super) preview: bool,
}

impl Sheet<'_> {
    fn clinical(&mut self, picture: Option<&Picture>) -> Result<(), DrawError> {
        let form = self.form;
        self.required("Quesito", &form.question);
        self.optional("Anamnesi", &form.history);
        self.optional("Allergie", &form.allergies);
        let therapy: Vec<String> = form
            .current_therapy
            .iter()
            .flat_map(|l| paragraphs(l.expose()))
            .collect();
        if !therapy.is_empty() {
            self.flow.text("Terapia in atto", &therapy);
        }
        self.required("Esame e rilievi", &form.findings);
        self.optional("Valori riferiti", &form.measurements_note);
        if let Some(picture) = picture
            && let Some(pixels) = picture.for_page().map_err(|_| DrawError::Picture)?
        {
            self.picture(pixels, &picture.caption(form.image_caption.expose()));
        }
        if !is_blank(form.diagnosis.expose()) {
            let mut lines = paragraphs(form.diagnosis.expose());
            if let Some(code) = &form.diagnosis_code {
                let (code, words) = (clean(code.code.expose()), clean(code.description.expose()));
                lines.push(format!("ICD-9-CM {code} {words}"));
            }
            self.flow.text("Diagnosi", &lines);
        }
        self.required("Conclusioni", &form.conclusions);
        Ok(())
    }

    /// The acquired picture, at most 205 points high, never cut by the end of a page.
    fn picture(&mut self, pixels: Pixels, caption: &str) {
        let (wide, high) = (pixels.width as f32, pixels.height as f32);
        let scale = ((RIGHT - WORDS) / wide).min(205.0 / high);
        let (width, height) = (wide * scale, high * scale);
        let words = style(Face::Italic, 9.2, PALE);
        let lines = self.flow.lines(caption, words, RIGHT - WORDS);
        self.flow
            .open("Immagine", height + 12.0 + 12.0 * lines.len().min(6) as f32);
        let (page, top) = (self.flow.page, self.flow.y + 3.0);
        self.flow
            .canvas
            .rect(page, WORDS - 0.7, top - 0.7, width + 1.4, height + 1.4, LINE);
        self.flow.canvas.picture(page, WORDS, top, width, height, pixels);
        self.flow.y = top + height + 3.0;
        for line in &lines {
            self.flow.need(12.0);
            self.flow.y += 12.0;
            self.flow
                .canvas
                .text(self.flow.page, WORDS, self.flow.y - 1.5, words, line);
        }
        self.flow.y += 2.0;
    }

    /// The outcome in a box of its own: what the reader looks for first.
    fn outcome(&mut self) {
        let form = self.form;
        if form.outcome.is_none() && !self.preview {
            return;
        }
        let big = style(Face::Bold, 13.0, INK);
        let (words, words_style) = match form.outcome {
            Some(outcome) => (wording::outcome(outcome), big),
            None => (wording::TO_COMPLETE, style(Face::Italic, 13.0, DANGER)),
        };
        let mut rows: Vec<(&str, String, Style)> = Vec::new();
        match (form.priority, form.outcome) {
            (Some(priority), _) => {
                rows.push(("Classe di priorità", wording::priority(priority).into(), VALUE))
            }
            (None, Some(Outcome::FurtherTests)) => {
                rows.push(("Classe di priorità", wording::TO_COMPLETE.into(), MISSING));
            }
            _ => {}
        }
        let control = clean(form.next_control.expose());
        // A date or a phrase belongs in the box; a long instruction is a section of its own.
        let short = control.chars().count() <= LONGEST_IN_BOX;
        if short && !control.is_empty() {
            rows.push(("Prossimo controllo", control, VALUE));
        }
        let labels = 96.0;
        let wrapped: Vec<_> = rows
            .into_iter()
            .map(|(label, words, s)| {
                (
                    label,
                    self.flow.lines(&words, s, RIGHT - WORDS - labels - 12.0),
                    s,
                )
            })
            .collect();
        let count: usize = wrapped.iter().map(|(_, lines, _)| lines.len().max(1)).sum();
        let height = 31.0 + 14.0 * count as f32;
        self.flow.close();
        self.flow.y += 12.0;
        self.flow.need(height);
        let (page, top) = (self.flow.page, self.flow.y);
        let canvas = &mut self.flow.canvas;
        canvas.rect(page, LEFT, top, RIGHT - LEFT, height, TINT);
        canvas.rect(page, LEFT, top, 3.0, height, PRIMARY);
        canvas.text(
            page,
            LEFT + 14.0,
            top + 20.0,
            style(Face::SemiBold, 10.0, NAVY),
            "Esito",
        );
        canvas.text(page, WORDS, top + 20.5, words_style, words);
        let mut y = top + 23.0;
        for (label, lines, words_style) in &wrapped {
            canvas.text(page, WORDS, y + 13.0, style(Face::Regular, 9.2, PALE), label);
            for line in lines {
                y += 14.0;
                canvas.text(page, WORDS + labels, y - 1.0, *words_style, line);
            }
        }
        self.flow.y = top + height + 7.0;
        self.flow.bare = true;
    }

    fn plan(&mut self) {
        let form = self.form;
        if clean(form.next_control.expose()).chars().count() > LONGEST_IN_BOX {
            self.optional("Prossimo controllo", &form.next_control);
        }
        self.optional("Accertamenti richiesti", &form.further_tests);
        self.optional("Terapia", &form.therapy);
        self.optional("Suggerimenti per il medico prescrittore", &form.suggestions);
    }

    fn opinions(&mut self) {
        let mut lines = Vec::new();
        for opinion in &self.form.teleconsult_opinions {
            let at = opinion
                .at
                .map(|at| format!(", {}", time::day(at)))
                .unwrap_or_default();
            lines.push(format!(
                "{}{at}: {}",
                clean(opinion.by.expose()),
                clean(opinion.text.expose())
            ));
            if opinion.unresolved {
                lines.push(format!(
                    "Disaccordo non risolto: {}",
                    clean(opinion.disagreement.expose())
                ));
            }
        }
        if !lines.is_empty() {
            self.flow.text("Pareri di teleconsulto", &lines);
        }
    }

    /// How the visit was held.
    fn held(&mut self) {
        let mut rows: Vec<(String, String, bool)> = wording::visit_rows(self.visit, true)
            .into_iter()
            .map(|(label, words)| (label.to_owned(), capital(&words), false))
            .collect();
        for label in ["Identità", "Consenso", "Collegamento"] {
            if self.preview && !rows.iter().any(|(there, ..)| there == label) {
                rows.push((label.to_owned(), wording::TO_COMPLETE.to_owned(), true));
            }
        }
        let judged = self.form.link_suitability.map(wording::suitability);
        if judged.is_some() || self.preview {
            rows.push((
                "Adeguatezza".into(),
                judged.map_or_else(|| wording::TO_COMPLETE.to_owned(), capital),
                judged.is_none(),
            ));
        }
        if !is_blank(self.form.link_note.expose()) {
            rows.push(("Nota".into(), clean(self.form.link_note.expose()), false));
        }
        if self.visit.image.is_none() {
            rows.push(("Immagini".into(), "Nessuna immagine acquisita".into(), false));
        }
        // A signature alone on a page would sign nothing: these rows stay with it.
        self.flow.need_together(&rows, super::frame::SIGNATURE_HEIGHT);
        self.flow.rows("Modalità e qualità", &rows);
    }

    fn required(&mut self, title: &str, text: &Sensitive<String>) {
        if !is_blank(text.expose()) {
            self.flow.text(title, &paragraphs(text.expose()));
        } else if self.preview {
            self.flow
                .section(title, &[wording::TO_COMPLETE.to_owned()], MISSING);
        }
    }

    fn optional(&mut self, title: &str, text: &Sensitive<String>) {
        if !is_blank(text.expose()) {
            self.flow.text(title, &paragraphs(text.expose()));
        }
    }
}

fn capital(words: &str) -> String {
    let mut rest = words.chars();
    rest.next()
        .map(|first| first.to_uppercase().chain(rest).collect())
        .unwrap_or_default()
}
