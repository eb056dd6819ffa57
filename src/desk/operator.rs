//! An order came: what an operator asks for on the command line. Orders on a ticket are the same as those of
//! a mail of staff ([`super::command`]), and are carried out by the same functions.

use super::builder::decision::Builder;
use super::letter::notification;
use super::model::{
    Change, Decision, HeldEnd, Kind, Moment, Outcome, Person, Questions, Reason, Refused, Release, Snapshot,
    StaffRow, Status, Step, TicketFacts, Via,
};
use super::notify;
use super::order::actor::Actor;
use super::order::command::Order;
use super::order::speak::{self, Words};
use super::order::undo::difference::TicketBefore;
use super::order::undo::{take_back, words};
use super::order::{apply, merge};
use super::rules::Rules;
use super::seal::GENERATIONS_MAX;
use crate::mail::{AddrSpec, Line, text};

/// What an operator asks for.
#[derive(Debug)]
pub enum OperatorOrder<'a> {
    /// Something on one ticket.
    Ticket {
        /// Number of the ticket; ignored for a new one.
        number: i64,
        /// The staff member in whose name it is done; `None`: the operator, shown as the desk.
        by: Option<&'a AddrSpec>,
        /// What is done.
        order: &'a Ordered<'a>,
    },
    /// Who is staff.
    Staff(&'a StaffChange<'a>),
    /// Staff of the configuration become staff.
    StaffOfConfiguration {
        /// Everybody whom it names.
        rows: &'a [StaffRow],
        /// Those who left it are removed. Only the daemon orders that (T121).
        whole: bool,
    },
    /// A new generation of the derived keys (T81).
    RotateKeys,
    /// A held mail acts now.
    Release(i64),
    /// A held mail is forgotten: it stays in the ledger, and is no longer listed.
    Drop(i64),
    /// Letters that wait or failed are due now: these, or all where none is named.
    Retry(&'a [i64]),
    /// Letters that wait or failed never leave.
    Cancel(&'a [i64]),
}

/// What an operator asks for on a ticket.
#[derive(Debug)]
pub enum Ordered<'a> {
    /// A ticket in somebody's name, as after a telephone call.
    New {
        /// Who asks.
        requester: &'a AddrSpec,
        /// What it is about.
        subject: &'a str,
        /// Their words.
        words: &'a str,
    },
    /// An answer to the customers.
    Reply {
        /// What it says.
        words: &'a str,
    },
    /// An internal note.
    Note {
        /// What it says.
        words: &'a str,
    },
    /// Orders as a mail of staff gives them.
    Orders(Vec<Order>),
    /// A message becomes a ticket of its own.
    Split {
        /// Number of the message.
        message: i64,
    },
    /// Takes back the last set of commands of the same person.
    Undo,
}

/// A change of who is staff.
#[derive(Debug)]
pub enum StaffChange<'a> {
    /// Somebody joins.
    Add {
        /// Where letters go.
        address: &'a AddrSpec,
        /// Public name.
        name: &'a str,
        /// Further addresses that they write from.
        aliases: &'a [AddrSpec],
    },
    /// Name or aliases change.
    Set {
        /// Who it is.
        address: &'a AddrSpec,
        /// `None`: stays.
        name: Option<&'a str>,
        /// Empty: they stay.
        aliases: &'a [AddrSpec],
    },
    /// Works for staff of the configuration, too: it is theirs to say.
    Digest {
        /// Who it is.
        address: &'a AddrSpec,
        /// Whether they get the daily digest.
        on: bool,
    },
    /// Somebody leaves.
    Remove {
        /// Who it is.
        address: &'a AddrSpec,
    },
}

impl StaffChange<'_> {
    fn address(&self) -> &AddrSpec {
        match self {
            Self::Add { address, .. }
            | Self::Set { address, .. }
            | Self::Digest { address, .. }
            | Self::Remove { address } => address,
        }
    }
}

