//! Requests about whole objects: write, look, read, remove, list.

use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::Method;
use outflow_connector_kit::{Fault, FaultClass, ObjectStat};

use super::client::{Answer, Call, Client, Tries, header_text};
use super::errors::{Action, Failure};
use super::xml::{self, ObjectPage};
use crate::aws::encode::hex;
use crate::aws::payload::Payload;

/// A listing that is longer is refused, in names.
const LIST_NAMES_MAX: usize = 100_000;

/// How the store showed that it holds what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Proof {
    /// Not at all: the content must be read back.
    None,
    /// The entity tag is the content's MD5.
    Md5,
    /// It answered with our checksum.
    Crc32,
}

/// An object's or part's entity tag and what it proves.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    /// The tag as the store gave it, quotes included.
    pub etag: String,
    pub proof: Proof,
}

/// What goes with an object.
pub(super) struct ObjectMeta<'a> {
    pub content_type: &'a str,
    pub run_id: &'a str,
}

impl ObjectMeta<'_> {
    /// Adds the headers.
    pub(super) fn on(&self, call: Call) -> Call {
        let call = call.header("content-type", self.content_type);
        if self.run_id.is_empty() { call } else { call.header("x-amz-meta-outflow-run-id", self.run_id) }
    }
}

/// Writes a whole object by one request. With `must_be_new` the store refuses to overwrite, where it knows how to.
pub(super) async fn put(
    client: &Client,
    key: &str,
    meta: &ObjectMeta<'_>,
    payload: &Payload,
    sha256: [u8; 32],
    must_be_new: bool,
) -> Result<Stored, Failure> {
    let url = client.address.object_url(key, &[]).map_err(Failure::local)?;
    let crc32 = BASE64.encode(payload.crc32().await.to_be_bytes());
    let mut extras = client.learned().extras(true, must_be_new);
    let mut tries = Tries::default();
    loop {
        let call = Call::new(Action::Put, Method::PUT, url.clone(), client.address.place(key));
        let mut call = Call { sha256: Some(sha256), ..meta.on(call).payload(payload.clone()) };
        if extras.checksum {
            call = call.header("x-amz-checksum-crc32", crc32.clone());
        }
        if extras.condition {
            call = call.header("if-none-match", "*");
        }
        match client.call_again(&call, &mut tries).await {
            // Damage that the answer shows is not sent again: the object is visible already.
            Ok(answer) => return stored(client, &answer, payload, &crc32, &call).await,
            Err(failure) if client.learned().refused(&failure, &mut extras) => {}
            Err(failure) => return Err(failure),
        }
    }
}

/// What an answer to a write proves. A checksum or MD5 that differs is damage.
pub(super) async fn stored(
    client: &Client,
    answer: &Answer,
    payload: &Payload,
    crc32: &str,
    call: &Call,
) -> Result<Stored, Failure> {
    let etag = answer.header("etag").to_owned();
    if etag.is_empty() {
        let fault = Fault::new(FaultClass::Config, "the endpoint took a write and gave no ETag, as an S3 server must")
            .hint("Check that the endpoint is the S3 interface of the store.");
        return Err(Failure::local(fault.tried(client.tried(call))));
    }
    let damaged = |what: &str| {
        let fault =
            Fault::new(FaultClass::Verification, format!("the store's {what} differs from that of what was sent"));
        Failure { code: "BadDigest".into(), ..Failure::local(fault.tried(client.tried(call)).hint("Run again.")) }
    };
    let echoed = answer.header("x-amz-checksum-crc32");
    if !echoed.is_empty() {
        return if echoed == crc32 { Ok(Stored { etag, proof: Proof::Crc32 }) } else { Err(damaged("checksum")) };
    }
    // Entity tags of objects under a key of the key service are not hashes of the content.
    if answer.header("x-amz-server-side-encryption").starts_with("aws:kms") {
        return Ok(Stored { etag, proof: Proof::None });
    }
    let md5 = hex(&payload.md5().await);
    if etag.trim_matches('"').eq_ignore_ascii_case(&md5) {
        client.learned().md5_etags.store(true, Ordering::Relaxed);
        return Ok(Stored { etag, proof: Proof::Md5 });
    }
    if client.learned().md5_etags.load(Ordering::Relaxed) {
        return Err(damaged("ETag"));
    }
    Ok(Stored { etag, proof: Proof::None })
}

