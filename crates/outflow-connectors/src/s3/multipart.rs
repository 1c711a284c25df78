//! Requests about multipart uploads: begin, send a part, complete, give up, list.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::Method;
use md5::{Digest as _, Md5};
use outflow_connector_kit::Fault;

use super::client::{Call, Client, Tries};
use super::errors::{Action, Failure};
use super::object::{ObjectMeta, Proof, Stored, stored};
use super::xml::{self, UploadCompleted, UploadCreated, UploadPage};
use crate::aws::encode::hex;
use crate::aws::payload::Payload;

/// S3's limit for the parts of an upload.
pub(super) const PARTS_MAX: u64 = 10_000;

/// A listing of uploads goes no further than this many pages of 1000: such a bucket needs a lifecycle rule.
pub(super) const UPLOAD_PAGES_MAX: usize = 20;

/// A part that the store holds.
#[derive(Clone, Debug)]
pub(super) struct PartDone {
    /// From 1.
    pub number: u64,
    pub stored: Stored,
    /// CRC-32 in Base64, when the upload keeps checksums.
    crc32: Option<String>,
}

/// Begins an upload and answers its id. `Failure::unsure` means that one may exist whose id nobody knows; on success
/// the flag says the same of an earlier try.
pub(super) async fn create(client: &Client, key: &str, meta: &ObjectMeta<'_>) -> Result<(String, bool), Failure> {
    let url = client.address.object_url(key, &[("uploads", "")]).map_err(Failure::local)?;
    let mut extras = client.learned().extras(true, false);
    let mut tries = Tries::default();
    loop {
        let mut call = meta.on(Call::new(Action::Put, Method::POST, url.clone(), client.address.place(key)));
        if extras.checksum {
            call = call.header("x-amz-checksum-algorithm", "CRC32");
        }
        match client.call_again(&call, &mut tries).await {
            Ok(answer) => {
                let read = xml::parse::<UploadCreated>("CreateMultipartUpload", &answer.body);
                // Whatever the answer is, the store said that it did it.
                let unread =
                    |fault: Fault| Failure { unsure: true, ..Failure::local(fault.tried(client.tried(&call))) };
                return Ok((read.map_err(unread)?.upload_id, answer.after_unsure));
            }
            Err(failure) if client.learned().refused(&failure, &mut extras) => {}
            Err(failure) => return Err(failure),
        }
    }
}

/// Sends one part and checks what the store says of it.
pub(super) async fn upload_part(
    client: &Client,
    key: &str,
    upload_id: &str,
    number: u64,
    payload: &Payload,
) -> Result<PartDone, Failure> {
    let number_text = number.to_string();
    let query = [("partNumber", number_text.as_str()), ("uploadId", upload_id)];
    let url = client.address.object_url(key, &query).map_err(Failure::local)?;
    let place = format!("{} part {number}", client.address.place(key));
    let crc32 = BASE64.encode(payload.crc32().await.to_be_bytes());
    let mut extras = client.learned().extras(true, false);
    let mut tries = Tries::default();
    loop {
        let mut call = Call::new(Action::Put, Method::PUT, url.clone(), place.clone()).payload(payload.clone());
        if extras.checksum {
            call = call.header("x-amz-checksum-crc32", crc32.clone());
        }
        let sent = match client.call_again(&call, &mut tries).await {
            Ok(answer) => stored(client, &answer, payload, &crc32, &call).await,
            Err(failure) if client.learned().refused(&failure, &mut extras) => continue,
            // The client has tried it again already.
            Err(failure) => return Err(failure),
        };
        match sent {
            Ok(stored) => {
                let crc32 = (stored.proof == Proof::Crc32).then_some(crc32);
                return Ok(PartDone { number, stored, crc32 });
            }
            Err(failure) if client.again(&failure, &tries).await => {}
            Err(failure) => return Err(failure),
        }
    }
}

/// Completes an upload.
pub(super) async fn complete(
    client: &Client,
    key: &str,
    upload_id: &str,
    parts: &[PartDone],
    must_be_new: bool,
) -> Result<(), Failure> {
    let url = client.address.object_url(key, &[("uploadId", upload_id)]).map_err(Failure::local)?;
    let payload = Payload::new(vec![Bytes::from(complete_body(parts))]);
    let mut extras = client.learned().extras(false, must_be_new);
    let mut tries = Tries::default();
    loop {
        let call = Call::new(Action::Put, Method::POST, url.clone(), client.address.place(key));
        let mut call = call.header("content-type", "application/xml").payload(payload.clone());
        if extras.condition {
            call = call.header("if-none-match", "*");
        }
        match client.call_again(&call, &mut tries).await {
            Ok(answer) => {
                let read = xml::parse::<UploadCompleted>("CompleteMultipartUpload", &answer.body);
                let done =
                    read.map_err(|fault| Failure { unsure: true, ..Failure::local(fault.tried(client.tried(&call))) })?;
                tracing::debug!(key, etag = done.etag, "upload completed");
                return Ok(());
            }
            Err(failure) if client.learned().refused(&failure, &mut extras) => {}
            Err(failure) => return Err(failure),
        }
    }
}

