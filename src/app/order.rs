//! Orders of an operator: the same functions as for a mail of staff, without a mail. And who is staff.

use super::{Desk, Trouble, now};
use crate::config::StaffConfig;
use crate::desk::command::Order;
use crate::desk::undo::{self, Mark, Step};
use crate::desk::work::Work;
use crate::desk::{self, Kind, Outcome, Person, Status, TicketFacts, Via, ordered};
use crate::mail::AddrSpec;
use crate::store::{self, Tx, apply, snapshot};

/// Why an order was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No such ticket, person or message: exit 66.
    #[error("{0}")]
    Missing(String),
    /// A wrong argument: exit 65.
    #[error("{0}")]
    Wrong(String),
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl From<store::Error> for Refusal {
    fn from(e: store::Error) -> Self {
        Self::Trouble(e.into())
    }
}

/// What an operator asks for.
pub enum Ordered<'a> {
    New {
        requester: &'a AddrSpec,
        subject: &'a str,
        words: &'a str,
    },
    Reply {
        words: &'a str,
    },
    Note {
        words: &'a str,
    },
    Orders(Vec<Order>),
    Split {
        message: i64,
    },
    /// Takes back the last set of commands of the same person.
    Undo,
}

/// A change of who is staff.
pub enum StaffChange<'a> {
    Add {
        address: &'a AddrSpec,
        name: &'a str,
        aliases: &'a [AddrSpec],
    },
    Set {
        address: &'a AddrSpec,
        name: Option<&'a str>,
        aliases: &'a [AddrSpec],
    },
    /// Works for staff of the configuration, too: it is theirs to say.
    Digest {
        address: &'a AddrSpec,
        on: bool,
    },
    Remove {
        address: &'a AddrSpec,
    },
}

impl Desk {
    pub fn config_rules(&self) -> &desk::Rules {
        self.rules()
    }

    /// Carries out an order on a ticket (`number` is ignored for a new one); the number of the ticket.
    pub fn order(&self, number: i64, by: Option<&AddrSpec>, order: &Ordered<'_>) -> Result<i64, Refusal> {
        let mut refusal = None;
        let done = self.store().write(|tx| match self.ordered(tx, number, by, order) {
            Ok(done) => Ok(done),
            Err(Refusal::Trouble(t)) => Err(store::Error::Sql(t.to_string())),
            Err(other) => {
                refusal = Some(other);
                Err(store::Error::Sql("refused".into()))
            }
        });
        match (done, refusal) {
            (_, Some(refusal)) => Err(refusal),
            (Ok((number, letters)), None) => {
                if letters > 0 {
                    self.letters_made();
                }
                Ok(number)
            }
            (Err(e), None) => Err(e.into()),
        }
    }

    fn ordered(
        &self,
        tx: &Tx<'_>,
        number: i64,
        by: Option<&AddrSpec>,
        order: &Ordered<'_>,
    ) -> Result<(i64, usize), Refusal> {
        let mut numbers = vec![number];
        let mut addresses: Vec<AddrSpec> = Vec::new();
        match order {
            Ordered::New { requester, .. } => addresses.push((*requester).clone()),
            Ordered::Orders(orders) => numbers.extend(orders.iter().filter_map(|o| match o {
                Order::Merge(n) => Some(*n),
                _ => None,
            })),
            Ordered::Reply { .. } | Ordered::Note { .. } | Ordered::Split { .. } | Ordered::Undo => {}
        }
        let mut known = snapshot::of_ticket(tx.conn(), &numbers, &addresses)?;
        if matches!(order, Ordered::Undo) {
            snapshot::deeds(tx.conn(), &mut known)?;
        }
        let writer = match by {
            Some(address) => Some(staff(&known, address)?),
            None => None,
        };
        let mut work = Work::new(self.rules(), &known, self.moment());
        let number = self.carry_out(&mut work, number, writer.as_ref(), order)?;
        let decision = work.finish(Outcome::Append, "an order", Some(number));
        apply::apply(tx, self.rules(), &decision, None, now())?;
        Ok((number, decision.letters.len()))
    }

