//! The printed report: drawn by printpdf, finished by lopdf as PDF/A-3b with the CDA inside.
//!
//! `page` says what stands where, `frame` what surrounds it, `flow` keeps lines on pages, `canvas` turns both into operations, `fonts`
//! measures and cuts the faces, `finish` makes the archive file.

mod canvas;
pub(crate) mod finish;
mod flow;
pub(crate) mod fonts;
mod frame;
mod page;

pub(crate) use page::{Draft, draw};
