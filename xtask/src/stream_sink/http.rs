//! As much HTTP/1.1 as clients of Kinesis speak to a server on the same machine.

use std::io::{BufRead, Error, ErrorKind, Read, Result};

/// Longest request line or header.
const LINE_BYTES_MAX: u64 = 16 * 1024;
/// Longest body: more than the service takes.
const BODY_BYTES_MAX: usize = 32 << 20;

/// A request; its body is apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) path: String,
    /// What is asked for, without the service's name: `PutRecords`.
    pub(crate) action: String,
}

/// Reads a request, its body into `body`; none where the client has closed the connection.
pub(crate) fn read(reader: &mut impl BufRead, body: &mut Vec<u8>) -> Result<Option<Request>> {
    let mut line = String::new();
    if !read_line(reader, &mut line)? {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
    let mut request = Request { path, ..Request::default() };
    let mut length = 0;
    loop {
        if !read_line(reader, &mut line)? {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().map_err(|_| Error::from(ErrorKind::InvalidData))?;
        } else if name.eq_ignore_ascii_case("x-amz-target") {
            request.action = value.trim().rsplit('.').next().unwrap_or_default().to_owned();
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(Error::other("bodies in pieces are not read"));
        }
    }
    if length > BODY_BYTES_MAX {
        return Err(Error::other("the body is too long"));
    }
    body.resize(length, 0);
    reader.read_exact(body)?;
    Ok(Some(request))
}

/// Reads a line without its end; false at the end of the input.
fn read_line(reader: &mut impl BufRead, line: &mut String) -> Result<bool> {
    line.clear();
    let some = reader.take(LINE_BYTES_MAX).read_line(line)? > 0;
    line.truncate(line.trim_end().len());
    Ok(some)
}
