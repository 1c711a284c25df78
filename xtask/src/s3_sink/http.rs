//! As much HTTP/1.1 as S3 clients speak to a server on the same machine.

use std::io::{BufRead, Error, ErrorKind, Read, Result};

/// Longest request line or header. Keys are at most 1024 bytes, signatures a few hundred.
const LINE_BYTES_MAX: u64 = 16 * 1024;
/// Bytes at a body's end in which a checksum that follows the data is looked for.
const TRAILER_BYTES: usize = 512;

/// A request without its body.
#[derive(Debug, Default)]
pub(crate) struct Request {
    /// As sent.
    pub(crate) method: String,
    /// Still percent-encoded, without the query.
    pub(crate) path: String,
    query: String,
    headers: Vec<(String, String)>,
    /// The client waits to be asked for the body.
    pub(crate) expects_continue: bool,
}

/// A body, as far as anybody asks for it.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// Length of the data.
    pub(crate) bytes: u64,
    /// The data, where it is kept.
    pub(crate) data: Vec<u8>,
    /// Header name and value of the checksum that came before or after the data.
    pub(crate) checksum: Option<(&'static str, String)>,
}

/// The checksums that clients send, most common first.
const CHECKSUMS: [&str; 5] = [
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-sha256",
    "x-amz-checksum-sha1",
];

impl Request {
    /// A header by its name in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the query; empty where it has no value.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let pairs = self.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
    }

    /// The data comes in pieces with a signature each, and a checksum after the last.
    fn is_aws_chunked(&self) -> bool {
        self.header("x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-"))
    }
}

/// The next request on a connection; none where the client has closed it.
pub(crate) fn read_head(reader: &mut impl BufRead) -> Result<Option<Request>> {
    let Some(first) = read_line(reader)? else { return Ok(None) };
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or("").to_owned(), words.next().unwrap_or("/"));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request { method, path: path.to_owned(), query: query.to_owned(), ..Request::default() };
    loop {
        let line = read_line(reader)?.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    request.expects_continue = request.header("expect").is_some();
    Ok(Some(request))
}

/// Reads the whole body. Without `keep` its data is dropped as it comes.
pub(crate) fn read_body(reader: &mut impl BufRead, request: &Request, keep: bool) -> Result<Body> {
    let mut raw = Raw { keep, ..Raw::default() };
    if request.header("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
        loop {
            let line = read_line(reader)?.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
            let length = parse_hex(&line)?;
            raw.take(reader, length)?;
            // After the last, empty piece come trailers up to an empty line; after any other one empty line.
            while read_line(reader)?.is_some_and(|line| !line.is_empty()) {}
            if length == 0 {
                break;
            }
        }
    } else if let Some(length) = request.header("content-length") {
        raw.take(reader, length.parse().map_err(|_| Error::from(ErrorKind::InvalidData))?)?;
    }
    let sent = CHECKSUMS.iter().find_map(|name| request.header(name).map(|value| (*name, value.to_owned())));
    let checksum = sent.or_else(|| checksum_after(&raw.tail));
    let data = if request.is_aws_chunked() { decode_aws_chunks(&raw.data)? } else { raw.data };
    let declared = request.header("x-amz-decoded-content-length").and_then(|length| length.parse().ok());
    Ok(Body { bytes: declared.unwrap_or(raw.bytes), data, checksum })
}

/// A body as it comes over the wire.
#[derive(Default)]
struct Raw {
    keep: bool,
    bytes: u64,
    data: Vec<u8>,
    tail: Vec<u8>,
}

impl Raw {
    fn take(&mut self, reader: &mut impl BufRead, mut left: u64) -> Result<()> {
        while left > 0 {
            let piece = reader.fill_buf()?;
            if piece.is_empty() {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let length = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            if self.keep {
                self.data.extend_from_slice(&piece[..length]);
            }
            self.remember_tail(&piece[..length], left - length as u64);
            reader.consume(length);
            self.bytes += length as u64;
            left -= length as u64;
        }
        Ok(())
    }

    /// Keeps the last bytes: only of pieces near the end, so that it costs nothing.
    fn remember_tail(&mut self, piece: &[u8], left: u64) {
        if left >= TRAILER_BYTES as u64 {
            return;
        }
        self.tail.extend_from_slice(&piece[piece.len().saturating_sub(TRAILER_BYTES)..]);
        let surplus = self.tail.len().saturating_sub(TRAILER_BYTES);
        self.tail.drain(..surplus);
    }
}

/// A checksum that follows the data, as `name:value` on a line of its own.
fn checksum_after(tail: &[u8]) -> Option<(&'static str, String)> {
    let text = String::from_utf8_lossy(tail);
    text.lines().rev().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        CHECKSUMS.iter().find(|known| **known == name.trim()).map(|known| (*known, value.trim().to_owned()))
    })
}

/// `LENGTH;chunk-signature=...` CRLF data CRLF, up to a piece of length 0 and its trailers.
fn decode_aws_chunks(mut raw: &[u8]) -> Result<Vec<u8>> {
    let mut data = Vec::with_capacity(raw.len());
    while let Some(line) = read_line(&mut raw)? {
        let length = usize::try_from(parse_hex(&line)?).map_err(|_| Error::from(ErrorKind::InvalidData))?;
        if length == 0 {
            break;
        }
        let piece = raw.get(..length).ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        data.extend_from_slice(piece);
        raw = raw.get(length + 2..).unwrap_or_default();
    }
    Ok(data)
}

fn parse_hex(line: &str) -> Result<u64> {
    let digits = line.split(';').next().unwrap_or("").trim();
    u64::from_str_radix(digits, 16).map_err(|_| Error::from(ErrorKind::InvalidData))
}

/// A line without its end; none at the end of the input.
fn read_line(reader: &mut impl BufRead) -> Result<Option<String>> {
    let mut line = Vec::new();
    if reader.take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let text = String::from_utf8(line).map_err(|_| Error::from(ErrorKind::InvalidData))?;
    match text.strip_suffix('\n') {
        Some(line) => Ok(Some(line.trim_end_matches('\r').to_owned())),
        None => Err(ErrorKind::UnexpectedEof.into()),
    }
}
