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
    let read = match &hubs.connection_string {
        Some(text) if hubs.sas_key_name.is_none() && hubs.sas_key.is_none() => Read::of(text)?,
        _ => Read { name: hubs.sas_key_name.clone(), key: hubs.sas_key.clone(), emulator: None },
    };
    Ok(without_nulls(json!({
        "namespace": namespace,
        "sasKeyName": read.name,
        "sasKey": read.key.as_ref().map(ExposeSecret::expose_secret),
        "endpointUrl": hubs.endpoint.clone().or(read.emulator),
    })))
}

/// What a connection string says.
#[derive(Default)]
struct Read {
    name: Option<String>,
    key: Option<SecretString>,
    /// Where an emulator listens, which speaks without TLS.
    emulator: Option<String>,
}

impl Read {
    /// Reads `Endpoint=sb://…/;SharedAccessKeyName=…;SharedAccessKey=…`, in any order and any case, and with
    /// `UseDevelopmentEmulator=true` the endpoint too.
    fn of(connection_string: &SecretString) -> Result<Read, Fault> {
        let (mut read, mut is_emulator) = (Read::default(), false);
        for part in connection_string.expose_secret().split(';') {
            let Some((member, value)) = part.trim().split_once('=') else { continue };
            match member.to_ascii_lowercase().as_str() {
                "sharedaccesskeyname" => read.name = Some(value.to_owned()),
                "sharedaccesskey" => read.key = Some(SecretString::from(value)),
                "endpoint" => {
                    let host = value.trim_start_matches("sb://").trim_end_matches('/');
                    read.emulator = Some(format!("amqp://{host}"));
                }
                "usedevelopmentemulator" => is_emulator = value.eq_ignore_ascii_case("true"),
                _ => {}
            }
        }
        read.emulator = read.emulator.filter(|_| is_emulator);
        if read.name.is_some() && read.key.is_some() {
            return Ok(read);
        }
        Err(Fault::input("the connection string has no SharedAccessKeyName or no SharedAccessKey")
            .tried("OUTFLOW_EVENTHUBS_CONNECTION_STRING")
            .hint("copy it whole from the shared access policy; it begins with Endpoint=sb://"))
    }
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
        let emulator =
            "Endpoint=sb://127.0.0.1:5673;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true";
        settings.event_hubs.connection_string = Some(emulator.into());
        assert_eq!(event_hubs_account(&settings, "acme").unwrap()["endpointUrl"], "amqp://127.0.0.1:5673");
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
