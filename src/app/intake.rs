//! Take: a mail becomes what it is, in one transaction (HOUSE, the way of an inbound mail).

use super::clock::now;
use super::desk::Desk;
use super::error::Trouble;
use super::event::{Done, Opened, Origin};
use super::handles::Intake;
use super::kept::Bytes;
use super::ledger::kept;
use super::poison::Stage;
use super::poison_test::{act_as_poison, poison_is_set};
use super::values::{Looked, Position, Taken};
use crate::desk::inbound::gather::{Asked, gather};
use crate::desk::model::Outcome;
use crate::desk::model::proof::NoBytes;
use crate::desk::model::search::Hits;
use crate::desk::{self, Answers, Claim, Event, Facts, Mailed};
use crate::mail::{AddrSpec, Inbound, parse};
use crate::store::crash_point::stop_at;
use crate::store::ledger::{self, Uid};
use crate::store::{self, Tx, held, maildir, staff};
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Why a mail is held on which the program failed.
const PANICKED: &str = "the program failed on it (a bug)";

impl Intake<'_> {
    /// Parses and hashes a mail, outside any transaction. A mail on which the parser fails is held with its
    /// bytes.
    pub fn look(&self, raw: Vec<u8>, position: Position) -> Looked {
        let at = position.clone();
        self.0.poison().blamed(&at, || self.look_at(raw, position))
    }

    fn look_at(&self, raw: Vec<u8>, position: Position) -> Looked {
        let (poison, began) = (self.0.poison(), Instant::now());
        if poison.is_unreadable(&position) {
            return self.0.looked(parse::unread(&raw), raw, position);
        }
        let at = position.clone();
        let mut looked = poison.guarded(&at, Stage::Read, Duration::ZERO, || {
            act_as_poison(&raw, Stage::Read.word());
            self.0.looked(parse::parse_for_intake(&raw), raw, position)
        });
        looked.worked = began.elapsed();
        looked
    }

    /// Holds a mail without its bytes (T34, T110).
    pub fn hold_without_bytes(&self, position: Position, why: NoBytes) -> Result<(), Trouble> {
        let mut looked = self.0.looked(parse::unread(&[]), Vec::new(), position);
        looked.facts.without_bytes = Some(why);
        looked.bytes.pack();
        self.take(&[looked]).map(drop)
    }

    /// What a mail claims about its domain and the edge must ask DNS for; `None`: nothing that DNS says can
    /// matter. Mail that was there before the desk causes nothing, so nobody is asked about it.
    pub fn domain_claim(&self, looked: &Looked) -> Result<Option<Claim>, Trouble> {
        self.0.poison().blamed(&looked.position, || self.claim(looked))
    }

    fn claim(&self, looked: &Looked) -> Result<Option<Claim>, Trouble> {
        act_as_poison_at(looked, "claim-");
        let history = matches!(
            looked.position,
            Position::Imap { history: true, .. } | Position::Maildir { history: true, .. }
        );
        let Some(sender) = looked.mail.from.address().filter(|_| !history) else { return Ok(None) };
        if looked.mail.report.is_some() {
            return Ok(None);
        }
        if self.0.rules().own.contains(sender) {
            // Of our own mail a probe alone is of interest: does our signature hold?
            let probe = desk::probe::id_of(self.0.rules(), &looked.mail).is_some();
            return Ok(desk::proof::domain::claim(self.0.rules(), &looked.mail, true).filter(|_| probe));
        }
        let staff = self.0.store().read(staff::members)?;
        let staff = staff.iter().any(|s| s.person.address == *sender || s.aliases.contains(sender));
        Ok(desk::proof::domain::claim(self.0.rules(), &looked.mail, staff))
    }

    /// Puts what DNS answered to a claim into the mail.
    pub fn proven(&self, looked: &mut Looked, claim: &Claim, answers: &Answers) {
        let (began, before, at) = (Instant::now(), looked.worked, looked.position.clone());
        let poison = self.0.poison();
        poison.blamed(&at, || {
            poison.guarded(&at, Stage::Prove, before, || self.put_proof(looked, claim, answers));
        });
        looked.worked = before + began.elapsed();
    }

    fn put_proof(&self, looked: &mut Looked, claim: &Claim, answers: &Answers) {
        let raw = looked.bytes.raw();
        act_as_poison(&raw, Stage::Prove.word());
        let mut domain = claim.judge(&raw, answers, now());
        if looked.facts.probe.is_some() {
            looked.facts.probe = desk::probe::returned(self.0.rules(), &looked.mail, &raw, &domain);
        }
        desk::proof::domain::through_form(self.0.rules(), &mut looked.mail, &mut domain);
        looked.facts.domain = domain;
        let at = now();
        let (mailed, asked) = self.0.mailed(looked, at);
        let hits = self.0.searched(&Event::Mail(&mailed, &asked), at);
        drop(mailed);
        // Where the store cannot be read the answer says that there may be more.
        looked.facts.hits = hits.unwrap_or(Hits { more: true, ..Hits::default() });
    }

    /// Takes a batch in one transaction, each mail in its savepoint. A batch that fails is taken again
    /// singly; a mail that fails alone is held (T34). On `Ok` everything is committed.
    pub fn take(&self, batch: &[Looked]) -> Result<Vec<Taken>, Trouble> {
        let made = |all: &[(Taken, usize)]| all.iter().any(|(_, letters)| *letters > 0);
        // A read that fails here fails below, too, where one mail alone can be held for it.
        let opened: Vec<Vec<Opened>> = batch.iter().map(|l| self.opened(l).unwrap_or_default()).collect();
        let whole = self.0.store().write(|tx| {
            let each = batch.iter().zip(&opened);
            let all = each.map(|(l, o)| tx.savepoint(|tx| self.one(tx, l, o))).collect::<store::Result<_>>();
            stop_at("before-take-commit");
            all
        });
        let all: Vec<(Taken, usize)> = match whole {
            Ok(all) => all,
            Err(e @ store::Error::Full(_)) => {
                self.0.store().make_room();
                return Err(e.into());
            }
            Err(e @ (store::Error::Busy(_) | store::Error::Damaged(_) | store::Error::Setup(_))) => {
                return Err(e.into());
            }
            Err(store::Error::Sql(_)) => {
                batch.iter().zip(&opened).map(|(l, o)| self.alone(l, o)).collect::<Result<Vec<_>, _>>()?
            }
        };
        stop_at("after-take-commit");
        if made(&all) {
            self.0.letters_made();
        }
        Ok(all.into_iter().map(|(t, _)| t).collect())
    }

    /// One mail in a transaction of its own; held where the desk fails on it.
    fn alone(&self, looked: &Looked, opened: &[Opened]) -> Result<(Taken, usize), Trouble> {
        match self.0.store().write(|tx| tx.savepoint(|tx| self.one(tx, looked, opened))) {
            Ok(taken) => Ok(taken),
            Err(store::Error::Sql(why)) => {
                let held = self.0.store().write(|tx| self.take_in(tx, looked, opened, Some(why), now()))?;
                let outcome = held.decision.outcome.as_str();
                Ok((Taken { outcome, mail: held.mail, ticket: None }, held.letters))
            }
            Err(e) => Err(e.into()),
        }
    }

    /// The held mails that this one may let go with `#send`.
    fn opened(&self, looked: &Looked) -> Result<Vec<Opened>, Trouble> {
        self.0.poison().blamed(&looked.position, || {
            act_as_poison_at(looked, "open-");
            let at = now();
            let (mailed, asked) = self.0.mailed(looked, at);
            self.0.opened(&Event::Mail(&mailed, &asked), at)
        })
    }

    /// What became of a mail, and how many letters it made. The letters themselves are not held until the
    /// commit.
    fn one(&self, tx: &Tx<'_>, looked: &Looked, opened: &[Opened]) -> store::Result<(Taken, usize)> {
        let done = self.0.poison().guarded(&looked.position, Stage::Take, looked.worked, || {
            // A mail on which the desk panics is held like one that the database refuses, and the next one is
            // taken.
            let taken = catch_unwind(AssertUnwindSafe(|| {
                act_as_poison_at(looked, Stage::Take.word());
                self.take_in(tx, looked, opened, None, now())
            }));
            taken.unwrap_or_else(|_| Err(store::Error::Sql(PANICKED.to_owned())))
        })?;
        if looked.facts.without_bytes.is_none() {
            self.0.poison().acquit(tx, &looked.position)?;
        }
        let outcome = done.decision.outcome.as_str();
        Ok((Taken { outcome, mail: done.mail, ticket: done.decision.ticket }, done.letters))
    }

    /// A mail comes down the road, and gets its line in the ledger.
    pub(super) fn take_in(
        &self,
        tx: &Tx<'_>,
        looked: &Looked,
        opened: &[Opened],
        fault: Option<String>,
        at: i64,
    ) -> store::Result<Done> {
        let from = Origin::New {
            mail: &looked.mail,
            packed: &looked.bytes.packed(),
            origin: origin(&looked.position),
        };
        let (mut mailed, asked) = self.0.mailed(looked, at);
        mailed.facts.fault = fault;
        let done = self.0.walk(tx, &Event::Mail(&mailed, &asked), &from, opened, at)?;
        enter(tx, looked, (done.mail, done.decision.outcome), at)?;
        Ok(done)
    }
}