    fn carry_out(
        &self,
        work: &mut Work<'_>,
        number: i64,
        writer: Option<&Person>,
        order: &Ordered<'_>,
    ) -> Result<i64, Refusal> {
        let actor = ordered::Actor { person: writer, seen: None };
        if let Ordered::New { requester, subject, words } = order {
            return self.open_for(work, requester, subject, words);
        }
        let known = work.known.live(number).cloned();
        let mut facts: TicketFacts =
            known.ok_or_else(|| Refusal::Missing(format!("there is no ticket {number}")))?;
        let name = self.rules().name.clone();
        let mark = Mark::set(work, &facts);
        match order {
            Ordered::Reply { words } | Ordered::Note { words } => {
                let note = matches!(order, Ordered::Note { .. });
                if words.trim().is_empty() {
                    return Err(Refusal::Wrong("there are no words on standard input".into()));
                }
                let kind = if note { Kind::Note } else { Kind::Staff };
                let new = ordered::spoken(kind, Via::Cli, writer, &name, words);
                let words =
                    ordered::Words { text: words.trim().to_owned(), files: &[], note, private: false };
                ordered::speak(work, &mut facts, &actor, new, &words, &[]);
            }
            Ordered::Orders(orders) => {
                for order in orders {
                    ordered::apply(work, &mut facts, &actor, order).map_err(Refusal::Wrong)?;
                }
            }
            Ordered::Split { message } => {
                ordered::split(work, &mut facts, Some(*message)).map_err(Refusal::Wrong)?
            }
            Ordered::Undo => {
                undo::take_back(work, &mut facts, writer, None).map_err(Refusal::Wrong)?;
            }
            Ordered::New { .. } => {}
        }
        let number = facts.ticket.number;
        let steps = match order {
            Ordered::Undo => Vec::new(),
            Ordered::Reply { .. } => vec![Step::Said { note: false }],
            Ordered::Note { .. } => vec![Step::Said { note: true }],
            _ => mark.steps(work, &facts),
        };
        undo::remember(work, number, writer.map(|p| p.id), None, &steps);
        ordered::finish(work, facts);
        Ok(number)
    }

    /// A ticket in somebody's name, as after a telephone call: his words, no confirmation, notices to staff.
    fn open_for(
        &self,
        work: &mut Work<'_>,
        requester: &AddrSpec,
        subject: &str,
        words: &str,
    ) -> Result<i64, Refusal> {
        if self.rules().own.contains(requester) {
            return Err(Refusal::Wrong(format!("{requester} is the desk itself")));
        }
        if words.trim().is_empty() {
            return Err(Refusal::Wrong("there are no words on standard input".into()));
        }
        let person = work.person(requester, "");
        let mut facts = work.open(subject, person.clone(), None);
        let new = ordered::spoken(Kind::Customer, Via::Cli, Some(&person), &self.rules().name, words);
        let id = work.say(&mut facts, new);
        let news = desk::letter::notification::News {
            headline: format!(
                "New ticket {} for {}, opened by the operator:",
                self.token(facts.ticket.number),
                person.address
            ),
            words,
            lines: desk::letter::notification::card(work, &facts, &[]),
            files: Vec::new(),
            left_out: Vec::new(),
            message: id,
        };
        desk::mailed::tell(work, &mut facts, &news, None);
        facts.ticket.status = Status::New;
        Ok(facts.ticket.number)
    }

    /// Staff of the configuration become staff; those that left it are removed.
    pub(super) fn staff_in_step(&self, configured: &[StaffConfig]) -> Result<(), Trouble> {
        let have = self.store().read(store::staff::configured)?;
        let want: Vec<store::staff::Row> = configured
            .iter()
            .map(|s| store::staff::Row {
                address: s.address.to_string(),
                name: s.name.clone(),
                configured: true,
                aliases: s.aliases.iter().map(AddrSpec::to_string).collect(),
                digest: s.digest,
                choice: None,
            })
            .collect();
        // What a person chose is not the configuration's.
        let same = |h: &store::staff::Row, w: &store::staff::Row| {
            store::staff::Row { choice: None, ..h.clone() } == *w
        };
        if have.len() == want.len() && have.iter().zip(&want).all(|(h, w)| same(h, w)) {
            return Ok(());
        }
        Ok(self.store().write(|tx| {
            for gone in have.iter().filter(|h| !want.iter().any(|w| w.address == h.address)) {
                if let Some(person) = store::staff::remove(tx, &gone.address, now())? {
                    Self::end_sessions(tx, person)?;
                }
            }
            want.iter().try_for_each(|row| store::staff::put(tx, row, now()).map(|_| ()))
        })?)
    }

