//! One IMAP session (RFC 9051): every command checks its tagged status, has a time-out, and ends the session
//! when it fails.
//!
//! async-imap's own FETCH, STORE and SEARCH take NO, BAD and a cut connection for success. So every command
//! goes through `exec`, which does not.

use super::literal_limit::LiteralLimit;
use super::syntax::{internal_date, quoted, ranges};
use crate::config::{Login, Server, Tls};
use crate::edge::tls::{self, Stream};
use async_imap::imap_proto::{AttributeValue, Capability, MailboxDatum, Response, ResponseCode, Status};
use async_imap::{Client, Session};
use std::time::Duration;
use tokio::time::timeout;

/// T100: a command gets 5 minutes.
const COMMAND: Duration = Duration::from_secs(300);
/// What a server does at once, such as ending IDLE.
const QUICK: Duration = Duration::from_secs(10);

/// The stream below the library.
pub type Inside = LiteralLimit<Box<dyn Stream>>;

/// An open and authenticated session.
pub struct Imap {
    session: Option<Session<Inside>>,
    /// Mails in the selected folder, as the server told last.
    exists: u32,
    /// The server told of a change since the last SELECT; it will not tell again in IDLE.
    pub changed: bool,
    /// The server has IDLE (RFC 2177).
    pub can_idle: bool,
    /// The server has MOVE (RFC 6851).
    pub can_move: bool,
    /// The server has UIDPLUS (RFC 4315).
    pub has_uidplus: bool,
}

/// What SELECT or EXAMINE says (RFC 9051 §6.3.2).
#[derive(Debug, Clone, Copy)]
pub struct Selected {
    /// UIDs hold as long as this number stays (RFC 9051 §2.3.1.1).
    pub uid_validity: u32,
    /// Every mail that comes has at least this UID.
    pub uid_next: u32,
    /// Mails in the folder.
    pub exists: u32,
}

/// A mail as it lies on the server, without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its number in the folder.
    pub uid: u32,
    /// Octets, as the server counts them.
    pub size: u64,
    /// When it came there, in seconds since 1970.
    pub internal_date: i64,
}

/// How waiting in IDLE ended.
pub enum Woken {
    /// The mailbox changed.
    Changed,
    /// The time is over.
    TimeOver,
}

impl Imap {
    /// Connects, upgrades to TLS, signs in. `literal_max`: octets of one literal (T100).
    pub async fn open(server: &Server, login: &Login, literal_max: u64) -> Result<Self, String> {
        let mut tcp = tls::tcp(server).await?;
        let place = format!("{}:{}", server.host, server.port);
        let (stream, greeted): (Box<dyn Stream>, bool) = match server.tls {
            Tls::None => (Box::new(tcp), false),
            Tls::Implicit => (tls::handshake(server, tcp).await?, false),
            Tls::StartTls => {
                starttls(&mut tcp).await.map_err(|e| format!("{place}: {e}"))?;
                (tls::handshake(server, tcp).await?, true)
            }
        };
        let mut client = Client::new(LiteralLimit::new(stream, literal_max));
        if !greeted {
            greeting(&mut client).await.map_err(|e| format!("{place}: {e}"))?;
        }
        let logged_in = timeout(COMMAND, client.login(&login.user, login.password.expose())).await;
        let session = match logged_in {
            Err(_) => return Err(format!("{place} does not answer to LOGIN")),
            // The error can hold the line that was sent, with the password: we only say that it failed (T83).
            Ok(Err((async_imap::error::Error::No(_) | async_imap::error::Error::Bad(_), _))) => {
                return Err(format!("{place} refuses the user and password of this mailbox"));
            }
            Ok(Err(_)) => return Err(format!("{place} closed the connection at LOGIN")),
            Ok(Ok(session)) => session,
        };
        let mut imap = Self {
            session: Some(session),
            exists: 0,
            changed: false,
            can_idle: false,
            can_move: false,
            has_uidplus: false,
        };
        imap.capabilities().await.map_err(|e| format!("{place}: {e}"))?;
        Ok(imap)
    }

