//! The forms of target URLs.

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
    /// `kinesis://REGION/STREAM`, which takes messages.
    Kinesis {
        /// Region of the stream.
        region: String,
        /// Its name.
        stream: String,
    },
    /// `eventhubs://NAMESPACE/HUB`, which takes messages.
    EventHubs {
        /// The namespace: its name, or its host.
        namespace: String,
        /// The hub's name.
        hub: String,
    },
}

/// The id of the connector of Event Hubs.
pub const EVENT_HUBS: &str = "eventhubs";

/// What targets of files look like.
const FORMS_OF_FILES: &str = "s3://BUCKET/PREFIX, sftp://USER@HOST:PORT/PATH and file:///DIR";

impl TargetUrl {
    /// Reads the URL of a target that takes files, given as `option`.
    ///
    /// # Errors
    /// `Input`, saying what is expected; also for a stream.
    pub fn of_files(text: &str, option: &str) -> Result<TargetUrl, Fault> {
        let url = TargetUrl::parse(text)?;
        if !url.is_stream() {
            return Ok(url);
        }
        Err(Fault::input(format!("{url} takes messages, and there are only files to deliver or to read"))
            .tried(option)
            .hint(format!(
                "files go to {FORMS_OF_FILES}; messages are sent by a server (`outflow destinations create`)"
            )))
    }

    /// Reads a URL.
    ///
    /// # Errors
    /// `Input`, saying what is expected.
    pub fn parse(text: &str) -> Result<TargetUrl, Fault> {
        let wrong = |what: &str| {
            Err(Fault::input(format!("{what} in {:?}", without_secret(text))).hint(format!(
                "targets are {FORMS_OF_FILES}, and of messages kinesis://REGION/STREAM and eventhubs://NAMESPACE/HUB"
            )))
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
            "kinesis" | "eventhubs" if rest.contains('@') => {
                wrong("there are credentials, which others can read; use the environment or a settings file instead")
            }
            "kinesis" => match place_and_name(rest) {
                Some((region, stream)) => Ok(TargetUrl::Kinesis { region, stream }),
                None => wrong("there is no region or no stream"),
            },
            "eventhubs" => match place_and_name(rest) {
                Some((namespace, _)) if namespace.contains(':') => Err(namespace_with_port(text)),
                Some((namespace, hub)) => Ok(TargetUrl::EventHubs { namespace, hub }),
                None => wrong("there is no namespace or no hub"),
            },
            _ => wrong("the scheme is unknown"),
        }
    }

    /// The id of the connector.
    pub fn connector(&self) -> &'static str {
        match self {
            TargetUrl::S3 { .. } => "s3",
            TargetUrl::Sftp { .. } => "sftp",
            TargetUrl::Folder { .. } => "file",
            TargetUrl::Kinesis { .. } => "kinesis",
            TargetUrl::EventHubs { .. } => EVENT_HUBS,
        }
    }

    /// Whether it takes messages, and has no folder.
    pub fn is_stream(&self) -> bool {
        matches!(self, TargetUrl::Kinesis { .. } | TargetUrl::EventHubs { .. })
    }

    /// The folder part; empty where there is none.
    pub fn folder(&self) -> &str {
        match self {
            TargetUrl::S3 { prefix, .. } => prefix,
            TargetUrl::Sftp { path, .. } | TargetUrl::Folder { path } => path,
            TargetUrl::Kinesis { .. } | TargetUrl::EventHubs { .. } => "",
        }
    }

    /// The same place with another folder; a stream as it is.
    #[must_use]
    pub fn with_folder(&self, folder: &str) -> TargetUrl {
        let mut url = self.clone();
        match &mut url {
            TargetUrl::S3 { prefix, .. } => *prefix = folder.trim_matches('/').into(),
            TargetUrl::Sftp { path, .. } | TargetUrl::Folder { path } => *path = folder.into(),
            TargetUrl::Kinesis { .. } | TargetUrl::EventHubs { .. } => {}
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

/// What stands before and after the one slash; neither is empty.
fn place_and_name(rest: &str) -> Option<(String, String)> {
    let (place, name) = rest.split_once('/')?;
    let name = name.strip_suffix('/').unwrap_or(name);
    (!place.is_empty() && !name.is_empty() && !name.contains('/')).then(|| (place.into(), name.into()))
}

fn namespace_with_port(text: &str) -> Fault {
    Fault::input(format!("there is a port in {:?}", without_secret(text))).hint(
        "leave the port out: a namespace is a name, such as acme-events. Where it listens, if not at Azure, is said by \
         OUTFLOW_EVENTHUBS_ENDPOINT, or endpoint of [eventHubs] in the settings file: amqp://127.0.0.1:5672 for an emulator",
    )
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
            TargetUrl::Kinesis { region, stream } => write!(f, "kinesis://{region}/{stream}"),
            TargetUrl::EventHubs { namespace, hub } => write!(f, "eventhubs://{namespace}/{hub}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_and_written_alike() {
        for text in [
            "s3://b",
            "s3://b/a/c",
            "sftp://u@h:22/in",
            "sftp://u@[::1]:2222/in",
            "file:///srv/x",
            "kinesis://eu-west-1/audiences",
            "eventhubs://acme.servicebus.windows.net/audiences",
        ] {
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
            "kinesis://stream",
            "kinesis://eu-west-1/a/b",
            "kinesis://AKIA:x@eu-west-1/a",
            "eventhubs:///hub",
            "eventhubs://acme/",
        ] {
            assert_eq!(TargetUrl::parse(text).unwrap_err().class, outflow_model::FaultClass::Input, "{text}");
        }
    }

    #[test]
    fn a_port_of_a_namespace_is_told_where_it_belongs() {
        let refused = TargetUrl::parse("eventhubs://127.0.0.1:5672/exports").unwrap_err();
        assert!(refused.message.contains("port") && refused.hint.contains("OUTFLOW_EVENTHUBS_ENDPOINT"), "{refused:?}");
    }

    #[test]
    fn a_stream_is_no_place_for_files() {
        let refused = TargetUrl::of_files("kinesis://eu-west-1/audiences", "--to").unwrap_err();
        assert_eq!((refused.class, refused.tried.as_str()), (outflow_model::FaultClass::Input, "--to"));
        assert!(refused.message.starts_with("kinesis://eu-west-1/audiences takes messages"), "{refused}");
        assert!(TargetUrl::of_files("s3://b", "--to").is_ok());
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
