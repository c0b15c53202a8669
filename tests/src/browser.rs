//! The system browser of a person who logs in: sends the choice on the issuer's page and follows the redirect to loopback.

use url::Url;

/// Logs an invented practitioner in at an authorization address; returns the page shown at the end.
pub async fn sign_in(address: &str, practitioner: &str) -> String {
    let url = Url::parse(address).unwrap();
    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut form: Vec<(String, String)> = url
        .query_pairs()
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    form.push(("practitioner".to_owned(), practitioner.to_owned()));
    let mut at = url.clone();
    at.set_query(None);
    let answer = browser.post(at).form(&form).send().await.unwrap();
    let back = answer
        .headers()
        .get("location")
        .expect("the issuer redirects")
        .to_str()
        .unwrap()
        .to_owned();
    browser.get(back).send().await.unwrap().text().await.unwrap()
}
