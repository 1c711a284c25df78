//! Accounts of streams, from the settings.

use outflow_model::Fault;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::without_nulls;
use crate::settings::Settings;

/// The account for streams of a region.
pub(super) fn kinesis_account(settings: &Settings, region: &str) -> Value {
    let kinesis = &settings.kinesis;
    without_nulls(json!({
        "accessKeyId": kinesis.access_key_id,
        "secretKey": kinesis.secret_access_key.as_ref().map(ExposeSecret::expose_secret),
        "sessionToken": kinesis.session_token.as_ref().map(ExposeSecret::expose_secret),
        "roleArn": kinesis.role_arn,
        "externalId": kinesis.external_id,
        "region": region,
        "endpointUrl": kinesis.endpoint,
    }))
}

/// The account for hubs of a namespace.
///
/// # Errors
/// `Input` for a connection string that is none.
pub(super) fn event_hubs_account(settings: &Settings, namespace: &str) -> Result<Value, Fault> {
    let hubs = &settings.event_hubs;
    let (name, key) = match &hubs.connection_string {
        Some(text) if hubs.sas_key_name.is_none() && hubs.sas_key.is_none() => {
            let (name, key) = key_of(text)?;
            (Some(name), Some(key))
        }
        _ => (hubs.sas_key_name.clone(), hubs.sas_key.clone()),
    };
    Ok(without_nulls(json!({
        "namespace": namespace,
        "sasKeyName": name,
        "sasKey": key.as_ref().map(ExposeSecret::expose_secret),
        "endpointUrl": hubs.endpoint,
    })))
}

/// Name and key in `Endpoint=sb://…/;SharedAccessKeyName=…;SharedAccessKey=…`, in any order and any case.
fn key_of(connection_string: &SecretString) -> Result<(String, SecretString), Fault> {
    let (mut name, mut key) = (None, None);
    for part in connection_string.expose_secret().split(';') {
        match part.trim().split_once('=') {
            Some((member, value)) if member.eq_ignore_ascii_case("SharedAccessKeyName") => {
                name = Some(value.to_owned())
            }
            Some((member, value)) if member.eq_ignore_ascii_case("SharedAccessKey") => {
                key = Some(SecretString::from(value));
            }
            _ => {}
        }
    }
    name.zip(key).ok_or_else(|| {
        Fault::input("the connection string has no SharedAccessKeyName or no SharedAccessKey")
            .tried("OUTFLOW_EVENTHUBS_CONNECTION_STRING")
            .hint("copy it whole from the shared access policy; it begins with Endpoint=sb://")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_string_stands_for_name_and_key() {
        let text =
            "Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=aGV5==;EntityPath=h";
        let mut settings = Settings::default();
        settings.event_hubs.connection_string = Some(text.into());
        let account = event_hubs_account(&settings, "acme").unwrap();
        assert_eq!(account, json!({"namespace": "acme", "sasKeyName": "send", "sasKey": "aGV5=="}));
        settings.event_hubs.connection_string = Some("SharedAccessKey=hunter2".into());
        let fault = event_hubs_account(&settings, "acme").unwrap_err();
        assert!(!format!("{fault:?}").contains("hunter2"), "{fault:?}");
    }

    #[test]
    fn the_region_of_a_stream_is_the_urls() {
        let mut settings = Settings::default();
        settings.kinesis.access_key_id = Some("AKIA".into());
        settings.s3.region = Some("us-east-1".into());
        assert_eq!(kinesis_account(&settings, "eu-west-1"), json!({"accessKeyId": "AKIA", "region": "eu-west-1"}));
    }
}
