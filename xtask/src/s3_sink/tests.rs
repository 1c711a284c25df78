//! Requests as clients send them, over a socket.

use std::io::Read;

use super::*;

struct Sink {
    address: String,
    folder: tempfile::TempDir,
}

fn sink() -> Sink {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let store = Arc::new(Store::new(Some(folder.path().to_owned())));
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            serve(connection, &store).unwrap();
        }
    });
    Sink { address, folder }
}

/// Sends one request and returns the whole answer.
fn ask(sink: &Sink, head: &str, body: &str) -> String {
    let mut connection = TcpStream::connect(&sink.address).unwrap();
    connection.write_all(format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).unwrap();
    connection.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

#[test]
fn an_object_in_parts_is_counted_and_kept_in_part_order() {
    let sink = sink();
    ask(&sink, "PUT /_keep HTTP/1.1", "");
    let begun = ask(&sink, "POST /b/a/out.csv?uploads HTTP/1.1", "");
    let id = between(&begun, "<UploadId>", "</UploadId>");
    for (number, data) in [(2, "two"), (1, "one,")] {
        let head =
            format!("PUT /b/a/out.csv?partNumber={number}&uploadId={id} HTTP/1.1\r\nX-Amz-Checksum-Crc32: c{number}==");
        let answer = ask(&sink, &head, data);
        assert!(answer.contains(&format!("x-amz-checksum-crc32: c{number}==\r\n")), "{answer}");
    }
    assert!(ask(&sink, "HEAD /b/a/out.csv HTTP/1.1", "").starts_with("HTTP/1.1 404"));
    let completed = ask(&sink, &format!("POST /b/a/out.csv?uploadId={id} HTTP/1.1"), "<CompleteMultipartUpload/>");
    assert!(between(&completed, "<ETag>\"", "\"</ETag>").ends_with("-2"), "{completed}");
    assert!(ask(&sink, "HEAD /b/a/out.csv HTTP/1.1", "").contains("Content-Length: 7\r\n"));
    assert_eq!(std::fs::read_to_string(sink.folder.path().join("b/a/out.csv")).unwrap(), "one,two");
    let stats = ask(&sink, "GET /_stats HTTP/1.1", "");
    assert!(stats.contains(r#""receivedBytes":7"#) && stats.contains(r#""openUploads":0"#), "{stats}");
}

#[test]
fn signed_pieces_are_put_together_and_their_checksum_comes_back() {
    let sink = sink();
    ask(&sink, "PUT /_keep HTTP/1.1", "");
    let body = "3;chunk-signature=aa\r\none\r\n4;chunk-signature=bb\r\n,two\r\n0;chunk-signature=cc\r\n\
                x-amz-checksum-crc32:AAAA==\r\n\r\n";
    let head = "PUT /b/k HTTP/1.1\r\nx-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER\r\n\
                x-amz-decoded-content-length: 7";
    let answer = ask(&sink, head, body);
    assert!(answer.contains("x-amz-checksum-crc32: AAAA==\r\n"), "{answer}");
    assert_eq!(std::fs::read_to_string(sink.folder.path().join("b/k")).unwrap(), "one,two");
    assert!(ask(&sink, "HEAD /b/k HTTP/1.1", "").contains("Content-Length: 7\r\n"));
}

#[test]
fn a_name_that_must_be_new_is_refused_and_unknown_uploads_are_unknown() {
    let sink = sink();
    let new = "PUT /b/k HTTP/1.1\r\nIf-None-Match: *";
    assert!(ask(&sink, new, "x").starts_with("HTTP/1.1 200"));
    assert!(ask(&sink, new, "x").starts_with("HTTP/1.1 412"));
    assert!(ask(&sink, "PUT /b/k?partNumber=1&uploadId=none HTTP/1.1", "x").contains("NoSuchUpload"));
    assert!(ask(&sink, "DELETE /b/k?uploadId=none HTTP/1.1", "").starts_with("HTTP/1.1 404"));
    assert!(!sink.folder.path().join("b").exists(), "kept without being asked to");
}
