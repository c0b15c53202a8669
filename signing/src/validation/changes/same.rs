//! Equality of two graphs of objects, one in each revision.

use std::collections::HashSet;

use super::{Allowed, Forbidden};
use crate::validation::pdf::Pdf;
use crate::validation::pdf::syntax::{Dictionary, Object};

/// Pairs of objects that are compared; more than the objects of any file by far.
const MAX_PAIRS: usize = 20_000_000;

/// A comparison under way: pairs of numbers wait until `finish`, so that no nesting of references is too deep.
pub(super) struct Comparison<'c, 'a> {
    old: &'c Pdf<'a>,
    new: &'c Pdf<'a>,
    /// Numbers that are compared by rules of their own.
    pub(super) exempt: HashSet<u32>,
    seen: HashSet<(u32, u32)>,
    waiting: Vec<(u32, u32)>,
}

impl<'c, 'a> Comparison<'c, 'a> {
    pub(super) fn new(old: &'c Pdf<'a>, new: &'c Pdf<'a>) -> Self {
        Self {
            old,
            new,
            exempt: HashSet::new(),
            seen: HashSet::new(),
            waiting: Vec::new(),
        }
    }

    /// The same number in both must be the same object.
    pub(super) fn numbers(&mut self, number: u32) {
        self.pair(number, number);
    }

    fn pair(&mut self, old: u32, new: u32) {
        if (old != new || !self.exempt.contains(&old)) && self.seen.insert((old, new)) {
            self.waiting.push((old, new));
        }
    }

    /// The values of a key.
    pub(super) fn entry(&mut self, old: &Dictionary, new: &Dictionary, key: &[u8]) -> Allowed {
        let null = Object::Null;
        self.values(old.get(key).unwrap_or(&null), new.get(key).unwrap_or(&null))
    }

    /// Two values; what they refer to waits.
    pub(super) fn values(&mut self, old: &Object, new: &Object) -> Allowed {
        let equal = match (old, new) {
            (Object::Reference(a, before), Object::Reference(b, after)) => {
                self.pair(*a, *b);
                before == after
            }
            (Object::Reference(..), _) => {
                let target = self.old.resolve(old)?;
                return self.values(&target, new);
            }
            (_, Object::Reference(..)) => {
                let target = self.new.resolve(new)?;
                return self.values(old, &target);
            }
            (Object::Null, Object::Null) => true,
            (Object::Boolean(a), Object::Boolean(b)) => a == b,
            (Object::Integer(a), Object::Integer(b)) => a == b,
            (Object::Real(a), Object::Real(b)) => a == b,
            (Object::Name(a), Object::Name(b)) => a == b,
            (Object::Text(a), Object::Text(b)) => a == b,
            (Object::Array(a), Object::Array(b)) => {
                if a.len() != b.len() {
                    return Err(Forbidden);
                }
                for (a, b) in a.iter().zip(b) {
                    self.values(a, b)?;
                }
                true
            }
            (Object::Dictionary(a), Object::Dictionary(b)) => return self.dictionaries(a, b),
            (Object::Stream(a, here), Object::Stream(b, there)) => {
                let (here, there) = (
                    self.old.bytes.get(here.clone()),
                    self.new.bytes.get(there.clone()),
                );
                if here.is_none() || here != there {
                    return Err(Forbidden);
                }
                return self.dictionaries(a, b);
            }
            _ => false,
        };
        if equal { Ok(()) } else { Err(Forbidden) }
    }

    pub(super) fn dictionaries(&mut self, old: &Dictionary, new: &Dictionary) -> Allowed {
        for key in super::keys(old, new) {
            self.entry(old, new, &key)?;
        }
        Ok(())
    }

    /// Compares all that waits.
    pub(super) fn finish(&mut self) -> Allowed {
        while let Some((old, new)) = self.waiting.pop() {
            if self.seen.len() > MAX_PAIRS {
                return Err(Forbidden);
            }
            let (old, new) = (self.old.object(old)?, self.new.object(new)?);
            self.values(&old, &new)?;
        }
        Ok(())
    }
}