impl Desk {
    /// A mail that was parsed, with everything that is gathered before the transaction.
    pub(super) fn looked(&self, mut mail: Inbound, raw: Vec<u8>, position: Position) -> Looked {
        let recipients = match &position {
            Position::Envelope { recipients, .. } => recipients.as_slice(),
            Position::Imap { .. } | Position::Maildir { .. } => &[],
        };
        desk::proof::domain::own_form(self.rules(), &mut mail);
        let (seals, asked) = gather(self.rules(), &mail, recipients);
        let probe = desk::probe::returned(self.rules(), &mail, &raw, &desk::Domain::default());
        let facts = Facts { probe, ..Facts::default() };
        Looked { position, bytes: Bytes::Plain(raw), mail, seals, asked, facts, worked: Duration::ZERO }
    }

    /// A mail with what its position says about it, and what its writer asks for. Where the keys were rotated
    /// since it was gathered, that is done anew.
    pub(super) fn mailed<'a>(&self, looked: &'a Looked, at: i64) -> (Mailed<'a>, Cow<'a, Asked>) {
        let none: &[AddrSpec] = &[];
        let (mailbox, recipients, null_sender, history, arrived_at) = match &looked.position {
            Position::Imap { mailbox, internal_date, history, .. } => {
                (Some(mailbox.as_str()), none, false, *history, (*internal_date).min(at))
            }
            Position::Maildir { mailbox, arrived_at, history, .. } => {
                (Some(mailbox.as_str()), none, false, *history, (*arrived_at).min(at))
            }
            Position::Envelope { recipients, sender } => {
                (None, recipients.as_slice(), *sender == Some(None), false, at)
            }
        };
        let (facts, mail) = (looked.facts.clone(), &looked.mail);
        let (seals, asked) = match looked.seals.generation == self.rules().keys.newest() {
            true => (Cow::Borrowed(&looked.seals), Cow::Borrowed(&looked.asked)),
            false => {
                let (seals, asked) = gather(self.rules(), mail, recipients);
                (Cow::Owned(seals), Cow::Owned(asked))
            }
        };
        (Mailed { mail, seals, mailbox, null_sender, history, arrived_at, facts }, asked)
    }
}

