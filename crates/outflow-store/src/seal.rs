//! Keys, and sealing with them.
//!
//! Each secret is encrypted with a random key of its own (AES-256-GCM), and that key is encrypted with the **active**
//! key of the key file. Changing the active key therefore rewraps small keys and touches no secret. What a ciphertext
//! belongs to is authenticated with it: one that is moved to another row, owner or place does not open.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::zeroize::Zeroizing;

use crate::connect::Random;
use crate::error::StoreError;

/// Length of every key.
const KEY_BYTES: usize = 32;

/// Longest name of a key.
const KEY_ID_BYTES_MAX: usize = 64;

/// Longest key file that is read. A line has about fifty bytes.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// Most keys of a key file.
const KEYS_MAX: usize = 256;

type KeyBytes = Zeroizing<[u8; KEY_BYTES]>;

/// Keys by name, the active one first. There is one at least.
type Keys = Vec<(String, Arc<KeyBytes>)>;

/// The keys of a key file: lines of `NAME BASE64`, the base64 of 32 bytes. The first seals; all of them open.
///
/// Keys that were read from a file follow it: it is read again before something is sealed, and when a key is missing.
/// So a server need not be restarted for a new key.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<RwLock<Keys>>,
    path: Option<Arc<Path>>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

/// A sealed secret, as a row holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    /// The key of the key file that opens the wrapped key.
    pub(crate) key_id: String,
    /// The secret's own key, encrypted: Base64 of nonce, ciphertext and tag.
    pub(crate) wrapped_key: String,
    /// The secret, encrypted: the same.
    pub(crate) sealed: String,
}

/// What a secret belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// The row's id.
    pub(crate) id: &'a str,
    /// The sandbox.
    pub(crate) sandbox: &'a str,
    /// The document that it was cut out of.
    pub(crate) owner: &'a str,
    /// Where in the document.
    pub(crate) pointer: &'a str,
}

impl Place<'_> {
    /// What is authenticated beside a ciphertext. Lengths keep the parts apart.
    fn context(&self, purpose: &str) -> Vec<u8> {
        let mut context = Vec::new();
        for part in ["outflow secret 1", purpose, self.id, self.sandbox, self.owner, self.pointer] {
            context.extend_from_slice(&(part.len() as u64).to_be_bytes());
            context.extend_from_slice(part.as_bytes());
        }
        context
    }
}

impl KeyRing {
    /// Reads the text of a key file. Empty lines and those that begin with `#` are passed over.
    ///
    /// # Errors
    /// `Keys`, naming the line and never a key.
    pub fn parse(text: &str) -> Result<KeyRing, StoreError> {
        Ok(KeyRing { keys: Arc::new(RwLock::new(parse(text)?)), path: None })
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// `Keys` when it is not there, when others than its owner may read or write it, or for its content.
    pub fn read(path: &Path) -> Result<KeyRing, StoreError> {
        let keys = parse(&read_private(path)?)?;
        Ok(KeyRing { keys: Arc::new(RwLock::new(keys)), path: Some(path.into()) })
    }

    /// Makes a key file with one new key, readable by its owner alone.
    ///
    /// # Errors
    /// `Keys` when there is a file already, or it cannot be written.
    pub fn create(path: &Path, random: &Random) -> Result<KeyRing, StoreError> {
        let line = new_line(random)?;
        let text =
            Zeroizing::new(format!("# Keys that secrets are sealed with. Keep a copy in a safe place.\n{}", *line));
        write_private(path, &text)?;
        synchronize_folder(path)?;
        KeyRing::read(path)
    }

    /// Puts a new active key in front of the others of a key file. The file is replaced in one step.
    ///
    /// # Errors
    /// As [`KeyRing::read`] and [`KeyRing::create`].
    pub fn add_to(path: &Path, random: &Random) -> Result<KeyRing, StoreError> {
        let old = read_private(path)?;
        parse(&old)?;
        let text = Zeroizing::new(format!("{}{}", *new_line(random)?, *old));
        parse(&text)?;
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let new = Path::new(&name);
        // What a rotation left that was killed halfway: nothing is sealed with a key that never got its name.
        match std::fs::remove_file(new) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(unusable(new, "removed", &e)),
            _ => {}
        }
        write_private(new, &text)?;
        std::fs::rename(new, path).map_err(|e| unusable(path, "replaced", &e))?;
        synchronize_folder(path)?;
        KeyRing::read(path)
    }

