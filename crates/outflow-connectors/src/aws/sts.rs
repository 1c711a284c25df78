//! AssumeRole: the body of a signed POST to the security token service, and what its answer means.

use aws_credential_types::Credentials;
use chrono::{DateTime, TimeDelta, Utc};
use outflow_connector_kit::{Fault, FaultClass};

use super::credentials::Role;
use super::encode::push_encoded;
use super::xml::{self, RoleAssumed};

/// How long the temporary key pair is asked for, in seconds: what a role allows unless its maximum was changed, and the
/// most when the base credentials are themselves those of a role.
const DURATION_SECS: u32 = 3600;

/// A key pair is renewed this long before it expires, so that no request in flight outlives it.
const RENEW_BEFORE: TimeDelta = TimeDelta::minutes(5);

/// A role's temporary key pair.
pub(crate) struct Assumed {
    pub credentials: Credentials,
    expires_at: DateTime<Utc>,
}

impl Assumed {
    pub(crate) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now + RENEW_BEFORE < self.expires_at
    }
}

/// The content type of [`form`].
pub(crate) const FORM_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// The request's body.
pub(crate) fn form(role: &Role) -> String {
    let duration = DURATION_SECS.to_string();
    let fields = [
        ("Action", Some("AssumeRole")),
        ("Version", Some("2011-06-15")),
        ("RoleArn", Some(role.arn.as_str())),
        ("RoleSessionName", Some(role.session_name.as_str())),
        ("DurationSeconds", Some(duration.as_str())),
        ("ExternalId", role.external_id.as_deref()),
    ];
    let mut form = String::new();
    for (name, value) in fields.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        if !form.is_empty() {
            form.push('&');
        }
        form.push_str(name);
        form.push('=');
        push_encoded(&mut form, value, false);
    }
    form
}

/// Reads the answer.
pub(crate) fn read(body: &[u8]) -> Result<Assumed, Fault> {
    let answer: RoleAssumed = xml::parse("AssumeRole", "a token service", body)?;
    let got = answer.assume_role_result.credentials;
    let expires_at = DateTime::parse_from_rfc3339(&got.expiration)
        .map_err(|e| Fault::new(FaultClass::Config, "the token service's expiry is not a time").because(e))?
        .with_timezone(&Utc);
    let credentials =
        Credentials::new(got.access_key_id, got.secret_access_key, Some(got.session_token), None, "assumed role");
    Ok(Assumed { credentials, expires_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_holds_the_external_id_only_where_there_is_one() {
        let mut role = Role {
            arn: "arn:aws:iam::1:role/x".into(),
            external_id: Some("a b+c".into()),
            session_name: "outflow-1".into(),
        };
        assert!(form(&role).ends_with("&DurationSeconds=3600&ExternalId=a%20b%2Bc"));
        assert!(form(&role).contains("RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx&"));
        role.external_id = None;
        assert!(!form(&role).contains("ExternalId"));
    }

    #[test]
    fn credentials_are_renewed_five_minutes_before_they_expire() {
        let body = b"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>a</AccessKeyId>\
            <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
            <Expiration>2026-01-01T12:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
        let assumed = read(body).unwrap();
        assert_eq!(assumed.credentials.session_token(), Some("t"));
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().into();
        assert!(assumed.is_fresh(at("2026-01-01T11:54:59Z")));
        assert!(!assumed.is_fresh(at("2026-01-01T11:55:00Z")));
    }
}