/// For the tests of T34. A mail that is held unread is none.
fn act_as_poison_at(looked: &Looked, stage: &str) {
    if poison_is_set() && !looked.mail.defects.contains(&parse::UNREAD) {
        act_as_poison(&looked.bytes.raw(), stage);
    }
}

fn origin(position: &Position) -> String {
    match position {
        Position::Imap { mailbox, .. } => format!("imap:{mailbox}"),
        Position::Maildir { mailbox, .. } => format!("maildir:{mailbox}"),
        Position::Envelope { .. } => "stdin".into(),
    }
}

/// The line in the ledger; a mail from standard input has none.
fn enter(
    tx: &Tx<'_>,
    looked: &Looked,
    (mail, outcome): (Option<i64>, Outcome),
    now: i64,
) -> store::Result<()> {
    match &looked.position {
        Position::Imap { mailbox, uid_validity, uid, said, .. } => {
            let at = Uid { mailbox, validity: *uid_validity, uid: *uid };
            let has_bytes = looked.facts.without_bytes.is_none();
            ledger::enter(tx, at, kept(*said), mail, Some(outcome), !has_bytes)?;
            if !has_bytes {
                return ledger::await_held(tx, at, mail);
            }
            match ledger::await_no_more(tx, at)? {
                Some(placeholder) => held::end_placeholder(tx, placeholder, now),
                None => Ok(()),
            }
        }
        Position::Maildir { mailbox, name, file, .. } => {
            maildir::enter(tx, super::maildir::file(mailbox, name, file.as_ref()), mail, outcome)
        }
        Position::Envelope { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Desk;

    /// Steps of SQLite's machine, in tens, that it takes to look up what a mail may concern, and to write
    /// what follows.
    fn steps(desk: &Desk, raw: &[u8]) -> u64 {
        let looked =
            desk.intake().look(raw.to_vec(), Position::Envelope { recipients: Vec::new(), sender: None });
        let (mailed, asked) = desk.mailed(&looked, 1_000_000);
        let taken = desk.store().counted(|tx| {
            let from = Origin::New { mail: &looked.mail, packed: &[], origin: "stdin".into() };
            desk.walk(tx, &Event::Mail(&mailed, &asked), &from, &[], 1_000_000)
        });
        taken.expect("taken").1
    }

    /// A table that is walked for every mail makes a large desk slow; the planner did that with persons and
    /// tickets, and SQLite with all children of a new parent while any foreign key was open.
    #[test]
    fn a_large_desk_is_asked_as_quickly_as_a_small_one() {
        let desk = Desk::empty().expect("a desk");
        let stranger = b"From: new@far.example\nTo: desk@near.example\nMessage-ID: <1@far.example>\n\
                Subject: [DESK-7] x\n\nHello\n";
        let forged =
            b"From: p1@far.example\nTo: desk@near.example\nMessage-ID: <2@far.example>\nSubject: [DESK-7] x\n\
                \n#undo\n> Hello\n";
        let asks = b"From: p1@far.example\nTo: desk@near.example\nMessage-ID: <3@far.example>\n\
            Subject: search Hello\n\n\n";
        let known = b"From: p9@far.example\nTo: desk@near.example\nMessage-ID: <m8>\nIn-Reply-To: <m9>\n\
            Subject: x\n\nHello\n";
        let fill = |from: i64, to: i64| {
            let sql = format!(
                "with recursive n (i) as (select {from} union all select i + 1 from n where i < {to})
                 insert into person (id, address, name, created_at) select i, 'p' || i || '@far.example', '',
                   0 from n;
                 insert into staff (person, name, configured, since) select 1, '', 1, 0 where {from} = 1;
                 insert into ticket (id, subject, status, priority, requester, created_at, updated_at)
                   select id, '', 'open', 'normal', id, 999999, 0 from person where id >= {from};
                 insert into mail (id, hash, subject, outcome, reason, source, size, received_at)
                   select id, x'00', '', 'ticket', '', '', 1, 0 from person where id >= {from};
                 insert into message (id, ticket, kind, via, author_name, text, quoted, signature, verified,
                   created_at)
                   select id, id, 'customer', 'mail', '', '', '', '', 'none', 0 from person where id >=
                     {from};
                 insert into letter (id, kind, ticket, person, automatic, forward_path, counted_as, domain,
                   message_id, subject, state,
                                     reason, created_at)
                   select id, 'notification', id, id, 0, address, address, 'far.example', 'm' || id, '',
                     'sent', '', 999999
                   from person where id >= {from};
                 insert into known_id (id, letter) select 'm' || id, id from person where id >= {from};
                 insert into held (kind, mail, person, cause, verified, reason, received_at)
                   select 'held', id, 1, 'unproven', 'none', '', 0 from person where id >= {from};
                 insert into pending (person, why, created_at, due_at) select 1, '', 0, 0 from person where id
                   >= {from};
                 insert into opened (counted_as, at, ticket) select address, 999999, id from person where id
                   >= {from};
                 insert into participant (ticket, person, since) select id, id, 0 from person where id >=
                   {from};
                 insert into suggestion (ticket, person, address, created_at) select id, id, 'x@y.example', 0
                   from person where id >= {from};
                 insert into deed (ticket, person, steps, at) select id, 1, '', 0 from person where id >=
                   {from};
                 insert into signature (fingerprint, at) select address, 0 from person where id >= {from};
                 insert into audit (at, actor, action, object, detail, chain) select 0, '', '', '', '', x'00'
                   from person where id >= {from};
                 insert into held_link (hash, person, created_at, expires_at) select address, 1, 0, 0 from
                   person where id >= {from};
                 insert into letter (id, kind, person, automatic, forward_path, counted_as, domain,
                   message_id, subject, state, reason, created_at)
                   select 100000 + id, 'hold', 1, 0, '', '', '', 'h' || id, '', 'sent', '', 0 from person
                     where id >= {from}"
            );
            desk.store().write(|tx| Ok(tx.conn().execute_batch(&sql)?)).expect("rows");
        };
        fill(1, 100);
        let all = |desk: &Desk| [stranger.as_slice(), known, forged, asks].map(|raw| steps(desk, raw));
        let small = all(&desk);
        fill(101, 5_000);
        let large = all(&desk);
        for (small, large) in small.iter().zip(large) {
            assert!(large < small * 3 / 2 + 5, "{small} became {large}");
        }
    }
}
