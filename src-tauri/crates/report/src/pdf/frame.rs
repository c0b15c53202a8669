//! The frame around the clinical words: head, patient, prescription, signature, running head and foot.

use clinical::{Patient, Sensitive, Sex};
use jiff::Timestamp;

use super::{
    canvas::{DANGER, GROUND, HEIGHT, INK, LINE, NAVY, PALE, PRIMARY, Style, style},
    flow::{Cell, Flow, LEFT, RIGHT, WORDS},
    fonts::Face,
    page::{Draft, MISSING, Sheet, VALUE},
};
use crate::{VisitRecord, text::clean, time, wording};

const CODE: Style = style(Face::Mono, 9.2, INK);
/// Room that the block of the signature takes at most, with a long name of structure.
pub(super) const SIGNATURE_HEIGHT: f32 = 155.0;
const PREVIEW_NOTE: &str = "Anteprima di un referto non ancora firmato: non ha valore di documento.";
const SIGNATURE_NOTE: &str = "Documento informatico firmato digitalmente (art. 24 del d.lgs. 82/2005, regolamento UE 910/2014). La firma è nel file e si controlla con un programma di verifica; sulla stampa non si vede. I dati strutturati del referto sono nell'allegato cda.xml.";

impl Sheet<'_> {
    pub(super) fn head(&mut self, now: Timestamp, draft: &Draft<'_>) {
        let structure = &self.visit.assignment.structure;
        let (left_width, right_width) = (268.0, 215.0);
        self.flow
            .canvas
            .rect(0, 0.0, 0.0, super::canvas::WIDTH, 7.0, NAVY);
        let titles = [
            (Some(&structure.name), style(Face::Bold, 15.5, NAVY), 18.0, 3),
            (structure.unit.as_ref(), style(Face::SemiBold, 10.5, INK), 13.5, 2),
            (
                structure.trust_name.as_ref(),
                style(Face::Regular, 9.2, PALE),
                13.5,
                2,
            ),
        ];
        let mut y = 34.0;
        for (words, words_style, leading, most) in titles {
            let words = words.map(|w| clean(w)).unwrap_or_default();
            for line in self.flow.first_lines(&words, words_style, left_width, most) {
                y += leading;
                self.flow.canvas.text(0, LEFT, y - 3.5, words_style, &line);
            }
        }
        let canvas = &mut self.flow.canvas;
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
        let (under, under_style) = match draft {
            Draft::Final { document, version: 1 } => (clean(document), style(Face::Mono, 7.4, PALE)),
            Draft::Final { document, version } => (
                format!("{} (versione {version})", clean(document)),
                style(Face::Mono, 7.4, PALE),
            ),
            Draft::Preview => (
                "Anteprima, non firmata".to_owned(),
                style(Face::SemiBold, 9.2, DANGER),
            ),
        };
        let mut under_y = 66.0;
        for line in self.flow.first_lines(&under, under_style, right_width, 3) {
            under_y += 9.5;
            self.flow.canvas.text_right(0, RIGHT, under_y, under_style, &line);
        }
        self.flow.y = y.max(under_y + 2.5) + 7.0;
        self.flow
            .canvas
            .rect(0, LEFT, self.flow.y, RIGHT - LEFT, 1.6, NAVY);
        self.flow.y += 13.0;
    }

    pub(super) fn patient(&mut self) {
        let patient = &self.visit.patient;
        let day = time::italian(self.visit.start).map(|z| z.date());
        let age = day.map(|d| wording::age(patient.age_on(d))).unwrap_or_default();
        let birth_place =
            wording::birth_place(patient).map_or_else(|| "non indicato".into(), |(_, city)| city);
        let (top, page, inside) = (self.flow.y, self.flow.page, LEFT + 14.0);
        let name = style(Face::Bold, 14.0, INK);
        let name_lines =
            self.flow
                .first_lines(&clean(&patient.name.display()), name, RIGHT - inside - 14.0, 3);
        let cells = [
            Cell::new(
                born(patient),
                time::date(*patient.birth_date.expose()),
                82.0,
                VALUE,
            ),
            Cell::new("Età", age, 62.0, VALUE),
            Cell::new("Sesso", wording::sex(patient.sex), 62.0, VALUE),
            Cell::new("Codice fiscale", patient.fiscal_code.as_str(), 132.0, CODE),
            Cell::new("Luogo di nascita", birth_place, 128.0, VALUE),
        ];
        let residence_style = style(Face::Regular, 9.6, INK);
        let label_width = 46.0;
        let residence = residence(patient)
            .map(|words| {
                self.flow
                    .first_lines(&words, residence_style, RIGHT - inside - label_width - 14.0, 2)
            })
            .unwrap_or_default();
        // Measured first, because the ground lies under the words.
        let (_, cells_height) = self.flow.measure(&cells);
        let height = 18.0 + 17.0 * name_lines.len() as f32 + cells_height + 13.0 * residence.len() as f32;
        let canvas = &mut self.flow.canvas;
        canvas.rect(page, LEFT, top, RIGHT - LEFT, height, GROUND);
        canvas.rect(page, LEFT, top, 3.0, height, PRIMARY);
        let mut y = top + 6.0;
        for line in &name_lines {
            y += 17.0;
            canvas.text(page, inside, y - 3.0, name, line);
        }
        y += 5.0 + self.flow.cells(inside, y + 5.0, &cells);
        let canvas = &mut self.flow.canvas;
        if !residence.is_empty() {
            canvas.text(
                page,
                inside,
                y + 9.5,
                style(Face::Regular, 7.8, PALE),
                "Residenza",
            );
        }
        for line in &residence {
            canvas.text(page, inside + label_width, y + 9.5, residence_style, line);
            y += 13.0;
        }
        self.flow.y = top + height;
    }

    pub(super) fn prescription(&mut self) {
        let (prescription, service) = (&self.visit.prescription, &self.visit.service);
        let (label, number, number_style) = match (&prescription.nre, &prescription.paper_number) {
            (Some(nre), _) => ("NRE", nre.as_str().to_owned(), CODE),
            (None, Some(paper)) => ("Ricetta cartacea", clean(paper.expose()), CODE),
            (None, None) => ("NRE", wording::TO_COMPLETE.to_owned(), MISSING),
        };
        let date = prescription
            .date
            .map_or_else(|| "non indicata".to_owned(), time::date);
        let prescriber = prescription.prescriber.as_ref();
        let prescriber = prescriber.map_or_else(|| "non indicato".to_owned(), |p| clean(&p.name.display()));
        let service = format!("{} ({})", clean(&service.description), clean(&service.code));
        let cells = [
            Cell::new("Prestazione", service, 184.0, VALUE),
            Cell::new(label, number, 114.0, number_style),
            Cell::new("Prescritta il", date, 72.0, VALUE),
            Cell::new("Medico prescrittore", prescriber, 110.0, VALUE),
        ];
        self.flow.y += 11.0;
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
        let role_lines = self.flow.first_lines(
            &format!("{role}, {}", clean(&assignment.structure.name)),
            style(Face::Regular, 9.6, INK),
            width,
            3,
        );
        let name = style(Face::Bold, 12.0, INK);
        let name_lines = self
            .flow
            .first_lines(&clean(&author.name.display()), name, width, 2);
        let height = 26.5
            + 15.5 * name_lines.len() as f32
            + 12.4 * role_lines.len() as f32
            + 10.6 * note_lines.len() as f32;
        self.flow.close();
        self.flow.y += 16.0;
        self.flow.need(height);
        if self.flow.bare {
            self.flow.y += 8.0;
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
        for line in &name_lines {
            y += 15.5;
            canvas.text(page, WORDS, y, name, line);
        }
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

fn residence(patient: &Patient) -> Option<String> {
    let shown =
        |text: &Option<Sensitive<String>>| text.as_ref().map(|t| clean(t.expose())).filter(|t| !t.is_empty());
    match (shown(&patient.address), shown(&patient.city)) {
        (Some(address), Some(city)) if !address.contains(&city) => Some(format!("{address}, {city}")),
        (Some(address), _) => Some(address),
        (None, city) => city,
    }
}

/// Head of the pages after the first, and the foot of all.
pub(super) fn running(flow: &mut Flow, visit: &VisitRecord, now: Timestamp, draft: &Draft<'_>) {
    let pages = flow.canvas.page_count();
    let one_line = |text: &str, style: Style, width: f32| flow.first_lines(text, style, width, 1).join("");
    let patient = one_line(
        &clean(&visit.patient.name.display()),
        style(Face::SemiBold, 9.6, INK),
        160.0,
    );
    let structure = one_line(
        &clean(&visit.assignment.structure.name),
        style(Face::Regular, 8.0, PALE),
        400.0,
    );
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
    let document = one_line(&document, small, RIGHT - LEFT - 80.0);
    let canvas = &mut flow.canvas;
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
            canvas.text(page, LEFT, 53.0, small, &structure);
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
