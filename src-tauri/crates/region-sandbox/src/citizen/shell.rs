//! The frame of every page: training notice, header, places, footer, and the headers that keep other origins out.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::Region;
use crate::citizen::chart::Citizen;

const SHELL: &str = include_str!("pages/shell.html");

/// A page before it is framed.
#[derive(Debug, Default)]
pub(super) struct Page<'a> {
    /// Of the window.
    pub(super) title: &'a str,
    /// `data-page`, for the style.
    pub(super) name: &'a str,
    /// Whose page it is.
    pub(super) citizen: Option<&'a Citizen>,
    /// The place that is marked in the navigation.
    pub(super) place: Option<Place>,
    /// More attributes of the body.
    pub(super) data: Vec<(&'a str, &'a str)>,
    /// A module of `pages/`.
    pub(super) script: Option<&'a str>,
    /// HTML, already escaped.
    pub(super) content: String,
}

/// The places of a citizen's navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Appointments,
    Documents,
}

impl Page<'_> {
    pub(super) fn answer(self, region: &Region) -> Response {
        self.answer_with(region, StatusCode::OK)
    }

    pub(super) fn answer_with(self, region: &Region, status: StatusCode) -> Response {
        let attributes: String = self
            .data
            .iter()
            .map(|(name, value)| format!(" data-{name}=\"{}\"", escape(value)))
            .collect();
        let script = self
            .script
            .map(|file| format!("<script type=\"module\" src=\"/portale/risorse/{file}\"></script>"))
            .unwrap_or_default();
        let person = self.citizen.map(person).unwrap_or_default();
        let places = self
            .citizen
            .map(|citizen| places(citizen, self.place))
            .unwrap_or_default();
        let html = fill(
            SHELL,
            &[("title", self.title), ("page", self.name)],
            &[
                ("attributes", &attributes),
                ("scripts", &script),
                ("person", &person),
                ("places", &places),
                ("content", &self.content),
            ],
        );
        let mut response = (status, html).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        // The address of a televisit holds its invitation.
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("camera=(self), microphone=(self), display-capture=(), geolocation=()"),
        );
        if let Ok(policy) = HeaderValue::from_str(&content_policy(&region.base_url)) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

/// Everything from this server, no script or style in the page itself. Older browsers do not count `ws:` as `'self'`.
fn content_policy(base_url: &str) -> String {
    let sockets = base_url.replacen("http", "ws", 1);
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         media-src 'self' blob: mediastream:; connect-src 'self' {sockets}; object-src 'self'; frame-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

fn person(citizen: &Citizen) -> String {
    format!(
        "<div class=\"who\"><span class=\"initials\" aria-hidden=\"true\">{}</span><span><span class=\"name\">{}</span>\
         <a href=\"/portale\">Cambia persona</a></span></div>",
        escape(&citizen.initials()),
        escape(&citizen.listed_name())
    )
}

fn places(citizen: &Citizen, current: Option<Place>) -> String {
    let link = |place: Place, path: String, words: &str| {
        let mark = if current == Some(place) {
            " aria-current=\"page\""
        } else {
            ""
        };
        format!("<li><a href=\"{}\"{mark}>{words}</a></li>", escape(&path))
    };
    format!(
        "<nav class=\"places\" aria-label=\"Sezioni\"><div class=\"wrap\"><ul>{}{}</ul></div></nav>",
        link(Place::Appointments, citizen.home(), "Appuntamenti"),
        link(Place::Documents, citizen.documents(), "Documenti")
    )
}

/// A page that says why there is nothing to show.
pub(super) fn nothing_here(region: &Region, title: &str, text: &str) -> Response {
    let content = format!(
        "<div class=\"wrap page narrow\"><h1>{}</h1><p class=\"lead\">{}</p>\
         <p class=\"actions\"><a class=\"button primary\" href=\"/portale\">Vai all'inizio</a></p></div>",
        escape(title),
        escape(text)
    );
    Page {
        title,
        name: "nothing",
        content,
        ..Page::default()
    }
    .answer_with(region, StatusCode::NOT_FOUND)
}

/// Fills `{{name}}` with escaped text and `{{{name}}}` with HTML.
pub(super) fn fill(template: &str, text: &[(&str, &str)], html: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    // One pass, so that what is filled in is never read as a place to fill.
    while let Some(start) = rest.find("{{") {
        filled.push_str(&rest[..start]);
        let raw = rest[start..].starts_with("{{{");
        let (open, close) = if raw { ("{{{", "}}}") } else { ("{{", "}}") };
        let inside = &rest[start + open.len()..];
        let Some(end) = inside.find(close) else { break };
        let name = &inside[..end];
        if raw {
            filled.push_str(
                html.iter()
                    .find(|(n, _)| *n == name)
                    .map_or("", |(_, value)| value),
            );
        } else {
            filled.push_str(&escape(
                text.iter()
                    .find(|(n, _)| *n == name)
                    .map_or("", |(_, value)| value),
            ));
        }
        rest = &inside[end + close.len()..];
    }
    filled.push_str(rest);
    filled
}

/// Text as HTML, also within quotes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A symbol of `icons.svg`.
pub(super) fn icon(name: &str) -> String {
    format!(
        "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"/portale/risorse/icons.svg#{name}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_neither_markup_nor_a_place_to_fill() {
        let page = fill(
            "<p title=\"{{a}}\">{{{b}}}</p>{{missing}}",
            &[("a", "\"<{{{b}}}>")],
            &[("b", "<i>{{a}}</i>")],
        );
        assert_eq!(page, "<p title=\"&quot;&lt;{{{b}}}&gt;\"><i>{{a}}</i></p>");
    }

    #[test]
    fn no_page_allows_scripts_or_styles_written_into_it() {
        let policy = content_policy("http://127.0.0.1:8180");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(
            policy.contains("connect-src 'self' ws://127.0.0.1:8180;"),
            "{policy}"
        );
        for template in [
            SHELL,
            include_str!("pages/televisita.html"),
            include_str!("pages/prova.html"),
        ] {
            assert!(
                !template.contains("style=") && !template.contains("<style") && !template.contains("onclick")
            );
        }
    }
}
