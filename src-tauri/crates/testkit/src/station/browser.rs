//! The system browser of a person who logs in: sends the choice on the issuer's page and follows the redirect to loopback.

use url::Url;

/// Why a login in the browser did not come about.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The address is not one.
    #[error("the login address cannot be read")]
    Address,
    /// The issuer did not answer, or the station did not.
    #[error("nobody answered")]
    NoAnswer(#[from] reqwest::Error),
    /// The issuer's page refuses the choice (nobody of this name, a request that is not right).
    #[error("the issuer refused with status {0}")]
    Refused(u16),
    /// An answer that is not the issuer's: neither a redirect nor a refusal.
    #[error("the issuer answered something else, with status {0}")]
    Garbled(u16),
}

/// Logs an invented practitioner in at an authorization address; returns the page shown at the end.
pub async fn sign_in(address: &str, practitioner: &str) -> Result<String, SignInError> {
    let url = Url::parse(address).map_err(|_| SignInError::Address)?;
    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()?;
    let mut form: Vec<(String, String)> = url
        .query_pairs()
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    form.push(("practitioner".to_owned(), practitioner.to_owned()));
    let mut at = url.clone();
    at.set_query(None);
    let answer = browser.post(at).form(&form).send().await?;
    let status = answer.status().as_u16();
    let back = answer
        .headers()
        .get("location")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    match back {
        Some(back) => Ok(browser.get(back).send().await?.text().await?),
        None if (400..500).contains(&status) => Err(SignInError::Refused(status)),
        None => Err(SignInError::Garbled(status)),
    }
}
