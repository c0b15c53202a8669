//! The form: which fields may be signed, added or filled after a signature.

use std::collections::HashSet;

use super::super::report::LaterChanges;
use super::{Allowed, Changes, Forbidden, keys};
use crate::validation::pdf::syntax::{Dictionary, Object};

const MAX_FIELDS: usize = 20_000;

/// What signing an empty field changes in it.
const SIGNED: &[&[u8]] = &[b"V", b"AP", b"AS", b"M", b"MK", b"F"];
/// What filling a field changes in it.
const FILLED: &[&[u8]] = &[b"V", b"AP", b"AS", b"I", b"M"];
/// What a new signature field may consist of; no action among it.
const NEW_FIELD: &[&[u8]] = &[
    b"Type",
    b"Subtype",
    b"FT",
    b"T",
    b"TU",
    b"TM",
    b"Ff",
    b"F",
    b"Rect",
    b"P",
    b"V",
    b"AP",
    b"AS",
    b"MK",
    b"DA",
    b"DR",
    b"Q",
    b"BS",
    b"Border",
    b"C",
    b"H",
    b"Lock",
    b"SV",
    b"NM",
    b"M",
    b"Kids",
    b"Parent",
    b"StructParent",
];

impl Changes<'_, '_> {
    pub(super) fn form(&mut self, old: &Dictionary, new: &Dictionary) -> Allowed {
        self.exempt(old, new, b"AcroForm");
        let (old_form, new_form) = (
            self.old.value(old, b"AcroForm")?,
            self.new.value(new, b"AcroForm")?,
        );
        let empty = Dictionary::default();
        let old = old_form.dictionary().unwrap_or(&empty);
        let Some(new) = new_form.dictionary() else {
            // A form may appear, never vanish.
            return self.compared.values(&old_form, &new_form);
        };
        self.exempt(old, new, b"Fields");
        for key in keys(old, new) {
            match key.as_slice() {
                b"Fields" | b"SigFlags" => {}
                // Fonts of visible signatures: they may come where nothing used them before.
                b"DR" | b"DA" if !old.has(&key) && self.only_signatures(old)? => {}
                _ => self.compared.entry(old, new, &key)?,
            }
        }
        self.fields(old, new)
    }

