//! Where a bucket's objects are: endpoint, region, style of URL.

use outflow_connector_kit::{Fault, FaultClass};
use url::Url;

use super::config::{Account, KEY_BYTES_MAX, Target};
use crate::aws::encode::push_encoded;
use crate::aws::region::{domain, partition};

/// The region that Amazon answers for every bucket, and that other stores take when none is set.
const REGION_DEFAULT: &str = "us-east-1";

/// Endpoint, bucket, prefix and region of a target, and the URLs that follow from them.
#[derive(Clone, Debug)]
pub(super) struct Address {
    /// A store that is not Amazon's, without a slash at its end.
    custom: Option<Url>,
    virtual_host: bool,
    bucket: String,
    prefix: String,
    /// The region that requests are signed for.
    pub region: String,
    /// Whether the region was given; else it is found.
    pub region_given: bool,
}

impl Address {
    pub(super) fn new(account: &Account, target: &Target) -> Result<Address, Fault> {
        let parse = |text: &str| {
            Url::parse(text).map_err(|e| Fault::new(FaultClass::Config, "the endpoint is not a URL").because(e))
        };
        let custom = account.endpoint().map(parse).transpose()?;
        let default_style = custom.is_none() && !target.bucket_name.contains('.');
        Ok(Address {
            virtual_host: account.path_style.map_or(default_style, |path_style| !path_style),
            custom,
            bucket: target.bucket_name.clone(),
            prefix: target.prefix().to_owned(),
            region: account.region().unwrap_or(REGION_DEFAULT).to_owned(),
            region_given: account.region().is_some(),
        })
    }

    /// Scheme, host and port of the store, for messages.
    pub(super) fn endpoint(&self) -> String {
        match &self.custom {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("https://s3.{}.{}", self.region, domain(&self.region)),
        }
    }

    /// Where AssumeRole is sent: a store that is not Amazon's answers it itself.
    pub(super) fn sts_endpoint(&self) -> String {
        match &self.custom {
            Some(_) => format!("{}/", self.endpoint()),
            None => format!("https://sts.{}.{}/", self.region, domain(&self.region)),
        }
    }

    /// Whether the connection is private, so that a payload need not be signed.
    pub(super) fn is_tls(&self) -> bool {
        self.custom.as_ref().is_none_or(|url| url.scheme() == "https")
    }

    pub(super) fn style(&self) -> &'static str {
        if self.virtual_host { "virtual-host style" } else { "path style" }
    }

    pub(super) fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The key of `name` below the prefix.
    pub(super) fn key(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) }
    }

    /// The name below the prefix that `key` has, if it is below it.
    pub(super) fn name<'k>(&self, key: &'k str) -> Option<&'k str> {
        if self.prefix.is_empty() { Some(key) } else { key.strip_prefix(&self.prefix)?.strip_prefix('/') }
    }

    /// `s3://bucket/key`.
    pub(super) fn place(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    /// The ARN of everything below the prefix.
    pub(super) fn objects_arn(&self) -> String {
        format!("{}/{}", self.bucket_arn(), self.key("*"))
    }

    /// The bucket's ARN.
    pub(super) fn bucket_arn(&self) -> String {
        format!("arn:{}:s3:::{}", partition(&self.region), self.bucket)
    }

    /// What journals know this target by. Holds no secret.
    pub(super) fn journal_target(&self) -> String {
        match &self.custom {
            Some(_) => format!("{} at {}", self.place(&self.prefix), self.endpoint()),
            None => self.place(&self.prefix),
        }
    }

    /// The URL of the bucket.
    pub(super) fn bucket_url(&self, query: &[(&str, &str)]) -> String {
        let mut url = self.base();
        // Path style needs no slash at its end, virtual-host style does: a path is never empty.
        if self.virtual_host {
            url.push('/');
        }
        push_query(&mut url, query);
        url
    }

    /// The URL of an object. A key with `.` or `..` between slashes has none: HTTP clients and proxies would resolve it.
    pub(super) fn object_url(&self, key: &str, query: &[(&str, &str)]) -> Result<String, Fault> {
        if key.len() > KEY_BYTES_MAX {
            return Err(Fault::input(format!("the key {key} has {} bytes, S3 allows {KEY_BYTES_MAX}", key.len()))
                .hint("Choose a shorter folder or file name."));
        }
        if key.is_empty() || key.split('/').any(|part| matches!(part, "." | "..")) {
            return Err(Fault::input(format!("the key `{key}` cannot be addressed over HTTP"))
                .hint("Rename the object so that no folder of its key is `.` or `..`."));
        }
        let mut url = self.base();
        url.push('/');
        push_encoded(&mut url, key, true);
        push_query(&mut url, query);
        Ok(url)
    }

    fn base(&self) -> String {
        let endpoint = self.endpoint();
        if self.bucket.is_empty() && self.virtual_host {
            // The service itself, before there is a bucket.
            return endpoint;
        }
        if !self.virtual_host {
            return format!("{endpoint}/{}", self.bucket);
        }
        match endpoint.split_once("://") {
            Some((scheme, rest)) => format!("{scheme}://{}.{rest}", self.bucket),
            None => endpoint,
        }
    }
}

