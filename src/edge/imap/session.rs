//! One IMAP session (RFC 9051): every command checks its tagged status and has a time-out. NO and BAD refuse
//! the command alone; whatever else fails ends the session.

use super::fault::{Fault, words_without};
use super::reader::Reader;
use super::response::{Answer, Fetched, Told, read};
use super::syntax::quoted;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use zeroize::Zeroizing;

/// T100: a command gets 5 minutes.
pub(super) const COMMAND: Duration = Duration::from_secs(300);
/// What a server does at once, such as ending IDLE.
pub(super) const QUICK: Duration = Duration::from_secs(10);
/// Codes by which a server tells of trouble that somebody should know (RFC 9051 §7.1, RFC 5530).
const TROUBLE: [&str; 5] = ["ALERT", "UNAVAILABLE", "INUSE", "LIMIT", "CONTACTADMIN"];
/// Mails that are listed at once; a server that lists more is not listened to.
const LISTED_MAX: usize = 200_000;
/// An IDLE that the server ends sooner without news is one that it does not want.
const IDLE_MIN: Duration = Duration::from_secs(1);
/// Octets of bodies that one command keeps; more is asked for mail by mail.
pub const KEEP_BYTES: usize = 4 << 20;

/// An open and authenticated session.
pub struct Imap {
    pub(super) reader: Option<Reader>,
    /// Begins the tags of this connection: nobody who writes a mail can know it.
    prefix: String,
    commands: u32,
    /// Mails in the selected folder, as the server told last; `None`: it did not.
    exists: Option<u32>,
    /// The server told of a change since the last SELECT; it will not tell again in IDLE.
    pub changed: bool,
    /// What it can do, in upper case.
    pub(super) capabilities: Vec<String>,
    /// IDLE was announced and refused.
    pub refuses_idle: bool,
    /// What the server wants people to know.
    pub told: Option<String>,
    /// It handed out the bytes of a mail in this session.
    pub served: bool,
    /// Not to be repeated to anybody, whatever the server says: until we are signed in (T83).
    pub(super) secrets: Vec<Zeroizing<String>>,
}

/// What SELECT or EXAMINE says (RFC 9051 §6.3.2).
#[derive(Debug, Clone, Copy)]
pub struct Selected {
    /// UIDs hold as long as this number stays (RFC 9051 §2.3.1.1). 0: the server gives none.
    pub uid_validity: i64,
    /// Every mail that comes has at least this UID; `None`: the server does not say.
    pub uid_next: Option<u32>,
    /// The server said so itself; else it follows from the last mail that is there.
    pub says_next: bool,
    /// Mails in the folder; `None`: the server does not say.
    pub exists: Option<u32>,
}

/// A mail as it lies on the server, without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its number in the folder.
    pub uid: u32,
    /// Octets, as the server counts them; `None`: it does not say.
    pub size: Option<u64>,
    /// When it came there, in seconds since 1970; `None`: the server does not say.
    pub date: Option<i64>,
}

/// How waiting in IDLE ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Woken {
    /// The mailbox changed.
    Changed,
    /// The time is over.
    TimeOver,
    /// The server refuses IDLE, though it announced it.
    Refused,
}

impl Imap {
    pub(super) fn new(reader: Reader) -> Self {
        let drawn = jiff::Timestamp::now().subsec_nanosecond().unsigned_abs();
        Self {
            reader: Some(reader),
            prefix: format!("m{drawn:x}x"),
            commands: 0,
            exists: None,
            changed: false,
            capabilities: Vec::new(),
            refuses_idle: false,
            told: None,
            served: false,
            secrets: Vec::new(),
        }
    }