/// What must be known to decide an order.
pub fn questions(order: &OperatorOrder<'_>) -> Questions {
    let base = Questions::default();
    match order {
        OperatorOrder::Ticket { number, order, .. } => {
            let mut q = Questions { tickets: vec![*number], ..base };
            match order {
                Ordered::New { requester, .. } => q.addresses.push((*requester).clone()),
                Ordered::Orders(orders) => {
                    q.tickets.extend(orders.iter().filter_map(|o| match o {
                        Order::Merge(n) => Some(*n),
                        _ => None,
                    }));
                }
                Ordered::Undo => q.undo = true,
                Ordered::Reply { .. } | Ordered::Note { .. } | Ordered::Split { .. } => {}
            }
            q
        }
        OperatorOrder::Staff(_) | OperatorOrder::StaffOfConfiguration { .. } => {
            Questions { staff_rows: true, ..base }
        }
        OperatorOrder::RotateKeys => base,
        OperatorOrder::Release(held) | OperatorOrder::Drop(held) => Questions { held: Some(*held), ..base },
        OperatorOrder::Retry(_) | OperatorOrder::Cancel(_) => {
            Questions { bare: true, open_letters: true, ..base }
        }
    }
}

/// What follows from an order.
pub fn decide(rules: &Rules, known: &Snapshot, order: &OperatorOrder<'_>, moment: Moment) -> Decision {
    let mut builder = Builder::new(rules, known, moment);
    let done = match order {
        OperatorOrder::Ticket { number, by, order } => on_ticket(&mut builder, *number, *by, order).map(Some),
        OperatorOrder::Staff(change) => staff(&mut builder, change).map(|()| None),
        OperatorOrder::StaffOfConfiguration { rows, whole } => {
            in_step(&mut builder, rows, *whole);
            Ok(None)
        }
        OperatorOrder::RotateKeys => rotate_keys(&mut builder).map(|()| None),
        OperatorOrder::Release(held) => match known.is_held {
            true => {
                let decision = builder.finish(Outcome::Append, Reason::HeldLetGo, None);
                let release = Some(Release { held: *held, actor: "operator".into() });
                return Decision { release, ..decision };
            }
            false => Err(Refused::NoHeldMail(*held)),
        },
        OperatorOrder::Drop(held) => drop_held(&mut builder, *held).map(|()| None),
        OperatorOrder::Retry(ids) => {
            let ids = if ids.is_empty() { known.open_letters.clone() } else { open(known, ids) };
            builder.change(Change::RetryLetters { ids });
            Ok(None)
        }
        OperatorOrder::Cancel(ids) => {
            builder.change(Change::CancelLetters { ids: open(known, ids) });
            Ok(None)
        }
    };
    match done {
        Ok(ticket) => builder.finish(Outcome::Append, Reason::Order, ticket),
        Err(refused) => builder.refuse(refused),
    }
}

/// Carries out an order on a ticket; its number.
fn on_ticket(
    builder: &mut Builder<'_>,
    number: i64,
    by: Option<&AddrSpec>,
    order: &Ordered<'_>,
) -> Result<i64, Refused> {
    let known = builder.known;
    let writer = match by {
        Some(a) => {
            let staff = known.staff_by_address(a).map(|s| s.person.clone());
            Some(staff.ok_or_else(|| Refused::NotStaff(a.clone()))?)
        }
        None => None,
    };
    if let Ordered::New { requester, subject, words } = order {
        return open_for(builder, requester, subject, words);
    }
    let mut facts = known.live(number).cloned().ok_or(Refused::NoTicket(number))?;
    let number = facts.ticket.number;
    let before = TicketBefore::of(builder, &facts);
    carry_out(builder, &mut facts, writer.as_ref(), order)?;
    let steps = match order {
        Ordered::Undo => Vec::new(),
        Ordered::Reply { .. } => vec![Step::Said { note: false }],
        Ordered::Note { .. } => vec![Step::Said { note: true }],
        Ordered::New { .. } | Ordered::Orders(_) | Ordered::Split { .. } => {
            before.steps_since(builder, &facts)
        }
    };
    words::remember(builder, number, writer.map(|p| p.id), None, &steps);
    apply::write_after_orders(builder, facts);
    Ok(number)
}

