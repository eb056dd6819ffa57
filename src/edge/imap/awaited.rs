//! Mails that the server lists and did not hand out, or that came otherwise than announced: each is asked for
//! alone. After three tries one is held without its bytes, and asked for now and then (T110).

use super::fault::Fault;
use super::fetch::{Single, fetch_single, is_as_announced};
use super::intake::take_mails;
use super::mailbox::Mailbox;
use super::session::{Imap, Listed};
use crate::app::{Awaited, Cursor, UnderWay};

/// After so many tries a mail is held without its bytes.
const TRIES: u32 = 3;

/// Asks for everything that is due. A session that ends over one mail counts against that mail alone.
pub async fn ask_again(mailbox: &Mailbox, imap: &mut Imap, cursor: &Cursor) -> Result<(), Fault> {
    let (name, validity) = (mailbox.name.clone(), cursor.uid_validity);
    let all = mailbox.ask(move |d| d.ledger().awaited(&name, validity)).await?;
    // What was fetched and waits for names is not asked for.
    for awaited in all.into_iter().filter(|a| a.is_due && !mailbox.waiting.has(validity, a.uid)) {
        ask_for(mailbox, imap, cursor, awaited).await?;
    }
    Ok(())
}

async fn ask_for(
    mailbox: &Mailbox,
    imap: &mut Imap,
    cursor: &Cursor,
    mut awaited: Awaited,
) -> Result<(), Fault> {
    let (uid, validity) = (awaited.uid, cursor.uid_validity);
    loop {
        let (mail, got) = match ask_once(mailbox, imap, cursor, uid).await {
            Ok(None) => {
                tracing::info!(mailbox = mailbox.name, uid, "a mail was deleted before it was fetched");
                let name = mailbox.name.clone();
                return mailbox.ask(move |d| d.ledger().await_no_more(&name, validity, uid)).await;
            }
            Ok(Some((mail, Single::Mail(bytes), _mark))) => {
                if !is_as_announced(&mail, &bytes) {
                    let (announced, came) = (mail.size, bytes.len());
                    tracing::warn!(
                        mailbox = mailbox.name,
                        uid,
                        announced,
                        came,
                        "a mail has another size than announced"
                    );
                    mailbox.note_odd_size();
                }
                return take_mails(mailbox, cursor, vec![(mail, bytes)]).await;
            }
            Ok(Some((mail, Single::Refused(how), _))) => (Some(mail), Ok(how)),
            Err(lost) => (None, Err(lost)),
        };
        let (name, tries) = (mailbox.name.clone(), awaited.tries);
        mailbox.ask(move |d| d.ledger().await_longer(&name, validity, uid, tries)).await?;
        awaited.tries += 1;
        let how = match &got {
            Ok(how) => how.clone(),
            Err(lost) => lost.to_string(),
        };
        tracing::warn!(
            mailbox = mailbox.name,
            uid,
            awaited.tries,
            "the server does not hand out a mail: {how}"
        );
        if awaited.tries >= TRIES && !awaited.is_held {
            let mail = mail.unwrap_or(Listed { uid, size: None, date: None });
            let (position, words) = (mailbox.position(cursor, &mail), format!("UID {uid}: {how}"));
            mailbox.ask(move |d| d.intake().hold_without_bytes(position, words)).await?;
        }
        got?;
        if awaited.tries >= TRIES {
            return Ok(());
        }
    }
}

/// `None`: it is no longer there. The mark names it until it is taken (T34); one that ended the program too
/// often is not asked for.
async fn ask_once(
    mailbox: &Mailbox,
    imap: &mut Imap,
    cursor: &Cursor,
    uid: u32,
) -> Result<Option<(Listed, Single, UnderWay)>, Fault> {
    let mail = match imap.list(&uid.to_string()).await {
        Ok(listed) => match listed.into_iter().find(|l| l.uid == uid) {
            Some(mail) => mail,
            None => return Ok(None),
        },
        Err(fault) if fault.session_lives() => Listed { uid, size: None, date: None },
        Err(lost) => return Err(lost),
    };
    let (place, poison) = (mailbox.position(cursor, &mail), mailbox.desk.poison());
    let given_up = poison.given_up(&place);
    let mark = mailbox.under_way(&[place]).await;
    let single = match given_up {
        Some(words) => Single::Refused(words),
        None => fetch_single(imap, &mail, mailbox.limits.mail_bytes_max).await?,
    };
    Ok(Some((mail, single, mark)))
}
