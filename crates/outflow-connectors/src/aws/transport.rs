//! The HTTP client of a session, and what its failures mean.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use outflow_connector_kit::{Fault, FaultClass};

/// A host that does not take a connection within this time is down or behind a firewall that drops packets.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A request on which not a byte moved for this long is given up. S3 keeps slow answers alive with blanks.
pub(crate) const IDLE_MAX: Duration = Duration::from_secs(60);

/// A service's own words are cut after this many characters.
const MESSAGE_CHARS_MAX: usize = 240;

/// An HTTP client that sends nothing but what it is told. Redirects would lose the signature and proxies are not ours to
/// choose: both are off, like the library's own second tries.
pub(crate) fn http_client() -> Result<reqwest::Client, Fault> {
    reqwest::Client::builder()
        .user_agent("outflow")
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(Duration::from_secs(20))
        .tcp_nodelay(true)
        .http1_only()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .build()
        .map_err(|e| {
            Fault::new(FaultClass::Config, "the HTTP client cannot be set up")
                .hint("Install certificate authorities (package ca-certificates).")
                .because(e)
        })
}

/// The fault of a request that got no answer from `endpoint`, and whether it may have been done all the same.
pub(crate) fn failed(error: reqwest::Error, endpoint: &str) -> (Fault, bool) {
    let connecting = error.is_connect();
    let error = error.without_url();
    let text = outflow_model::fault::chain(&error);
    let config = |message: String, hint: &str| Fault::new(FaultClass::Config, message).hint(hint);
    let down = |message: String, hint: &str| Fault::new(FaultClass::Unavailable, message).hint(hint);
    let fault = if text.contains("invalid HTTP") {
        config(
            format!("what answers at {endpoint} does not speak HTTP"),
            "Check scheme, host and port of the endpoint.",
        )
    } else if text.contains("invalid peer certificate") {
        config(
            format!("the certificate of {endpoint} is not trusted"),
            "Check the endpoint's host name, or add the certificate authority of its certificate to those this machine \
             trusts.",
        )
    } else if text.contains("InvalidContentType") {
        config(format!("what answers at {endpoint} does not speak TLS"), "Check the port, or use http://.")
    } else if text.contains("dns error") || text.contains("failed to lookup address") {
        down(format!("the host of {endpoint} has no address"), "Check the endpoint's host name and this machine's DNS.")
    } else if connecting {
        down(format!("{endpoint} cannot be reached"), "Check host, port and firewall, and that the service is running.")
    } else {
        down(format!("the connection to {endpoint} was cut"), "Try again; if it stays, look at the network.")
    };
    (fault.because(error), !connecting)
}

/// The fault of a request that stood still.
pub(crate) fn stalled(endpoint: &str, idle_max: Duration) -> Fault {
    let message = format!("{endpoint} stood still for {} s", idle_max.as_secs());
    Fault::new(FaultClass::Unavailable, message).hint("Try again; if it stays, look at service and network.")
}

/// The fault of a signature whose time the service does not accept; its answer's date says how far the clocks are apart.
pub(crate) fn skewed(headers: &HeaderMap, now: DateTime<Utc>, whose: &str) -> Fault {
    let date = headers.get("date").and_then(|v| v.to_str().ok());
    let theirs = date.and_then(|d| DateTime::parse_from_rfc2822(d).ok());
    let message = match theirs.map(|t| (now - t.with_timezone(&Utc)).num_seconds()) {
        Some(secs) if secs.abs() >= 60 => {
            let side = if secs > 0 { "ahead of" } else { "behind" };
            format!("this machine's clock is {} s {side} the {whose}'s", secs.abs())
        }
        _ => format!("this machine's clock and the {whose}'s differ too much"),
    };
    Fault::new(FaultClass::Config, message).hint("Set this machine's clock; signatures are good for 15 minutes.")
}

/// A service's own words on one line, cut.
pub(crate) fn said(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches('.');
    line.chars().filter(|c| !c.is_control()).take(MESSAGE_CHARS_MAX).collect()
}

/// The wait that the answer asks for.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let secs: u64 = headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(secs))
}

/// A source of pseudo-random numbers in 0..1 for waits (SplitMix64).
#[derive(Debug)]
pub(crate) struct Jitter(std::sync::atomic::AtomicU64);

impl Jitter {
    pub(crate) fn new(seed: u64) -> Jitter {
        Jitter(seed.into())
    }

    /// The next number.
    pub(crate) fn next(&self) -> f64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.0.fetch_add(STEP, std::sync::atomic::Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        f64::from(u32::try_from((z ^ (z >> 31)) >> 32).unwrap_or_default()) / f64::from(u32::MAX)
    }
}