    /// The name of the key that seals.
    pub fn active_id(&self) -> String {
        self.active().map_or_else(String::new, |(id, _)| id)
    }

    /// The names of all keys, the active one first.
    pub fn ids(&self) -> Vec<String> {
        self.held().iter().map(|(id, _)| id.clone()).collect()
    }

    fn held(&self) -> RwLockReadGuard<'_, Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn active(&self) -> Option<(String, Arc<KeyBytes>)> {
        self.held().first().cloned()
    }

    fn find(&self, id: &str) -> Option<Arc<KeyBytes>> {
        self.held().iter().find(|(known, _)| known == id).map(|(_, key)| key.clone())
    }

    /// Reads the file again. Where that fails the keys that are held go on.
    pub(crate) fn refresh(&self) {
        let Some(path) = &self.path else { return };
        if let Ok(keys) = read_private(path).and_then(|text| parse(&text)) {
            *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        }
    }

    fn key(&self, id: &str) -> Result<Arc<KeyBytes>, StoreError> {
        if let Some(key) = self.find(id) {
            return Ok(key);
        }
        self.refresh();
        let missing = || StoreError::Keys(format!("secrets are sealed with key {id}, which is not among the keys"));
        self.find(id).ok_or_else(missing)
    }

    /// A key's bytes, wrapped by the active key, and that key's name.
    fn wrap(&self, place: Place<'_>, own: &KeyBytes, random: &Random) -> Result<(String, String), StoreError> {
        self.refresh();
        let (id, key) = self.active().ok_or_else(|| StoreError::Keys("there is no key".to_owned()))?;
        let wrapped = encrypt(&key, &place.context(&key_purpose(&id)), own.as_slice(), random)?;
        Ok((id, wrapped))
    }

    /// Seals a secret with a new key of its own.
    pub(crate) fn seal(&self, place: Place<'_>, secret: &[u8], random: &Random) -> Result<Sealed, StoreError> {
        let mut own = Zeroizing::new([0; KEY_BYTES]);
        fill(random, own.as_mut_slice())?;
        let sealed = encrypt(&own, &place.context("secret"), secret, random)?;
        let (key_id, wrapped_key) = self.wrap(place, &own, random)?;
        Ok(Sealed { key_id, wrapped_key, sealed })
    }

    /// Opens a secret.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let own = self.unwrap(place, sealed)?;
        decrypt(&own, &place.context("secret"), &sealed.sealed).ok_or_else(|| damaged(place))
    }

    /// The same secret with its key wrapped by the active key.
    pub(crate) fn rewrap(&self, place: Place<'_>, sealed: &Sealed, random: &Random) -> Result<Sealed, StoreError> {
        let own = self.unwrap(place, sealed)?;
        let (key_id, wrapped_key) = self.wrap(place, &own, random)?;
        Ok(Sealed { key_id, wrapped_key, sealed: sealed.sealed.clone() })
    }

    fn unwrap(&self, place: Place<'_>, sealed: &Sealed) -> Result<KeyBytes, StoreError> {
        let key = self.key(&sealed.key_id)?;
        let own = decrypt(&key, &place.context(&key_purpose(&sealed.key_id)), &sealed.wrapped_key);
        let own = own.and_then(|own| key_from(&own));
        own.ok_or_else(|| damaged(place))
    }
}

fn parse(text: &str) -> Result<Keys, StoreError> {
    let mut keys = Keys::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |what: &str| StoreError::Keys(format!("line {} of the keys {what}", number + 1));
        let (id, key) = line.split_once(char::is_whitespace).ok_or_else(|| wrong("is not a name and a key"))?;
        if !is_key_id(id) {
            return Err(wrong("has a name that is not 1 to 64 letters, digits, - or _"));
        }
        if keys.iter().any(|(known, _)| known == id) {
            return Err(wrong("repeats a name"));
        }
        let key = key_of(key.trim()).ok_or_else(|| wrong("has a key that is not the base64 of 32 bytes"))?;
        keys.push((id.to_owned(), Arc::new(key)));
    }
    match keys.len() {
        0 => Err(StoreError::Keys("there is no key".to_owned())),
        1..=KEYS_MAX => Ok(keys),
        _ => Err(StoreError::Keys(format!("there are more than {KEYS_MAX} keys"))),
    }
}

