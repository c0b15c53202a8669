//! Invented people, test PKI and test devices; development only.
