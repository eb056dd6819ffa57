//! What a domain publishes about itself: policy and organizational domain by the tree walk of RFC 9989 §4.10.
//!
//! The names are fixed beforehand, so that they are asked all at once; who stops early just ignores the rest.
//! `np` is not read: a policy matters for the domains of staff, and those exist.

use crate::desk::model::{Answer, Answers, Policy};
use crate::mail::dkim::Tags;

/// RFC 9989 §4.10: queries of one walk.
const MAX_STEPS: usize = 8;

/// Result of a walk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walk {
    /// Of the record that governs the domain.
    pub policy: Policy,
    /// `None`: a name on the way could not be looked up.
    pub organization: Option<String>,
    /// `adkim=s`: only the very domain is aligned.
    pub strict_alignment: bool,
}

/// The domains that a walk passes, the longest first.
fn steps(domain: &str) -> Vec<&str> {
    let mut out = vec![domain];
    let mut rest = domain;
    // RFC 9989 §4.10: of a very long name the walk goes on at its last seven labels.
    while rest.split('.').count() > MAX_STEPS {
        rest = rest.split_once('.').map_or("", |(_, up)| up);
    }
    while let Some((_, up)) = rest.split_once('.') {
        out.push(up);
        rest = up;
    }
    out.truncate(MAX_STEPS);
    out
}

/// The names that must be asked for a walk.
pub fn names(domain: &str) -> Vec<String> {
    steps(domain).into_iter().map(query).collect()
}

fn query(domain: &str) -> String {
    format!("_dmarc.{domain}")
}

/// A DMARC record, as far as it is needed here.
#[derive(Debug, Clone)]
struct Record {
    policy: Option<Policy>,
    subdomains: Option<Policy>,
    test: bool,
    strict_alignment: bool,
    /// `psd=`: `Some(true)` a public suffix, `Some(false)` an organizational domain.
    suffix: Option<bool>,
    reports: bool,
}

/// RFC 9989 §4.7; `v=DMARC1` stands first.
fn record(text: &str) -> Option<Record> {
    let tags = Tags::read(text).filter(|t| t.first() == Some(("v", "DMARC1")))?;
    let policy = |tag: &str| match tags.get(tag).map(str::to_ascii_lowercase).as_deref() {
        Some("quarantine" | "reject") => Some(Policy::Strict),
        Some("none") => Some(Policy::Lax),
        _ => None,
    };
    let word = |tag: &str, wanted: &str| tags.get(tag).is_some_and(|v| v.eq_ignore_ascii_case(wanted));
    let suffix = match (word("psd", "y"), word("psd", "n")) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    };
    Some(Record {
        policy: policy("p"),
        subdomains: policy("sp"),
        test: word("t", "y"),
        strict_alignment: word("adkim", "s"),
        suffix,
        reports: tags.get("rua").is_some_and(|r| !r.is_empty()),
    })
}

impl Record {
    /// RFC 9989 §4.10.1: a record without a policy means `none` where it asks for reports, else nothing at
    /// all.
    fn asks(&self, of_subdomain: bool) -> Policy {
        match (self.policy, self.test) {
            (None, _) | (Some(_), true) => Policy::Lax,
            (Some(p), false) if of_subdomain => self.subdomains.unwrap_or(p),
            (Some(p), false) => p,
        }
    }

    fn in_force(&self) -> bool {
        self.policy.is_some() || self.reports
    }
}

/// Walks up from a domain over the answers.
pub fn walk(domain: &str, answers: &Answers) -> Walk {
    let mut found: Vec<(&str, Record)> = Vec::new();
    let mut complete = true;
    for step in steps(domain) {
        let texts = match answers.get(&query(step)) {
            Some(Answer::Texts(texts)) => texts.as_slice(),
            Some(Answer::Nothing) => &[],
            Some(Answer::Failed) | None => {
                complete = false;
                break;
            }
        };
        // RFC 9989 §4.10: several records at one name are none.
        let mut records = texts.iter().filter_map(|t| record(t));
        if let (Some(one), None) = (records.next(), records.next()) {
            let stop = one.suffix.is_some();
            found.push((step, one));
            if stop {
                break;
            }
        }
    }
    let organization = organization(domain, &found);
    let own = found.iter().find(|(d, _)| *d == domain);
    let governs = own
        .or_else(|| found.iter().find(|(d, _)| *d == organization))
        .or(found.last())
        .filter(|(_, r)| r.in_force());
    let policy = match (own.is_some() || complete, governs) {
        (false, _) => Policy::Unknown,
        (true, None) => Policy::Lax,
        (true, Some((d, r))) => r.asks(*d != domain),
    };
    Walk {
        policy,
        strict_alignment: governs.is_some_and(|(_, r)| r.strict_alignment),
        organization: complete.then_some(organization),
    }
}