/// The key that these bytes are, where there are enough of them.
fn key_from(bytes: &[u8]) -> Option<KeyBytes> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    (bytes.len() == KEY_BYTES).then(|| key.copy_from_slice(bytes))?;
    Some(key)
}

fn is_key_id(id: &str) -> bool {
    (1..=KEY_ID_BYTES_MAX).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn key_of(base64: &str) -> Option<KeyBytes> {
    let bytes = Zeroizing::new(BASE64_STANDARD.decode(base64).ok()?);
    key_from(&bytes)
}

/// What the wrapping of a key is bound to.
fn key_purpose(key_id: &str) -> String {
    format!("key {key_id}")
}

fn damaged(place: Place<'_>) -> StoreError {
    StoreError::Keys(format!(
        "the secret {} of {} does not open: its key is another one of the same name, or the row was changed",
        place.pointer, place.owner
    ))
}

fn fill(random: &Random, bytes: &mut [u8]) -> Result<(), StoreError> {
    random(bytes).map_err(|fault| StoreError::internal(fault.message))
}

/// Base64 of nonce, ciphertext and tag.
fn encrypt(key: &KeyBytes, context: &[u8], plain: &[u8], random: &Random) -> Result<String, StoreError> {
    let mut nonce = [0; NONCE_LEN];
    fill(random, &mut nonce)?;
    let failed = |_| StoreError::internal("sealing failed");
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_slice()).map_err(failed)?);
    let mut text = plain.to_vec();
    let nonce_used = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce_used, Aad::from(context), &mut text).map_err(failed)?;
    let mut bytes = nonce.to_vec();
    bytes.append(&mut text);
    Ok(BASE64_STANDARD.encode(bytes))
}

fn decrypt(key: &KeyBytes, context: &[u8], base64: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = BASE64_STANDARD.decode(base64).ok()?;
    let (nonce, text) = bytes.split_at_checked(NONCE_LEN)?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_slice()).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut text = Zeroizing::new(text.to_vec());
    let plain_bytes = key.open_in_place(nonce, Aad::from(context), &mut text).ok()?.len();
    text.truncate(plain_bytes);
    Some(text)
}

/// A line with a new key, named by random digits.
fn new_line(random: &Random) -> Result<Zeroizing<String>, StoreError> {
    let mut id = [0; 4];
    fill(random, &mut id)?;
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    fill(random, key.as_mut_slice())?;
    let base64 = Zeroizing::new(BASE64_STANDARD.encode(key.as_slice()));
    Ok(Zeroizing::new(format!("key-{:08x} {}\n", u32::from_be_bytes(id), *base64)))
}

fn unusable(path: &Path, what: &str, error: &std::io::Error) -> StoreError {
    StoreError::Keys(format!("the key file {} cannot be {what}: {}", path.display(), error.kind()))
}

fn read_private(path: &Path) -> Result<Zeroizing<String>, StoreError> {
    let file = File::open(path).map_err(|e| unusable(path, "opened", &e))?;
    let about = file.metadata().map_err(|e| unusable(path, "looked at", &e))?;
    let mode = about.mode() & 0o777;
    if mode & 0o077 != 0 {
        let path = path.display();
        return Err(StoreError::Keys(format!(
            "the key file {path} has mode {mode:04o}: others may use it; take their rights away with chmod 600"
        )));
    }
    let mut text = Zeroizing::new(String::new());
    file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(|e| unusable(path, "read", &e))?;
    match text.len() as u64 > FILE_BYTES_MAX {
        true => Err(StoreError::Keys(format!("the key file {} is longer than 64 KiB", path.display()))),
        false => Ok(text),
    }
}

fn write_private(path: &Path, text: &str) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut file = options.open(path).map_err(|e| unusable(path, "made", &e))?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|e| unusable(path, "written", &e))
}

/// Makes a name durable: what is sealed with a key must not outlive its file.
fn synchronize_folder(path: &Path) -> Result<(), StoreError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let done = File::open(folder).and_then(|folder| folder.sync_all());
    done.map_err(|e| unusable(path, "made durable", &e))
}
