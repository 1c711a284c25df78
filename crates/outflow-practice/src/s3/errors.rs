//! Error answers with the codes, statuses and texts of S3.

use std::borrow::Cow;
use std::io;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use s3s::{Body, S3Error, S3ErrorCode, S3Result};

use crate::faults::{Faults, S3DiskFull};

/// An error with a code that S3 documents and its text.
pub(crate) fn error(code: S3ErrorCode) -> S3Error {
    let message = standard_message(code.as_str());
    S3Error::with_message(code, message)
}

/// An error with a code of another store.
pub(crate) fn foreign(code: &'static str, status: StatusCode, message: &'static str) -> S3Error {
    let code = S3ErrorCode::from_bytes(code.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
    let mut error = S3Error::with_message(code, message);
    error.set_status_code(status);
    error
}

/// What a failed file operation answers.
pub(crate) fn io_error(source: io::Error) -> S3Error {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => disk_full(S3DiskFull::StorageFull),
        io::ErrorKind::InvalidFilename => error(S3ErrorCode::KeyTooLongError),
        _ => {
            let mut failed = error(S3ErrorCode::InternalError);
            failed.set_source(Box::new(source));
            failed
        }
    }
}

/// Refuses when the disk is full by a fault.
pub(crate) fn refuse_when_full(faults: &Faults) -> S3Result<()> {
    faults.read(|f| f.s3.disk_full).map_or(Ok(()), |kind| Err(disk_full(kind)))
}

fn disk_full(kind: S3DiskFull) -> S3Error {
    match kind {
        S3DiskFull::StorageFull => foreign(
            "XMinioStorageFull",
            StatusCode::INSUFFICIENT_STORAGE,
            "Storage backend has reached its minimum free drive threshold. Please delete a few objects to proceed.",
        ),
        S3DiskFull::QuotaExceeded => {
            foreign("QuotaExceeded", StatusCode::FORBIDDEN, "The quota of the bucket is used up.")
        }
    }
}

/// Runs blocking file work off the asynchronous threads.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> S3Result<T> + Send + 'static) -> S3Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(panicked) => Err(io_error(io::Error::other(panicked))),
    }
}

/// The text that S3 sends with `code`.
pub(crate) fn standard_message(code: &str) -> Cow<'static, str> {
    Cow::Borrowed(match code {
        "AccessDenied" => "Access Denied",
        "BadDigest" => "The Content-MD5 you specified did not match what we received.",
        "BucketAlreadyOwnedByYou" => {
            "Your previous request to create the named bucket succeeded and you already own it."
        }
        "EntityTooLarge" => "Your proposed upload exceeds the maximum allowed object size.",
        "EntityTooSmall" => "Your proposed upload is smaller than the minimum allowed size",
        "IncompleteBody" => "You did not provide the number of bytes specified by the Content-Length HTTP header",
        "InternalError" => "We encountered an internal error. Please try again.",
        "InvalidAccessKeyId" => "The AWS Access Key Id you provided does not exist in our records.",
        "InvalidDigest" => "The Content-MD5 you specified was invalid.",
        "InvalidPart" => {
            "One or more of the specified parts could not be found.  The part may not have been uploaded, or the \
             specified entity tag may not match the part's entity tag."
        }
        "InvalidPartOrder" => "The list of parts was not in ascending order. Parts must be ordered by part number.",
        "InvalidRange" => "The requested range is not satisfiable",
        "KeyTooLongError" => "Your key is too long",
        "MalformedXML" => "The XML you provided was not well-formed or did not validate against our published schema",
        "NoSuchBucket" => "The specified bucket does not exist",
        "NoSuchKey" => "The specified key does not exist.",
        "NoSuchUpload" => {
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted \
             or completed."
        }
        "NotImplemented" => "A header you provided implies functionality that is not implemented",
        "OperationAborted" => {
            "A conflicting conditional operation is currently in progress against this resource. Please try again."
        }
        "PreconditionFailed" => "At least one of the pre-conditions you specified did not hold",
        "RequestTimeTooSkewed" => "The difference between the request time and the current time is too large.",
        "ServiceUnavailable" => "Service is unable to handle request.",
        "SignatureDoesNotMatch" => {
            "The request signature we calculated does not match the signature you provided. Check your key and \
             signing method."
        }
        "SlowDown" => "Please reduce your request rate.",
        "XAmzContentSHA256Mismatch" => "The provided 'x-amz-content-sha256' header does not match what was computed.",
        _ => "",
    })
}

/// An error answer that is made before a request reaches the operations. `extra` is further XML elements.
pub(crate) fn answer(
    status: StatusCode,
    code: &str,
    message: &str,
    extra: &[(&str, &str)],
    request_id: &str,
) -> Response<Body> {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>",
        escape(code),
        escape(message)
    );
    for (name, value) in extra {
        xml.push_str(&format!("<{name}>{}</{name}>", escape(value)));
    }
    xml.push_str(&format!("<RequestId>{request_id}</RequestId></Error>"));
    let mut response = Response::new(Body::from(Bytes::from(xml)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

/// Gives an error text of the server library what S3 has and it lacks: the message and the request id.
pub(crate) fn complete(xml: &str, request_id: &str) -> Option<String> {
    let code = xml.split_once("<Code>")?.1.split_once("</Code>")?.0;
    let message = if xml.contains("<Message>") { Cow::Borrowed("") } else { standard_message(code) };
    let mut tail = String::new();
    if !message.is_empty() {
        tail.push_str(&format!("<Message>{}</Message>", escape(&message)));
    }
    if !xml.contains("<RequestId>") {
        tail.push_str(&format!("<RequestId>{request_id}</RequestId>"));
    }
    let end = xml.rfind("</Error>")?;
    Some(format!("{}{tail}{}", &xml[..end], &xml[end..]))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_errors_get_their_text() {
        let bare = "<?xml version=\"1.0\"?><Error><Code>SignatureDoesNotMatch</Code></Error>";
        let full = complete(bare, "7").unwrap();
        assert!(full.contains("<Message>The request signature we calculated"), "{full}");
        assert!(full.ends_with("<RequestId>7</RequestId></Error>"), "{full}");
        assert_eq!(full.matches("<Message>").count(), 1);
        assert_eq!(complete(&full, "8").unwrap(), full);
    }
}