    fn only_signatures(&self, form: &Dictionary) -> Result<bool, Forbidden> {
        let fields = self.old.value(form, b"Fields")?;
        for field in fields.array().unwrap_or_default() {
            let field = self.old.resolve(field)?;
            let kind = match field.dictionary() {
                Some(field) => self.old.value(field, b"FT")?,
                None => return Ok(false),
            };
            if kind.name() != Some(b"Sig") {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn fields(&mut self, old: &Dictionary, new: &Dictionary) -> Allowed {
        let (old, new) = (self.old.value(old, b"Fields")?, self.new.value(new, b"Fields")?);
        let (old, new) = (old.array().unwrap_or_default(), new.array().unwrap_or_default());
        if new.len() < old.len() {
            return Err(Forbidden);
        }
        let (kept, added) = new.split_at(old.len());
        let mut left = Vec::new();
        for (before, after) in old.iter().zip(kept) {
            match (before.reference(), after.reference()) {
                (Some(a), Some(b)) if a == b => left.push((a, false)),
                (None, None) => self.compared.values(before, after)?,
                _ => return Err(Forbidden),
            }
        }
        // All of them are known before any is compared, since they refer to each other.
        let mut known = HashSet::new();
        let mut order = Vec::new();
        while let Some((number, inherited)) = left.pop() {
            if !known.insert(number) || known.len() > MAX_FIELDS {
                return Err(Forbidden);
            }
            self.compared.exempt.insert(number);
            let field = self.old.object(number)?;
            let field = field.dictionary().ok_or(Forbidden)?;
            let kind = self.old.value(field, b"FT")?;
            let signature = match kind.name() {
                Some(kind) => kind == b"Sig",
                None => inherited,
            };
            order.push((number, signature));
            let kids = self.old.value(field, b"Kids")?;
            for kid in kids.array().unwrap_or_default() {
                left.push((kid.reference().ok_or(Forbidden)?, signature));
            }
        }
        for (number, signature) in order {
            self.field(number, signature)?;
        }
        for field in added {
            self.new_field(field.reference().ok_or(Forbidden)?)?;
        }
        Ok(())
    }

    fn field(&mut self, number: u32, signature: bool) -> Allowed {
        let (old, new) = (self.old.object(number)?, self.new.object(number)?);
        let (Some(old), Some(new)) = (old.dictionary(), new.dictionary()) else {
            return Err(Forbidden);
        };
        let untouched = self.untouched(number);
        let signed_now = !untouched && signature && !old.has(b"V") && new.has(b"V");
        let may_change: &[&[u8]] = if signed_now {
            self.signing(new)?;
            SIGNED
        } else if !untouched && !signature && self.fill {
            FILLED
        } else {
            &[]
        };
        for key in keys(old, new) {
            // `/F` is a widget's flags, and the name of a file: flags alone may change.
            let name = key == b"F" && new.get(&key).is_some_and(|f| f.integer().is_none());
            if name || !may_change.contains(&key.as_slice()) {
                self.compared.entry(old, new, &key)?;
            } else if !signature {
                self.seen(LaterChanges::FormFilling);
            }
        }
        Ok(())
    }

    /// A signature or a document time-stamp joins.
    fn signing(&mut self, field: &Dictionary) -> Allowed {
        let value = self.new.value(field, b"V")?;
        let value = value.dictionary().ok_or(Forbidden)?;
        let kind = self.new.value(value, b"SubFilter")?;
        if kind.name() == Some(b"ETSI.RFC3161") {
            self.seen(LaterChanges::Archival);
            return Ok(());
        }
        if self.certification == Some(1) {
            return Err(Forbidden);
        }
        self.seen(LaterChanges::Signatures);
        Ok(())
    }

    fn new_field(&mut self, number: u32) -> Allowed {
        let field = self.new.object(number)?;
        let field = field.dictionary().ok_or(Forbidden)?;
        let kind = self.new.value(field, b"FT")?;
        if kind.name() != Some(b"Sig") || field.entries.iter().any(|e| !NEW_FIELD.contains(&&*e.key)) {
            return Err(Forbidden);
        }
        let signed = field.has(b"V");
        if signed {
            self.signing(field)?;
        } else if self.certification == Some(1) {
            return Err(Forbidden);
        } else {
            self.seen(LaterChanges::Signatures);
        }
        let kids = self.new.value(field, b"Kids")?;
        let widgets = match kids.array() {
            None => vec![number],
            Some(kids) => kids.iter().filter_map(Object::reference).collect(),
        };
        for number in widgets {
            let widget = self.new.object(number)?;
            let widget = widget.dictionary().ok_or(Forbidden)?;
            if widget.entries.iter().any(|e| !NEW_FIELD.contains(&&*e.key)) {
                return Err(Forbidden);
            }
            // A stamp without a signature, or one on a certified page, could cover what was signed.
            if self.visible(widget)? && (!signed || self.certification.is_some()) {
                return Err(Forbidden);
            }
            self.widgets.insert(number);
        }
        Ok(())
    }

    fn visible(&self, widget: &Dictionary) -> Result<bool, Forbidden> {
        if !widget.has(b"AP") {
            return Ok(false);
        }
        let rectangle = self.new.value(widget, b"Rect")?;
        let corner = |at: usize| -> Option<f64> {
            match rectangle.array()?.get(at)? {
                Object::Integer(n) => Some(*n as f64),
                Object::Real(text) => std::str::from_utf8(text).ok()?.parse().ok(),
                _ => None,
            }
        };
        match [0, 1, 2, 3].map(corner) {
            [Some(left), Some(bottom), Some(right), Some(top)] => Ok(left != right && bottom != top),
            _ => Ok(true),
        }
    }
}