fn complete_body(parts: &[PartDone]) -> String {
    let mut body = String::from("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for part in parts {
        let etag = xml::escape(&part.stored.etag);
        body.push_str(&format!("<Part><PartNumber>{}</PartNumber><ETag>{etag}</ETag>", part.number));
        if let Some(crc32) = &part.crc32 {
            body.push_str(&format!("<ChecksumCRC32>{crc32}</ChecksumCRC32>"));
        }
        body.push_str("</Part>");
    }
    body.push_str("</CompleteMultipartUpload>");
    body
}

/// The entity tag that an upload of these parts gets where tags are MD5: the MD5 of the parts' MD5, and their number.
/// `None` where the parts' tags are something else.
pub(super) fn composite_etag(parts: &[PartDone]) -> Option<String> {
    let mut hasher = Md5::new();
    for part in parts {
        let tag = part.stored.etag.trim_matches('"').as_bytes();
        if tag.len() != 32 {
            return None;
        }
        for pair in tag.chunks(2) {
            let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
            hasher.update([digit(pair[0])? * 16 + digit(pair[1])?]);
        }
    }
    Some(format!("{}-{}", hex(&hasher.finalize()), parts.len()))
}

/// Gives an upload up. One that the store no longer knows is no failure.
pub(super) async fn abort(client: &Client, key: &str, upload_id: &str) -> Result<(), Failure> {
    let url = client.address.object_url(key, &[("uploadId", upload_id)]).map_err(Failure::local)?;
    match client.call(&Call::new(Action::Abort, Method::DELETE, url, client.address.place(key))).await {
        Ok(_) => Ok(()),
        Err(failure) if failure.is_missing() => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// Unfinished uploads, as pairs of key and upload id.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub uploads: Vec<(String, String)>,
    /// There are more than were listed.
    pub more: bool,
}

/// Unfinished uploads whose key begins with `prefix`. Some servers answer `NoSuchUpload` when there are none.
pub(super) async fn list(client: &Client, prefix: &str) -> Result<Listed, Failure> {
    let at = &client.address;
    let (mut found, mut key_marker, mut id_marker) = (Vec::new(), String::new(), String::new());
    for _ in 0..UPLOAD_PAGES_MAX {
        let mut query = vec![("encoding-type", "url")];
        if !key_marker.is_empty() {
            query.push(("key-marker", key_marker.as_str()));
        }
        query.push(("prefix", prefix));
        if !id_marker.is_empty() {
            query.push(("upload-id-marker", id_marker.as_str()));
        }
        query.push(("uploads", ""));
        let call = Call::new(Action::ListUploads, Method::GET, at.bucket_url(&query), at.place(prefix));
        let page: UploadPage = match client.call(&call).await {
            Ok(answer) => xml::parse("ListMultipartUploads", &answer.body)
                .map_err(|fault| Failure::local(fault.tried(client.tried(&call))))?,
            Err(failure) if failure.is_gone() => return Ok(Listed { uploads: found, more: false }),
            Err(failure) => return Err(failure),
        };
        let encoding = page.encoding_type.as_deref();
        let uploads = page.uploads.into_iter();
        found.extend(uploads.map(|upload| (xml::decode_key(&upload.key, encoding), upload.upload_id)));
        let next_key = xml::decode_key(&page.next_key_marker, encoding);
        if !page.is_truncated {
            return Ok(Listed { uploads: found, more: false });
        }
        if next_key == key_marker && page.next_upload_id_marker == id_marker {
            break;
        }
        (key_marker, id_marker) = (next_key, page.next_upload_id_marker);
    }
    Ok(Listed { uploads: found, more: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(number: u64, etag: &str, crc32: Option<&str>) -> PartDone {
        PartDone { number, stored: Stored { etag: etag.into(), proof: Proof::Md5 }, crc32: crc32.map(str::to_owned) }
    }

    #[test]
    fn the_completion_names_parts_with_their_checksums() {
        let body = complete_body(&[part(1, "\"a\"", Some("AAAAAA==")), part(2, "\"b\"", None)]);
        assert!(body.contains(
            "<Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part>"
        ));
        assert!(body.contains("<Part><PartNumber>2</PartNumber><ETag>&quot;b&quot;</ETag></Part>"));
    }

    #[test]
    fn a_composite_tag_is_the_md5_of_md5s() {
        // The expected value is what md5sum gives for the two raw digests of the empty text.
        let empty = "\"d41d8cd98f00b204e9800998ecf8427e\"";
        let tag = composite_etag(&[part(1, empty, None), part(2, empty, None)]);
        assert_eq!(tag.as_deref(), Some("5873dd45edd01f09c1ef2e7819369e8e-2"));
        assert!(composite_etag(&[part(1, "\"opaque\"", None)]).is_none());
    }
}
