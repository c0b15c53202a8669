//! The files that the pages load, compiled into the program.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};

const SCRIPT: &str = "text/javascript; charset=utf-8";
const PICTURE: &str = "image/svg+xml";
const FONT: &str = "font/woff2";

const FILES: [(&str, &str, &[u8]); 14] = [
    (
        "portale.css",
        "text/css; charset=utf-8",
        include_bytes!("pages/portale.css"),
    ),
    ("signalling.js", SCRIPT, include_bytes!("pages/signalling.js")),
    ("call.js", SCRIPT, include_bytes!("pages/call.js")),
    ("link.js", SCRIPT, include_bytes!("pages/link.js")),
    ("devices.js", SCRIPT, include_bytes!("pages/devices.js")),
    ("chat.js", SCRIPT, include_bytes!("pages/chat.js")),
    ("televisita.js", SCRIPT, include_bytes!("pages/televisita.js")),
    ("caregiver.js", SCRIPT, include_bytes!("pages/caregiver.js")),
    ("prova.js", SCRIPT, include_bytes!("pages/prova.js")),
    ("icons.svg", PICTURE, include_bytes!("pages/icons.svg")),
    ("mark.svg", PICTURE, include_bytes!("pages/mark.svg")),
    (
        "titillium-400.woff2",
        FONT,
        include_bytes!("pages/fonts/titillium-web-latin-400-normal.woff2"),
    ),
    (
        "titillium-600.woff2",
        FONT,
        include_bytes!("pages/fonts/titillium-web-latin-600-normal.woff2"),
    ),
    (
        "titillium-700.woff2",
        FONT,
        include_bytes!("pages/fonts/titillium-web-latin-700-normal.woff2"),
    ),
];

pub(super) async fn file(Path(name): Path<String>) -> Response {
    match FILES.into_iter().find(|(file, _, _)| *file == name) {
        Some((_, kind, bytes)) => {
            // A newer program has newer files under the same names.
            (
                [
                    (CONTENT_TYPE, kind),
                    (CACHE_CONTROL, "no-cache"),
                    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
                ],
                bytes,
            )
                .into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
