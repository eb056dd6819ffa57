//! What must be known before a decision, and what the store answers.

use super::bounds::MERGES_MAX;
use super::form::{LinksAsked, LiveLink};
use super::hour::{Due, HourQuestion};
use super::letter::{Attempts, LetterHit};
use super::person::{Person, Staff, StaffRow};
use super::proof::Named;
use super::query::{Found, Query, Said};
use super::search::Hits;
use super::ticket::{Status, TicketFacts};
use super::undo::CommandSet;
use crate::mail::{AddrSpec, MessageId};
use std::collections::{BTreeMap, BTreeSet};

/// What must be known before a mail can be decided: everything that it names.
#[derive(Debug, Clone, Default)]
pub struct Questions {
    /// SHA-256 of the mail as it is compared with others (T17).
    pub content_hash: [u8; 32],
    /// Of the mail; `None`: it has none.
    pub message_id: Option<MessageId>,
    /// The one address of From; `None`: it is unclear or missing.
    pub sender: Option<AddrSpec>,
    /// Ticket numbers in sealed addresses, in the subject and in `#merge`.
    pub tickets: Vec<i64>,
    /// Ids in In-Reply-To, References and the returned part of a report, and those behind bounce addresses.
    pub ids: Vec<MessageId>,
    /// Persons named by commands.
    pub addresses: Vec<AddrSpec>,
    /// Signatures that may be a replay (T107).
    pub signatures: Vec<[u8; 32]>,
    /// What it asks the desk, if its sender is staff (T108).
    pub query: Option<Query>,
    /// What was found already, where that is a search.
    pub hits: Hits,
    /// What was ordered of late is asked for, to take it back.
    pub undo: bool,
    /// Nobody hears of it: neither staff nor free numbers are asked for.
    pub bare: bool,
    /// Everybody who is staff, as the command line lists them.
    pub staff_rows: bool,
    /// How often links were asked for, for this address and from this network (T30).
    pub links_asked: Option<(AddrSpec, String)>,
    /// Whether a link can still be used, by the SHA-256 of its token.
    pub link: Option<[u8; 32]>,
    /// The addresses about which this person is asked in this ticket: (ticket, person).
    pub suggestions: Option<(i64, i64)>,
    /// What a link about held mail shows, by the SHA-256 of its token.
    pub held_link: Option<[u8; 32]>,
    /// Whether a mail is held under this number.
    pub held: Option<i64>,
    /// What time brings.
    pub hour: Option<HourQuestion>,
    /// The attempts of this letter so far.
    pub letter: Option<i64>,
    /// All letters that wait or failed.
    pub open_letters: bool,
}

/// What follows from the answers alone: how well the sender of a mail is proven, and which words the decision
/// therefore reads. Without proof it reads none, since anybody can forge a mail of staff. It is found once,
/// before the words are read, and the decision goes by it.
#[derive(Debug, Clone, Default)]
pub struct Weighed {
    /// What the mail names and what proves its sender; empty where the event is no mail.
    pub named: Named,
    /// Messages that the writer of an answer had not seen.
    pub unseen: BTreeSet<i64>,
    /// The ticket in which it must be known what others wrote and were sent (T72); `None`: nothing is quoted.
    pub said_in: Option<i64>,
    /// The mail is older than a backup that was put in place, so its letters may have left before (T114).
    pub handled_before: bool,
}

/// Numbers that limits are measured against, counted in the same transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Automatic letters to the sender's address (without subaddress) in a day (T25).
    pub letters_address_day: u32,
    /// Automatic letters to the sender's domain in an hour (T26).
    pub letters_domain_hour: u32,
    /// Automatic letters of the desk in an hour (T26).
    pub letters_desk_hour: u32,
    /// New tickets of the sender in an hour (T29).
    pub tickets_sender_hour: u32,
    /// The staff member who is the sender, of whom the next two count.
    pub staff: Option<i64>,
    /// Letters about held mail to the staff member who is the sender, in an hour.
    pub holds_staff_hour: u32,
    /// Result letters to the staff member who is the sender, in an hour (T25).
    pub results_staff_hour: u32,
}

