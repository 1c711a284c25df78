//! The hubs of a namespace, where the policy may manage it.

use outflow_connector_kit::{Fault, FaultClass};
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::dial::Dialer;
use super::errors::clean;

/// Hubs that are asked for. A form offers no more.
const HUBS_MAX: usize = 100;

/// A hub's name has no more characters.
const NAME_CHARS_MAX: usize = 256;

/// What of an answer is read, in bytes: a hub's description has some thousand.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Feed {
    entry: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    title: Title,
}

#[derive(Debug, Deserialize)]
struct Title {
    #[serde(rename = "$text", default)]
    text: String,
}

/// The names of the namespace's hubs, the first hundred.
///
/// # Errors
/// `Refused` when the policy lacks the claim Manage; others when the list cannot be had.
pub(super) async fn list(dialer: &Dialer) -> Result<Vec<String>, Fault> {
    let host = &dialer.place.host;
    let failed = |e: reqwest::Error| {
        Fault::new(FaultClass::Unavailable, format!("https://{host} does not answer")).because(e.without_url())
    };
    let http = reqwest::Client::builder()
        .user_agent("outflow")
        .connect_timeout(dialer.connect_timeout())
        .timeout(dialer.connect_timeout() * 2)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(failed)?;
    let url = format!("https://{host}/$Resources/EventHubs?api-version=2014-01&$top={HUBS_MAX}");
    let token = dialer.token_for(&format!("https://{host}/$Resources/EventHubs"));
    let request = http.get(url).header(reqwest::header::AUTHORIZATION, token.expose_secret());
    let mut response = request.send().await.map_err(failed)?;
    match response.status() {
        status if status.is_success() => {}
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            let message = format!("the policy {} lacks the claim Manage", dialer.place.key_name);
            return Err(Fault::new(FaultClass::Refused, message));
        }
        status => {
            return Err(Fault::new(FaultClass::Unavailable, format!("https://{host} answered with status {status}")));
        }
    }
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(failed)? {
        if body.len() + piece.len() > ANSWER_BYTES_MAX {
            return Err(Fault::new(FaultClass::Unavailable, "the list of hubs is too long"));
        }
        body.extend_from_slice(&piece);
    }
    names(&String::from_utf8_lossy(&body))
}

fn names(feed: &str) -> Result<Vec<String>, Fault> {
    let unread =
        |e: quick_xml::DeError| Fault::new(FaultClass::Unavailable, "the list of hubs cannot be read").because(e);
    let feed: Feed = quick_xml::de::from_str(feed.trim_start_matches('\u{feff}')).map_err(unread)?;
    let names = feed.entry.iter().map(|entry| clean(&entry.title.text, NAME_CHARS_MAX));
    Ok(names.filter(|name| !name.is_empty()).take(HUBS_MAX).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_has_the_hubs_as_titles() {
        let feed = "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title type=\"text\">EventHubs</title>\
                    <entry><id>x</id><title type=\"text\">profiles</title><content/></entry>\
                    <entry><title type=\"text\">others</title></entry></feed>";
        assert_eq!(names(feed).unwrap(), ["profiles", "others"]);
        let long = format!("<feed><entry><title>a&#10;b{}</title></entry></feed>", "c".repeat(5000));
        let names_cut = names(&long).unwrap();
        assert!(names_cut[0].starts_with("a bc") && names_cut[0].len() == NAME_CHARS_MAX, "{names_cut:?}");
        assert!(names("<feed/>").unwrap().is_empty());
        assert!(names("not a feed").is_err() || names("not a feed").unwrap().is_empty());
    }
}