fn push_query(url: &mut String, query: &[(&str, &str)]) {
    for (i, (name, value)) in query.iter().enumerate() {
        url.push(if i == 0 { '?' } else { '&' });
        push_encoded(url, name, false);
        url.push('=');
        push_encoded(url, value, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize as _;
    use serde_json::json;

    fn address(account: serde_json::Value, bucket: &str, path: &str) -> Address {
        let account = Account::deserialize(account).unwrap();
        Address::new(&account, &Target { bucket_name: bucket.into(), path: path.into() }).unwrap()
    }

    #[test]
    fn amazon_has_the_bucket_in_the_host_and_others_in_the_path() {
        let amazon = address(json!({"region": "eu-west-1"}), "exports", "/a/b/");
        assert_eq!(
            amazon.object_url("a/b/c d+é.csv", &[]).unwrap(),
            "https://exports.s3.eu-west-1.amazonaws.com/a/b/c%20d%2B%C3%A9.csv"
        );
        assert_eq!(amazon.bucket_url(&[("uploads", "")]), "https://exports.s3.eu-west-1.amazonaws.com/?uploads=");
        let dotted = address(json!({}), "my.exports", "");
        assert_eq!(dotted.bucket_url(&[]), "https://s3.us-east-1.amazonaws.com/my.exports");
        let local = address(json!({"endpoint": "http://127.0.0.1:9000/"}), "exports", "");
        assert_eq!(
            local.object_url("k", &[("partNumber", "1")]).unwrap(),
            "http://127.0.0.1:9000/exports/k?partNumber=1"
        );
        let forced = address(json!({"endpoint": "http://s3.local:9000", "pathStyle": false}), "exports", "");
        assert_eq!(forced.object_url("k", &[]).unwrap(), "http://exports.s3.local:9000/k");
    }

    #[test]
    fn keys_and_names_are_each_others_reverse() {
        let at = address(json!({}), "exports", "a/b");
        assert_eq!(at.key("c/d.csv"), "a/b/c/d.csv");
        assert_eq!(at.name("a/b/c/d.csv"), Some("c/d.csv"));
        assert_eq!(at.name("a/bc"), None);
        assert_eq!(at.objects_arn(), "arn:aws:s3:::exports/a/b/*");
    }

    #[test]
    fn keys_that_a_client_would_rewrite_are_refused() {
        let at = address(json!({}), "exports", "");
        for bad in ["a/../b", "./a", "", &"x".repeat(1025)] {
            assert!(at.object_url(bad, &[]).is_err(), "{bad}");
        }
        assert!(at.object_url("a..b/...c", &[]).is_ok());
    }
}
