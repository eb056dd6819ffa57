//! A mailbox that was restored from an older copy gives its UIDs out once more, under the same UIDVALIDITY
//! (T109). So a UID alone is no identity: its date and its size are compared, too.

use super::fault::Fault;
use super::mailbox::Mailbox;
use super::session::{Imap, Selected};
use crate::app::{Cursor, Said};

/// The newest mails that are compared at each connection. After a restore all UIDs from some point on are
/// other mails, so the newest are among them.
const COMPARED_MAX: u32 = 1_000;

/// Looks whether UIDs that were taken in are other mails now; then the ledger forgets them, and every mail
/// from there on is compared by its content. What has no outcome is asked for.
pub async fn compare(
    mailbox: &Mailbox,
    imap: &mut Imap,
    cursor: Cursor,
    selected: &Selected,
    is_first: bool,
) -> Result<Cursor, Fault> {
    let next = cursor.next_uid;
    let is_below = selected.uid_next.is_some_and(|uid| uid < next);
    if next <= 1 || !(is_first || is_below) {
        return Ok(cursor);
    }
    let set = match is_below {
        true => "1:*".to_owned(),
        false => format!("{}:{}", next.saturating_sub(COMPARED_MAX).max(1), next - 1),
    };
    let listed = match selected.exists {
        Some(0) => Vec::new(),
        _ => match imap.list(&set).await {
            Ok(listed) => listed,
            Err(fault) if fault.session_lives() => Vec::new(),
            Err(lost) => return Err(lost),
        },
    };
    let last = listed.last().map_or(0, |l| l.uid);
    let (name, validity) = (mailbox.name.clone(), cursor.uid_validity);
    let base = mailbox.ask(move |d| d.ledger().base(&name)).await?.map_or(1, |(_, base)| base);
    let known: Vec<(u32, Said)> = listed
        .iter()
        .filter(|l| l.uid >= base && l.uid < next)
        .map(|l| (l.uid, Said { size: l.size, date: l.date }))
        .collect();
    let name = mailbox.name.clone();
    let compared = mailbox.ask(move |d| d.ledger().compare(&name, validity, &known)).await?;
    // A UIDNEXT below a UID that is there says nothing.
    let uid_next = selected.uid_next.filter(|uid| *uid < next && *uid > last);
    let from = compared.changed.iter().copied().chain(uid_next).min();
    let Some(from) = from else {
        if !compared.without_outcome.is_empty() {
            let (name, uids) = (mailbox.name.clone(), compared.without_outcome);
            mailbox.ask(move |d| d.ledger().await_mails(&name, validity, &uids)).await?;
        }
        return Ok(cursor);
    };
    let from = compared.without_outcome.iter().copied().chain([from]).min().unwrap_or(from);
    tracing::warn!(
        mailbox = mailbox.name,
        "the UIDs of the folder went back to {from}, as after a restore: mails from there on are compared \
         with what was taken in"
    );
    mailbox.note_went_back();
    let name = mailbox.name.clone();
    mailbox.ask(move |d| d.ledger().rewind(&name, validity, from)).await?;
    Ok(Cursor { next_uid: from, history_below: 0, ..cursor })
}
