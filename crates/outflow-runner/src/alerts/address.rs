//! Which addresses a webhook may reach.
//!
//! Whoever may subscribe to alerts chooses a URL that this server requests. So that it does not become a way into the
//! server's own network, addresses that are not of the public internet are refused, unless the operator allows them.
//! Names are looked up by the client that connects, through the check, so that a name cannot lead elsewhere in between.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// What is told of a forbidden address.
pub(super) const FORBIDDEN: &str =
    "leads to an address of the server's own network, which its settings (alerts.allow_private_addresses) do not allow";

/// Whether a URL's host is an address that is forbidden, or a name that always means one.
pub(super) fn is_forbidden_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => is_forbidden(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => is_forbidden(IpAddr::V6(address)),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
        }
        None => true,
    }
}

/// Whether an address is not one of the public internet.
pub(super) fn is_forbidden(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_forbidden_v4(address),
        IpAddr::V6(address) => is_forbidden_v6(address),
    }
}

fn is_forbidden_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        // This network; shared address space; protocol assignments; benchmarks; reserved, broadcast included.
        || a == 0
        || (a == 100 && b & 0xc0 == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && b & 0xfe == 18)
        || a >= 240
}

fn is_forbidden_v6(address: Ipv6Addr) -> bool {
    let s = address.segments();
    // Addresses that stand for one of version 4: mapped, compatible, NAT64, 6to4.
    let within = match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0, 0, 0, 0, 0, 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some((high, low))
        }
        [0x2002, high, low, ..] => Some((high, low)),
        _ => None,
    };
    if let Some((high, low)) = within {
        return is_forbidden_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    }
    // Global unicast is 2000::/3; of it, 2001::/23 is for protocols (Teredo among them), 2001:db8::/32 for documents.
    s[0] & 0xe000 != 0x2000 || (s[0] == 0x2001 && s[1] < 0x200) || (s[0] == 0x2001 && s[1] == 0xdb8)
}

/// Looks names up and answers only addresses that may be reached.
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().any(|address| is_forbidden(address.ip())) {
                return Err(FORBIDDEN.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_allowed() {
        for forbidden in [
            "127.0.0.1",
            "127.8.9.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "0.1.2.3",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.0.8",
            "203.0.113.9",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001:0:1::1",
            "100::1",
        ] {
            assert!(is_forbidden(forbidden.parse().unwrap()), "{forbidden}");
        }
        for allowed in [
            "1.1.1.1",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "198.20.0.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "2002:808:808::",
        ] {
            assert!(!is_forbidden(allowed.parse().unwrap()), "{allowed}");
        }
    }

    #[test]
    fn odd_spellings_of_loopback_are_loopback() {
        for url in
            ["http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://LOCALHOST./", "http://a.localhost/"]
        {
            assert!(is_forbidden_host(&Url::parse(url).unwrap()), "{url}");
        }
        assert!(!is_forbidden_host(&Url::parse("https://hooks.example.com/").unwrap()));
    }
}
