//! A writer of well-formed XML that remembers which field of the form wrote which element.
//!
//! Not in it: what is written (`header`, `body`). It cannot write a document that does not close, and every
//! text passes through [`escape`].

use std::collections::HashMap;

use crate::{FieldId, PathMap};

/// The writer. Elements are opened with a closure, so they always close.
pub(super) struct Xml {
    out: String,
    depth: usize,
    path: String,
    /// How many children of a name each open element has had, the outermost first.
    counts: Vec<HashMap<String, usize>>,
    field: FieldId,
    entries: Vec<(String, FieldId)>,
}

/// Attributes of an element, in the order in which they are written.
pub(super) type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Xml {
    pub(super) fn new() -> Self {
        Self {
            out: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"),
            depth: 0,
            path: String::new(),
            counts: vec![HashMap::new()],
            field: FieldId::Document,
            entries: Vec::new(),
        }
    }

    /// The document and its map.
    pub(super) fn finish(self) -> (String, PathMap) {
        (
            self.out,
            PathMap {
                entries: self.entries,
            },
        )
    }

    /// What is written inside belongs to a field, unless a closer call says otherwise.
    pub(super) fn field(&mut self, field: FieldId, inside: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.field, field);
        inside(self);
        self.field = outer;
    }

    /// An element with children.
    pub(super) fn element(&mut self, name: &str, attributes: Attributes<'_>, inside: impl FnOnce(&mut Self)) {
        let before = self.enter(name);
        self.start(name, attributes);
        self.out.push_str(">\n");
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.indent();
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push_str(">\n");
        self.leave(before);
    }

    /// An element that holds a text.
    pub(super) fn text(&mut self, name: &str, attributes: Attributes<'_>, text: &str) {
        let before = self.enter(name);
        self.start(name, attributes);
        self.out.push('>');
        escape(text, &mut self.out);
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push_str(">\n");
        self.leave(before);
    }

    /// An element without content.
    pub(super) fn empty(&mut self, name: &str, attributes: Attributes<'_>) {
        let before = self.enter(name);
        self.start(name, attributes);
        self.out.push_str("/>\n");
        self.leave(before);
    }

    fn enter(&mut self, name: &str) -> usize {
        let before = self.path.len();
        let position = match self.counts.last_mut() {
            Some(children) => {
                let count = children.entry(name.to_owned()).or_insert(0);
                *count += 1;
                *count
            }
            None => 1,
        };
        // Positions count unprefixed names: the two sdtc elements of a document are never repeated.
        let local = name.rsplit(':').next().unwrap_or(name);
        self.path.push_str(&format!("/{local}[{position}]"));
        self.entries.push((self.path.clone(), self.field));
        self.counts.push(HashMap::new());
        before
    }

    fn leave(&mut self, before: usize) {
        self.path.truncate(before);
        self.counts.pop();
    }

    fn start(&mut self, name: &str, attributes: Attributes<'_>) {
        self.indent();
        self.out.push('<');
        self.out.push_str(name);
        for (key, value) in attributes {
            self.out.push(' ');
            self.out.push_str(key);
            self.out.push_str("=\"");
            escape(value, &mut self.out);
            self.out.push('"');
        }
    }

    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.out.push_str("  ");
        }
    }
}

/// Escapes for text and attributes. Texts arrive cleaned (`crate::text`); what XML forbids is dropped here
/// once more, so that identifiers from elsewhere cannot break the document either.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{0}'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}' => out.push(' '),
            c => out.push(c),
        }
    }
}
