//! What stands where on the printed report.
//!
//! The final document and the preview of a draft are drawn by the same code: a draft says in words what is
//! missing and is marked as not signed. Darkening choices are not printed (see `cda`).

use clinical::{Patient, Sensitive, Sex};
use jiff::Timestamp;

use super::{
    canvas::{Canvas, DANGER, GROUND, HEIGHT, INK, LINE, NAVY, PALE, PRIMARY, Style, TINT, style},
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
const VALUE: Style = style(Face::SemiBold, 9.6, INK);
const CODE: Style = style(Face::Mono, 9.2, INK);
/// Room that the block of the signature takes at most, with a long name of structure.
const SIGNATURE_HEIGHT: f32 = 140.0;
const PREVIEW_NOTE: &str = "Anteprima di un referto non ancora firmato: non ha valore di documento.";
const SIGNATURE_NOTE: &str = "Documento informatico firmato digitalmente (art. 24 del d.lgs. 82/2005, regolamento UE 910/2014). La firma è nel file e si controlla con un programma di verifica; sulla stampa non si vede. I dati strutturati del referto sono nell'allegato cda.xml.";

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
    let mut canvas = sheet.flow.canvas;
    running(&mut canvas, visit, now, draft);
    canvas.save()
}

struct Sheet<'a> {
    flow: Flow,
    form: &'a ReportForm,
    visit: &'a VisitRecord,
    preview: bool,
}

