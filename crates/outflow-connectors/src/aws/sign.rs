//! Signature version 4.

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use chrono::{DateTime, Utc};
use outflow_connector_kit::Fault;

/// The service that a request is signed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// Object storage.
    S3,
    /// Data streams.
    Kinesis,
    /// The security token service.
    Sts,
}

/// What the signature says of the payload.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PayloadHash {
    /// Nothing: TLS keeps it whole and private.
    Unsigned,
    /// Its SHA-256.
    Sha256([u8; 32]),
}

/// What is signed, beside the credentials.
pub(crate) struct Draft<'a> {
    pub service: Service,
    pub region: &'a str,
    pub now: DateTime<Utc>,
    pub method: &'a str,
    pub url: &'a str,
    pub headers: &'a [(&'static str, String)],
    pub payload: PayloadHash,
}

/// The headers that a signed request has beside its own.
pub(crate) fn sign_headers(credentials: &Credentials, draft: &Draft<'_>) -> Result<Vec<(String, String)>, Fault> {
    let failed =
        |e: Box<dyn std::error::Error + Send + Sync>| Fault::internal("the request cannot be signed").because(e);
    let mut settings = SigningSettings::default();
    let service = match draft.service {
        Service::S3 => {
            // Keys are signed as they are sent: encoded once and never normalized.
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
            "s3"
        }
        Service::Kinesis => "kinesis",
        Service::Sts => "sts",
    };
    let identity = credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(draft.region)
        .name(service)
        .time(draft.now.into())
        .settings(settings)
        .build()
        .map_err(|e| failed(e.into()))?;
    let body = match draft.payload {
        PayloadHash::Unsigned => SignableBody::UnsignedPayload,
        PayloadHash::Sha256(hash) => SignableBody::Precomputed(super::encode::hex(&hash)),
    };
    let headers = draft.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let request = SignableRequest::new(draft.method, draft.url, headers, body).map_err(|e| failed(e.into()))?;
    let (instructions, _) = sign(request, &params.into()).map_err(|e| failed(e.into()))?.into_parts();
    Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example "GET Object" of the S3 API reference's chapter on signature version 4.
    #[test]
    fn the_documented_example_gets_the_documented_signature() {
        let credentials =
            Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None, None, "test");
        let mut empty = [0; 32];
        empty.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"").as_ref());
        let headers = sign_headers(
            &credentials,
            &Draft {
                service: Service::S3,
                region: "us-east-1",
                now: DateTime::parse_from_rfc3339("2013-05-24T00:00:00Z").unwrap().into(),
                method: "GET",
                url: "https://examplebucket.s3.amazonaws.com/test.txt",
                headers: &[("range", "bytes=0-9".into())],
                payload: PayloadHash::Sha256(empty),
            },
        );
        let headers = headers.unwrap();
        let authorization = &headers.iter().find(|(name, _)| name == "authorization").unwrap().1;
        let signature = "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
        assert!(authorization.ends_with(signature), "{authorization}");
    }
}
