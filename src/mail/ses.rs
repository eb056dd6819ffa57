//! Ids as Amazon SES writes them (D15).

use super::address::MessageId;

/// SES sends from `REGION.amazonses.com` and tells only the part before it: one name stands for all of them
/// (D15).
pub const SES_DOMAIN: &str = "amazonses.com";

/// The id as it is remembered: one of SES without its region.
pub fn canonical_id(id: &MessageId) -> MessageId {
    let ses = id.as_str().split_once('@').filter(|(_, domain)| domain.ends_with(&format!(".{SES_DOMAIN}")));
    ses.and_then(|(local, _)| MessageId::parse(&format!("{local}@{SES_DOMAIN}")))
        .unwrap_or_else(|| id.clone())
}
