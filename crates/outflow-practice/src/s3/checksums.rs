//! The additional checksums of S3.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::Checksum as _;
use s3s::{S3ErrorCode, S3Result, s3_error};
use serde::{Deserialize, Serialize};

/// [`Checksums`] from anything with S3's five checksum members.
macro_rules! checksums_of {
    ($from:expr) => {{
        let from = $from;
        $crate::s3::checksums::Checksums::new([
            ($crate::s3::checksums::Algorithm::Crc32, from.checksum_crc32.clone()),
            ($crate::s3::checksums::Algorithm::Crc32c, from.checksum_crc32c.clone()),
            ($crate::s3::checksums::Algorithm::Crc64nvme, from.checksum_crc64nvme.clone()),
            ($crate::s3::checksums::Algorithm::Sha1, from.checksum_sha1.clone()),
            ($crate::s3::checksums::Algorithm::Sha256, from.checksum_sha256.clone()),
        ])
    }};
}
pub(crate) use checksums_of;

/// Fills S3's five checksum members of an answer.
macro_rules! echo_checksums {
    ($output:expr, $checksums:expr) => {{
        $output.checksum_crc32 = $checksums.get($crate::s3::checksums::Algorithm::Crc32);
        $output.checksum_crc32c = $checksums.get($crate::s3::checksums::Algorithm::Crc32c);
        $output.checksum_crc64nvme = $checksums.get($crate::s3::checksums::Algorithm::Crc64nvme);
        $output.checksum_sha1 = $checksums.get($crate::s3::checksums::Algorithm::Sha1);
        $output.checksum_sha256 = $checksums.get($crate::s3::checksums::Algorithm::Sha256);
    }};
}
pub(crate) use echo_checksums;

/// An algorithm of `x-amz-checksum-*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    /// The name in `x-amz-checksum-algorithm`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Algorithm::Crc32 => "CRC32",
            Algorithm::Crc32c => "CRC32C",
            Algorithm::Crc64nvme => "CRC64NVME",
            Algorithm::Sha1 => "SHA1",
            Algorithm::Sha256 => "SHA256",
        }
    }

    /// The algorithm of a name in any case.
    pub(crate) fn from_name(name: &str) -> Option<Algorithm> {
        [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64nvme, Algorithm::Sha1, Algorithm::Sha256]
            .into_iter()
            .find(|a| a.name().eq_ignore_ascii_case(name))
    }

    fn digest_bytes(self) -> usize {
        match self {
            Algorithm::Crc32 | Algorithm::Crc32c => 4,
            Algorithm::Crc64nvme => 8,
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
        }
    }

    /// Switches the algorithm on in `hasher`.
    pub(crate) fn enable(self, hasher: &mut ChecksumHasher) {
        match self {
            Algorithm::Crc32 => hasher.crc32 = Some(s3s::crypto::Crc32::new()),
            Algorithm::Crc32c => hasher.crc32c = Some(s3s::crypto::Crc32c::new()),
            Algorithm::Crc64nvme => hasher.crc64nvme = Some(s3s::crypto::Crc64Nvme::new()),
            Algorithm::Sha1 => hasher.sha1 = Some(s3s::crypto::Sha1::new()),
            Algorithm::Sha256 => hasher.sha256 = Some(s3s::crypto::Sha256::new()),
        }
    }
}

/// Checksums in Base64, by algorithm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Checksums(BTreeMap<Algorithm, String>);

impl Checksums {
    pub(crate) fn new(values: [(Algorithm, Option<String>); 5]) -> Checksums {
        Checksums(values.into_iter().filter_map(|(a, v)| Some((a, v?))).collect())
    }

    pub(crate) fn get(&self, algorithm: Algorithm) -> Option<String> {
        self.0.get(&algorithm).cloned()
    }

    pub(crate) fn insert(&mut self, algorithm: Algorithm, value: String) {
        self.0.insert(algorithm, value);
    }

    pub(crate) fn algorithms(&self) -> impl Iterator<Item = Algorithm> + '_ {
        self.0.keys().copied()
    }

    /// Refuses what no checksum can be: more than one, or a value of the wrong length.
    pub(crate) fn validate(&self) -> S3Result<()> {
        if self.0.len() > 1 {
            return Err(s3_error!(
                InvalidRequest,
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
            ));
        }
        for (algorithm, value) in &self.0 {
            if BASE64.decode(value).map_or(0, |d| d.len()) != algorithm.digest_bytes() {
                let name = algorithm.name().to_lowercase();
                return Err(s3_error!(InvalidRequest, "Value for x-amz-checksum-{name} header is invalid."));
            }
        }
        Ok(())
    }

    /// Refuses when `computed` differs in any algorithm that `self` has.
    pub(crate) fn verify(&self, computed: &Checksums) -> S3Result<()> {
        for (algorithm, value) in &self.0 {
            if computed.0.get(algorithm) != Some(value) {
                let name = algorithm.name();
                return Err(s3_error!(BadDigest, "The {name} you specified did not match the calculated checksum."));
            }
        }
        Ok(())
    }

    /// The checksum of the checksums of an object's parts, as S3 forms it: `BASE64-N`.
    pub(crate) fn composite(algorithm: Algorithm, parts: &[Checksums]) -> S3Result<Checksums> {
        let mut hasher = ChecksumHasher::default();
        algorithm.enable(&mut hasher);
        for part in parts {
            let value = part.0.get(&algorithm).ok_or(S3ErrorCode::InvalidPart)?;
            hasher.update(&BASE64.decode(value).map_err(|_| S3ErrorCode::InvalidPart)?);
        }
        let whole = checksums_of!(hasher.finalize());
        let value = whole.get(algorithm).unwrap_or_default();
        Ok(Checksums(BTreeMap::from([(algorithm, format!("{value}-{}", parts.len()))])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_told_apart() {
        let mut hasher = ChecksumHasher::default();
        Algorithm::Crc32.enable(&mut hasher);
        hasher.update(b"123456789");
        let sum = checksums_of!(hasher.finalize());
        // The published check value of CRC-32, cbf43926.
        assert_eq!(sum.get(Algorithm::Crc32).as_deref(), Some("y/Q5Jg=="));
        sum.validate().unwrap();
        let mut wrong = Checksums::default();
        wrong.insert(Algorithm::Crc32, "AAAAAA==".into());
        assert_eq!(wrong.verify(&sum).unwrap_err().code(), &S3ErrorCode::BadDigest);
        wrong.insert(Algorithm::Crc32, "AAAA".into());
        assert_eq!(wrong.validate().unwrap_err().code(), &S3ErrorCode::InvalidRequest);
    }
}
