//! The report against its referees: the official rules, veraPDF and poppler, and against itself.

mod document;
mod fixture;
mod properties;
mod referees;
mod stored;
