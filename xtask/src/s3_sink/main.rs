//! An S3 server for measurements: it takes bodies as fast as the socket gives them, so that the client is what is
//! measured. It checks no signature, and remembers of an object only its length.
//!
//! usage: `s3-sink 127.0.0.1:PORT [FOLDER]`; it prints `ready` with its address. With a folder it can also keep what it
//! is sent, to show that what is measured is right: `PUT /_keep` begins to, `PUT /_discard` stops. `GET /_stats` answers
//! how much came in, `PUT /_reset` forgets.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command that says where it listens")]

mod http;
mod store;

use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use http::{Body, Request};
use store::{Store, Stored};

/// Large enough that reading a part is a few hundred calls, small beside what is measured.
const BUFFER_BYTES: usize = 256 * 1024;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(address) = words.first() else {
        eprintln!("usage: s3-sink 127.0.0.1:PORT [FOLDER]");
        return ExitCode::from(2);
    };
    let listener = match TcpListener::bind(address) {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("error: cannot listen on {address}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let store = Arc::new(Store::new(words.get(1).map(PathBuf::from)));
    match listener.local_addr() {
        Ok(bound) => println!("ready {bound}"),
        Err(error) => eprintln!("error: {error}"),
    }
    for connection in listener.incoming().flatten() {
        let store = Arc::clone(&store);
        std::thread::spawn(move || {
            if let Err(error) = serve(connection, &store) {
                eprintln!("connection ended: {error}");
            }
        });
    }
    ExitCode::SUCCESS
}

fn serve(connection: TcpStream, store: &Store) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    let mut writer = connection.try_clone()?;
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, connection);
    while let Some(request) = http::read_head(&mut reader)? {
        if request.expects_continue {
            writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let keep = store.keeps() || request.method == "POST";
        let body = http::read_body(&mut reader, &request, keep)?;
        let answer = answer(&request, body, store)?;
        writer.write_all(&answer.bytes(request.method == "HEAD"))?;
    }
    Ok(())
}

/// What goes back.
struct Answer {
    status: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    fn ok() -> Answer {
        Answer { status: "200 OK", headers: Vec::new(), body: String::new() }
    }

    fn xml(body: String) -> Answer {
        Answer { body, ..Answer::ok() }.with("Content-Type", "application/xml")
    }

    fn error(status: &'static str, code: &str) -> Answer {
        Answer { status, ..Answer::xml(format!("<Error><Code>{code}</Code><Message>{code}</Message></Error>")) }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }

    fn stored(stored: &Stored) -> Answer {
        let answer = Answer::ok().with("ETag", format!("\"{}\"", stored.etag));
        match &stored.checksum {
            Some((name, value)) => {
                Answer { headers: [answer.headers, vec![(*name, value.clone())]].concat(), ..answer }
            }
            None => answer,
        }
    }

    fn bytes(&self, head_only: bool) -> Vec<u8> {
        let mut text = format!("HTTP/1.1 {}\r\nx-amz-request-id: SINK\r\n", self.status);
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        // The answer to HEAD says the object's length, without a body.
        if !self.headers.iter().any(|(name, _)| *name == "Content-Length") {
            text += &format!("Content-Length: {}\r\n", self.body.len());
        }
        text += "\r\n";
        if !head_only {
            text += &self.body;
        }
        text.into_bytes()
    }
}

fn answer(request: &Request, body: Body, store: &Store) -> std::io::Result<Answer> {
    let key = request.path.trim_matches('/');
    let number = request.query("partNumber").and_then(|n| n.parse().ok());
    let answer = match (request.method.as_str(), key, number, request.query("uploadId")) {
        ("GET", "_stats", ..) => Answer { body: store.stats(), ..Answer::ok() },
        ("PUT", "_reset", ..) => {
            store.reset();
            Answer::ok()
        }
        ("PUT", "_keep", ..) => store.keep(true),
        ("PUT", "_discard", ..) => store.keep(false),
        ("PUT", key, ..) if is_bucket(key) => Answer::ok(),
        ("PUT", _, Some(number), Some(upload)) => match store.put_part(upload, number, body)? {
            Some(part) => Answer::stored(&part),
            None => Answer::error("404 Not Found", "NoSuchUpload"),
        },
        ("PUT", key, ..) => match store.put(key, &body, request.header("if-none-match") == Some("*"))? {
            Some(object) => Answer::stored(&object),
            None => Answer::error("412 Precondition Failed", "PreconditionFailed"),
        },
        ("POST", key, _, Some(upload)) => match store.complete(upload)? {
            Some(object) => Answer::xml(completed(key, &object)),
            None => Answer::error("404 Not Found", "NoSuchUpload"),
        },
        ("POST", key, ..) if request.query("uploads").is_some() => Answer::xml(begun(key, &store.begin(key))),
        ("POST", ..) if request.query("delete").is_some() => Answer::xml("<DeleteResult/>".to_owned()),
        ("DELETE", _, _, Some(upload)) => if_there(store.abort(upload), "NoSuchUpload"),
        ("DELETE", key, ..) => {
            store.delete(key);
            no_content()
        }
        ("HEAD", key, ..) if is_bucket(key) => Answer::ok(),
        ("HEAD", key, ..) => match store.get(key) {
            Some(object) => Answer::stored(&object)
                .with("Content-Length", object.bytes.to_string())
                .with("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
            None => Answer::error("404 Not Found", "NoSuchKey"),
        },
        ("GET", key, ..) if is_bucket(key) => Answer::xml(listing()),
        ("GET", ..) => Answer::error("404 Not Found", "NoSuchKey"),
        _ => Answer::error("405 Method Not Allowed", "MethodNotAllowed"),
    };
    Ok(answer)
}

fn is_bucket(key: &str) -> bool {
    !key.contains('/')
}

fn no_content() -> Answer {
    Answer { status: "204 No Content", ..Answer::ok() }
}

fn if_there(there: bool, code: &str) -> Answer {
    if there { no_content() } else { Answer::error("404 Not Found", code) }
}

fn listing() -> String {
    "<ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>0</KeyCount></ListBucketResult>".to_owned()
}

fn begun(key: &str, upload: &str) -> String {
    let (bucket, key) = key.split_once('/').unwrap_or((key, ""));
    format!(
        "<InitiateMultipartUploadResult><Bucket>{bucket}</Bucket><Key>{key}</Key><UploadId>{upload}</UploadId>\
         </InitiateMultipartUploadResult>"
    )
}

fn completed(key: &str, object: &Stored) -> String {
    let (bucket, key) = key.split_once('/').unwrap_or((key, ""));
    format!(
        "<CompleteMultipartUploadResult><Location>/{bucket}/{key}</Location><Bucket>{bucket}</Bucket><Key>{key}</Key>\
         <ETag>\"{}\"</ETag></CompleteMultipartUploadResult>",
        object.etag
    )
}

#[cfg(test)]
mod tests;
