//! Config -> Rules: the settings that decisions depend on.

use crate::config::{Config, MailSource};
use crate::desk::model::Bounds;
use crate::desk::seal::Keys;
use crate::desk::text::saved_answer;
use crate::desk::{Own, Rules};
use crate::mail::{AddrSpec, Line};

/// The most bytes of all files of a notification. A file that is too large is only named (INTERFACE, Mail).
const FILES_BYTES_MAX: u64 = 10_000_000;

/// Makes the rules of a configuration. `generation`: the derived keys that are in force.
pub fn rules(config: &Config, master: &[u8; 32], generation: u32) -> Rules {
    let users = config.mailboxes.iter().filter_map(|m| match &m.source {
        MailSource::Imap { login, .. } => AddrSpec::parse(&login.user).map(|a| (a, m.separator)),
        MailSource::Maildir { .. } => None,
    });
    let separator = config.mailboxes.first().map_or('+', |m| m.separator);
    let fixed =
        std::iter::once(&config.desk.address).chain(&config.trust.aliases).map(|a| (a.clone(), separator));
    Rules {
        name: config.desk.name.clone(),
        address: config.desk.address.clone(),
        url: config.desk.url.as_str().trim_end_matches('/').to_owned(),
        prefix: config.desk.prefix.clone(),
        categories: config.desk.categories.clone(),
        answers: config
            .desk
            .answers
            .iter()
            .map(|(name, text)| (name.clone(), saved_answer::to_plain_text(text)))
            .collect(),
        zone: jiff::tz::TimeZone::get(&config.desk.zone).unwrap_or(jiff::tz::TimeZone::UTC),
        own: Own { addresses: fixed.chain(users).collect(), everybody: false },
        plus_addressing: config.mailboxes.iter().any(|m| m.plus_addressing),
        separator,
        plus_sender: config.smtp.plus_sender,
        null_sender: config.smtp.null_sender,
        extra: config.smtp.headers.iter().map(|(k, v)| (k.clone(), Line::clean(v))).collect(),
        confirm: config.trust.confirm,
        staff_proof: config.trust.staff_proof,
        authserv_id: config.trust.authserv_id.clone(),
        topmost_without_id: config.trust.topmost_without_id,
        trusted_arc_sealers: config.trust.trusted_arc_sealers.clone(),
        web_forms: config.trust.web_forms.clone(),
        own_lists: config.trust.own_lists.clone(),
        routes: config
            .routes
            .iter()
            .map(|r| (r.mailbox.clone(), r.category.clone(), r.staff.clone()))
            .collect(),
        targets: config.targets.clone(),
        restored_at: None,
        link_minutes: config.web.link_minutes,
        session_days: config.retention.sessions,
        links_per_address_quarter: config.limits.links_per_address_quarter,
        links_per_address_day: config.limits.links_per_address_day,
        links_per_network_quarter: config.limits.links_per_network_quarter,
        letters_per_address_day: config.limits.letters_per_address_day,
        letters_per_domain_hour: config.limits.letters_per_domain_hour,
        letters_per_desk_hour: config.limits.letters_per_desk_hour,
        tickets_per_sender_hour: config.limits.tickets_per_sender_hour,
        answers_per_staff_hour: config.limits.answers_per_staff_hour,
        reply_address_days: config.limits.reply_address_days,
        reply_address_days_closed: config.limits.reply_address_days_closed,
        files_bytes_max: FILES_BYTES_MAX,
        bounds: Bounds::default(),
        keys: Keys::derive(master, generation),
    }
}
