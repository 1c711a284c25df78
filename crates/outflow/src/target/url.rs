//! The three forms of target URLs.

use std::fmt;

use outflow_model::Fault;

/// A target as it is written on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetUrl {
    /// `s3://BUCKET/PREFIX`; the prefix is a folder.
    S3 {
        /// Bucket.
        bucket: String,
        /// Folder without slashes at its ends; may be empty.
        prefix: String,
    },
    /// `sftp://USER@HOST:PORT/PATH`; the path is absolute.
    Sftp {
        /// User name.
        user: String,
        /// Host name or address, IPv6 without brackets.
        host: String,
        /// Port, 22 unless given.
        port: u16,
        /// Absolute path.
        path: String,
    },
    /// `file:///DIR`.
    Folder {
        /// Absolute path.
        path: String,
    },
}

impl TargetUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// `Input`, saying what is expected.
    pub fn parse(text: &str) -> Result<TargetUrl, Fault> {
        let wrong = |what: &str| {
            Err(Fault::input(format!("{what} in {:?}", without_secret(text)))
                .hint("targets are s3://BUCKET/PREFIX, sftp://USER@HOST:PORT/PATH and file:///DIR"))
        };
        let Some((scheme, rest)) = text.split_once("://") else { return wrong("there is no scheme") };
        match scheme {
            "s3" => {
                let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                if bucket.is_empty() {
                    return wrong("there is no bucket");
                }
                if bucket.contains('@') {
                    return wrong(
                        "there are credentials, which others can read; use AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead",
                    );
                }
                Ok(TargetUrl::S3 { bucket: bucket.into(), prefix: prefix.trim_matches('/').into() })
            }
            "sftp" => {
                let Some((authority, path)) = rest.split_once('/') else { return wrong("there is no path") };
                let Some((user, place)) = authority.rsplit_once('@') else { return wrong("there is no user") };
                if user.contains(':') {
                    return wrong("there is a password, which others can read; use OUTFLOW_SFTP_PASSWORD instead");
                }
                let Some((host, port)) = host_and_port(place) else { return wrong("the port is not a number") };
                if user.is_empty() || host.is_empty() {
                    return wrong("user or host is empty");
                }
                let Some(user) = decoded(user) else { return wrong("the user is not percent-encoded UTF-8") };
                Ok(TargetUrl::Sftp { user, host, port, path: format!("/{path}") })
            }
            "file" if rest.starts_with('/') => Ok(TargetUrl::Folder { path: rest.into() }),
            "file" => wrong("the path is not absolute"),
            _ => wrong("the scheme is unknown"),
        }
    }

    /// The scheme, which is the connector's id.
    pub fn scheme(&self) -> &'static str {
        match self {
            TargetUrl::S3 { .. } => "s3",
            TargetUrl::Sftp { .. } => "sftp",
            TargetUrl::Folder { .. } => "file",
        }
    }

    /// The folder part.
    pub fn folder(&self) -> &str {
        match self {
            TargetUrl::S3 { prefix, .. } => prefix,
            TargetUrl::Sftp { path, .. } | TargetUrl::Folder { path } => path,
        }
    }

    /// The same place with another folder.
    #[must_use]
    pub fn with_folder(&self, folder: &str) -> TargetUrl {
        let mut url = self.clone();
        match &mut url {
            TargetUrl::S3 { prefix, .. } => *prefix = folder.trim_matches('/').into(),
            TargetUrl::Sftp { path, .. } | TargetUrl::Folder { path } => *path = folder.into(),
        }
        url
    }

    /// The folder and the last element: for URLs of files.
    ///
    /// # Errors
    /// `Input` when there is no last element.
    pub fn split_name(&self) -> Result<(TargetUrl, String), Fault> {
        let folder = self.folder();
        let (above, name) = folder.rsplit_once('/').unwrap_or(("", folder));
        if name.is_empty() {
            return Err(Fault::input(format!("{self} is a folder, not a file")));
        }
        let above = if above.is_empty() && !matches!(self, TargetUrl::S3 { .. }) { "/" } else { above };
        Ok((self.with_folder(above), name.to_string()))
    }
}

/// The URL without what may be a password: whatever stands between the user's colon and the last `@`, for a password may
/// hold every other character.
pub fn without_secret(text: &str) -> String {
    let authority = text.find("://").map_or(0, |at| at + 3);
    let Some(host) = text[authority..].rfind('@').map(|at| authority + at) else { return text.to_owned() };
    match text[authority..host].find(':') {
        Some(colon) => format!("{}…{}", &text[..=authority + colon], &text[host..]),
        None => text.to_owned(),
    }
}

fn host_and_port(place: &str) -> Option<(String, u16)> {
    if let Some(rest) = place.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        let port = after.strip_prefix(':').map_or(Some(22), |p| p.parse().ok())?;
        return Some((host.into(), port));
    }
    match place.rsplit_once(':') {
        Some((host, port)) => Some((host.into(), port.parse().ok()?)),
        None => Some((place.into(), 22)),
    }
}

/// Percent-decoding; `None` when it is malformed or no UTF-8.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let (digits, after) = after.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after;
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

impl fmt::Display for TargetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TargetUrl::S3 { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            TargetUrl::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
            TargetUrl::Sftp { user, host, port, path } if host.contains(':') => {
                write!(f, "sftp://{user}@[{host}]:{port}{path}")
            }
            TargetUrl::Sftp { user, host, port, path } => write!(f, "sftp://{user}@{host}:{port}{path}"),
            TargetUrl::Folder { path } => write!(f, "file://{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_and_written_alike() {
        for text in ["s3://b", "s3://b/a/c", "sftp://u@h:22/in", "sftp://u@[::1]:2222/in", "file:///srv/x"] {
            assert_eq!(TargetUrl::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(TargetUrl::parse("sftp://u@h/in").unwrap().to_string(), "sftp://u@h:22/in");
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for text in [
            "",
            "x",
            "ftp://h/p",
            "s3://",
            "s3:///k",
            "sftp://h/p",
            "sftp://u:p@h/p",
            "sftp://u@h",
            "file://rel",
            "sftp://u@h:x/p",
        ] {
            assert_eq!(TargetUrl::parse(text).unwrap_err().class, outflow_model::FaultClass::Input, "{text}");
        }
    }

    #[test]
    fn a_password_is_not_repeated() {
        for text in [
            "sftp://u:hunter2@h/p",
            "sftp://u:hun/ter2@h/p",
            "sftp://u:hunter2@x@h",
            "ftp://u:hunter2@h/p",
            "u:hunter2@h/p",
            "s3://AKIA:hunter2@b/p",
            "sftp://:hunter2@h:x/p",
        ] {
            let told = TargetUrl::parse(text).unwrap_err().message;
            assert!(!told.contains("ter2") && told.contains('…'), "{told}");
        }
        let told = TargetUrl::parse("sftp://u@h:x/p").unwrap_err().message;
        assert!(told.contains("sftp://u@h:x/p"), "{told}");
    }

    #[test]
    fn a_files_url_is_a_folder_and_a_name() {
        let (folder, name) = TargetUrl::parse("s3://b/a/m.json").unwrap().split_name().unwrap();
        assert_eq!((folder.to_string().as_str(), name.as_str()), ("s3://b/a", "m.json"));
        let (folder, name) = TargetUrl::parse("file:///m.json").unwrap().split_name().unwrap();
        assert_eq!((folder.to_string().as_str(), name.as_str()), ("file:///", "m.json"));
    }
}