/// RFC 9989 §4.10.2.
fn organization(domain: &str, found: &[(&str, Record)]) -> String {
    if let Some((d, _)) = found.iter().find(|(_, r)| r.suffix == Some(false)) {
        return (*d).to_owned();
    }
    if let Some((suffix, _)) = found.iter().find(|(d, r)| r.suffix == Some(true) && *d != domain) {
        let below = domain.strip_suffix(&format!(".{suffix}")).unwrap_or(domain);
        let label = below.rsplit('.').next().unwrap_or(below);
        return format!("{label}.{suffix}");
    }
    found.last().map_or(domain, |(d, _)| d).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A domain, the records of its zone, and what follows: policy and organization.
    type Case = (&'static str, &'static [(&'static str, &'static str)], Policy, &'static str);

    fn answers(zone: &[(&str, &str)]) -> Answers {
        let mut out: Answers =
            ["a.b.example.com", "b.example.com", "example.com", "com", "co.uk", "x.co.uk", "uk"]
                .iter()
                .map(|d| (query(d), Answer::Nothing))
                .collect();
        out.extend(zone.iter().map(|(d, text)| (query(d), Answer::Texts(vec![(*text).to_owned()]))));
        out
    }

    fn of(domain: &str, zone: &[(&str, &str)]) -> (Policy, String) {
        let walk = walk(domain, &answers(zone));
        (walk.policy, walk.organization.unwrap_or_default())
    }

    #[test]
    fn policies_and_organizational_domains() {
        use Policy::{Lax, Strict};
        let table: [Case; 12] = [
            ("example.com", &[], Lax, "example.com"),
            ("example.com", &[("example.com", "v=DMARC1; p=reject")], Strict, "example.com"),
            ("example.com", &[("example.com", "v=DMARC1; p=quarantine; t=y")], Lax, "example.com"),
            ("example.com", &[("example.com", "v=DMARC1; p=none")], Lax, "example.com"),
            ("example.com", &[("example.com", "p=reject; v=DMARC1")], Lax, "example.com"),
            ("example.com", &[("example.com", "v=DMARC1; p=reject; p=none")], Lax, "example.com"),
            ("a.b.example.com", &[("example.com", "v=DMARC1; p=reject")], Strict, "example.com"),
            ("a.b.example.com", &[("example.com", "v=DMARC1; p=reject; sp=none")], Lax, "example.com"),
            (
                "b.example.com",
                &[("b.example.com", "v=DMARC1; p=none"), ("example.com", "v=DMARC1; p=reject")],
                Lax,
                "example.com",
            ),
            ("a.b.example.com", &[("b.example.com", "v=DMARC1; p=reject; psd=n")], Strict, "b.example.com"),
            ("x.co.uk", &[("co.uk", "v=DMARC1; p=reject; psd=y")], Strict, "x.co.uk"),
            ("co.uk", &[("co.uk", "v=DMARC1; p=none; psd=y")], Lax, "co.uk"),
        ];
        for (domain, zone, policy, organization) in table {
            assert_eq!(of(domain, zone), (policy, organization.to_owned()), "{domain} {zone:?}");
        }
    }

    #[test]
    fn what_cannot_be_looked_up_is_unknown() {
        let mut zone = answers(&[("example.com", "v=DMARC1; p=reject")]);
        zone.insert(query("b.example.com"), Answer::Failed);
        assert_eq!(walk("b.example.com", &zone), Walk::default());
        zone.insert(query("com"), Answer::Failed);
        let own = walk("example.com", &zone);
        assert_eq!(
            (own.policy, own.organization),
            (Policy::Strict, None),
            "its own record is known all the same"
        );
    }

    #[test]
    fn a_long_name_takes_eight_steps() {
        let long = "a.b.c.d.e.f.g.h.i.j.mail.example.com";
        let steps = steps(long);
        assert_eq!((steps.len(), steps[0], steps[1], steps[7]), (8, long, "g.h.i.j.mail.example.com", "com"));
    }
}
