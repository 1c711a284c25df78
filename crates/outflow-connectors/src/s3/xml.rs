//! The few XML bodies of the S3 interface.

use outflow_connector_kit::Fault;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::aws::xml;

/// Answer of CreateMultipartUpload.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UploadCreated {
    pub upload_id: String,
}

/// Answer of CompleteMultipartUpload.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UploadCompleted {
    #[serde(rename = "ETag")]
    pub etag: String,
}

/// A page of ListMultipartUploads.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct UploadPage {
    #[serde(rename = "Upload")]
    pub uploads: Vec<UploadListed>,
    pub is_truncated: bool,
    pub next_key_marker: String,
    pub next_upload_id_marker: String,
    pub encoding_type: Option<String>,
}

/// An unfinished upload.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UploadListed {
    pub key: String,
    pub upload_id: String,
}

/// A page of ListObjectsV2.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ObjectPage {
    pub contents: Vec<ObjectListed>,
    pub is_truncated: bool,
    pub next_continuation_token: Option<String>,
    pub encoding_type: Option<String>,
}

/// An object in a listing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ObjectListed {
    pub key: String,
    #[serde(rename = "ETag", default)]
    pub etag: String,
    pub size: u64,
}

/// Reads the answer to `what`. Anything else than the documented shape means that the far end is not an S3 server.
pub(super) fn parse<T: DeserializeOwned>(what: &str, body: &[u8]) -> Result<T, Fault> {
    xml::parse(what, "an S3 server", body).map_err(|fault| {
        fault.hint("Check that the endpoint is the S3 interface of the store, not its console or another service.")
    })
}

/// A key of a listing, as the listing's encoding asks.
pub(super) fn decode_key(key: &str, encoding_type: Option<&str>) -> String {
    if encoding_type != Some("url") {
        return key.to_owned();
    }
    let hex = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let bytes = key.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = (bytes.get(at + 1).copied().and_then(hex), bytes.get(at + 2).copied().and_then(hex));
        match (bytes[at], pair) {
            (b'%', (Some(high), Some(low))) => {
                out.push(high * 16 + low);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Escapes text for an XML element.
pub(super) fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_are_read_with_and_without_entries() {
        let none: UploadPage = parse("x", b"<ListMultipartUploadsResult><Bucket>b</Bucket><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>").unwrap();
        assert!(none.uploads.is_empty());
        let two: UploadPage = parse("x", b"<ListMultipartUploadsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>true</IsTruncated><NextKeyMarker>b</NextKeyMarker><NextUploadIdMarker>2</NextUploadIdMarker><Upload><Key>a</Key><UploadId>1</UploadId><Initiator><ID>x</ID></Initiator></Upload><Upload><Key>b</Key><UploadId>2</UploadId></Upload></ListMultipartUploadsResult>").unwrap();
        assert_eq!((two.uploads.len(), two.is_truncated, two.next_key_marker.as_str()), (2, true, "b"));
    }

    #[test]
    fn keys_are_decoded_only_where_the_listing_says_so() {
        assert_eq!(decode_key("a%2Fb+c%C3%BC%2B%", Some("url")), "a/b cü+%");
        assert_eq!(decode_key("a%2Fb+c", None), "a%2Fb+c");
    }
}