fn carry_out(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    writer: Option<&Person>,
    order: &Ordered<'_>,
) -> Result<(), Refused> {
    let actor = Actor { person: writer, seen: None };
    match order {
        Ordered::Reply { words } => speak(builder, facts, &actor, words, false),
        Ordered::Note { words } => speak(builder, facts, &actor, words, true),
        Ordered::Orders(orders) => {
            for order in orders {
                apply::apply(builder, facts, &actor, order).map_err(Refused::Command)?;
            }
            Ok(())
        }
        Ordered::Split { message } => {
            merge::split_message(builder, facts, Some(*message)).map_err(Refused::Command)
        }
        Ordered::Undo => {
            let back = take_back::take_back(builder, facts, writer, None);
            back.map(|_| ()).map_err(|fault| Refused::Command(fault.into()))
        }
        Ordered::New { .. } => Ok(()),
    }
}

fn speak(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    actor: &Actor<'_>,
    words: &str,
    note: bool,
) -> Result<(), Refused> {
    let words = &text::clean(words);
    if words.trim().is_empty() {
        return Err(Refused::NoWords);
    }
    let kind = if note { Kind::Note } else { Kind::Staff };
    let new = speak::message_of_form(kind, Via::Cli, actor.person, &builder.rules.name, words);
    let words = Words { text: words.trim().to_owned(), files: &[], note, private: false };
    speak::speak(builder, facts, actor, new, &words, &[]);
    Ok(())
}

/// A ticket in somebody's name: their words, no confirmation, notices to staff.
fn open_for(
    builder: &mut Builder<'_>,
    requester: &AddrSpec,
    subject: &str,
    words: &str,
) -> Result<i64, Refused> {
    if builder.rules.own.contains(requester) {
        return Err(Refused::IsTheDesk(requester.clone()));
    }
    let words = &text::clean(words);
    if words.trim().is_empty() {
        return Err(Refused::NoWords);
    }
    let person = builder.find_or_add_person(requester, "");
    let mut facts = builder.open_ticket(subject, person.clone(), None);
    let new = speak::message_of_form(Kind::Customer, Via::Cli, Some(&person), &builder.rules.name, words);
    let id = builder.add_message(&mut facts, new);
    let token = builder.rules.token(facts.ticket.number);
    let notice = notification::Notice {
        headline: notification::Headline::Announces(format!(
            "New ticket {token} for {}, opened by the operator",
            person.address
        )),
        words,
        lines: notification::card(builder, &facts, &[]),
        files: Vec::new(),
        left_out: Vec::new(),
        message: id,
    };
    notify::notify_concerned(builder, &mut facts, &notice, None);
    facts.ticket.status = Status::New;
    Ok(facts.ticket.number)
}

fn staff(builder: &mut Builder<'_>, change: &StaffChange<'_>) -> Result<(), Refused> {
    let address = change.address();
    let have = builder.known.staff_rows.iter().find(|r| r.address == *address).cloned();
    let there = || have.clone().ok_or_else(|| Refused::NotStaff(address.clone()));
    if let StaffChange::Add { aliases, .. } | StaffChange::Set { aliases, .. } = change {
        may_have(builder, address, aliases)?;
    }
    match change {
        StaffChange::Add { name, aliases, .. } => {
            let row = StaffRow {
                address: address.clone(),
                name: Line::clean(name).as_str().to_owned(),
                configured: false,
                aliases: aliases.to_vec(),
                digest: false,
                choice: None,
            };
            builder.change(Change::Staff { row: Box::new(row), action: Some("staff-add") });
        }
        StaffChange::Set { name, aliases, .. } => {
            let mut row = not_configured(there()?)?;
            row.name = name.map_or(row.name, |name| Line::clean(name).as_str().to_owned());
            if !aliases.is_empty() {
                row.aliases = aliases.to_vec();
            }
            builder.change(Change::Staff { row: Box::new(row), action: Some("staff-set") });
        }
        StaffChange::Digest { on, .. } => {
            there()?;
            builder.change(Change::DigestChoice { address: address.clone(), on: *on });
            let word = if *on { "on" } else { "off" };
            builder.audit("operator", "staff-digest", String::new(), word);
        }
        StaffChange::Remove { .. } => {
            not_configured(there()?)?;
            builder.change(Change::StaffGone { address: address.clone() });
            builder.audit("operator", "staff-remove", String::new(), "");
        }
    }
    Ok(())
}

