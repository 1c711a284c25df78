//! Fixed times: tests say what time it is.

use chrono::{DateTime, Utc};

/// The time of a test that needs some time, no matter which: 2026-01-02T03:04:05Z.
pub fn fixed_now() -> DateTime<Utc> {
    at("2026-01-02T03:04:05Z")
}

/// A time from its RFC 3339 text.
///
/// # Panics
/// Where the text is no such time.
pub fn at(rfc3339: &str) -> DateTime<Utc> {
    match DateTime::parse_from_rfc3339(rfc3339) {
        Ok(time) => time.with_timezone(&Utc),
        Err(error) => panic!("{rfc3339} is not an RFC 3339 time: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc() {
        assert_eq!(at("2026-01-02T04:04:05+01:00"), fixed_now());
    }
}
