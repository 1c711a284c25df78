//! A store in memory that misbehaves on demand: what moto and rclone do not do.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use md5::{Digest as _, Md5};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::Place;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// An answer: status, headers, body.
pub type Reply = (u16, Vec<(&'static str, String)>, Vec<u8>);

pub fn error(status: u16, code: &str, message: &str) -> Reply {
    let body = format!("<?xml version=\"1.0\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    (status, vec![("content-type", "application/xml".into())], body.into_bytes())
}

/// Serves `handle` until the runtime of the test ends. Answers the endpoint.
pub async fn serve(handle: impl Fn(Request) -> Reply + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let handle = Arc::new(handle);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let handle = Arc::clone(&handle);
            tokio::spawn(async move { connection(stream, &*handle).await });
        }
    });
    endpoint
}

pub fn place(endpoint: &str) -> Place {
    super::place(endpoint, &json!({"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "secretAccessKey": "secret"}))
}

async fn connection(mut stream: TcpStream, handle: &(dyn Fn(Request) -> Reply + Send + Sync)) {
    let mut buffer = Vec::new();
    while let Some(request) = next_request(&mut stream, &mut buffer).await {
        let head = request.method == "HEAD";
        let (status, headers, body) = handle(request);
        // A handler that gives status 0 cuts the connection instead.
        if status == 0 {
            return;
        }
        let length = headers.iter().find(|(name, _)| *name == "content-length").map(|(_, v)| v.clone());
        let mut out =
            format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", length.unwrap_or(body.len().to_string()));
        for (name, value) in headers.iter().filter(|(name, _)| *name != "content-length") {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        out.push_str("\r\n");
        let mut out = out.into_bytes();
        if !head {
            out.extend_from_slice(&body);
        }
        let cut = headers.iter().any(|(name, value)| *name == "connection" && value == "close");
        if stream.write_all(&out).await.is_err() || cut {
            return;
        }
    }
}

async fn next_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Request> {
    let head_end = loop {
        if let Some(at) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    assert!(!headers.contains_key("transfer-encoding"), "S3 takes no chunked bodies");
    let length: usize = headers.get("content-length").map_or(0, |v| v.parse().unwrap());
    while buffer.len() < head_end + length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = buffer[head_end..head_end + length].to_vec();
    buffer.drain(..head_end + length);
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Request { method, path: path.to_owned(), query: query.to_owned(), headers, body })
}

/// How the store misbehaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Knobs {
    /// Answers checksum headers with an error of this status.
    pub refuse_checksums: Option<u16>,
    /// Echoes checksums.
    pub echo_checksums: bool,
    /// Entity tags are no hashes and the key service is named, as with SSE-KMS.
    pub opaque_etags: bool,
    /// Refuses `If-None-Match`.
    pub refuse_conditions: bool,
    /// Answers this many HEADs of objects with 403, as Amazon does for missing objects to those who may not list.
    pub deny_heads: usize,
    /// Flips a byte of every write after this many.
    pub damage_after: Option<usize>,
    /// Reports one byte less than there is.
    pub short_length: bool,
    /// Answers this many completions with status 200 and an error in the body.
    pub late_errors: usize,
    /// Completes this many uploads or single writes and cuts the connection instead of answering.
    pub lost_answers: usize,
}

/// What the store holds.
#[derive(Default)]
pub struct State {
    pub knobs: Knobs,
    pub objects: BTreeMap<String, (Vec<u8>, String)>,
    pub uploads: BTreeMap<String, BTreeMap<u64, Vec<u8>>>,
    pub log: Vec<Request>,
    writes: usize,
    next_upload: usize,
}

/// Starts a store with these knobs.
pub async fn store(knobs: Knobs) -> (Place, Arc<Mutex<State>>) {
    store_but(knobs, |_, _| None).await
}

/// Starts a store that answers as `odd` says where it says something.
pub async fn store_but(
    knobs: Knobs,
    odd: impl Fn(&Request, &mut State) -> Option<Reply> + Send + Sync + 'static,
) -> (Place, Arc<Mutex<State>>) {
    let state = Arc::new(Mutex::new(State { knobs, ..State::default() }));
    let shared = Arc::clone(&state);
    let handle = move |request: Request| {
        let mut state = shared.lock().unwrap();
        match odd(&request, &mut state) {
            Some(reply) => {
                state.log.push(request);
                reply
            }
            None => state.answer(request),
        }
    };
    (place(&serve(handle).await), state)
}

fn md5_hex(content: &[u8]) -> String {
    Md5::digest(content).iter().map(|b| format!("{b:02x}")).collect()
}

pub fn query(request: &Request, name: &str) -> Option<String> {
    let pairs = request.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.into_iter().find(|(n, _)| *n == name).map(|(_, value)| value.to_owned())
}

impl State {
    fn answer(&mut self, request: Request) -> Reply {
        self.log.push(request.clone());
        let checksum = request.headers.keys().any(|name| name.starts_with("x-amz-checksum"));
        if let (true, Some(status)) = (checksum, self.knobs.refuse_checksums) {
            return match status {
                501 => error(501, "NotImplemented", "Header 'x-amz-checksum-algorithm' is not implemented"),
                status => error(status, "InvalidRequest", "Unsupported checksum header"),
            };
        }
        if self.knobs.refuse_conditions && request.headers.contains_key("if-none-match") {
            return error(501, "NotImplemented", "A header you provided implies functionality that is not implemented");
        }
        let taken = request.header("if-none-match") == "*" && self.objects.contains_key(&request.path);
        let upload = query(&request, "uploadId");
        match (request.method.as_str(), upload) {
            ("HEAD", _) if request.path == "/exports" => (200, vec![], vec![]),
            ("GET", _) if request.path == "/exports" => {
                (200, vec![], b"<ListMultipartUploadsResult></ListMultipartUploadsResult>".to_vec())
            }
            ("PUT" | "POST", _) if taken && query(&request, "uploads").is_none() => {
                error(412, "PreconditionFailed", "At least one of the preconditions you specified did not hold.")
            }
            ("PUT", Some(id)) => self.put_part(&request, &id),
            ("PUT", None) => {
                let content = self.damaged(&request.body);
                let etag = if self.knobs.opaque_etags { "0".repeat(32) } else { md5_hex(&content) };
                let headers = self.stored(&request, &etag);
                self.objects.insert(request.path, (content, format!("\"{etag}\"")));
                if self.lose() { (0, vec![], vec![]) } else { (200, headers, vec![]) }
            }
            ("POST", None) => {
                self.next_upload += 1;
                let id = format!("u{}", self.next_upload);
                self.uploads.insert(id.clone(), BTreeMap::new());
                let body =
                    format!("<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>");
                (200, vec![], body.into_bytes())
            }
            ("POST", Some(id)) => self.complete(request, &id),
            ("DELETE", Some(id)) => match self.uploads.remove(&id) {
                Some(_) => (204, vec![], vec![]),
                None => error(404, "NoSuchUpload", "The specified upload does not exist."),
            },
            ("DELETE", None) => {
                self.objects.remove(&request.path);
                (204, vec![], vec![])
            }
            _ => self.read(&request),
        }
    }

    fn damaged(&mut self, content: &[u8]) -> Vec<u8> {
        let mut content = content.to_vec();
        self.writes += 1;
        if let (Some(last), true) = (content.last_mut(), self.knobs.damage_after.is_some_and(|n| self.writes > n)) {
            *last ^= 1;
        }
        content
    }

    fn stored(&self, request: &Request, etag: &str) -> Vec<(&'static str, String)> {
        let mut headers = vec![("etag", format!("\"{etag}\""))];
        if self.knobs.opaque_etags {
            headers.push(("x-amz-server-side-encryption", "aws:kms".into()));
        }
        if self.knobs.echo_checksums {
            let crc32 = crc32fast::hash(&request.body).to_be_bytes();
            headers.push(("x-amz-checksum-crc32", base64::engine::general_purpose::STANDARD.encode(crc32)));
        }
        headers
    }

    fn lose(&mut self) -> bool {
        let lose = self.knobs.lost_answers > 0;
        self.knobs.lost_answers -= usize::from(lose);
        lose
    }

    fn put_part(&mut self, request: &Request, id: &str) -> Reply {
        let content = self.damaged(&request.body);
        let etag = if self.knobs.opaque_etags { "0".repeat(32) } else { md5_hex(&content) };
        let headers = self.stored(request, &etag);
        let number = query(request, "partNumber").unwrap().parse().unwrap();
        match self.uploads.get_mut(id) {
            Some(parts) => {
                parts.insert(number, content);
                (200, headers, vec![])
            }
            None => error(404, "NoSuchUpload", "The specified upload does not exist."),
        }
    }

    fn complete(&mut self, request: Request, id: &str) -> Reply {
        if self.knobs.late_errors > 0 {
            self.knobs.late_errors -= 1;
            let (_, headers, body) = error(200, "InternalError", "We encountered an internal error. Please try again.");
            return (200, headers, body);
        }
        let Some(parts) = self.uploads.remove(id) else {
            return error(404, "NoSuchUpload", "The specified upload does not exist.");
        };
        let digests: Vec<u8> = parts.values().flat_map(|part| Md5::digest(part).to_vec()).collect();
        let etag = format!("\"{}-{}\"", md5_hex(&digests), parts.len());
        self.objects.insert(request.path, (parts.into_values().flatten().collect(), etag.clone()));
        if self.lose() {
            return (0, vec![], vec![]);
        }
        let body = format!("<CompleteMultipartUploadResult><ETag>{etag}</ETag></CompleteMultipartUploadResult>");
        (200, vec![], body.into_bytes())
    }

    fn read(&mut self, request: &Request) -> Reply {
        if request.method == "HEAD" && self.knobs.deny_heads > 0 {
            self.knobs.deny_heads -= 1;
            return (403, vec![], vec![]);
        }
        let Some((content, etag)) = self.objects.get(&request.path) else {
            return error(404, "NoSuchKey", "The specified key does not exist.");
        };
        let mut headers = vec![("etag", etag.clone())];
        if request.method == "HEAD" {
            headers.push(("content-length", (content.len() - usize::from(self.knobs.short_length)).to_string()));
        }
        (200, headers, content.clone())
    }
}
