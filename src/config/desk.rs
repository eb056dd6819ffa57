//! `[desk]`, `[data]`, `[[staff]]`, `[trust]` and `[[route]]`: who the desk is and who works there.

use super::answers;
use super::nearest::nearest;
use super::reader::Reader;
use super::types::{
    DataConfig, DeskConfig, MailSource, MailboxConfig, RouteConfig, StaffConfig, TrustConfig,
};
use crate::desk::{Confirm, StaffProof};
use crate::mail::AddrSpec;
use url::Url;

const ADDRESS: &str = "an address such as \"bob@example.com\"";

/// Reads `[desk]`; `None` where a required key is missing or wrong.
pub(super) fn desk(s: &Reader) -> Option<DeskConfig> {
    let name =
        s.need("name", s.text("name"), "write what the desk is called, as in name = \"Example Support\"");
    let address = s.parsed("address", ADDRESS, AddrSpec::parse);
    let address = s.need("address", address, "write the address that customers write to");
    let url = s.parsed(
        "url",
        "http:// or https://, a host and perhaps a port, as in \"https://support.example.com\"",
        desk_url,
    );
    let url = s.need(
        "url",
        url,
        "write where customers reach the web pages, as in url = \"https://support.example.com\"",
    );
    let prefix = s.parsed("prefix", "1 to 20 letters and digits, a letter first", prefix);
    let categories = s.list("categories", "names in quotes", |t| Some(t.trim().to_owned()));
    let zone = s.parsed("zone", ZONE, zone).unwrap_or_else(|| "UTC".to_owned());
    let language =
        s.parsed("language", "a language tag such as \"en\"", language).unwrap_or_else(|| "en".to_owned());
    s.warn_unused("language", language != "en");
    let tagline = s.text("tagline");
    let website = s.parsed("website", WEB, web_url);
    let accent = s.parsed("accent", "a colour such as \"#0a5bd3\"", colour);
    let logo = s.path("logo");
    let security_contact = s.parsed("security_contact", "a mailto:, https: or tel: address", contact);
    let answers = answers::answers(s);
    check_planned(s);
    s.done();
    Some(DeskConfig {
        name: name?,
        address: address?,
        url: url?,
        prefix: prefix.unwrap_or_else(|| "DESK".to_owned()),
        categories,
        answers,
        zone,
        language,
        tagline,
        website,
        accent,
        logo,
        security_contact,
    })
}

/// Keys of `[desk]` that have no effect yet; they are checked all the same.
fn check_planned(s: &Reader) {
    s.path("help");
    let account = |t: &str| web_url(t).filter(|_| t.contains("{account}"));
    s.parsed("account_url", "an http or https address with {account} in it", account);
    for key in ["help", "account_url", "logo", "accent"] {
        s.warn_unused(key, true);
    }
}

/// What a value of `zone` must be.
pub(super) const ZONE: &str =
    "a name of this machine's time zone database, such as \"UTC\" or \"Africa/Nairobi\"";
/// What an address on the web must be.
pub(super) const WEB: &str = "an http or https address";

/// A zone that this machine knows.
pub(super) fn zone(text: &str) -> Option<String> {
    jiff::tz::TimeZone::get(text).ok().map(|_| text.to_owned())
}

/// An address by http or https with a host.
pub(super) fn web_url(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let fine = matches!(url.scheme(), "http" | "https") && url.has_host();
    fine.then(|| text.to_owned())
}

/// An address of scheme, host and port, and nothing else.
fn desk_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let fine = bare && url.username().is_empty() && url.password().is_none();
    (fine && web_url(text).is_some()).then_some(url)
}

fn prefix(text: &str) -> Option<String> {
    let fine = text.len() <= 20
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric());
    fine.then(|| text.to_owned())
}

// RFC 5646 §2.1, as far as a desk needs it: subtags of 1 to 8 letters and digits.
fn language(text: &str) -> Option<String> {
    let subtag = |t: &str| (1..=8).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric());
    let fine = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.split('-').all(subtag);
    fine.then(|| text.to_owned())
}

fn colour(text: &str) -> Option<String> {
    let hex = text.strip_prefix('#')?;
    (hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit())).then(|| text.to_owned())
}

// RFC 9116 §2.5.3: Contact is a URI.
fn contact(text: &str) -> Option<String> {
    let scheme = Url::parse(text).ok()?.scheme().to_owned();
    matches!(scheme.as_str(), "mailto" | "https" | "tel").then(|| text.to_owned())
}

/// Reads `[data]`.
pub(super) fn data(s: &Reader) -> DataConfig {
    let dir = s.path("dir").unwrap_or_else(|| "/var/lib/maildesk".into());
    let key_file = s.path("key_file").unwrap_or_else(|| dir.join("desk.key"));
    s.done();
    DataConfig { dir, key_file }
}

/// Reads `[trust]`.
pub(super) fn trust(s: &Reader) -> TrustConfig {
    let authserv_id = s.text("authserv_id");
    let staff_proof = match s.word("staff_proof", &["any", "both"]) {
        Some("both") => StaffProof::Both,
        _ => StaffProof::Any,
    };
    let confirm = match s.word("confirm", &["all", "proven", "none"]) {
        Some("none") => Confirm::None,
        Some("proven") => Confirm::Proven,
        _ => Confirm::All,
    };
    let aliases = s.list("aliases", ADDRESS, AddrSpec::parse);
    let own_lists = s.list("own_lists", "list ids such as \"desk.lists.example\"", domain);
    let topmost_without_id = s.flag("topmost_without_id").unwrap_or(false);
    let trusted_arc_sealers = s.list("trusted_arc_sealers", "domains such as \"arc.example\"", domain);
    let web_forms = s.list("web_forms", ADDRESS, AddrSpec::parse);
    s.done();
    TrustConfig {
        authserv_id,
        staff_proof,
        confirm,
        aliases,
        own_lists,
        topmost_without_id,
        trusted_arc_sealers,
        web_forms,
    }
}

