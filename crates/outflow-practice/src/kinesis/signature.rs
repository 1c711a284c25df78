//! The check of version 4 signatures in the `Authorization` header.

use std::borrow::Cow;

use aws_lc_rs::{digest, hmac};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use http::request::Parts;
use http::{HeaderMap, header};

use super::errors::{KinesisError, KinesisResult};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "kinesis";
/// How far a client's clock may be from ours.
const SKEW_MAX: TimeDelta = TimeDelta::minutes(15);

/// What a request says of its signature.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    pub(crate) access_key_id: &'a str,
    /// The token of a session, when there is one.
    pub(crate) token: Option<&'a str>,
    scope: Scope<'a>,
    signed_headers: &'a str,
    signature: &'a str,
    time: &'a str,
}

#[derive(Debug)]
struct Scope<'a> {
    date: &'a str,
    region: &'a str,
    service: &'a str,
}

impl<'a> Claim<'a> {
    /// Reads what the headers of a request claim.
    pub(crate) fn read(headers: &'a HeaderMap) -> KinesisResult<Claim<'a>> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(given) = text(header::AUTHORIZATION.as_str()) else {
            return Err(KinesisError::new("MissingAuthenticationTokenException", "Missing Authentication Token"));
        };
        let Some(members) = given.strip_prefix(ALGORITHM) else {
            return Err(incomplete("Authorization header requires 'AWS4-HMAC-SHA256' as its algorithm."));
        };
        let member = |name: &str| {
            members
                .split(',')
                .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
                .filter(|v| !v.is_empty())
        };
        let (credential, signed, signature) = (member("Credential"), member("SignedHeaders"), member("Signature"));
        let time = text("x-amz-date");
        if let (Some(credential), Some(signed_headers), Some(signature), Some(time)) =
            (credential, signed, signature, time)
        {
            let parts: Vec<&str> = credential.split('/').collect();
            let [access_key_id, date, region, service, "aws4_request"] = parts[..] else {
                return Err(incomplete(&format!(
                    "Credential must have exactly 5 slash-delimited elements, e.g. \
                     keyid/date/region/service/term, got '{credential}'"
                )));
            };
            let scope = Scope { date, region, service };
            return Ok(Claim {
                access_key_id,
                token: text("x-amz-security-token"),
                scope,
                signed_headers,
                signature,
                time,
            });
        }
        let lacks = [("Credential", credential), ("Signature", signature), ("SignedHeaders", signed)]
            .into_iter()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| format!("Authorization header requires '{name}' parameter. "));
        let undated = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
        let all: String = lacks.chain(time.is_none().then(|| undated.to_owned())).collect();
        Err(incomplete(all.trim_end()))
    }

    /// Checks the claim against the request that it came with.
    pub(crate) fn check(
        &self,
        secret: &str,
        region: &str,
        request: &Parts,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> KinesisResult<()> {
        if self.scope.region != region {
            return Err(invalid(format!(
                "Credential should be scoped to a valid region, not '{}'. ",
                self.scope.region
            )));
        }
        if self.scope.service != SERVICE {
            return Err(invalid(format!("Credential should be scoped to correct service: '{SERVICE}'. ")));
        }
        self.check_time(now)?;
        if !self.signed_headers.split(';').any(|name| name == "host") {
            return Err(invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."));
        }
        let canonical = canonical_request(request, self.signed_headers, body);
        let key = signing_key(secret, &self.scope);
        let said = unhex(self.signature).unwrap_or_default();
        hmac::verify(&key, string_to_sign(self.time, &self.scope, &canonical).as_bytes(), &said).map_err(|_| {
            invalid(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details.",
            )
        })
    }

    fn check_time(&self, now: DateTime<Utc>) -> KinesisResult<()> {
        const FORMAT: &str = "%Y%m%dT%H%M%SZ";
        let time = NaiveDateTime::parse_from_str(self.time, FORMAT).map_err(|_| {
            incomplete("Date must be in ISO-8601 'basic format'. See http://en.wikipedia.org/wiki/ISO_8601")
        })?;
        if self.time.get(..8) != Some(self.scope.date) {
            let (said, time) = (self.scope.date, self.time);
            return Err(invalid(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{said}' != \
                 '{}', from '{time}'.",
                time.get(..8).unwrap_or_default()
            )));
        }
        let (time, here) = (time.and_utc(), now.format(FORMAT));
        let minutes = SKEW_MAX.num_minutes();
        if time < now - SKEW_MAX {
            let limit = (now - SKEW_MAX).format(FORMAT);
            let given = self.time;
            return Err(invalid(format!(
                "Signature expired: {given} is now earlier than {limit} ({here} - {minutes} min.)"
            )));
        }
        if time > now + SKEW_MAX {
            let limit = (now + SKEW_MAX).format(FORMAT);
            let given = self.time;
            return Err(invalid(format!(
                "Signature not yet current: {given} is still later than {limit} ({here} + {minutes} min.)"
            )));
        }
        Ok(())
    }
}

