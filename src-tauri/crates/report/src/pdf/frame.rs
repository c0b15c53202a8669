//! The frame around the clinical words: head, patient, prescription, signature, running head and foot.

use clinical::{Patient, Sensitive, Sex};
use jiff::Timestamp;

use super::{
    canvas::{Canvas, DANGER, GROUND, HEIGHT, INK, LINE, NAVY, PALE, PRIMARY, Style, style},
    flow::{LEFT, RIGHT, WORDS},
    fonts::Face,
    page::{Draft, MISSING, Sheet, VALUE},
};
use crate::{
    VisitRecord,
    text::{clean, is_blank},
    time, wording,
};

const CODE: Style = style(Face::Mono, 9.2, INK);
/// Room that the block of the signature takes at most, with a long name of structure.
pub(super) const SIGNATURE_HEIGHT: f32 = 140.0;
const PREVIEW_NOTE: &str = "Anteprima di un referto non ancora firmato: non ha valore di documento.";
const SIGNATURE_NOTE: &str = "Documento informatico firmato digitalmente (art. 24 del d.lgs. 82/2005, regolamento UE 910/2014). La firma è nel file e si controlla con un programma di verifica; sulla stampa non si vede. I dati strutturati del referto sono nell'allegato cda.xml.";

impl Sheet<'_> {
    pub(super) fn head(&mut self, now: Timestamp, draft: &Draft<'_>) {
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

    pub(super) fn patient(&mut self) {
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

    pub(super) fn prescription(&mut self) {
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

    pub(super) fn signature(&mut self) {
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
}

fn born(patient: &Patient) -> &'static str {
    match patient.sex {
        Sex::Female => "Nata il",
        Sex::Male => "Nato il",
        Sex::Unknown => "Data di nascita",
    }
}

/// Head of the pages after the first, and the foot of all.
pub(super) fn running(canvas: &mut Canvas, visit: &VisitRecord, now: Timestamp, draft: &Draft<'_>) {
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