/// No address of the desk, and none of another member: a mail from it would be both of theirs.
fn may_have(builder: &Builder<'_>, address: &AddrSpec, aliases: &[AddrSpec]) -> Result<(), Refused> {
    for a in std::iter::once(address).chain(aliases) {
        if builder.rules.own.contains(a) {
            return Err(Refused::OwnAddressAsStaff(a.clone()));
        }
        let mut others = builder.known.staff_rows.iter().filter(|r| r.address != *address);
        if let Some(other) = others.find(|r| r.address == *a || r.aliases.contains(a)) {
            return Err(Refused::AddressTaken { address: a.clone(), of: other.address.clone() });
        }
    }
    Ok(())
}

/// What stands in the configuration is changed there.
fn not_configured(row: StaffRow) -> Result<StaffRow, Refused> {
    if row.configured { Err(Refused::InConfiguration(row.address)) } else { Ok(row) }
}

/// What has to change until the staff of the database are those of the configuration.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct StaffSteps {
    /// They join, or their row changes.
    pub put: Vec<StaffRow>,
    /// They no longer stand in the configuration, and leave.
    pub gone: Vec<StaffRow>,
    /// They stood in a configuration that names nobody now. They stay, and are kept in the database.
    pub kept: Vec<StaffRow>,
}

impl StaffSteps {
    /// Nothing has to change.
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.gone.is_empty() && self.kept.is_empty()
    }
}

/// Compares the staff of the database with those of the configuration. `whole`: those who left it go, too.
/// A configuration that names nobody at all removes nobody: a missing section is no order (T121).
pub fn staff_steps(have: &[StaffRow], wanted: &[StaffRow], whole: bool) -> StaffSteps {
    // What a person chose is theirs and not the configuration's.
    let same = |h: &StaffRow, w: &StaffRow| StaffRow { choice: None, ..h.clone() } == *w;
    let put = wanted.iter().filter(|w| !have.iter().any(|h| same(h, w))).cloned().collect();
    let left = |h: &&StaffRow| whole && h.configured && !wanted.iter().any(|w| w.address == h.address);
    let left: Vec<StaffRow> = have.iter().filter(left).cloned().collect();
    match wanted.is_empty() {
        true => StaffSteps { put, gone: Vec::new(), kept: left },
        false => StaffSteps { put, gone: left, kept: Vec::new() },
    }
}

fn in_step(builder: &mut Builder<'_>, wanted: &[StaffRow], whole: bool) {
    let steps = staff_steps(&builder.known.staff_rows, wanted, whole);
    for gone in steps.gone {
        builder.change(Change::StaffGone { address: gone.address });
        builder.audit("configuration", "staff-remove", String::new(), "");
    }
    let kept = steps.kept.into_iter().map(|row| StaffRow { configured: false, choice: None, ..row });
    for row in kept.chain(steps.put) {
        builder.change(Change::Staff { row: Box::new(row), action: None });
    }
}

/// Reply addresses and ids of the letters that were written before prove nothing from this commit on.
fn rotate_keys(builder: &mut Builder<'_>) -> Result<(), Refused> {
    let number = builder.rules.keys.newest() + 1;
    if number > GENERATIONS_MAX {
        return Err(Refused::TooManyGenerations(GENERATIONS_MAX));
    }
    builder.change(Change::KeyGeneration { number });
    builder.audit("operator", "rotate-keys", format!("keys:{number}"), "");
    Ok(())
}

/// Those of the letters that wait or failed.
fn open(known: &Snapshot, ids: &[i64]) -> Vec<i64> {
    ids.iter().copied().filter(|id| known.open_letters.contains(id)).collect()
}

fn drop_held(builder: &mut Builder<'_>, held: i64) -> Result<(), Refused> {
    if !builder.known.is_held {
        return Err(Refused::NoHeldMail(held));
    }
    builder.change(Change::EndHeld { held, how: HeldEnd::Dropped });
    builder.audit("operator", "drop", format!("held:{held}"), "");
    Ok(())
}

#[cfg(test)]
mod tests;
