//! Who calls: the address of the client behind configured proxies (T67), and what its program calls itself.

use crate::app::Client;
use crate::edge::http::{Network, is_within};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

const AGENT_CHARS_MAX: usize = 200;

/// The client of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Their address, as far as it is known.
    pub ip: IpAddr,
    /// What their program calls itself: at most 200 characters, no controls.
    pub agent: String,
}

impl Caller {
    /// Forwarding headers are believed only from a peer in one of the `proxies`.
    pub fn new(peer: IpAddr, headers: &HeaderMap, proxies: &[(IpAddr, u8)]) -> Self {
        let agent = headers.get(header::USER_AGENT).map_or_else(String::new, |v| {
            String::from_utf8_lossy(v.as_bytes())
                .chars()
                .filter(|c| !c.is_control())
                .take(AGENT_CHARS_MAX)
                .collect()
        });
        Self { ip: behind(peer.to_canonical(), headers, proxies), agent }
    }

    /// The caller in the form that the desk takes.
    pub fn client(&self) -> Client {
        Client {
            network: Network::of(self.ip).to_string(),
            ip: self.ip.to_string(),
            agent: self.agent.clone(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let caller = parts.extensions.get::<Caller>();
        Ok(caller.cloned().expect("the gate puts it there"))
    }
}

/// The rightmost address that is none of our proxies. Where two headers disagree, the client itself wrote one
/// of them, and nobody can tell which: then the address of the proxy counts.
fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[(IpAddr, u8)]) -> IpAddr {
    if !is_within(peer, proxies) {
        return peer;
    }
    let x_forwarded = HeaderName::from_static("x-forwarded-for");
    let cloudflare = HeaderName::from_static("cf-connecting-ip");
    let mut found: Option<IpAddr> = None;
    for (name, is_forwarded) in [(x_forwarded, false), (header::FORWARDED, true), (cloudflare, false)] {
        let Some(hops) = hops(headers, &name, is_forwarded) else {
            continue;
        };
        let Some(ip) = rightmost(&hops, proxies) else {
            return peer;
        };
        if found.is_some_and(|other| other != ip) {
            return peer;
        }
        found = Some(ip);
    }
    found.unwrap_or(peer)
}

/// The hops that a header names, left to right; `None` inside for what is not an address.
fn hops(headers: &HeaderMap, name: &HeaderName, is_forwarded: bool) -> Option<Vec<Option<IpAddr>>> {
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    if lines.is_empty() {
        return None;
    }
    let all = lines
        .iter()
        .flat_map(|line| line.to_str().unwrap_or("?").split(','))
        .map(|hop| if is_forwarded { node(hop) } else { address(hop) });
    Some(all.collect())
}

/// `for=` of one element of Forwarded (RFC 7239 §4).
fn node(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut nodes = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    address(nodes.next()?.1.trim().trim_matches('"'))
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    let ip = bare.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|s| s.ip()));
    ip.ok().map(|ip| ip.to_canonical())
}

fn rightmost(hops: &[Option<IpAddr>], proxies: &[(IpAddr, u8)]) -> Option<IpAddr> {
    let mut last = None;
    for hop in hops.iter().rev() {
        last = Some((*hop)?);
        if last.is_some_and(|ip| !is_within(ip, proxies)) {
            break;
        }
    }
    last
}

/// Stands for the peer where there is none, as in a test.
pub const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn seen(peer: &str, lines: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        let proxies = [(ip("127.0.0.0"), 8), (ip("2001:db8:1::"), 48)];
        Caller::new(ip(peer), &headers, &proxies).ip.to_string()
    }

    #[test]
    fn forwarding_headers_count_only_from_proxies() {
        let (xff, cf) = ("x-forwarded-for", "cf-connecting-ip");
        assert_eq!(seen("192.0.2.1", &[(xff, "8.8.8.8"), (cf, "8.8.8.8")]), "192.0.2.1");
        assert_eq!(seen("127.0.0.1", &[(xff, "8.8.8.8")]), "8.8.8.8");
        assert_eq!(seen("::ffff:127.0.0.1", &[(xff, "8.8.8.8")]), "8.8.8.8");
        assert_eq!(seen("127.0.0.1", &[(cf, "2001:db8::7")]), "2001:db8::7");
        assert_eq!(seen("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn the_rightmost_hop_that_is_no_proxy_is_the_client() {
        let xff = "x-forwarded-for";
        assert_eq!(seen("127.0.0.1", &[(xff, "1.1.1.1, 8.8.8.8, 127.0.0.2")]), "8.8.8.8");
        assert_eq!(seen("127.0.0.1", &[(xff, "1.1.1.1"), (xff, "8.8.8.8:99")]), "8.8.8.8");
        assert_eq!(seen("127.0.0.1", &[(xff, "1.1.1.1, nonsense")]), "127.0.0.1");
        let forwarded = "for=1.1.1.1;proto=https, For=\"[2001:db8::9]:4711\"";
        assert_eq!(seen("2001:db8:1::5", &[("forwarded", forwarded)]), "2001:db8::9");
    }

    #[test]
    fn headers_that_disagree_name_nobody() {
        let lines = [("x-forwarded-for", "8.8.8.8"), ("cf-connecting-ip", "9.9.9.9")];
        assert_eq!(seen("127.0.0.1", &lines), "127.0.0.1");
    }
}