    /// Whether the server announced this, in upper case.
    pub fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|c| c == capability)
    }

    /// Runs a command to its tagged OK; every untagged response that matters goes to `each`.
    pub(super) async fn exec(&mut self, command: &str, each: impl FnMut(Answer)) -> Result<Told, Fault> {
        self.exec_keeping(command, KEEP_BYTES, each).await
    }

    /// The same, with `keep` octets of literals for each response.
    pub(super) async fn exec_keeping(
        &mut self,
        command: &str,
        keep: usize,
        mut each: impl FnMut(Answer),
    ) -> Result<Told, Fault> {
        let verb = command.split(' ').take(if command.starts_with("UID") { 2 } else { 1 });
        let verb = verb.collect::<Vec<_>>().join(" ");
        let tag = self.next_tag();
        self.send(&verb, &format!("{tag} {command}\r\n")).await?;
        let done = timeout(COMMAND, async {
            loop {
                match self.answer(&verb, &tag, keep).await? {
                    Answer::Done(told) => return Ok(told),
                    // T100: nobody asked for a mail whose number is above the count of mails.
                    Answer::Fetch(n, _) if self.exists.is_some_and(|exists| n > exists) => {}
                    other => each(other),
                }
            }
        })
        .await
        .unwrap_or_else(|_| Err(Fault::Silent(verb.clone())));
        match done {
            Ok(told) if told.status == "OK" => Ok(told),
            Ok(told) => Err(Fault::Refused { verb, words: self.words_of(&told) }),
            Err(lost) => {
                // The dialogue may be out of step: the session is never used again.
                self.reader = None;
                Err(lost)
            }
        }
    }

    /// What the server said, without our secrets.
    fn words_of(&self, told: &Told) -> String {
        let secrets: Vec<&str> = self.secrets.iter().map(|s| s.as_str()).collect();
        words_without(&told.line, &secrets)
    }

    pub(super) fn next_tag(&mut self) -> String {
        self.commands = self.commands.wrapping_add(1);
        format!("{}{}", self.prefix, self.commands)
    }

    pub(super) async fn send(&mut self, verb: &str, line: &str) -> Result<(), Fault> {
        let reader = self.reader.as_mut().ok_or_else(|| Fault::Cut(verb.to_owned()))?;
        reader.send(verb, line.as_bytes()).await
    }

    /// The next response; what it says about the folder and about trouble is noted.
    pub(super) async fn answer(&mut self, verb: &str, tag: &str, keep: usize) -> Result<Answer, Fault> {
        let reader = self.reader.as_mut().ok_or_else(|| Fault::Cut(verb.to_owned()))?;
        let answer = read(reader.next(verb, tag, keep).await?, tag);
        match &answer {
            Answer::Exists(n) => (self.changed, self.exists) = (true, Some(*n)),
            Answer::Status(told) if told.status == "BYE" => return Err(Fault::Bye(self.words_of(told))),
            Answer::Status(told) | Answer::Done(told) if TROUBLE.contains(&told.code.as_str()) => {
                let words = self.words_of(told);
                tracing::warn!("the server says: {words}");
                self.told = Some(words);
            }
            _ => {}
        }
        Ok(answer)
    }

    /// `verb` is SELECT, or EXAMINE where nothing is flagged or moved.
    pub async fn select(&mut self, verb: &str, folder: &str) -> Result<Selected, Fault> {
        let (mut validity, mut uid_next, mut exists) = (None, None, None);
        let name = quoted(folder).map_err(Fault::Setup)?;
        self.exists = None;
        let mut note = |told: &Told| match (told.code.as_str(), told.number()) {
            ("UIDVALIDITY", Some(n)) => validity = Some(n),
            ("UIDNEXT", Some(n)) => uid_next = u32::try_from(n).ok().filter(|n| *n > 0),
            _ => {}
        };
        let done = self
            .exec(&format!("{verb} {name}"), |answer| match answer {
                Answer::Status(told) => note(&told),
                Answer::Exists(n) => exists = Some(n),
                _ => {}
            })
            .await?;
        note(&done);
        self.changed = false;
        if validity.is_none() {
            validity = self.status_validity(&name).await?;
        }
        let says_next = uid_next.is_some();
        if uid_next.is_none() && exists != Some(0) {
            uid_next = self.list("*").await?.last().map(|l| l.uid.saturating_add(1));
        }
        // Numbers beyond 63 bits are compared by their lower bits.
        let uid_validity = validity.map_or(0, |v| (v & (u64::MAX >> 1)).cast_signed());
        Ok(Selected { uid_validity, uid_next, says_next, exists })
    }

    async fn status_validity(&mut self, name: &str) -> Result<Option<u64>, Fault> {
        let mut found = None;
        let asked = self
            .exec(&format!("STATUS {name} (UIDVALIDITY)"), |answer| {
                if let Answer::Number(_, n) = answer {
                    found = Some(n);
                }
            })
            .await;
        match asked {
            Err(lost) if !lost.session_lives() => Err(lost),
            _ => Ok(found),
        }
    }

    /// UID, size and date of a set such as `7:*`, in ascending order.
    pub async fn list(&mut self, set: &str) -> Result<Vec<Listed>, Fault> {
        let mut out: Vec<Listed> = Vec::new();
        let each = |answer| {
            if let Answer::Fetch(_, Fetched { uid: Some(uid), size, date, .. }) = answer
                && out.len() < LISTED_MAX
            {
                out.push(Listed { uid, size, date });
            }
        };
        self.exec(&format!("UID FETCH {set} (UID INTERNALDATE RFC822.SIZE)"), each).await?;
        out.sort_by_key(|l| (l.uid, l.size.is_none()));
        out.dedup_by_key(|l| l.uid);
        Ok(out)
    }

    /// UIDs of a set that are there, as SEARCH finds them; `None`: the server does not say.
    pub async fn search(&mut self, set: &str) -> Result<Option<Vec<u32>>, Fault> {
        let mut found: Option<Vec<u32>> = None;
        let command = format!("UID SEARCH UID {set}");
        let asked = self.exec(&command, |answer| {
            if let Answer::Search(some) = answer {
                found.get_or_insert_default().extend(some);
            }
        });
        match asked.await {
            Err(lost) if !lost.session_lives() => Err(lost),
            Err(_) => Ok(None),
            Ok(_) => Ok(found),
        }
    }

    /// What the server hands out of these mails, each once; what was not asked for is not looked at. `part`:
    /// all, or (first octet, octets). The fault stands beside what came before it.
    pub async fn fetch(
        &mut self,
        uids: &[u32],
        part: Option<(u64, u64)>,
        keep: usize,
    ) -> (Vec<(u32, Fetched)>, Result<(), Fault>) {
        let set = uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let section =
            part.map_or_else(|| "BODY.PEEK[]".to_owned(), |(from, n)| format!("BODY.PEEK[]<{from}.{n}>"));
        let mut out: Vec<(u32, Fetched)> = Vec::with_capacity(uids.len());
        let (mut kept, mut served) = (0, false);
        let each = |answer| {
            let Answer::Fetch(_, mut fetched) = answer else { return };
            let Some(uid) = fetched.uid.filter(|uid| uids.contains(uid)) else { return };
            let says_something = fetched.body.is_some() || fetched.is_broken || fetched.is_too_large;
            if says_something && !out.iter().any(|(u, _)| *u == uid) {
                let octets = fetched.body.as_ref().map_or(0, Vec::len);
                served |= octets > 0;
                kept += octets;
                if kept > keep {
                    (fetched.body, fetched.is_too_large) = (None, true);
                }
                out.push((uid, fetched));
            }
        };
        let done = self.exec_keeping(&format!("UID FETCH {set} (UID {section})"), keep, each).await;
        self.served |= served;
        (out, done.map(drop))
    }

    /// Waits for a change (RFC 2177), at most so long.
    pub async fn idle(&mut self, at_most: Duration) -> Result<Woken, Fault> {
        let woken = self.idle_unguarded(at_most).await;
        if woken.is_err() {
            self.reader = None;
        }
        woken
    }

    async fn idle_unguarded(&mut self, at_most: Duration) -> Result<Woken, Fault> {
        let silent = || Fault::Silent("IDLE".into());
        let tag = self.next_tag();
        self.send("IDLE", &format!("{tag} IDLE\r\n")).await?;
        // What is told before the continuation counts as what is told behind it (RFC 9051 §7).
        let begun = async {
            loop {
                match self.answer("IDLE", &tag, 0).await? {
                    Answer::More => return Ok(None),
                    Answer::Done(told) if told.status == "OK" => return Ok(Some(Woken::Changed)),
                    Answer::Done(_) => return Ok(Some(Woken::Refused)),
                    _ => {}
                }
            }
        };
        if let Some(ended) = timeout(QUICK, begun).await.map_err(|_| silent())?? {
            self.refuses_idle = true;
            return Ok(ended);
        }
        let begun = Instant::now();
        let end = begun + at_most;
        while !self.changed {
            match tokio::time::timeout_at(end, self.answer("IDLE", &tag, 0)).await {
                Err(_) => break,
                // Nothing comes for longer than a command may take: that is what IDLE is for.
                Ok(Err(Fault::Silent(_))) => {}
                Ok(Err(lost)) => return Err(lost),
                // The server ended it by itself.
                Ok(Ok(Answer::Done(told))) => {
                    let unwanted = told.status != "OK" || begun.elapsed() < IDLE_MIN;
                    self.refuses_idle |= unwanted && !self.changed;
                    return Ok(if self.refuses_idle { Woken::Refused } else { Woken::Changed });
                }
                Ok(Ok(_)) => {}
            }
        }
        // Another verb: a connection that died meanwhile says nothing about IDLE.
        self.send("DONE", "DONE\r\n").await?;
        let ended = async {
            while !matches!(self.answer("DONE", &tag, 0).await?, Answer::Done(_)) {}
            Ok(())
        };
        timeout(QUICK, ended).await.map_err(|_| Fault::Silent("DONE".into()))??;
        Ok(if self.changed { Woken::Changed } else { Woken::TimeOver })
    }

    /// Says goodbye; nobody waits for long.
    pub async fn logout(mut self) {
        let _ = timeout(Duration::from_millis(500), self.exec("LOGOUT", |_| {})).await;
    }
}
