//! The files of a console.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::encoding::Encoding;

/// The page that is every place of the console.
pub(crate) const INDEX: &str = "index.html";

/// Files with their names, ordered by name.
#[derive(Clone, Copy, Debug)]
pub struct Files(&'static [(&'static str, &'static [u8])]);

/// A file as it is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) bytes: &'static [u8],
    pub(crate) encoding: Encoding,
    /// Whether there are other encodings of it, so that the answer depends on the request.
    pub(crate) varies: bool,
}

impl Files {
    /// Files with their names, which are ordered: `assets/page-1f3a.js`.
    pub const fn new(ordered: &'static [(&'static str, &'static [u8])]) -> Files {
        Files(ordered)
    }

    /// Whether there is a console among them.
    pub fn is_built(self) -> bool {
        self.bytes(INDEX).is_some()
    }

    /// The file of this name, in the best of the encodings that are taken.
    pub(crate) fn find(self, name: &str, takes: impl Fn(Encoding) -> bool) -> Option<Sent> {
        let plain = self.bytes(name)?;
        let encoded =
            Encoding::COMPRESSED.map(|encoding| (encoding, self.bytes(&format!("{name}{}", encoding.ending()))));
        let varies = encoded.iter().any(|(_, bytes)| bytes.is_some());
        let best =
            encoded.into_iter().find_map(|(encoding, bytes)| Some((encoding, bytes.filter(|_| takes(encoding))?)));
        let (encoding, bytes) = best.unwrap_or((Encoding::Plain, plain));
        Some(Sent { bytes, encoding, varies })
    }

    fn bytes(self, name: &str) -> Option<&'static [u8]> {
        let at = self.0.binary_search_by_key(&name, |(name, _)| name).ok()?;
        self.0.get(at).map(|(_, bytes)| *bytes)
    }
}

impl Sent {
    /// What its `ETag` is: another one for other bytes. Releases may have different ones for the same bytes, which costs a
    /// browser one request.
    pub(crate) fn etag(self) -> String {
        let mut hasher = DefaultHasher::new();
        self.bytes.hash(&mut hasher);
        format!("\"{:016x}\"", hasher.finish())
    }
}

/// The media type of a file, by its name.
pub(crate) fn media_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
pub(crate) const FIXTURE: Files = Files::new(include!(concat!(env!("OUT_DIR"), "/fixture.rs")));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_embedded_in_order() {
        let names: Vec<&str> = FIXTURE.0.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            names,
            ["assets/page-1f3a.js", "assets/page-1f3a.js.br", "assets/page-1f3a.js.gz", "icon.svg", INDEX]
        );
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixture/");
        for (name, bytes) in FIXTURE.0 {
            assert_eq!(std::fs::read(format!("{folder}{name}")).unwrap(), *bytes, "{name}");
        }
        assert!(FIXTURE.is_built() && !Files::new(&[]).is_built());
    }

    #[test]
    fn the_best_encoding_that_is_taken_is_sent() {
        let sent = |takes: &[Encoding]| FIXTURE.find("assets/page-1f3a.js", |one| takes.contains(&one)).unwrap();
        assert_eq!(sent(&[Encoding::Gzip, Encoding::Brotli]).encoding, Encoding::Brotli);
        assert_eq!(sent(&[Encoding::Gzip]).encoding, Encoding::Gzip);
        assert_eq!((sent(&[]).encoding, sent(&[]).varies), (Encoding::Plain, true));
        let icon = FIXTURE.find("icon.svg", |_| true).unwrap();
        assert_eq!((icon.encoding, icon.varies), (Encoding::Plain, false));
        assert!(FIXTURE.find("none", |_| true).is_none());
    }

    #[test]
    fn encodings_of_a_file_have_etags_of_their_own() {
        let etag = |takes: bool| FIXTURE.find("assets/page-1f3a.js", |_| takes).unwrap().etag();
        assert_eq!(etag(true), etag(true));
        assert_ne!(etag(true), etag(false));
    }
}
