//! Requests, views and error codes shared with the window.
