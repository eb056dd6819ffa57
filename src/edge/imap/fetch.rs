//! The bytes of mails. What a server does not hand out, or hands out otherwise than it announced, is told
//! apart from what is a mail (T110).

use super::fault::Fault;
use super::response::Fetched;
use super::session::{Imap, KEEP_BYTES, Listed};

/// Octets that are fetched of a mail beyond the limit: its header (T37).
const HEAD_BYTES: u64 = 256 << 10;
/// A mail alone is fetched in pieces, so that it is in memory once.
const PIECE_BYTES: u64 = 1 << 20;

/// What came of a batch.
#[derive(Debug, Default)]
pub struct Batch {
    /// Mails with their bytes.
    pub mails: Vec<(Listed, Vec<u8>)>,
    /// These are to be asked for again, each alone.
    pub missing: Vec<u32>,
    /// The session ended.
    pub lost: Option<Fault>,
}

/// What came of a mail that was asked for alone.
#[derive(Debug)]
pub enum Single {
    /// Its bytes.
    Mail(Vec<u8>),
    /// It cannot be handed out, and how the server says so.
    Refused(String),
}

/// Fetches mails by one command. A fault ends the session and not what came before it. `lenient`: this server
/// is known to announce fewer octets than it sends.
pub async fn fetch_batch(imap: &mut Imap, batch: &[Listed], lenient: bool) -> Batch {
    let uids: Vec<u32> = batch.iter().map(|l| l.uid).collect();
    let (got, done) = imap.fetch(&uids, None, KEEP_BYTES).await;
    let mut out = Batch { lost: done.err().filter(|fault| !fault.session_lives()), ..Batch::default() };
    let mut bodies: Vec<(u32, Vec<u8>)> = Vec::new();
    for (uid, fetched) in got {
        let bytes = sound(fetched);
        let listed = batch.iter().find(|l| l.uid == uid);
        let good = bytes.as_ref().is_ok_and(|b| listed.is_none_or(|l| is_as_announced(l, b)));
        bodies.extend(bytes.ok().map(|bytes| (uid, bytes)));
        // Where a mail does not end where it should, its own words may look like the answers behind it.
        if !good && !lenient {
            break;
        }
    }
    for listed in batch {
        let at = bodies.iter().position(|(uid, _)| *uid == listed.uid);
        match at.map(|i| bodies.swap_remove(i).1) {
            Some(bytes) if is_as_announced(listed, &bytes) || (lenient && has_more(listed, &bytes)) => {
                out.mails.push((*listed, bytes))
            }
            _ => out.missing.push(listed.uid),
        }
    }
    out
}

/// Fetches one mail, in pieces: the last one is shorter than what was asked for (RFC 9051 §6.4.5). Of a mail
/// beyond `mail_bytes_max` only the header comes. Err: the session ended.
pub async fn fetch_single(imap: &mut Imap, mail: &Listed, mail_bytes_max: u64) -> Result<Single, Fault> {
    let keep = usize::try_from(mail_bytes_max).unwrap_or(usize::MAX);
    let too_large = mail.size.is_some_and(|size| size > mail_bytes_max);
    let piece = if too_large { HEAD_BYTES } else { PIECE_BYTES };
    let mut raw: Vec<u8> = Vec::new();
    // The piece before was a full one: there is more.
    let mut goes_on = false;
    loop {
        let (got, done) = imap.fetch(&[mail.uid], Some((raw.len() as u64, piece)), keep).await;
        let refused = match done {
            Err(fault) if !fault.session_lives() => return Err(fault),
            Err(fault) => fault.to_string(),
            Ok(()) => "OK, and no mail".to_owned(),
        };
        let Some((_, fetched)) = got.into_iter().next() else {
            return Ok(ended(raw, goes_on, refused));
        };
        let is_part = fetched.is_part;
        let bytes = match sound(fetched) {
            Ok(bytes) => bytes,
            Err(why) => return Ok(ended(raw, goes_on, why.to_owned())),
        };
        goes_on = bytes.len() as u64 == piece;
        // Some servers cut pieces shorter than they were asked for.
        let is_short = mail.size.is_some_and(|size| ((raw.len() + bytes.len()) as u64) < size);
        let last = bytes.is_empty() || !(goes_on || is_short);
        if !is_part && !raw.is_empty() && !bytes.is_empty() {
            // The server knows no pieces: this is the whole of it once more.
            return Ok(Single::Mail(bytes));
        }
        raw.extend_from_slice(&bytes);
        if too_large || raw.len() as u64 > mail_bytes_max {
            raw.truncate(usize::try_from(HEAD_BYTES).unwrap_or(usize::MAX));
            return Ok(Single::Mail(raw));
        }
        if last || bytes.len() as u64 > piece {
            return Ok(ended(raw, false, "an empty mail".to_owned()));
        }
    }
}

/// What came so far is the mail, where there is something and no piece of it is missing.
fn ended(raw: Vec<u8>, goes_on: bool, why: String) -> Single {
    if raw.is_empty() || goes_on { Single::Refused(why) } else { Single::Mail(raw) }
}

/// The bytes where they are whole; else what is wrong with them.
fn sound(fetched: Fetched) -> Result<Vec<u8>, &'static str> {
    match fetched.body {
        _ if fetched.is_broken => Err("a mail whose octets are not those that were announced"),
        None if fetched.is_too_large => Err("a mail larger than was asked for"),
        None => Err("NIL instead of a mail"),
        Some(bytes) => Ok(bytes),
    }
}

fn has_more(listed: &Listed, bytes: &[u8]) -> bool {
    listed.size.is_none_or(|announced| bytes.len() as u64 > announced)
}

/// Whether as many octets came as were announced; nothing at all is never a mail.
pub fn is_as_announced(listed: &Listed, bytes: &[u8]) -> bool {
    let size = bytes.len() as u64;
    !bytes.is_empty() && listed.size.is_none_or(|announced| announced == 0 || announced == size)
}