impl Sheet<'_> {
    fn head(&mut self, now: Timestamp, draft: &Draft<'_>) {
        let structure = &self.visit.assignment.structure;
        let canvas = &mut self.flow.canvas;
        canvas.rect(0, 0.0, 0.0, super::canvas::WIDTH, 7.0, NAVY);
        let right_column = 200.0;
        let title = style(Face::Bold, 15.5, NAVY);
        let mut y = 34.0;
        for line in canvas.fonts().wrap(
            &clean(&structure.name),
            title.face,
            title.size,
            RIGHT - LEFT - right_column,
        ) {
            y += 18.0;
            canvas.text(0, LEFT, y - 4.0, title, &line);
        }
        let mut under = |canvas: &mut Canvas, words: &Option<String>, words_style: Style| {
            if let Some(words) = words.as_deref().filter(|w| !is_blank(w)) {
                y += 13.5;
                canvas.text(0, LEFT, y - 3.0, words_style, &clean(words));
            }
        };
        under(canvas, &structure.unit, style(Face::SemiBold, 10.5, INK));
        under(canvas, &structure.trust_name, style(Face::Regular, 9.2, PALE));

        canvas.text_right(
            0,
            RIGHT,
            48.0,
            style(Face::SemiBold, 15.5, PRIMARY),
            wording::TITLE,
        );
        canvas.text_right(
            0,
            RIGHT,
            62.5,
            style(Face::Regular, 10.0, INK),
            &format!("del {}", time::day(now)),
        );
        match draft {
            Draft::Final { document, version } => {
                let number = match version {
                    1 => clean(document),
                    n => format!("{} (versione {n})", clean(document)),
                };
                canvas.text_right(0, RIGHT, 75.5, style(Face::Mono, 7.4, PALE), &number);
            }
            Draft::Preview => {
                canvas.text_right(
                    0,
                    RIGHT,
                    75.5,
                    style(Face::SemiBold, 9.2, DANGER),
                    "Anteprima, non firmata",
                );
            }
        }
        self.flow.y = y.max(78.0) + 7.0;
        self.flow
            .canvas
            .rect(0, LEFT, self.flow.y, RIGHT - LEFT, 1.6, NAVY);
        self.flow.y += 13.0;
    }

    fn patient(&mut self) {
        let patient = &self.visit.patient;
        let day = time::italian(self.visit.start).map(|z| z.date());
        let age = day.map(|d| wording::age(patient.age_on(d))).unwrap_or_default();
        let shown = |text: &Option<Sensitive<String>>| {
            text.as_ref().map(|t| clean(t.expose())).filter(|t| !t.is_empty())
        };
        let top = self.flow.y;
        let inside = LEFT + 14.0;
        let name = style(Face::Bold, 14.0, INK);
        let name_lines = self
            .flow
            .lines(&clean(&patient.name.display()), name, RIGHT - inside - 14.0);
        let first = [
            (
                born(patient),
                time::date(*patient.birth_date.expose()),
                82.0,
                VALUE,
            ),
            ("Età", age, 62.0, VALUE),
            ("Sesso", wording::sex(patient.sex).to_owned(), 62.0, VALUE),
            (
                "Codice fiscale",
                patient.fiscal_code.as_str().to_owned(),
                132.0,
                CODE,
            ),
            (
                "Luogo di nascita",
                wording::birth_place(patient).map_or_else(|| "non indicato".into(), |(_, city)| city),
                128.0,
                VALUE,
            ),
        ];
        let residence = match (shown(&patient.address), shown(&patient.city)) {
            (Some(address), Some(city)) if !address.contains(&city) => Some(format!("{address}, {city}")),
            (Some(address), _) => Some(address),
            (None, city) => city,
        };
        // Measured first, because the ground lies under the words.
        let height =
            18.0 + 17.0 * name_lines.len() as f32 + 27.0 + if residence.is_some() { 15.0 } else { 0.0 };
        let page = self.flow.page;
        self.flow
            .canvas
            .rect(page, LEFT, top, RIGHT - LEFT, height, GROUND);
        self.flow.canvas.rect(page, LEFT, top, 3.0, height, PRIMARY);
        let mut y = top + 6.0;
        for line in &name_lines {
            y += 17.0;
            self.flow.canvas.text(page, inside, y - 3.0, name, line);
        }
        self.flow.cells(inside, y + 3.0, &first);
        y += 30.0;
        if let Some(residence) = residence {
            let label = self.flow.canvas.text(
                page,
                inside,
                y + 9.0,
                style(Face::Regular, 7.8, PALE),
                "Residenza",
            );
            self.flow.canvas.text(
                page,
                inside + label + 7.0,
                y + 9.0,
                style(Face::Regular, 9.6, INK),
                &residence,
            );
        }
        self.flow.y = top + height;
    }

    fn prescription(&mut self) {
        let (prescription, service) = (&self.visit.prescription, &self.visit.service);
        let number = match (&prescription.nre, &prescription.paper_number) {
            (Some(nre), _) => ("NRE", nre.as_str().to_owned(), CODE),
            (None, Some(paper)) => ("Ricetta cartacea", clean(paper.expose()), CODE),
            (None, None) => ("NRE", wording::TO_COMPLETE.to_owned(), MISSING),
        };
        let date = prescription
            .date
            .map_or_else(|| "non indicata".to_owned(), time::date);
        let prescriber = prescription
            .prescriber
            .as_ref()
            .map_or_else(|| "non indicato".to_owned(), |p| clean(&p.name.display()));
        self.flow.y += 11.0;
        let cells = [
            (
                "Prestazione",
                format!("{} ({})", clean(&service.description), clean(&service.code)),
                184.0,
                VALUE,
            ),
            (number.0, number.1, 114.0, number.2),
            ("Prescritta il", date, 72.0, VALUE),
            ("Medico prescrittore", prescriber, 110.0, VALUE),
        ];
        let height = self.flow.cells(LEFT + 14.0, self.flow.y, &cells);
        self.flow.y += height + 2.0;
    }

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
        if let Some(picture) = picture {
            if let Some(pixels) = picture.for_page().map_err(|_| DrawError::Picture)? {
                self.picture(pixels, &picture.caption(form.image_caption.expose()));
            }
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
            .open("Immagine", height + 12.0 + 12.0 * lines.len() as f32);
        let (page, top) = (self.flow.page, self.flow.y + 3.0);
        self.flow
            .canvas
            .rect(page, WORDS - 0.7, top - 0.7, width + 1.4, height + 1.4, LINE);
        self.flow.canvas.picture(page, WORDS, top, width, height, pixels);
        self.flow.y = top + height + 3.0;
        for line in &lines {
            self.flow.y += 12.0;
            self.flow.canvas.text(page, WORDS, self.flow.y - 1.5, words, line);
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
        if !is_blank(form.next_control.expose()) {
            rows.push(("Prossimo controllo", clean(form.next_control.expose()), VALUE));
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
        self.flow.y = top + height + 1.0;
        self.flow.bare = true;
    }

    fn plan(&mut self) {
        let form = self.form;
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
        self.flow.need_together(&rows, SIGNATURE_HEIGHT);
        self.flow.rows("Modalità e qualità", &rows);
    }

    fn signature(&mut self) {
        let (author, assignment) = (&self.visit.author, &self.visit.assignment);
        let note = style(Face::Regular, 8.2, PALE);
        let width = RIGHT - WORDS - 20.0;
        let words = if self.preview {
            PREVIEW_NOTE
        } else {
            SIGNATURE_NOTE
        };
        let mut note_lines = self.flow.lines(words, note, width);
        if self.flow.canvas.lacked {
            let lacked = format!(
                "Il segno {} sta per un carattere che la stampa non ha; il testo intero è nell'allegato cda.xml.",
                super::fonts::MISSING
            );
            note_lines.extend(self.flow.lines(&lacked, note, width));
        }
        let mut role = wording::role(assignment.role).to_owned();
        if let Some(discipline) = wording::discipline(self.visit) {
            role = format!("{role}, {discipline}");
        }
        let role_lines = self.flow.lines(
            &format!("{role}, {}", clean(&assignment.structure.name)),
            style(Face::Regular, 9.6, INK),
            width,
        );
        let height = 42.0 + 12.4 * role_lines.len() as f32 + 10.6 * note_lines.len() as f32;
        self.flow.close();
        self.flow.y += 16.0;
        self.flow.need(height);
        if self.flow.bare {
            self.flow.y += 12.0;
        }
        let (page, top) = (self.flow.page, self.flow.y);
        let canvas = &mut self.flow.canvas;
        canvas.rect(page, WORDS, top, RIGHT - WORDS, 1.2, NAVY);
        let label = if self.preview {
            "Sarà firmato digitalmente da"
        } else {
            "Firmato digitalmente da"
        };
        let mut y = top + 15.0;
        canvas.text(page, WORDS, y, style(Face::Regular, 8.2, PALE), label);
        y += 15.5;
        canvas.text(
            page,
            WORDS,
            y,
            style(Face::Bold, 12.0, INK),
            &clean(&author.name.display()),
        );
        for line in &role_lines {
            y += 12.4;
            canvas.text(page, WORDS, y, style(Face::Regular, 9.6, INK), line);
        }
        y += 5.0;
        for line in &note_lines {
            y += 10.6;
            canvas.text(page, WORDS, y, note, line);
        }
        self.flow.y = top + height;
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

fn born(patient: &Patient) -> &'static str {
    match patient.sex {
        Sex::Female => "Nata il",
        Sex::Male => "Nato il",
        Sex::Unknown => "Data di nascita",
    }
}

/// Head of the pages after the first, and the foot of all.
fn running(canvas: &mut Canvas, visit: &VisitRecord, now: Timestamp, draft: &Draft<'_>) {
    let pages = canvas.page_count();
    let patient = clean(&visit.patient.name.display());
    let small = style(Face::Regular, 8.0, PALE);
    let who = format!(
        "{} {}",
        born(&visit.patient).to_lowercase(),
        time::date(*visit.patient.birth_date.expose())
    );
    let document = match draft {
        Draft::Final { document, .. } => format!("Documento {}", clean(document)),
        Draft::Preview => "Anteprima, non firmata".to_owned(),
    };
    for page in 0..pages {
        if page > 0 {
            canvas.rect(page, 0.0, 0.0, super::canvas::WIDTH, 7.0, NAVY);
            let name = style(Face::SemiBold, 9.6, INK);
            let wide = canvas.text(page, LEFT, 40.0, name, &patient);
            let wide = wide + canvas.text(page, LEFT + wide + 8.0, 40.0, small, &who) + 8.0;
            let code = visit.patient.fiscal_code.as_str();
            canvas.text(page, LEFT + wide + 8.0, 40.0, style(Face::Mono, 8.0, PALE), code);
            let title = format!("{} del {}", wording::TITLE, time::day(now));
            canvas.text_right(page, RIGHT, 40.0, style(Face::SemiBold, 9.0, PRIMARY), &title);
            canvas.text(page, LEFT, 53.0, small, &clean(&visit.assignment.structure.name));
            canvas.rect(page, LEFT, 61.0, RIGHT - LEFT, 1.0, NAVY);
        }
        let y = HEIGHT - 34.0;
        canvas.rect(page, LEFT, y - 13.0, RIGHT - LEFT, 0.6, LINE);
        canvas.text(page, LEFT, y, small, &document);
        canvas.text_right(
            page,
            RIGHT,
            y,
            style(Face::SemiBold, 8.0, PALE),
            &format!("Pagina {} di {pages}", page + 1),
        );
    }
}