fn invalid(message: impl Into<String>) -> KinesisError {
    KinesisError::new("InvalidSignatureException", message)
}

fn incomplete(message: &str) -> KinesisError {
    KinesisError::new("IncompleteSignatureException", message)
}

fn canonical_request(request: &Parts, signed_headers: &str, body: &[u8]) -> String {
    let mut query: Vec<&str> = request.uri.query().unwrap_or_default().split('&').collect();
    query.sort_unstable();
    let mut text = format!("{}\n{}\n{}\n", request.method, request.uri.path(), query.join("&"));
    for name in signed_headers.split(';') {
        let values: Vec<Cow<'_, str>> =
            request.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        let words: Vec<String> =
            values.iter().map(|value| value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")).collect();
        text.push_str(&format!("{name}:{}\n", words.join(",")));
    }
    text.push_str(&format!("\n{signed_headers}\n{}", hex(digest::digest(&digest::SHA256, body).as_ref())));
    text
}

fn string_to_sign(time: &str, scope: &Scope<'_>, canonical_request: &str) -> String {
    let Scope { date, region, service } = scope;
    let hash = hex(digest::digest(&digest::SHA256, canonical_request.as_bytes()).as_ref());
    format!("{ALGORITHM}\n{time}\n{date}/{region}/{service}/aws4_request\n{hash}")
}

fn signing_key(secret: &str, scope: &Scope<'_>) -> hmac::Key {
    let first = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{secret}").as_bytes());
    [scope.date, scope.region, scope.service, "aws4_request"]
        .into_iter()
        .fold(first, |key, part| hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_is_signed_as_published() {
        // `get-vanilla` of the test suite that AWS published.
        let request = http::Request::get("/")
            .header("host", "example.amazonaws.com")
            .header("x-amz-date", "20150830T123600Z")
            .body(())
            .unwrap();
        let (parts, ()) = request.into_parts();
        let scope = Scope { date: "20150830", region: "us-east-1", service: "service" };
        let canonical = canonical_request(&parts, "host;x-amz-date", b"");
        let key = signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", &scope);
        let signed = hmac::sign(&key, string_to_sign("20150830T123600Z", &scope, &canonical).as_bytes());
        assert_eq!(hex(signed.as_ref()), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
        assert_eq!(unhex(&hex(signed.as_ref())).unwrap(), signed.as_ref());
    }

    #[test]
    fn what_lacks_is_named() {
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            Claim::read(&headers).unwrap_err()
        };
        assert_eq!(Claim::read(&HeaderMap::new()).unwrap_err().code, "MissingAuthenticationTokenException");
        let error = read("AWS4-HMAC-SHA256 Credential=a/20150830/us-east-1/kinesis/aws4_request, Signature=00");
        assert_eq!(error.code, "IncompleteSignatureException");
        assert!(error.message.contains("'SignedHeaders'") && error.message.contains("X-Amz-Date"), "{}", error.message);
        assert!(!error.message.contains("'Credential'"), "{}", error.message);
        assert_eq!(read("Bearer x").code, "IncompleteSignatureException");
    }
}
