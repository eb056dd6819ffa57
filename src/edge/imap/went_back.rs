//! A mailbox that was restored from an older copy gives its UIDs out once more, under the same UIDVALIDITY
//! (T109). So a UID alone is no identity: its date and its size are compared, too.

use super::fault::Fault;
use super::mailbox::Mailbox;
use super::session::{Imap, Listed, Selected};
use crate::app::{Compared, Cursor, Said};

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
    // Where the server does not say it, it follows from the last mail, which people may move away.
    let said_next = selected.uid_next.filter(|_| selected.says_next);
    let is_below = said_next.is_some_and(|uid| uid < next);
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
    let mut compared = mailbox.ask(move |d| d.ledger().compare(&name, validity, &known)).await?;
    sort_out(mailbox, &cursor, &listed, &mut compared).await?;
    // A UIDNEXT below a UID that is there says nothing.
    let uid_next = said_next.filter(|uid| *uid < next && *uid > last);
    let from = compared.changed.iter().copied().chain(uid_next).min();
    let Some(from) = from else {
        let unsaid = compared.unsaid.into_iter().filter(|(_, said)| *said != Said::default());
        let unsaid: Vec<_> = unsaid.collect();
        if !unsaid.is_empty() {
            let name = mailbox.name.clone();
            mailbox.ask(move |d| d.ledger().note_said(&name, validity, &unsaid)).await?;
        }
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
    let below = said_next.unwrap_or(last.saturating_add(1));
    mailbox.ask(move |d| d.ledger().rewind(&name, validity, from, below)).await?;
    Ok(Cursor { next_uid: from, history_below: below, changed: true, ..cursor })
}

/// What was there before the desk is noted as such; what has another size alone is asked for again.
async fn sort_out(
    mailbox: &Mailbox,
    cursor: &Cursor,
    listed: &[Listed],
    compared: &mut Compared,
) -> Result<(), Fault> {
    let validity = cursor.uid_validity;
    let before: Vec<(u32, Said)> = listed
        .iter()
        .filter(|l| compared.without_outcome.contains(&l.uid) && mailbox.is_before(cursor, l))
        .map(|l| (l.uid, Said { size: l.size, date: l.date }))
        .collect();
    if !before.is_empty() {
        compared.without_outcome.retain(|uid| !before.iter().any(|(b, _)| b == uid));
        let name = mailbox.name.clone();
        mailbox.ask(move |d| d.ledger().pass(&name, validity, &before)).await?;
    }
    if !compared.resized.is_empty() {
        let (name, uids) = (mailbox.name.clone(), std::mem::take(&mut compared.resized));
        tracing::warn!(mailbox = name, "known UIDs have mails of another size, as after a restore: {uids:?}");
        mailbox.note_resized(uids.len());
        mailbox.ask(move |d| d.ledger().ask_anew(&name, validity, &uids)).await?;
    }
    Ok(())
}
