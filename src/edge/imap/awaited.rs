//! Mails that the server lists and did not hand out, or that came otherwise than announced: each is asked for
//! alone. After three tries one is held without its bytes, and asked for now and then (T110).

use super::fault::Fault;
use super::fetch::{Single, fetch_single};
use super::intake::take_mails;
use super::mailbox::Mailbox;
use super::session::{Imap, Listed};
use crate::app::{Awaited, Cursor, Said, UnderWay};
use crate::desk::model::proof::NoBytes;

/// After so many tries, with pauses between them, a mail is held without its bytes.
const TRIES: u32 = 3;
/// Where SEARCH does not say it, that a held mail is no longer there is believed after so many tries, hours
/// later. A server that forgets to list it once would else have it held twice.
const TRIES_UNTIL_GONE: u32 = 7;
/// Mails that are asked for at one look; new ones wait no longer than for these.
const ASKED_MAX: usize = 20;
/// A server that handed out nothing in this session and refuses more than so many mails has a fault of its
/// own: none of them is held.
const HELD_UNSERVED_MAX: usize = 3;

/// What became of asking for a mail.
enum Asked {
    /// It is no longer there.
    Gone,
    /// It was there before the desk.
    Before(Listed),
    /// It ended the program too often (T34).
    GivenUp(Listed, NoBytes),
    /// What the server hands out, and the mark.
    Got(Listed, Single, UnderWay),
}

/// Asks once for what is due, until there is news. A session that ends over one mail counts against that mail
/// alone. True: the server hands out nothing at all.
pub async fn ask_again(mailbox: &Mailbox, imap: &mut Imap, cursor: &Cursor) -> Result<bool, Fault> {
    let (name, validity) = (mailbox.name.clone(), cursor.uid_validity);
    let all = mailbox.ask(move |d| d.ledger().awaited(&name, validity)).await?;
    // What was fetched and waits for names is not asked for.
    let all: Vec<_> = all.into_iter().filter(|a| !mailbox.waiting.has(validity, a.uid)).collect();
    let open = all.iter().filter(|a| !a.is_held).count();
    for awaited in all.into_iter().filter(|a| a.is_due).take(ASKED_MAX) {
        let may_hold = imap.served || open <= HELD_UNSERVED_MAX;
        ask_for(mailbox, imap, cursor, awaited, may_hold).await?;
        if imap.changed {
            break;
        }
    }
    Ok(open > HELD_UNSERVED_MAX && !imap.served)
}

async fn ask_for(
    mailbox: &Mailbox,
    imap: &mut Imap,
    cursor: &Cursor,
    awaited: Awaited,
    may_hold: bool,
) -> Result<(), Fault> {
    let (uid, validity, name) = (awaited.uid, cursor.uid_validity, mailbox.name.clone());
    let (mail, why, lost) = match ask_once(mailbox, imap, cursor, &awaited).await {
        Ok(Asked::Gone) => {
            tracing::info!(mailbox = mailbox.name, uid, "a mail was deleted before it was fetched");
            return mailbox.ask(move |d| d.ledger().await_no_more(&name, validity, uid)).await;
        }
        Ok(Asked::Before(mail)) => {
            let said = Said { size: mail.size, date: mail.date };
            return mailbox.ask(move |d| d.ledger().pass(&name, validity, &[(uid, said)])).await;
        }
        Ok(Asked::Got(mail, Single::Mail(bytes), _mark)) => {
            return take_mails(mailbox, cursor, vec![(mail, bytes)]).await;
        }
        Ok(Asked::GivenUp(mail, why)) => (mail, why, None),
        Ok(Asked::Got(mail, Single::Refused(how), _)) => {
            (mail, NoBytes::NotHandedOut(format!("UID {uid}: {how}")), None)
        }
        Err(lost) => {
            let why = NoBytes::NotHandedOut(format!("UID {uid}: {lost}"));
            (Listed { uid, size: None, date: None }, why, Some(lost))
        }
    };
    let tries = awaited.tries;
    mailbox.ask(move |d| d.ledger().await_longer(&name, validity, uid, tries)).await?;
    tracing::warn!(mailbox = mailbox.name, uid, tries = tries + 1, "a mail is not taken in: {why}");
    if tries + 1 >= TRIES && !awaited.is_held && may_hold {
        let position = mailbox.position(cursor, &mail);
        mailbox.ask(move |d| d.intake().hold_without_bytes(position, why)).await?;
    }
    lost.map_or(Ok(()), Err)
}

/// The mark names it until it is taken (T34); one that ended the program too often is not asked for.
async fn ask_once(
    mailbox: &Mailbox,
    imap: &mut Imap,
    cursor: &Cursor,
    awaited: &Awaited,
) -> Result<Asked, Fault> {
    let uid = awaited.uid;
    let nothing = Listed { uid, size: None, date: None };
    let mail = match imap.list(&uid.to_string()).await {
        Ok(listed) => match listed.into_iter().find(|l| l.uid == uid) {
            Some(mail) => mail,
            None => match imap.search(&uid.to_string()).await? {
                Some(all) if all.contains(&uid) => nothing,
                None if awaited.is_held && awaited.tries < TRIES_UNTIL_GONE => nothing,
                _ => return Ok(Asked::Gone),
            },
        },
        Err(fault) if fault.session_lives() => nothing,
        Err(lost) => return Err(lost),
    };
    if mailbox.is_before(cursor, &mail) {
        return Ok(Asked::Before(mail));
    }
    let (place, poison) = (mailbox.position(cursor, &mail), mailbox.desk.poison());
    if let Some(why) = poison.given_up(&place) {
        return Ok(Asked::GivenUp(mail, why));
    }
    let mark = mailbox.under_way(&[place]).await;
    Ok(Asked::Got(mail, fetch_single(imap, &mail, mailbox.limits.mail_bytes_max).await?, mark))
}
