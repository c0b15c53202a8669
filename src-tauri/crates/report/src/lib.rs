//! The report from form to frozen CDA2 and PDF/A-3.