/// The next free numbers; the decision gives them out, the transaction makes sure that nobody else does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Free {
    /// Of the next ticket.
    pub ticket: i64,
    /// Of the next person.
    pub person: i64,
    /// Of the next message.
    pub message: i64,
    /// Of the next letter.
    pub letter: i64,
    /// Of the next kept mail.
    pub mail: i64,
}

/// What the store answers to [`Questions`].
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The next free numbers.
    pub free: Free,
    /// All staff.
    pub staff: Vec<Staff>,
    /// Those of the staff who want one letter a day.
    pub digest: Vec<i64>,
    /// Persons that were asked for, and all persons of the tickets.
    pub persons: BTreeMap<AddrSpec, Person>,
    /// Those that were asked for, and those into which they went; by number.
    pub tickets: BTreeMap<i64, TicketFacts>,
    /// In the order of the questions.
    pub ids: Vec<IdHit>,
    /// The mail that is this one (T17).
    pub duplicate: Option<i64>,
    /// Its Message-ID came before, with another mail (T107).
    pub id_taken: bool,
    /// Those of the asked signatures that came before (T107).
    pub signatures: Vec<[u8; 32]>,
    /// Newest tickets of the sender: number, subject, status; at most 5.
    pub earlier: Vec<(i64, String, Status)>,
    /// Answers of the sender that are held since something newer crossed them: (held mail, live ticket).
    pub crossed: Vec<(i64, i64)>,
    /// What follows from the answers above.
    pub weighed: Weighed,
    /// The words of what its writer had not seen, where the mail is an answer that something crossed; oldest
    /// first, at most [`TOLD_MAX`](super::bounds::TOLD_MAX).
    pub unseen: Vec<Said>,
    /// What limits are measured against.
    pub counts: Counts,
    /// What answers the question of a staff mail.
    pub found: Found,
    /// Words of the messages of the tickets, where a mail of staff quotes (T72).
    pub said: BTreeMap<i64, String>,
    /// Sets of commands of the last day on the tickets, where [`Questions::undo`] asked for them.
    pub command_sets: Vec<CommandSet>,
    /// Everybody who is staff, where [`Questions::staff_rows`] asked for them.
    pub staff_rows: Vec<StaffRow>,
    /// Requests for links so far.
    pub links_asked: LinksAsked,
    /// The link that was asked for, while it can be used.
    pub link: Option<LiveLink>,
    /// Addresses about which the person is asked.
    pub suggestions: Vec<AddrSpec>,
    /// Whose link about held mail it is, and the mails that it shows; `None`: it is dead.
    pub held_link: Option<(i64, Vec<i64>)>,
    /// A mail is held under the number that was asked for.
    pub is_held: bool,
    /// What is due now.
    pub due: Due,
    /// The letter that was asked for; `None`: there is none.
    pub attempts: Option<Attempts>,
    /// Letters that wait or failed; those that are being sent are not among them.
    pub open_letters: Vec<i64>,
}

impl Snapshot {
    /// The staff member with this address, or with it as an alias.
    pub fn staff_by_address(&self, address: &AddrSpec) -> Option<&Staff> {
        self.staff.iter().find(|s| s.person.address == *address || s.aliases.contains(address))
    }

    /// The staff member with this number of a person.
    pub fn staff_by_id(&self, id: i64) -> Option<&Staff> {
        self.staff.iter().find(|s| s.person.id == id)
    }

    /// Staff who hear of everything on this ticket.
    pub fn watching(&self, facts: &TicketFacts) -> Vec<Staff> {
        facts.watchers.iter().filter_map(|id| self.staff_by_id(*id)).cloned().collect()
    }

    /// A live ticket: merged ones lead to where they went.
    pub fn live(&self, number: i64) -> Option<&TicketFacts> {
        let mut facts = self.tickets.get(&number)?;
        for _ in 0..MERGES_MAX {
            match facts.ticket.merged_into {
                Some(into) => facts = self.tickets.get(&into)?,
                None => return Some(facts),
            }
        }
        None
    }
}

/// An id that a mail named and that we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdHit {
    /// As it was asked for.
    pub id: MessageId,
    /// The ticket to which it belongs; `None`: it belongs to none.
    pub ticket: Option<i64>,
    /// Where it is the id of a letter of ours: the letter and to whom it went.
    pub letter: Option<LetterHit>,
}