    fn session(&mut self) -> Result<&mut Session<Inside>, String> {
        self.session.as_mut().ok_or_else(|| "the session has ended".to_owned())
    }

    /// Runs a command to its tagged OK; every untagged response goes to `each`.
    async fn exec(&mut self, command: String, mut each: impl FnMut(&Response<'_>)) -> Result<(), String> {
        let verb = command.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let (mut changed, mut exists) = (false, self.exists);
        let session = self.session()?;
        let run = async {
            let tag = session.run_command(&command).await.map_err(|_| cut(&verb))?;
            loop {
                let read = session
                    .read_response()
                    .await
                    .map_err(|_| format!("{verb}: the server's answer cannot be read"))?;
                let Some(response) = read else { return Err(cut(&verb)) };
                match response.parsed() {
                    Response::Done { tag: t, status, outcome } if *t == tag => {
                        let told = outcome.information.as_deref().map(short).unwrap_or_default();
                        return match status {
                            Status::Ok => Ok(()),
                            _ => Err(format!("the server answers {verb} with {status:?}: {told}")),
                        };
                    }
                    Response::Data { status: Status::Bye, .. } => return Err("the server says BYE".into()),
                    other => {
                        if let Response::MailboxData(MailboxDatum::Exists(n)) = other {
                            (changed, exists) = (true, *n);
                        }
                        // T100: nobody asked for a mail whose number is above the count of mails.
                        if !matches!(other, Response::Fetch(number, _) if *number > exists) {
                            each(other);
                        }
                    }
                }
            }
        };
        let done = timeout(COMMAND, run)
            .await
            .unwrap_or_else(|_| Err(format!("{verb}: the server does not answer")));
        (self.changed, self.exists) = (self.changed | changed, exists);
        if done.is_err() {
            // After an error the dialogue may be out of step: the session is never used again.
            self.session = None;
        }
        done
    }

    async fn capabilities(&mut self) -> Result<(), String> {
        let (mut can_idle, mut can_move, mut has_uidplus) = (false, false, false);
        let each = |r: &Response<'_>| {
            if let Response::Capabilities(all) = r {
                let atoms = all.iter().filter_map(|c| match c {
                    Capability::Atom(atom) => Some(atom),
                    _ => None,
                });
                let has = |name: &str| atoms.clone().any(|a| a.eq_ignore_ascii_case(name));
                (can_idle, can_move, has_uidplus) = (has("IDLE"), has("MOVE"), has("UIDPLUS"));
            }
        };
        self.exec("CAPABILITY".into(), each).await?;
        (self.can_idle, self.can_move, self.has_uidplus) = (can_idle, can_move, has_uidplus);
        Ok(())
    }

