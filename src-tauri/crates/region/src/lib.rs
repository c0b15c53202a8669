//! The client of the regional backend, one file per service.