/// An object's length and entity tag, or `None` when it is not there.
pub(super) async fn head(client: &Client, key: &str) -> Result<Option<ObjectStat>, Failure> {
    let url = client.address.object_url(key, &[]).map_err(Failure::local)?;
    let call = Call::new(Action::Get, Method::HEAD, url, client.address.place(key));
    let mut answer = client.open(&call).await;
    // S3 says by a bare 400 that a token has expired: a HEAD has no room for words. A GET has, and renews the token.
    if answer.as_ref().is_err_and(|failure| failure.status == 400) {
        let mut ask = Call { method: Method::GET, ..call };
        ask = ask.header("range", "bytes=0-0");
        answer = match client.open(&ask).await {
            Err(failure) if failure.status != 416 => Err(failure),
            // It can be read, or is empty.
            _ => client.open(&Call { method: Method::HEAD, headers: Vec::new(), ..ask }).await,
        };
    }
    match answer {
        Ok(response) => {
            let tried = || format!("HEAD {} at {}", client.address.place(key), client.address.endpoint());
            Ok(Some(stat_of(response.headers()).map_err(|f| Failure::local(f.tried(tried())))?))
        }
        Err(failure) if failure.is_missing() => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Length and entity tag from an answer's headers.
pub(super) fn stat_of(headers: &http::HeaderMap) -> Result<ObjectStat, Fault> {
    let length = header_text(headers, "content-length").parse();
    let bytes = length.map_err(|e| Fault::new(FaultClass::Config, "the endpoint gave no length").because(e))?;
    Ok(ObjectStat { bytes, version: version(header_text(headers, "etag")) })
}

/// An entity tag without its quotes, which some listings leave out.
pub(super) fn version(etag: &str) -> String {
    etag.trim_matches('"').to_owned()
}

/// Begins to read an object from `offset`, up to but not including `end`, as long as its entity tag stays `version`.
pub(super) async fn get(
    client: &Client,
    key: &str,
    offset: u64,
    end: Option<u64>,
    version: Option<&str>,
) -> Result<reqwest::Response, Failure> {
    let url = client.address.object_url(key, &[]).map_err(Failure::local)?;
    let mut call = Call::new(Action::Get, Method::GET, url, client.address.place(key));
    match end {
        Some(end) => call = call.header("range", format!("bytes={offset}-{}", end.saturating_sub(1))),
        None if offset > 0 => call = call.header("range", format!("bytes={offset}-")),
        None => {}
    }
    if let Some(version) = version.filter(|v| !v.is_empty()) {
        call = call.header("if-match", format!("\"{version}\""));
    }
    let ranged = end.is_some() || offset > 0;
    let response = client.open(&call).await?;
    // The status should be 206; some servers answer 200 and say only in Content-Range that they did as asked.
    let asked = format!("bytes {offset}-");
    if ranged && !header_text(response.headers(), "content-range").starts_with(&asked) {
        let fault =
            Fault::new(FaultClass::Config, "the store ignores ranges").hint("Use a store that can read ranges.");
        return Err(Failure::local(fault.tried(client.tried(&call))));
    }
    Ok(response)
}

/// Removes an object. One that is not there is no failure.
pub(super) async fn delete(client: &Client, key: &str) -> Result<(), Failure> {
    let url = client.address.object_url(key, &[]).map_err(Failure::local)?;
    match client.call(&Call::new(Action::Delete, Method::DELETE, url, client.address.place(key))).await {
        Ok(_) => Ok(()),
        Err(failure) if failure.is_missing() => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// The names below `folder` of the prefix, with what the listing says of them.
pub(super) async fn list(client: &Client, folder: &str) -> Result<Vec<(String, ObjectStat)>, Fault> {
    let at = &client.address;
    let folder = folder.trim_matches('/');
    let prefix = if folder.is_empty() { at.key("") } else { format!("{}/", at.key(folder)) };
    let mut names = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let mut query = Vec::new();
        if let Some(token) = &token {
            query.push(("continuation-token", token.as_str()));
        }
        query.extend([("encoding-type", "url"), ("list-type", "2"), ("prefix", prefix.as_str())]);
        let call = Call::new(Action::List, Method::GET, at.bucket_url(&query), at.place(&prefix));
        let answer = client.call(&call).await?;
        let page: ObjectPage = xml::parse("ListObjectsV2", &answer.body)?;
        for object in page.contents {
            let key = xml::decode_key(&object.key, page.encoding_type.as_deref());
            // Consoles make a "folder" by an empty object whose key ends in a slash.
            let Some(name) = at.name(&key).filter(|name| !name.is_empty() && !name.ends_with('/')) else { continue };
            names.push((name.to_owned(), ObjectStat { bytes: object.size, version: version(&object.etag) }));
        }
        if names.len() > LIST_NAMES_MAX {
            return Err(Fault::input(format!(
                "there are more than {LIST_NAMES_MAX} objects below {}",
                at.place(&prefix)
            ))
            .hint("Name a folder that holds fewer objects."));
        }
        token = page.next_continuation_token.filter(|_| page.is_truncated);
        if token.is_none() {
            return Ok(names);
        }
    }
}