    /// `verb` is SELECT, or EXAMINE where nothing is flagged or moved.
    pub async fn select(&mut self, verb: &str, folder: &str) -> Result<Selected, String> {
        let (mut validity, mut next, mut exists) = (None, None, 0);
        let each = |r: &Response<'_>| match r {
            Response::Data { outcome, .. } => match outcome.code {
                Some(ResponseCode::UidValidity(v)) => validity = Some(v),
                Some(ResponseCode::UidNext(n)) => next = Some(n),
                _ => {}
            },
            Response::MailboxData(MailboxDatum::Exists(n)) => exists = *n,
            _ => {}
        };
        self.exec(format!("{verb} {}", quoted(folder)?), each).await?;
        self.changed = false;
        let uid_validity = validity.ok_or("the server gives the folder no UIDVALIDITY")?;
        let uid_next = match next {
            Some(next) => next,
            None => self.list("*").await?.last().map_or(1, |l| l.uid + 1),
        };
        Ok(Selected { uid_validity, uid_next, exists })
    }

    /// UID, size and date of a set such as `7:*`, in ascending order.
    pub async fn list(&mut self, set: &str) -> Result<Vec<Listed>, String> {
        let mut out = Vec::new();
        let each = |r: &Response<'_>| {
            let Response::Fetch(_, attributes) = r else { return };
            let (mut uid, mut size, mut date) = (0, 0, None);
            for a in attributes {
                match a {
                    AttributeValue::Uid(u) => uid = *u,
                    AttributeValue::Rfc822Size(s) => size = u64::from(*s),
                    AttributeValue::InternalDate(d) => date = internal_date(d),
                    _ => {}
                }
            }
            if uid != 0 {
                out.push(Listed { uid, size, internal_date: date.unwrap_or_else(crate::app::now) });
            }
        };
        self.exec(format!("UID FETCH {set} (UID INTERNALDATE RFC822.SIZE)"), each).await?;
        out.sort_unstable_by_key(|l| l.uid);
        out.dedup_by_key(|l| l.uid);
        Ok(out)
    }

    /// One mail in pieces of `piece` octets (RFC 9051 §6.4.5, partial fetch); a shorter piece is the last.
    pub async fn fetch_in_pieces(
        &mut self,
        uid: u32,
        size: u64,
        piece: u64,
    ) -> Result<Vec<(u32, Vec<u8>)>, String> {
        let mut raw = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        loop {
            let got = self.fetch(&[uid], Some((raw.len() as u64, piece))).await?;
            let Some((_, bytes)) = got.into_iter().next() else { break };
            raw.extend_from_slice(&bytes);
            // Where a server never sends a shorter piece, the size that it announced ends the reading.
            if (bytes.len() as u64) < piece || raw.len() as u64 > size + piece {
                break;
            }
        }
        Ok(if raw.is_empty() { Vec::new() } else { vec![(uid, raw)] })
    }

    /// The bytes of mails, by UID; what was not asked for is not looked at. `part`: all, or (first octet,
    /// octets).
    pub async fn fetch(
        &mut self,
        uids: &[u32],
        part: Option<(u64, u64)>,
    ) -> Result<Vec<(u32, Vec<u8>)>, String> {
        let set = uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let section =
            part.map_or_else(|| "BODY.PEEK[]".to_owned(), |(from, n)| format!("BODY.PEEK[]<{from}.{n}>"));
        let mut out: Vec<(u32, Vec<u8>)> = Vec::with_capacity(uids.len());
        let each = |r: &Response<'_>| {
            let Response::Fetch(_, attributes) = r else { return };
            let uid = attributes.iter().find_map(|a| match a {
                AttributeValue::Uid(u) => Some(*u),
                _ => None,
            });
            let body = attributes.iter().find_map(|a| match a {
                AttributeValue::BodySection { data: Some(d), .. } => Some(d.to_vec()),
                _ => None,
            });
            if let (Some(uid), Some(body)) = (uid, body)
                && uids.contains(&uid)
                && !out.iter().any(|(u, _)| *u == uid)
            {
                out.push((uid, body));
            }
        };
        self.exec(format!("UID FETCH {set} (UID {section})"), each).await?;
        Ok(out)
    }

    /// After the commit: \Seen, or the move to `done` (RFC 6851; else COPY, \Deleted and UID EXPUNGE, RFC
    /// 4315).
    pub async fn settle(&mut self, uids: &[u32], done: Option<&str>) -> Result<(), String> {
        let set = ranges(uids);
        let nothing = |_: &Response<'_>| {};
        let Some(done) = done else {
            self.exec(format!("UID STORE {set} +FLAGS.SILENT (\\Seen)"), nothing).await?;
            return Ok(());
        };
        let folder = quoted(done)?;
        if self.can_move {
            self.exec(format!("UID MOVE {set} {folder}"), nothing).await?;
            return Ok(());
        }
        self.exec(format!("UID COPY {set} {folder}"), nothing).await?;
        self.exec(format!("UID STORE {set} +FLAGS.SILENT (\\Seen \\Deleted)"), nothing).await?;
        if self.has_uidplus {
            self.exec(format!("UID EXPUNGE {set}"), nothing).await?;
        }
        Ok(())
    }

    /// Makes the folder for taken-in mail where it is missing.
    pub async fn make_folder(&mut self, folder: &str) -> Result<(), String> {
        let mut there = false;
        let each = |r: &Response<'_>| there |= matches!(r, Response::MailboxData(MailboxDatum::List { .. }));
        let name = quoted(folder)?;
        self.exec(format!("LIST \"\" {name}"), each).await?;
        if !there {
            self.exec(format!("CREATE {name}"), |_| {}).await?;
        }
        Ok(())
    }

    /// Waits for a change (RFC 2177). Any other end of the waiting is an error: the caller connects anew.
    pub async fn idle(&mut self, at_most: Duration) -> Result<Woken, String> {
        let session = self.session.take().ok_or("the session has ended")?;
        let mut idle = session.idle();
        timeout(QUICK, idle.init())
            .await
            .map_err(|_| "the server does not begin IDLE")?
            .map_err(|_| "the server refuses IDLE")?;
        let (wait, _stop) = idle.wait_with_timeout(at_most);
        let woken = match timeout(at_most + QUICK, wait).await {
            Ok(Ok(async_imap::extensions::idle::IdleResponse::NewData(_))) => Woken::Changed,
            Ok(Ok(async_imap::extensions::idle::IdleResponse::Timeout)) => Woken::TimeOver,
            // A closed connection looks like an interruption that nobody asked for.
            Ok(Ok(async_imap::extensions::idle::IdleResponse::ManualInterrupt) | Err(_)) => {
                return Err("the connection ended in IDLE".into());
            }
            Err(_) => return Err("the server is silent in IDLE".into()),
        };
        let done = timeout(QUICK, idle.done()).await.map_err(|_| "the server does not end IDLE")?;
        self.session = Some(done.map_err(|_| "the server does not end IDLE")?);
        Ok(woken)
    }

    /// Says goodbye; nobody waits for long.
    pub async fn logout(mut self) {
        if let Some(mut session) = self.session.take() {
            let _ = timeout(Duration::from_millis(500), session.logout()).await;
        }
    }
}

