//! `[limits]`: how much is too much, with the defaults of INTERFACE.md.

use super::reader::Reader;
use super::types::Limits;

/// The most that any count of `[limits]` may be.
const COUNT_MAX: u32 = 1_000_000;
/// The most days for which a reply address may be good: a hundred years.
const DAYS_MAX: u32 = 36_500;

impl Default for Limits {
    fn default() -> Self {
        Self {
            mail_bytes_max: 52_428_800,
            upload_bytes_max: 26_214_400,
            letters_per_address_day: 10,
            letters_per_domain_hour: 200,
            letters_per_desk_hour: 1_000,
            tickets_per_sender_hour: 30,
            links_per_address_quarter: 3,
            links_per_address_day: 10,
            links_per_network_quarter: 10,
            answers_per_staff_hour: 20,
            reply_address_days: 90,
            reply_address_days_closed: 14,
        }
    }
}

/// Reads `[limits]`; what is missing or wrong has its default.
pub(super) fn limits(s: &Reader) -> Limits {
    let d = Limits::default();
    let bytes = |key, default| s.number(key, 1_024..=1_073_741_824).unwrap_or(default);
    let count = |key, default| s.count(key, default, COUNT_MAX);
    let days = |key, default| s.count(key, default, DAYS_MAX);
    let limits = Limits {
        mail_bytes_max: bytes("mail_bytes_max", d.mail_bytes_max),
        upload_bytes_max: bytes("upload_bytes_max", d.upload_bytes_max),
        letters_per_address_day: count("letters_per_address_day", d.letters_per_address_day),
        letters_per_domain_hour: count("letters_per_domain_hour", d.letters_per_domain_hour),
        letters_per_desk_hour: count("letters_per_desk_hour", d.letters_per_desk_hour),
        tickets_per_sender_hour: count("tickets_per_sender_hour", d.tickets_per_sender_hour),
        links_per_address_quarter: count("links_per_address_quarter", d.links_per_address_quarter),
        links_per_address_day: count("links_per_address_day", d.links_per_address_day),
        links_per_network_quarter: count("links_per_network_quarter", d.links_per_network_quarter),
        answers_per_staff_hour: count("answers_per_staff_hour", d.answers_per_staff_hour),
        reply_address_days: days("reply_address_days", d.reply_address_days),
        reply_address_days_closed: days("reply_address_days_closed", d.reply_address_days_closed),
    };
    s.warn_unused("upload_bytes_max", limits.upload_bytes_max != d.upload_bytes_max);
    s.done();
    limits
}
