//! The cookie that holds a session's token, which no script of a page can read.

use http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};

use crate::context::ApiSettings;

/// Its name where the server is reached in clear, by this machine's browsers.
pub(crate) const NAME: &str = "outflow-session";

/// Its name everywhere else. Browsers take a name that begins so over TLS alone, and from this very host, so that neither
/// a neighbour of its domain nor somebody on the way can put another one in its place.
const NAME_OVER_TLS: &str = "__Host-outflow-session";

fn name(settings: &ApiSettings) -> &'static str {
    if settings.is_https { NAME_OVER_TLS } else { NAME }
}

/// The token that a request's cookie holds. What other programs of the host put beside it need be no text.
pub(crate) fn read<'a>(settings: &ApiSettings, headers: &'a HeaderMap) -> Option<&'a str> {
    let wanted = name(settings);
    let pairs = headers.get_all(header::COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let mut values = pairs.filter_map(|pair| pair.trim_ascii().strip_prefix(wanted.as_bytes())?.strip_prefix(b"="));
    values.find_map(|value| str::from_utf8(value).ok().filter(|value| !value.is_empty()))
}

/// What has a browser keep a session's token. It ends at the server, and here after the longest time that it can last.
pub(crate) fn set(settings: &ApiSettings, token: &SecretString) -> Option<HeaderValue> {
    cookie(settings, token.expose_secret(), settings.session_max_secs)
}

/// What has a browser forget it.
pub(crate) fn clear(settings: &ApiSettings) -> Option<HeaderValue> {
    cookie(settings, "", 0)
}

fn cookie(settings: &ApiSettings, value: &str, max_age_secs: u64) -> Option<HeaderValue> {
    let secure = if settings.is_https { "; Secure" } else { "" };
    let name = name(settings);
    let text = format!("{name}={value}; Path=/; Max-Age={max_age_secs}; HttpOnly; SameSite=Strict{secure}");
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(is_https: bool) -> ApiSettings {
        ApiSettings { is_https, session_max_secs: 60, ..ApiSettings::default() }
    }

    #[test]
    fn scripts_and_other_sites_do_not_get_it() {
        let set = |is_https| set(&settings(is_https), &SecretString::from("t")).unwrap().to_str().unwrap().to_owned();
        assert_eq!(set(false), "outflow-session=t; Path=/; Max-Age=60; HttpOnly; SameSite=Strict");
        assert_eq!(set(true), "__Host-outflow-session=t; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure");
        let cleared = clear(&settings(true)).unwrap();
        assert_eq!(cleared, "__Host-outflow-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure");
    }

    #[test]
    fn it_is_found_among_others() {
        let mut headers = HeaderMap::new();
        assert_eq!(read(&settings(false), &headers), None);
        headers.append(header::COOKIE, HeaderValue::from_static("a=b; outflow-session=; x"));
        headers.append(header::COOKIE, HeaderValue::from_static("not-outflow-session=no;outflow-session=yes; c=d"));
        assert_eq!(read(&settings(false), &headers), Some("yes"));
        assert_eq!(read(&settings(true), &headers), None, "over TLS it has another name");
        let beside = HeaderValue::from_bytes(b"name=M\xfcller; outflow-session=yes; x=\xff").unwrap();
        let headers = HeaderMap::from_iter([(header::COOKIE, beside)]);
        assert_eq!(read(&settings(false), &headers), Some("yes"));
    }
}
