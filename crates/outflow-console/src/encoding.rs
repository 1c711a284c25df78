//! Which encodings a browser takes.

use http::{HeaderMap, header};

/// How a file is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Not at all.
    Plain,
    /// Brotli.
    Brotli,
    /// Gzip.
    Gzip,
}

impl Encoding {
    /// The compressed ones, the smaller first.
    pub(crate) const COMPRESSED: [Encoding; 2] = [Encoding::Brotli, Encoding::Gzip];

    /// What the name of such a file ends in.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Encoding::Plain => "",
            Encoding::Brotli => ".br",
            Encoding::Gzip => ".gz",
        }
    }

    /// Its name in HTTP; none for what is not encoded.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Encoding::Plain => None,
            Encoding::Brotli => Some("br"),
            Encoding::Gzip => Some("gzip"),
        }
    }

    /// Whether a request with these headers takes it.
    pub(crate) fn is_taken(self, headers: &HeaderMap) -> bool {
        let Some(name) = self.name() else { return true };
        let values = headers.get_all(header::ACCEPT_ENCODING);
        let listed = values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        listed.map(weighed).any(|(coding, weight)| coding.eq_ignore_ascii_case(name) && weight > 0.0)
    }
}

/// A coding of the list with its weight; what cannot be read is not wanted.
fn weighed(coding: &str) -> (&str, f32) {
    let Some((coding, parameters)) = coding.split_once(';') else { return (coding.trim(), 1.0) };
    let weight = parameters.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse().ok());
    (coding.trim(), weight.unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn takes(value: &'static str) -> (bool, bool) {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]);
        (Encoding::Brotli.is_taken(&headers), Encoding::Gzip.is_taken(&headers))
    }

    #[test]
    fn what_a_browser_lists_is_taken_unless_its_weight_is_nothing() {
        assert_eq!(takes("gzip, deflate, br, zstd"), (true, true));
        assert_eq!(takes("GZIP;q=0.5"), (false, true));
        assert_eq!(takes("br;q=0, gzip; q=0.001"), (false, true));
        assert_eq!(takes("br;q=much"), (false, false));
        assert_eq!(takes("identity"), (false, false));
        assert!(!Encoding::Gzip.is_taken(&HeaderMap::new()) && Encoding::Plain.is_taken(&HeaderMap::new()));
    }
}
