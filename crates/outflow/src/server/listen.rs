//! Where the API listens, and where it must not.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};

use outflow_model::{Fault, FaultClass};
use tokio::net::TcpListener;

use super::settings::ServerSettings;

/// The addresses that the settings name, unless the API may not listen there.
///
/// # Errors
/// `Input` when there is no such address, or others than this machine could read tokens and secrets on their way.
pub fn addresses(settings: &ServerSettings) -> Result<Vec<SocketAddr>, Fault> {
    let listen = &settings.server.listen;
    let resolved = listen.to_socket_addrs().map_err(|e| {
        Fault::input(format!("{listen:?} is no address to listen on"))
            .tried("server.listen (--listen)")
            .hint("give ADDRESS:PORT, for example 127.0.0.1:8787")
            .because(e)
    })?;
    let resolved: Vec<SocketAddr> = resolved.collect();
    let public = resolved.iter().find(|address| !is_loopback(address.ip()));
    let server = &settings.server;
    let sheltered = server.behind_proxy || server.insecure_plain_http || has_tls(settings);
    match public {
        Some(address) if !sheltered => Err(Fault::input(format!(
            "listening on {address} in clear would show tokens and secrets to whoever sees the network"
        ))
        .tried("server.listen (--listen)")
        .hint(
            "set tls.cert_file and tls.key_file; or say --behind-proxy where a proxy in front of it speaks TLS; or listen \
             on 127.0.0.1; or say --insecure-plain-http to do it all the same",
        )),
        _ => Ok(resolved),
    }
}

/// Whether nobody but this machine's users reaches the server.
pub fn is_private(settings: &ServerSettings) -> bool {
    let resolved = settings.server.listen.to_socket_addrs();
    !settings.server.behind_proxy && resolved.is_ok_and(|mut all| all.all(|address| is_loopback(address.ip())))
}

/// Whether the server speaks TLS itself.
pub fn has_tls(settings: &ServerSettings) -> bool {
    !settings.tls.cert_file.as_os_str().is_empty()
}

/// The listener.
///
/// # Errors
/// `Input` when the address is taken or is not this machine's.
pub async fn bind(addresses: &[SocketAddr]) -> Result<TcpListener, Fault> {
    TcpListener::bind(addresses).await.map_err(|e| {
        let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        Fault::new(FaultClass::Input, format!("cannot listen on {}", list.join(", ")))
            .tried("server.listen (--listen)")
            .hint("stop what listens there, or choose another port")
            .because(e)
    })
}

/// Where clients on this machine find a server that listens on `bound`.
pub fn url(bound: SocketAddr, tls: bool) -> String {
    let scheme = if tls { "https" } else { "http" };
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::from(std::net::Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("{scheme}://{}", SocketAddr::new(ip, bound.port()))
}

fn is_loopback(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::settings::Layers;

    fn settings(listen: &str, change: &[(&str, &str)]) -> ServerSettings {
        let mut layers = Layers::defaults().unwrap();
        layers.option("--listen", "server", "listen", listen);
        layers.environment(change.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        layers.finish().unwrap()
    }

    #[test]
    fn only_loopback_is_listened_on_in_clear_unless_asked_for() {
        for listen in ["127.0.0.1:1", "[::1]:1", "127.8.8.8:1", "[::ffff:127.0.0.1]:1"] {
            assert!(addresses(&settings(listen, &[])).is_ok(), "{listen}");
        }
        for listen in ["0.0.0.0:1", "[::]:1", "192.0.2.1:1", "[::ffff:192.0.2.1]:1"] {
            let fault = addresses(&settings(listen, &[])).unwrap_err();
            assert!(fault.class == FaultClass::Input && fault.hint.contains("--behind-proxy"), "{listen}");
            for change in [
                &[("OUTFLOW_SERVER_BEHIND_PROXY", "true")][..],
                &[("OUTFLOW_SERVER_INSECURE_PLAIN_HTTP", "true")],
                &[("OUTFLOW_TLS_CERT_FILE", "c"), ("OUTFLOW_TLS_KEY_FILE", "k")],
            ] {
                assert!(addresses(&settings(listen, change)).is_ok(), "{listen} {change:?}");
            }
        }
        assert!(addresses(&settings("nowhere", &[])).is_err());
    }

    #[test]
    fn clients_of_this_machine_are_told_an_address_they_can_use() {
        assert_eq!(url("0.0.0.0:80".parse().unwrap(), false), "http://127.0.0.1:80");
        assert_eq!(url("[::]:80".parse().unwrap(), true), "https://[::1]:80");
        assert_eq!(url("192.0.2.1:443".parse().unwrap(), true), "https://192.0.2.1:443");
    }
}
