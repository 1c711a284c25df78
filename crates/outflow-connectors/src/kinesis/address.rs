//! Where a stream is: endpoint, region, name.

use std::sync::OnceLock;

use outflow_connector_kit::{Fault, FaultClass};
use url::Url;

use super::config::{Account, Target, is_amazons};
use crate::aws::region::{domain, partition};

/// Endpoint, region and name of a stream.
#[derive(Debug)]
pub(super) struct Address {
    /// Scheme, host and port, without a slash at the end.
    endpoint: String,
    /// Whether it is not Amazon's.
    is_foreign: bool,
    /// The region that requests are signed for.
    pub region: String,
    stream: String,
    /// The stream's ARN, once the service has said it.
    arn: OnceLock<String>,
}

impl Address {
    pub(super) fn new(account: &Account, target: Option<&Target>) -> Result<Address, Fault> {
        let config = |message: &str| Fault::new(FaultClass::Config, message);
        let region = target.and_then(|t| t.region().map(str::to_owned)).or_else(|| account.region());
        let custom = account.endpoint_url();
        let region = match (region, custom) {
            (Some(region), _) => region,
            // An account that has no target yet may leave the region to it; there is nobody else's to ask.
            (None, _) if target.is_none() => "us-east-1".to_owned(),
            (None, _) => return Err(config("the region is missing").hint("Set region to the region of the stream.")),
        };
        let (endpoint, is_foreign) = match custom {
            Some(text) => {
                let url = Url::parse(text).map_err(|e| config("the endpointUrl is not a URL").because(e))?;
                // An endpoint in a private network or with another certificate is Amazon's all the same.
                (url.as_str().trim_end_matches('/').to_owned(), !url.domain().is_some_and(is_amazons))
            }
            None => (format!("https://kinesis.{region}.{}", domain(&region)), false),
        };
        let stream = target.map(|t| t.stream.clone()).unwrap_or_default();
        Ok(Address { endpoint, is_foreign, region, stream, arn: OnceLock::new() })
    }

    #[cfg(test)]
    pub(super) fn fixed(endpoint: &str, region: &str, stream: &str) -> Address {
        Address {
            endpoint: endpoint.into(),
            is_foreign: false,
            region: region.into(),
            stream: stream.into(),
            arn: OnceLock::new(),
        }
    }

    /// Scheme, host and port, for messages.
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Where requests are sent.
    pub(super) fn url(&self) -> String {
        format!("{}/", self.endpoint)
    }

    /// Where AssumeRole is sent: a server that is not Amazon's answers it itself.
    pub(super) fn sts_url(&self) -> String {
        if self.is_foreign {
            return self.url();
        }
        format!("https://sts.{}.{}/", self.region, domain(&self.region))
    }

    pub(super) fn stream(&self) -> &str {
        &self.stream
    }

    /// What messages are delivered to, for people.
    pub(super) fn place(&self) -> String {
        format!("kinesis://{}/{}", self.region, self.stream)
    }

    /// Keeps the stream's ARN.
    pub(super) fn learn_arn(&self, arn: &str) {
        // It never changes: the first is as good as the last.
        let _ = self.arn.set(arn.to_owned());
    }

    /// The stream's ARN; without the account's number as long as the service has not said it.
    pub(super) fn arn(&self) -> String {
        let made = || format!("arn:{}:kinesis:{}:*:stream/{}", partition(&self.region), self.region, self.stream);
        self.arn.get().cloned().unwrap_or_else(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize as _;
    use serde_json::json;

    #[test]
    fn endpoints_follow_from_regions_and_roles_from_endpoints() {
        let account = |value| Account::deserialize(value).unwrap();
        let target = Target::deserialize(json!({"stream": "s", "region": "cn-north-1"})).unwrap();
        let china = Address::new(&account(json!({"region": "eu-west-1"})), Some(&target)).unwrap();
        assert_eq!(china.url(), "https://kinesis.cn-north-1.amazonaws.com.cn/");
        assert_eq!(china.sts_url(), "https://sts.cn-north-1.amazonaws.com.cn/");
        assert_eq!(china.arn(), "arn:aws-cn:kinesis:cn-north-1:*:stream/s");
        china.learn_arn("arn:aws-cn:kinesis:cn-north-1:123456789012:stream/s");
        assert!(china.arn().contains("123456789012"));
        let local = Address::new(&account(json!({"endpointUrl": "http://127.0.0.1:4567/"})), Some(&target)).unwrap();
        assert_eq!(
            (local.url().as_str(), local.sts_url().as_str()),
            ("http://127.0.0.1:4567/", "http://127.0.0.1:4567/")
        );
        let private = account(json!({"endpointUrl": "https://vpce-1.kinesis.eu-west-1.vpce.amazonaws.com"}));
        assert_eq!(Address::new(&private, None).unwrap().sts_url(), "https://sts.eu-west-1.amazonaws.com/");
        let dual = account(json!({"endpointUrl": "https://kinesis.eu-west-1.api.aws"}));
        assert_eq!(Address::new(&dual, None).unwrap().sts_url(), "https://sts.eu-west-1.amazonaws.com/");
        let other = account(json!({"endpointUrl": "https://kinesis.amazonaws.com.example.org", "region": "r"}));
        assert_eq!(Address::new(&other, None).unwrap().sts_url(), "https://kinesis.amazonaws.com.example.org/");
    }
}