fn domain(text: &str) -> Option<String> {
    let fine = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    fine.then(|| text.to_ascii_lowercase())
}

/// The addresses that are the desk itself (T27). A separator and a tag behind the local part, as in
/// `support+tag@`, name the desk, too.
pub(super) struct Own {
    addresses: Vec<AddrSpec>,
    separators: Vec<char>,
}

impl Own {
    /// The address of `[desk]`, the users of mailboxes, and the aliases.
    pub fn new(desk: Option<&DeskConfig>, mailboxes: &[MailboxConfig], trust: &TrustConfig) -> Self {
        let mut addresses: Vec<_> = desk.iter().map(|d| d.address.clone()).collect();
        let mut separators = vec!['+'];
        for mailbox in mailboxes {
            if let MailSource::Imap { login, .. } = &mailbox.source {
                addresses.extend(AddrSpec::parse(&login.user));
            }
            if mailbox.plus_addressing {
                separators.push(mailbox.separator);
            }
        }
        addresses.extend(trust.aliases.iter().cloned());
        Self { addresses, separators }
    }

    fn holds(&self, address: &AddrSpec) -> bool {
        self.addresses.iter().filter(|o| o.domain() == address.domain()).any(|own| {
            match address.local().strip_prefix(own.local()) {
                Some(tag) => tag.is_empty() || tag.starts_with(&self.separators[..]),
                None => false,
            }
        })
    }

    // T27: the desk is never requester, participant or recipient, so it cannot be staff.
    fn refuse(&self, s: &Reader, key: &'static str, address: &AddrSpec) {
        if self.holds(address) {
            s.wrong(
                key,
                format_args!(
                    "names {address}, an address of the desk itself, whose letters would come back to it; \
                     write the person's own address"
                ),
            );
        }
    }
}

/// Reads every `[[staff]]`.
pub(super) fn staff(root: &Reader, own: &Own) -> Vec<StaffConfig> {
    let mut all: Vec<StaffConfig> = Vec::new();
    for s in &root.tables("staff") {
        let name = s.need("name", s.text("name"), "write the person's name as customers see it");
        let address = s.parsed("address", ADDRESS, AddrSpec::parse);
        let address = s.need("address", address, "write the person's own address");
        let aliases = s.list("aliases", ADDRESS, AddrSpec::parse);
        let digest = s.flag("digest").unwrap_or(false);
        s.done();
        let addresses = address.iter().map(|a| ("address", a));
        for (key, a) in addresses.chain(aliases.iter().map(|a| ("aliases", a))) {
            own.refuse(s, key, a);
            if all.iter().any(|o| o.address == *a || o.aliases.contains(a)) {
                s.wrong(
                    key,
                    format_args!(
                        "names {a}, which another [[staff]] has already; an address belongs to one person"
                    ),
                );
            }
        }
        if let Some((name, address)) = name.zip(address) {
            all.push(StaffConfig { name, address, aliases, digest });
        }
    }
    all
}

/// Reads every `[[route]]`; `desk` is `None` where `[desk]` has a fault.
pub(super) fn routes(
    root: &Reader,
    own: &Own,
    mailboxes: &[MailboxConfig],
    desk: Option<&DeskConfig>,
) -> Vec<RouteConfig> {
    let names: Vec<_> = mailboxes.iter().map(|m| m.name.as_str()).collect();
    let categories: Vec<_> = desk.iter().flat_map(|d| &d.categories).map(String::as_str).collect();
    let mut all = Vec::new();
    for s in &root.tables("route") {
        let route = RouteConfig {
            mailbox: s.text("mailbox"),
            category: s.text("category"),
            staff: s.list("staff", ADDRESS, AddrSpec::parse),
        };
        s.done();
        require_known(s, "mailbox", route.mailbox.as_deref(), &names, "the name of a [[mailbox]]");
        // Where [desk] has a fault, its categories are not known.
        if desk.is_some() {
            require_known(
                s,
                "category",
                route.category.as_deref(),
                &categories,
                "one of categories in [desk]",
            );
        }
        if !s.has("mailbox") && !s.has("category") {
            s.wrong("category", "is missing; write what the route is for: a category, a mailbox, or both");
        }
        if !s.has("staff") {
            s.wrong(
                "staff",
                "is missing; write whom such a ticket concerns, as in staff = [\"bob@example.com\"]",
            );
        }
        route.staff.iter().for_each(|a| own.refuse(s, "staff", a));
        all.push(route);
    }
    all
}

/// Notes a fault where the word is none of those that may stand there.
fn require_known(s: &Reader, key: &'static str, word: Option<&str>, all: &[&str], what: &str) {
    if let Some(word) = word.filter(|w| !all.contains(w)) {
        let advice = nearest(word, all).map_or(String::new(), |(n, _)| format!("; the nearest is {n:?}"));
        s.wrong(key, format_args!("must be {what}, not {word:?}{advice}"));
    }
}
