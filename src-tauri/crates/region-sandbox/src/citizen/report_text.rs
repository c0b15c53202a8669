//! The text of a report, out of the CDA that its PDF carries: a small transform for reading on a phone.
//!
//! It shows the header's facts and the narrative of every section, in their order. The signed PDF remains the
//! document. Not in it: validation (the gateway did that), pictures, coded entries.

use jiff::civil::DateTime;
use roxmltree::Node;

use crate::citizen::chart;
use crate::citizen::shell::escape;
use crate::gateway::Pdf;

const HL7: &str = "urn:hl7-org:v3";

/// Nested lists and tables deeper than this are not written by people.
const DEEPEST: usize = 32;

/// The `cda.xml` of a report's PDF.
pub(super) fn embedded_cda(pdf: &[u8]) -> Option<Vec<u8>> {
    Pdf::read(pdf).ok()?.cda().ok()
}

/// A report as it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ReportText {
    facts: Vec<(&'static str, String)>,
    /// Title and HTML of the narrative.
    sections: Vec<(String, String)>,
}

impl ReportText {
    /// Reads a CDA document. `None` when it is not one.
    pub(super) fn of(cda: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(cda).ok()?;
        // A DOCTYPE is refused by the parser's default, and with it every entity of a stranger's.
        let document = roxmltree::Document::parse(text.trim_start_matches('\u{feff}')).ok()?;
        let root = document.root_element();
        if !root.has_tag_name((HL7, "ClinicalDocument")) {
            return None;
        }
        let mut report = Self::default();
        report.read_facts(root);
        for section in root
            .descendants()
            .filter(|node| node.has_tag_name((HL7, "section")))
        {
            let title = child(section, "title").map(words).unwrap_or_default();
            let narrative = child(section, "text")
                .map(|text| html_of(text, 0))
                .unwrap_or_default();
            if !narrative.trim().is_empty() {
                report.sections.push((title, narrative));
            }
        }
        Some(report)
    }

    fn read_facts(&mut self, root: Node<'_, '_>) {
        let mut add = |label, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                self.facts.push((label, value));
            }
        };
        add(
            "Paziente",
            descend(root, &["recordTarget", "patientRole", "patient", "name"]).map(person),
        );
        add(
            "Medico",
            descend(root, &["author", "assignedAuthor", "assignedPerson", "name"]).map(person),
        );
        add(
            "Struttura",
            descend(
                root,
                &["author", "assignedAuthor", "representedOrganization", "name"],
            )
            .or_else(|| {
                descend(
                    root,
                    &[
                        "custodian",
                        "assignedCustodian",
                        "representedCustodianOrganization",
                        "name",
                    ],
                )
            })
            .map(words),
        );
        add(
            "Data",
            child(root, "effectiveTime")
                .and_then(|time| time.attribute("value"))
                .and_then(moment),
        );
    }

    /// As HTML, escaped.
    pub(super) fn html(&self) -> String {
        let facts: String = self
            .facts
            .iter()
            .map(|(label, value)| format!("<div><dt>{label}</dt><dd>{}</dd></div>", escape(value)))
            .collect();
        let sections: String = self
            .sections
            .iter()
            .map(|(title, text)| {
                let heading = if title.is_empty() {
                    String::new()
                } else {
                    format!("<h2>{}</h2>", escape(title))
                };
                format!("<section>{heading}<div class=\"text\">{text}</div></section>")
            })
            .collect();
        format!("<dl class=\"facts\">{facts}</dl>{sections}")
    }
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name((HL7, name)))
}

fn descend<'a, 'i>(node: Node<'a, 'i>, path: &[&str]) -> Option<Node<'a, 'i>> {
    path.iter().try_fold(node, |node, name| child(node, name))
}

