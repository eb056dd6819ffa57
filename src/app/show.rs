//! Show: tickets, held mail, the outbox, and what would become of a mail.

use super::desk::Desk;
use super::error::Trouble;
use super::handles::Operator;
use super::kept::unpack;
use super::values::{Looked, Position};
use crate::desk::inbound::answerable::automatic;
use crate::desk::model::Status;
use crate::desk::model::listed::HeldRow;
use crate::desk::model::listed::MessageRow;
use crate::desk::model::listed::TicketRow;
use crate::desk::text::display_name::Names;
use crate::desk::{Decision, Event, Outcome, right};
use crate::mail::thread::Threads;
use crate::mail::{Inbound, MessageId};
use crate::store::held;
use crate::store::message;
use crate::store::ticket;
use crate::store::{kept, search, staff};

/// Mails about which DNS is asked at once.
const AT_ONCE: usize = 100;

/// A mail that was explained: what it is and what would follow.
pub struct Explained {
    /// The mail as it was read.
    pub mail: Inbound,
    /// What would follow.
    pub decision: Decision,
    /// Why it is taken for automatic (RFC 3834); `None`: somebody wrote it.
    pub automatic: Option<String>,
    /// The token of the ticket it would go to; `None` for a new one.
    pub ticket: Option<String>,
    /// The first mail of its conversation among those that were explained with it.
    pub thread: Option<MessageId>,
}

/// A kept mail: the row and its bytes.
pub struct AnyMail {
    /// What is known of it.
    pub row: HeldRow,
    /// It as it came.
    pub raw: Vec<u8>,
}

impl Operator<'_> {
    /// All tickets, those that changed last first; of one status where it is given.
    pub fn tickets(&self, status: Option<Status>) -> Result<Vec<TicketRow>, Trouble> {
        Ok(self.0.store().read(|c| ticket::all(c, status))?)
    }

    /// A ticket with all that was said in it; `None`: there is none of this number.
    pub fn ticket(&self, number: i64) -> Result<Option<(TicketRow, Vec<MessageRow>)>, Trouble> {
        Ok(self.0.store().read(|c| match ticket::with_people(c, number)? {
            Some(row) => Ok(Some((row, message::of_ticket(c, number)?))),
            None => Ok(None),
        })?)
    }

    /// The tickets in which all these words stand, that with the newest such message first, and whether there
    /// may be more.
    pub fn search(&self, words: &str) -> Result<(Vec<TicketRow>, bool), Trouble> {
        let bounds = &self.0.rules().bounds;
        let (mut found, more) = self.0.store().read(|c| {
            let hits = search::tickets_with(c, bounds, words, bounds.found_tickets_max)?;
            Ok((ticket::numbered(c, &hits.tickets)?, hits.more))
        })?;
        found.retain(|row| right::staff_sees(&row.ticket));
        Ok((found, more))
    }

    /// Names that only their bearers may have (T07).
    pub fn names(&self) -> Result<Names, Trouble> {
        Ok(Names::of(&self.0.rules().name, &self.0.store().read(staff::members)?))
    }

    /// The mails that are held.
    pub fn held(&self) -> Result<Vec<HeldRow>, Trouble> {
        Ok(self.0.store().read(held::all)?)
    }

    /// A held mail with its bytes.
    pub fn held_mail(&self, id: i64) -> Result<Option<AnyMail>, Trouble> {
        Ok(self.0.store().read(|c| {
            let Some(row) = held::one(c, id)? else { return Ok(None) };
            let raw = unpack(&kept::packed(c, row.mail)?.unwrap_or_default());
            Ok(Some(AnyMail { row, raw }))
        })?)
    }

    /// Writes the whole database into a new file, encrypted with the same key, while the daemon runs.
    pub fn backup(&self, to: &std::path::Path) -> Result<(), Trouble> {
        Ok(self.0.store().backup(to)?)
    }

    /// What each mail is and what would follow, were it to arrive now; changes nothing. `in_order`: as the
    /// mails of one mailbox. The `thread` of a mail is looked for among all of them, and grants nothing.
    ///
    /// `prove` asks DNS about some mails at once.
    pub fn explain(
        &self,
        raws: Vec<Vec<u8>>,
        in_order: bool,
        mut prove: impl FnMut(&mut [Looked]) -> Result<(), Trouble>,
    ) -> Result<Vec<Explained>, Trouble> {
        let mut ready = Vec::with_capacity(raws.len());
        for raw in raws {
            let mail = crate::mail::parse::parse(&raw);
            let position = Position::Envelope { recipients: Vec::new(), sender: None };
            ready.push(self.0.looked(mail, raw, position));
        }
        for some in ready.chunks_mut(AT_ONCE) {
            prove(some)?;
        }
        let mut all = Vec::with_capacity(ready.len());
        if in_order {
            self.0.store().pretend(|tx| {
                for looked in ready {
                    let at = super::clock::now();
                    let done = self.0.intake().take_in(tx, &looked, &[], None, at)?;
                    all.push(self.explained(looked, done.decision));
                }
                Ok(())
            })?;
        } else {
            self.0.store().read(|c| {
                for looked in ready {
                    let at = super::clock::now();
                    let (mailed, asked) = self.0.mailed(&looked, at);
                    let (_, decision) = self.0.decide(c, &Event::Mail(&mailed, &asked), at)?;
                    drop(mailed);
                    drop(asked);
                    all.push(self.explained(looked, decision));
                }
                Ok(())
            })?;
        }
        let threads = Threads::of(all.iter().map(|e| &e.mail));
        for e in &mut all {
            e.thread = threads.root(&e.mail);
        }
        Ok(all)
    }

    fn explained(&self, looked: Looked, decision: Decision) -> Explained {
        let (mailed, _) = self.0.mailed(&looked, super::clock::now());
        let automatic = automatic(self.0.rules(), &mailed).map(str::to_owned);
        drop(mailed);
        let new = decision.outcome == Outcome::Ticket;
        let ticket = decision.ticket.filter(|_| !new).map(|n| self.0.token(n));
        Explained { automatic, ticket, thread: None, decision, mail: looked.mail }
    }
}

impl Desk {
    /// `DESK-7`: a ticket as people name it.
    pub fn token(&self, number: i64) -> String {
        self.rules().token(number)
    }
}

impl Desk {
    /// The octets of a file; `None`: its mail is gone. Of the mail there is one copy at a time.
    pub(super) fn part(&self, mail: i64, part: u32) -> Result<Option<Vec<u8>>, Trouble> {
        let raw = self.store().read(|c| kept::packed(c, mail))?.map(|packed| unpack(&packed));
        Ok(raw.and_then(|raw| crate::mail::parse::attachment(&raw, part)))
    }
}