    /// Everybody who is staff: address, name, aliases, whether it stands in the configuration.
    pub fn staff(&self) -> Result<Vec<store::staff::Row>, Trouble> {
        Ok(self.store().read(store::staff::all)?)
    }

    pub fn change_staff(&self, change: &StaffChange<'_>) -> Result<(), Refusal> {
        let address = match change {
            StaffChange::Add { address, .. }
            | StaffChange::Set { address, .. }
            | StaffChange::Digest { address, .. }
            | StaffChange::Remove { address } => *address,
        };
        let have = self.staff()?.into_iter().find(|r| r.address == address.as_str());
        let missing = || Refusal::Missing(format!("{address} is not staff; see maildesk staff list"));
        let in_config = || Refusal::Wrong(format!("{address} stands in the configuration; change it there"));
        match change {
            StaffChange::Add { name, aliases, .. } => {
                for a in std::iter::once(&address).chain(aliases.iter().collect::<Vec<_>>().iter()) {
                    if self.rules().own.contains(a) {
                        return Err(Refusal::Wrong(format!(
                            "{a} is the desk's own address and cannot be staff"
                        )));
                    }
                }
                let row = row(address, name, aliases);
                self.write_staff("staff-add", &row)
            }
            StaffChange::Set { name, aliases, .. } => {
                let old = have.ok_or_else(missing)?;
                if old.configured {
                    return Err(in_config());
                }
                let mut row = row(address, name.unwrap_or(&old.name), aliases);
                if aliases.is_empty() {
                    row.aliases = old.aliases;
                }
                row.digest = old.digest;
                self.write_staff("staff-set", &row)
            }
            StaffChange::Digest { on, .. } => {
                let found = self.store().write(|tx| {
                    apply::audit(
                        tx,
                        self.rules(),
                        ("operator", "staff-digest", "", if *on { "on" } else { "off" }),
                        now(),
                    )?;
                    store::staff::choose_digest_of(tx, address.as_str(), *on)
                })?;
                found.then_some(()).ok_or_else(missing)
            }
            StaffChange::Remove { .. } => {
                let old = have.ok_or_else(missing)?;
                if old.configured {
                    return Err(in_config());
                }
                Ok(self.store().write(|tx| {
                    if let Some(person) = store::staff::remove(tx, address.as_str(), now())? {
                        Self::end_sessions(tx, person)?;
                    }
                    apply::audit(tx, self.rules(), ("operator", "staff-remove", "", ""), now())
                })?)
            }
        }
    }

    fn write_staff(&self, action: &'static str, row: &store::staff::Row) -> Result<(), Refusal> {
        Ok(self.store().write(|tx| {
            let person = store::staff::put(tx, row, now())?;
            apply::audit(tx, self.rules(), ("operator", action, &format!("person:{person}"), ""), now())
        })?)
    }
}

fn row(address: &AddrSpec, name: &str, aliases: &[AddrSpec]) -> store::staff::Row {
    store::staff::Row {
        address: address.to_string(),
        name: name.to_owned(),
        configured: false,
        aliases: aliases.iter().map(AddrSpec::to_string).collect(),
        digest: false,
        choice: None,
    }
}

fn staff(known: &desk::Snapshot, address: &AddrSpec) -> Result<Person, Refusal> {
    let found = known.staff_by_address(address).map(|s| s.person.clone());
    found.ok_or_else(|| Refusal::Missing(format!("{address} is not staff; see maildesk staff list")))
}
