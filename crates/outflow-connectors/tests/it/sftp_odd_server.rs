//! An SFTP server in memory that lacks what OpenSSH has: no rename, no extensions, other ways to sign in, wrong answers.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use russh::keys::{Algorithm, PrivateKey};
use russh::server::{Auth, ChannelOpenHandle, Msg, Response, Session};
use russh::{Channel, ChannelId, MethodKind, MethodSet, Preferred, cipher, mac};
use russh_sftp::protocol::{
    Attrs, Data, File, FileAttributes, FileMode, Handle, Name, OpenFlags, Status, StatusCode, Version,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// What is odd about it.
#[derive(Clone, Copy, Default)]
pub struct Oddities {
    pub cannot_rename: bool,
    /// Does not rename what was just written, only files that have their names.
    pub keeps_parts: bool,
    /// Loses the last byte of what it renames.
    pub clips_renamed: bool,
    /// Makes the first file that is no temporary one, and hangs up before it says so.
    pub loses_create_answer: bool,
    /// Answers a read with at most this many bytes.
    pub read_bytes_max: Option<usize>,
    /// Acknowledges every write and keeps only this many bytes of a file.
    pub keeps_bytes_max: Option<usize>,
    /// Asks for the password by keyboard-interactive only, with this many prompts.
    pub prompts: usize,
    pub no_sftp: bool,
    /// Takes a write and never answers.
    pub mute_on_write: bool,
    pub keys_only: bool,
    /// Offers nothing but AES-CBC and SHA-1.
    pub old_algorithms: bool,
}

pub type Files = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

pub struct OddServer {
    pub files: Files,
    pub account: Value,
}

pub const PASSWORD: &str = "odd-password";

impl OddServer {
    /// Serves until the test's runtime ends. The folder `/in` is there.
    pub async fn start(oddities: Oddities) -> OddServer {
        let key = PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519).unwrap();
        let host_key = key.public_key().to_openssh().unwrap();
        let methods: &[MethodKind] = match oddities {
            Oddities { keys_only: true, .. } => &[MethodKind::PublicKey],
            Oddities { prompts: 0, .. } => &[MethodKind::Password],
            _ => &[MethodKind::KeyboardInteractive],
        };
        let mut preferred = Preferred::DEFAULT;
        if oddities.old_algorithms {
            preferred.cipher = Cow::Borrowed(&[cipher::AES_256_CBC]);
            preferred.mac = Cow::Borrowed(&[mac::HMAC_SHA1]);
        }
        let config = Arc::new(russh::server::Config {
            preferred,
            keys: vec![key],
            methods: MethodSet::from(methods),
            auth_rejection_time: std::time::Duration::ZERO,
            ..russh::server::Config::default()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let files = Files::default();
        let shared = files.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let hang_up = Arc::new(Notify::new());
                let ssh = Ssh { oddities, files: shared.clone(), channels: HashMap::new(), hang_up: hang_up.clone() };
                let config = config.clone();
                let (near, mut far) = tokio::io::duplex(1 << 16);
                tokio::spawn(async move {
                    if let Ok(session) = russh::server::run_stream(config, near, ssh).await {
                        let _ = session.await;
                    }
                });
                tokio::spawn(async move {
                    let mut stream = stream;
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut stream, &mut far) => {}
                        () = hang_up.notified() => {}
                    }
                });
            }
        });
        let account =
            json!({"domain": "127.0.0.1", "port": port, "username": "u", "password": PASSWORD, "hostKey": host_key});
        OddServer { files, account }
    }

    pub fn names(&self) -> Vec<String> {
        lock(&self.files).keys().cloned().collect()
    }
}

pub fn lock(files: &Files) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
    files.lock().unwrap()
}

struct Ssh {
    oddities: Oddities,
    files: Files,
    channels: HashMap<ChannelId, Channel<Msg>>,
    hang_up: Arc<Notify>,
}

impl russh::server::Handler for Ssh {
    type Error = russh::Error;

