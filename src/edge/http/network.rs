//! Networks, as limits count them: one IPv4 address, or the /64 that one IPv6 customer has (T67).

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// A network of one customer; written as `192.0.2.7/32` or `2001:db8::/64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address. An IPv4 address in IPv6 clothes is the IPv4 address.
    pub fn of(ip: IpAddr) -> Self {
        Self(match ip.to_canonical() {
            IpAddr::V4(ip) => IpAddr::V4(ip),
            IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = if self.0.is_ipv4() { 32 } else { 64 };
        write!(f, "{}/{bits}", self.0)
    }
}

/// Whether an address lies in one of these networks (address, bits).
pub fn is_within(ip: IpAddr, networks: &[(IpAddr, u8)]) -> bool {
    networks.iter().any(|&(network, bits)| match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits.min(32))).unwrap_or(0);
            (ip.to_bits() ^ network.to_bits()) & mask == 0
        }
        (IpAddr::V6(ip), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits.min(128))).unwrap_or(0);
            (ip.to_bits() ^ network.to_bits()) & mask == 0
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn t67_limits_count_by_network() {
        let named = |text| Network::of(ip(text)).to_string();
        assert_eq!(named("192.0.2.7"), "192.0.2.7/32");
        assert_eq!(named("::ffff:192.0.2.7"), "192.0.2.7/32");
        assert_eq!(named("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert!(is_within(ip("10.1.2.3"), &[(ip("0.0.0.0"), 0)]));
        assert!(!is_within(ip("10.1.2.3"), &[(ip("::"), 0)]));
        assert!(is_within(ip("10.1.2.3"), &[(ip("::"), 0), (ip("10.1.0.0"), 16)]));
    }
}