fn cut(verb: &str) -> String {
    format!("{verb}: the connection was cut")
}

/// The server's words for a log: one line, no more than 120 characters.
fn short(text: &str) -> String {
    crate::mail::Line::clean(text).as_str().chars().take(120).collect()
}

async fn greeting(client: &mut Client<Inside>) -> Result<(), String> {
    let read =
        timeout(tls::CONNECT, client.read_response()).await.map_err(|_| "the server does not greet")?;
    match read.map_err(|_| "the greeting cannot be read")? {
        Some(r) => match r.parsed() {
            Response::Data { status: Status::Ok, .. } => Ok(()),
            // T95: nobody can be signed in before we sign in.
            Response::Data { status: Status::PreAuth, .. } => {
                Err("the server says that somebody is signed in already (PREAUTH)".into())
            }
            _ => Err("the server does not welcome us".into()),
        },
        None => Err("the server closed the connection".into()),
    }
}

/// RFC 9051 §6.2.1, line by line: a PREAUTH greeting, another answer than OK, or a byte too many ends it
/// (T95, T96).
async fn starttls(tcp: &mut tokio::net::TcpStream) -> Result<(), String> {
    let hello = tls::line(tcp).await?;
    if !hello.to_ascii_uppercase().starts_with("* OK") {
        return Err("the server's greeting is not OK; nothing is sent in clear".into());
    }
    tls::say(tcp, "a STARTTLS").await?;
    for _ in 0..20 {
        let line = tls::line(tcp).await?;
        let upper = line.to_ascii_uppercase();
        if upper.starts_with("A OK") {
            return tls::nothing_waits(tcp);
        }
        if upper.starts_with("A ") {
            return Err("the server offers no STARTTLS; nothing is sent in clear".into());
        }
    }
    Err("the server does not answer to STARTTLS".into())
}