    async fn auth_password(&mut self, _user: &str, password: &str) -> Result<Auth, russh::Error> {
        let plain = self.oddities.prompts == 0 && !self.oddities.keys_only;
        Ok(if plain && password == PASSWORD { Auth::Accept } else { Auth::reject() })
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, russh::Error> {
        let Some(response) = response else {
            let prompts: Vec<(Cow<'static, str>, bool)> =
                (0..self.oddities.prompts).map(|_| ("Password: ".into(), false)).collect();
            return Ok(Auth::Partial { name: "".into(), instructions: "".into(), prompts: prompts.into() });
        };
        let right = response.into_iter().all(|answer| answer == PASSWORD);
        Ok(if right { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        id: ChannelId,
        _name: &str,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        if self.oddities.no_sftp {
            return session.channel_failure(id);
        }
        let channel = self.channels.remove(&id).unwrap();
        session.channel_success(id)?;
        let hang_up = self.hang_up.clone();
        let sftp = Sftp { oddities: self.oddities, files: self.files.clone(), listed: false, hang_up };
        russh_sftp::server::run(channel.into_stream(), sftp).await;
        Ok(())
    }
}

/// Handles are paths: the server keeps no other state of an open file.
struct Sftp {
    oddities: Oddities,
    files: Files,
    listed: bool,
    hang_up: Arc<Notify>,
}

fn ok(id: u32) -> Status {
    Status { id, status_code: StatusCode::Ok, error_message: "Ok".into(), language_tag: "en".into() }
}

impl Sftp {
    fn attributes(&self, id: u32, path: &str) -> Result<Attrs, StatusCode> {
        let mut attrs = FileAttributes::empty();
        if path == "/in" {
            attrs.set_type(FileMode::DIR);
        } else {
            attrs.size = Some(lock(&self.files).get(path).ok_or(StatusCode::NoSuchFile)?.len() as u64);
            attrs.set_type(FileMode::REG);
        }
        Ok(Attrs { id, attrs })
    }
}

impl russh_sftp::server::Handler for Sftp {
    type Error = StatusCode;

    fn unimplemented(&self) -> StatusCode {
        StatusCode::OpUnsupported
    }

    async fn init(&mut self, _version: u32, _extensions: HashMap<String, String>) -> Result<Version, StatusCode> {
        Ok(Version::new())
    }

    async fn open(&mut self, id: u32, path: String, flags: OpenFlags, _: FileAttributes) -> Result<Handle, StatusCode> {
        let lost = self.oddities.loses_create_answer
            && !path.ends_with(".part")
            && lock(&self.files).keys().all(|name| name.ends_with(".part"));
        if lost {
            lock(&self.files).insert(path, Vec::new());
            self.hang_up.notify_one();
            std::future::pending::<()>().await;
            return Err(StatusCode::Failure);
        }
        let mut files = lock(&self.files);
        let exists = files.contains_key(&path);
        if (exists && flags.contains(OpenFlags::EXCLUDE)) || !path.starts_with("/in/") {
            return Err(StatusCode::Failure);
        }
        if !exists && !flags.contains(OpenFlags::CREATE) {
            return Err(StatusCode::NoSuchFile);
        }
        if !exists || flags.contains(OpenFlags::TRUNCATE) {
            files.insert(path.clone(), Vec::new());
        }
        Ok(Handle { id, handle: path })
    }

    async fn close(&mut self, id: u32, _handle: String) -> Result<Status, StatusCode> {
        Ok(ok(id))
    }

    async fn write(&mut self, id: u32, handle: String, offset: u64, data: Vec<u8>) -> Result<Status, StatusCode> {
        if self.oddities.mute_on_write {
            std::future::pending::<()>().await;
        }
        let mut files = lock(&self.files);
        let file = files.get_mut(&handle).ok_or(StatusCode::Failure)?;
        let end = offset as usize + data.len();
        if file.len() < end {
            file.resize(end, 0);
        }
        file[offset as usize..end].copy_from_slice(&data);
        if let Some(max) = self.oddities.keeps_bytes_max {
            file.truncate(max);
        }
        Ok(ok(id))
    }

    async fn read(&mut self, id: u32, handle: String, offset: u64, len: u32) -> Result<Data, StatusCode> {
        let files = lock(&self.files);
        let file = files.get(&handle).ok_or(StatusCode::Failure)?;
        let rest = file.get(offset as usize..).filter(|r| !r.is_empty()).ok_or(StatusCode::Eof)?;
        let count = rest.len().min(len as usize).min(self.oddities.read_bytes_max.unwrap_or(usize::MAX));
        Ok(Data { id, data: rest[..count].to_vec() })
    }

    async fn lstat(&mut self, id: u32, path: String) -> Result<Attrs, StatusCode> {
        self.attributes(id, &path)
    }

    async fn stat(&mut self, id: u32, path: String) -> Result<Attrs, StatusCode> {
        self.attributes(id, &path)
    }

    async fn remove(&mut self, id: u32, path: String) -> Result<Status, StatusCode> {
        lock(&self.files).remove(&path).map(|_| ok(id)).ok_or(StatusCode::NoSuchFile)
    }

    async fn rename(&mut self, id: u32, from: String, to: String) -> Result<Status, StatusCode> {
        if self.oddities.cannot_rename {
            return Err(StatusCode::OpUnsupported);
        }
        let mut files = lock(&self.files);
        let is_kept = self.oddities.keeps_parts && from.ends_with(".part") && !from.contains(".old");
        if is_kept || files.contains_key(&to) {
            return Err(StatusCode::Failure);
        }
        let mut content = files.remove(&from).ok_or(StatusCode::NoSuchFile)?;
        if self.oddities.clips_renamed {
            content.pop();
        }
        files.insert(to, content);
        Ok(ok(id))
    }

    async fn opendir(&mut self, id: u32, path: String) -> Result<Handle, StatusCode> {
        self.listed = false;
        if path == "/in" { Ok(Handle { id, handle: path }) } else { Err(StatusCode::NoSuchFile) }
    }

    async fn readdir(&mut self, id: u32, handle: String) -> Result<Name, StatusCode> {
        if std::mem::replace(&mut self.listed, true) {
            return Err(StatusCode::Eof);
        }
        let names: Vec<String> = lock(&self.files).keys().cloned().collect();
        let file = |path: String| {
            let attrs = self.attributes(id, &path).unwrap().attrs;
            File::new(path.strip_prefix(&format!("{handle}/")).unwrap(), attrs)
        };
        Ok(Name { id, files: names.into_iter().map(file).collect() })
    }
}
