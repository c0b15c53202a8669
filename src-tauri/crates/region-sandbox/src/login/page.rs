//! The login page: invented staff, one button each, in the manner of the public sector's pages.
//!
//! No script and nothing from outside: a form posts the choice. Everything variable is escaped.

use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;

use super::authorize::{AuthorizationRequest, Method};
use crate::Shared;

const STYLE: &str = include_str!("page.css");

/// `GET stile.css`.
pub(crate) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// Text made safe for HTML, also inside a quoted attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn frame(title: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!DOCTYPE html>
<html lang=\"it\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>{title} - Regione di prova</title>
<link rel=\"stylesheet\" href=\"/oidc/stile.css\">
</head>
<body>
<p class=\"prova\"><strong>Regione di prova: persone inventate.</strong> Apparecchio per lo sviluppo e la formazione, senza alcun valore legale.</p>
<header><span class=\"ente\">Regione di prova</span><span class=\"servizio\">Accesso ai servizi di telemedicina</span></header>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>"
    ))
}

/// A page that says why nothing can be done.
pub(crate) fn refused(text: &str) -> Html<String> {
    let body = format!(
        "<p class=\"avviso\">{}</p><p>Chiuda questa pagina e riprovi da Postazione con <em>Entra</em>.</p>",
        escaped(text)
    );
    frame("Richiesta non valida", &body)
}

fn hidden(request: &AuthorizationRequest) -> String {
    [
        ("response_type", &request.response_type),
        ("client_id", &request.client_id),
        ("redirect_uri", &request.redirect_uri),
        ("scope", &request.scope),
        ("state", &request.state),
        ("nonce", &request.nonce),
        ("code_challenge", &request.code_challenge),
        ("code_challenge_method", &request.code_challenge_method),
        ("acr_values", &request.acr_values),
    ]
    .iter()
    .map(|(name, value)| {
        format!(
            "<input type=\"hidden\" name=\"{name}\" value=\"{}\">",
            escaped(value)
        )
    })
    .collect()
}

fn methods(request: &AuthorizationRequest) -> String {
    let chosen = Method::of(&request.acr_values);
    let links: String = Method::ALL
        .iter()
        .map(|method| {
            let other = AuthorizationRequest {
                acr_values: method.code().to_owned(),
                ..request.clone()
            };
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            if let Ok(Value::Object(fields)) = serde_json::to_value(&other) {
                query.extend_pairs(
                    fields
                        .iter()
                        .filter_map(|(name, value)| Some((name, value.as_str()?))),
                );
            }
            let current = if *method == chosen {
                " aria-current=\"true\""
            } else {
                ""
            };
            let href = escaped(&query.finish());
            format!(
                "<a class=\"metodo\" href=\"/oidc/authorize?{href}\"{current}>Entra con {}</a>",
                name_of(*method)
            )
        })
        .collect();
    format!("<nav aria-label=\"Modo di accesso\">{links}</nav>")
}

fn name_of(method: Method) -> &'static str {
    match method {
        Method::Cie => "CIE",
        Method::Spid => "SPID",
        Method::Cns => "CNS",
    }
}

fn role_name(code: &str) -> &str {
    match code {
        "specialist" => "Medico specialista",
        "general_practitioner" => "Medico di medicina generale",
        "paediatrician" => "Pediatra di libera scelta",
        "cot_operator" => "Operatore COT",
        other => other,
    }
}

/// The page where a member of the staff is chosen.
pub(crate) fn login(region: &Shared, request: &AuthorizationRequest) -> Html<String> {
    let mut people = region.store.snapshot("Practitioner");
    people.sort_by_key(|p| {
        p.resource["name"][0]["family"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    });
    let roles = region.store.snapshot("PractitionerRole");
    let rows: String = people
        .iter()
        .filter_map(|person| {
            let person = &person.resource;
            let id = person["id"].as_str()?;
            let held: Vec<String> = roles
                .iter()
                .filter(|r| r.resource["practitioner"]["reference"] == format!("Practitioner/{id}"))
                .map(|r| {
                    let code = r.resource["code"][0]["coding"][0]["code"]
                        .as_str()
                        .unwrap_or_default();
                    let place = r.resource["organization"]["display"].as_str().unwrap_or_default();
                    format!("{}, {place}", role_name(code))
                })
                .collect();
            // Those who only appear in documents have no role and cannot log in.
            if held.is_empty() {
                return None;
            }
            let family = person["name"][0]["family"].as_str()?.to_uppercase();
            let given = person["name"][0]["given"][0].as_str()?;
            Some(format!(
                "<li><form method=\"post\" action=\"/oidc/authorize\">{}\
                 <button type=\"submit\" name=\"practitioner\" value=\"{}\">\
                 <span class=\"nome\">{} {}</span><span class=\"ruolo\">{}</span></button></form></li>",
                hidden(request),
                escaped(id),
                escaped(&family),
                escaped(given),
                escaped(&held.join("; "))
            ))
        })
        .collect();
    let method = name_of(Method::of(&request.acr_values));
    let body = format!(
        "{}
<p>Scelga con quale persona inventata entrare. Nella Regione vera qui si apre l'accesso con {method}.</p>
<ul class=\"persone\">{rows}</ul>
<form method=\"post\" action=\"/oidc/authorize\">{}<button class=\"annulla\" type=\"submit\" name=\"annulla\" value=\"1\">Annulla e torna a Postazione</button></form>",
        methods(request),
        hidden(request)
    );
    frame("Chi entra", &body)
}

#[cfg(test)]
mod tests {
    #[test]
    fn markup_in_a_parameter_stays_text() {
        assert_eq!(
            super::escaped("\"><script>'&"),
            "&quot;&gt;&lt;script&gt;&#39;&amp;"
        );
    }
}