/// All text below a node, with single spaces.
fn words(node: Node<'_, '_>) -> String {
    let text: String = node
        .descendants()
        .filter(Node::is_text)
        .filter_map(|n| n.text())
        .collect::<Vec<_>>()
        .join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn person(name: Node<'_, '_>) -> String {
    let part = |tag: &str| child(name, tag).map(words).unwrap_or_default();
    let full = format!("{} {} {}", part("prefix"), part("given"), part("family"));
    let full = full.split_whitespace().collect::<Vec<_>>().join(" ");
    if full.is_empty() { words(name) } else { full }
}

/// `20261121103000+0100` as "21 novembre 2026, 10:30": the time is already local.
fn moment(value: &str) -> Option<String> {
    let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
    let minutes = digits.get(..12)?;
    let time = DateTime::strptime("%Y%m%d%H%M", minutes).ok()?;
    Some(format!(
        "{} {}, {:02}:{:02}",
        chart::date(time.date()),
        time.year(),
        time.hour(),
        time.minute()
    ))
}

/// The narrative block of CDA R2 as the HTML that means the same.
fn html_of(node: Node<'_, '_>, depth: usize) -> String {
    if depth > DEEPEST {
        return escape(&words(node));
    }
    let mut html = String::new();
    for child in node.children() {
        if child.is_text() {
            let text = child.text().unwrap_or_default();
            let blank = text.trim().is_empty();
            // Loose text of the block itself is a paragraph; within an element it is part of it.
            if depth == 0 && !blank {
                html.push_str(&format!("<p>{}</p>", escape(text.trim())));
            } else if !blank || depth > 0 {
                html.push_str(&escape(text));
            }
            continue;
        }
        let tag = match child.tag_name().name() {
            "paragraph" => "p",
            "content" => "span",
            "list" if child.attribute("listType") == Some("ordered") => "ol",
            "list" => "ul",
            "item" => "li",
            "caption" => "b",
            "table" => "table",
            "thead" => "thead",
            "tbody" => "tbody",
            "tr" => "tr",
            "th" => "th",
            "td" => "td",
            "sub" => "sub",
            "sup" => "sup",
            "br" => {
                html.push_str("<br>");
                continue;
            }
            // Pictures are in the PDF.
            "renderMultiMedia" => continue,
            _ if child.is_element() => "span",
            _ => continue,
        };
        let inside = html_of(child, depth + 1);
        html.push_str(&match tag {
            "table" => format!("<div class=\"scrolls\"><table>{inside}</table></div>"),
            tag => format!("<{tag}>{inside}</{tag}>"),
        });
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    const CDA: &str = r#"<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3">
      <effectiveTime value="20261121103000+0100"/>
      <recordTarget><patientRole><patient><name><family>Marottoli</family><given>Assunta</given></name></patient></patientRole></recordTarget>
      <component><structuredBody><component><section><title>Terapia</title><text>
        <paragraph>Ramipril <content styleCode="Bold">5 mg</content></paragraph>
        <list><item>mattina</item></list><paragraph>&lt;script&gt;</paragraph></text></section></component>
      <component><section><title>Vuota</title><text> </text></section></component></structuredBody></component></ClinicalDocument>"#;

    #[test]
    fn narrative_becomes_html_and_nothing_of_it_runs() {
        let report = ReportText::of(CDA.as_bytes()).expect("a CDA");
        let html = report.html();
        assert!(html.contains("<p>Ramipril <span>5 mg</span></p>"), "{html}");
        assert!(html.contains("<ul><li>mattina</li></ul>"), "{html}");
        assert!(
            html.contains("&lt;script&gt;") && !html.contains("<script>"),
            "{html}"
        );
        assert!(
            html.contains("Assunta Marottoli") && html.contains("21 novembre 2026, 10:30"),
            "{html}"
        );
        assert!(!html.contains("Vuota"), "an empty section is not shown");
    }

    #[test]
    fn what_is_not_a_cda_is_no_report() {
        for bytes in [
            b"".as_slice(),
            b"<html/>",
            b"\xff\xfe",
            b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
        ] {
            assert_eq!(ReportText::of(bytes), None);
        }
        assert_eq!(embedded_cda(b"not a PDF"), None);
    }
}
