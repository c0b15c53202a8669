//! The loopback port on which the browser comes back (RFC 8252, section 7.3), and the page that it shows.
//!
//! Any program of this PC and any web page may knock here: only a request with the right `state` ends the wait, and
//! everything else is answered and forgotten. Not in it: what the code is worth.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;

/// Largest head of a request that is read.
const HEAD: usize = 16 * 1024;
/// Time for a knock to say what it wants.
const KNOCK: Duration = Duration::from_secs(10);
/// Knocks served at once; a browser opens a few connections ahead.
const KNOCKS: usize = 32;

/// An open port.
#[derive(Debug)]
pub(super) struct Loopback {
    listener: TcpListener,
    port: u16,
}

/// The browser's return.
pub(super) struct Callback {
    /// The code, or the OAuth error.
    pub(super) outcome: Result<String, String>,
    /// The connection that waits for a page.
    pub(super) browser: Browser,
}

/// A connection that waits for its page.
pub(super) struct Browser(TcpStream);

/// The pages.
#[derive(Clone, Copy)]
pub(super) enum Page {
    Done,
    Refused,
    Failed,
    Elsewhere,
}

impl Loopback {
    pub(super) async fn open() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    pub(super) fn redirect(&self) -> String {
        format!("http://127.0.0.1:{}/callback", self.port)
    }

    /// Waits until the browser returns with the right state.
    pub(super) async fn callback(&self, state: &str, issuer: &str) -> Callback {
        let mut knocks = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if knocks.len() < KNOCKS => {
                    if let Ok((stream, _)) = accepted {
                        knocks.spawn(async move { tokio::time::timeout(KNOCK, target(stream)).await.ok().flatten() });
                    }
                }
                Some(knock) = knocks.join_next() => {
                    let Ok(Some((stream, target))) = knock else { continue };
                    let browser = Browser(stream);
                    match outcome(&target, state, issuer) {
                        Some(outcome) => return Callback { outcome, browser },
                        None => browser.answer(Page::Elsewhere).await,
                    }
                }
            }
        }
    }
}

/// Reads the target of a GET.
async fn target(mut stream: TcpStream) -> Option<(TcpStream, String)> {
    let mut head = Vec::new();
    let mut chunk = [0u8; 2048];
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        let n = stream.read(&mut chunk).await.ok()?;
        if n == 0 || head.len() + n > HEAD {
            return None;
        }
        head.extend_from_slice(&chunk[..n]);
    }
    let line = std::str::from_utf8(head.split(|b| *b == b'\r').next()?).ok()?;
    let mut words = line.split(' ');
    (words.next()? == "GET").then_some(())?;
    let target = words.next()?.to_owned();
    Some((stream, target))
}

/// The code or error in a target; `None` when it is not the answer to this login.
fn outcome(target: &str, state: &str, issuer: &str) -> Option<Result<String, String>> {
    let url = Url::parse("http://127.0.0.1").ok()?.join(target).ok()?;
    if url.path() != "/callback" {
        return None;
    }
    let get = |name: &str| {
        let mut values = url
            .query_pairs()
            .filter(|(n, _)| n == name)
            .map(|(_, v)| v.into_owned());
        let first = values.next();
        // A parameter that comes twice is nobody's honest answer.
        if values.next().is_some() { None } else { first }
    };
    if get("state")? != state || get("iss").is_some_and(|i| i != issuer) {
        return None;
    }
    match (get("error"), get("code")) {
        (Some(error), _) => Some(Err(error
            .chars()
            .filter(|c| c.is_ascii_graphic())
            .take(64)
            .collect())),
        (None, Some(code)) => Some(Ok(code)),
        (None, None) => None,
    }
}

impl Browser {
    /// Sends the page and closes.
    pub(super) async fn answer(mut self, page: Page) {
        let (status, title, sentence) = match page {
            Page::Done => (
                "200 OK",
                "Accesso riuscito",
                "Può chiudere questa pagina e tornare a Postazione.",
            ),
            Page::Refused => (
                "200 OK",
                "Accesso non concluso",
                "L'accesso è stato annullato o rifiutato. Torni a Postazione per riprovare.",
            ),
            Page::Failed => (
                "200 OK",
                "Accesso non riuscito",
                "La verifica non è riuscita. Torni a Postazione: lì trova che cosa fare.",
            ),
            Page::Elsewhere => (
                "404 Not Found",
                "Pagina non trovata",
                "Questa pagina serve solo all'accesso di Postazione.",
            ),
        };
        let body = format!(
            "<!DOCTYPE html><html lang=\"it\"><head><meta charset=\"utf-8\"><title>{title} - Postazione</title>\
             <meta name=\"viewport\" content=\"width=device-width\"><style>\
             body{{margin:0;font:18px/1.5 'Titillium Web',system-ui,sans-serif;color:#17324d;background:#f0f3f7}}\
             header{{background:#0b2d52;color:#fff;padding:12px 24px;font-weight:600}}\
             main{{max-width:560px;margin:48px auto;background:#fff;padding:32px;border-radius:4px;\
             border-left:4px solid #06c}}h1{{font-size:28px;margin:0 0 8px}}p{{margin:0}}</style></head>\
             <body><header>Postazione</header><main><h1>{title}</h1><p>{sentence}</p></main></body></html>"
        );
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n\
             Connection: close\r\n\r\n",
            body.len()
        );
        let send = async {
            self.0.write_all(head.as_bytes()).await?;
            self.0.write_all(body.as_bytes()).await?;
            self.0.shutdown().await
        };
        // The login does not depend on whether the browser still listens.
        let _ = tokio::time::timeout(Duration::from_secs(2), send).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://region.example/oidc";

    #[test]
    fn only_the_right_state_ends_the_wait() {
        let outcome = |target: &str| outcome(target, "s1", ISSUER);
        assert_eq!(outcome("/callback?state=s1&code=c"), Some(Ok("c".into())));
        assert_eq!(
            outcome("/callback?state=s1&error=access_denied"),
            Some(Err("access_denied".into()))
        );
        for foreign in [
            "/callback?state=other&code=c",
            "/callback?code=c",
            "/callback?state=s1",
            "/callback?state=s1&state=s1&code=c",
            "/callback?state=s1&code=c&iss=https://evil.example",
            "/favicon.ico",
            "//evil.example/callback?state=s1&code=c#",
            "",
        ] {
            let taken = outcome(foreign);
            // A foreign authority changes nothing: only path and query count.
            let harmless = foreign.starts_with("//") && taken == Some(Ok("c".into()));
            assert!(taken.is_none() || harmless, "{foreign} was taken for the answer");
        }
        assert!(outcome(&format!("/callback?state=s1&code=c&iss={ISSUER}")).is_some());
    }
}
