//! A decision in the making: what changes, what leaves, and the ticket as it already is in between.

use crate::desk::model::{
    Change, Clock, Decision, Free, Kind, Letter, MessageRef, Moment, NewMessage, Outcome, Person, Priority,
    ProofReason, Reason, Refused, Snapshot, Spam, Status, Ticket, TicketFacts, Verified, Who,
};
use crate::desk::rules::Rules;
use crate::desk::text::{display_name, staff_address, subject};
use crate::mail::{AddrSpec, Line};

/// Collects a [`Decision`]; gives out numbers; keeps the facts of a ticket in step with its own changes.
pub struct Builder<'a> {
    /// The settings.
    pub rules: &'a Rules,
    /// What the store knows, as it was before this decision.
    pub known: &'a Snapshot,
    /// Time and randomness.
    pub moment: Moment,
    /// What is written, so far.
    pub changes: Vec<Change>,
    /// What leaves, so far.
    pub letters: Vec<Letter>,
    pub(super) free: Free,
    new_persons: Vec<Person>,
}

impl<'a> Builder<'a> {
    /// Nothing is decided yet.
    pub fn new(rules: &'a Rules, known: &'a Snapshot, moment: Moment) -> Self {
        Self {
            rules,
            known,
            moment,
            changes: Vec::new(),
            letters: Vec::new(),
            free: known.free,
            new_persons: Vec::new(),
        }
    }

    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        self.moment.now
    }

    /// One more change.
    pub fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// One more line of the audit log (T92). `detail` holds no words of a mail.
    pub fn audit(&mut self, actor: &str, action: &'static str, object: String, detail: impl Into<String>) {
        self.change(Change::Audit { actor: actor.to_owned(), action, object, detail: detail.into() });
    }

    /// The person with this address, made where there is none.
    pub fn find_or_add_person(&mut self, address: &AddrSpec, name: &str) -> Person {
        let staff = self.known.staff_by_address(address).map(|s| s.person.clone());
        let new = || self.new_persons.iter().find(|p| p.address == *address).cloned();
        if let Some(mut known) = staff.or_else(|| self.known.persons.get(address).cloned()).or_else(new) {
            // Somebody who was added by address alone tells their name when they write.
            if known.name.is_empty() && !name.is_empty() {
                known.name = Line::clean(name).as_str().to_owned();
                self.change(Change::Person {
                    id: known.id,
                    address: known.address.clone(),
                    name: known.name.clone(),
                });
            }
            return known;
        }
        let person = Person {
            id: self.free.person,
            address: address.clone(),
            name: Line::clean(name).as_str().to_owned(),
            spam: Spam::No,
        };
        self.free.person += 1;
        self.change(Change::Person {
            id: person.id,
            address: person.address.clone(),
            name: person.name.clone(),
        });
        self.new_persons.push(person.clone());
        person
    }

    /// A new ticket of somebody, whose time runs from now.
    pub fn open_ticket(&mut self, subject: &str, requester: Person, mailbox: Option<&str>) -> TicketFacts {
        self.open_ticket_with_clock(subject, requester, mailbox, Clock::from(self.now()))
    }

    /// The same with a clock of its own: of a mail that waited before the desk was there to take it.
    pub fn open_ticket_with_clock(
        &mut self,
        subject: &str,
        requester: Person,
        mailbox: Option<&str>,
        clock: Clock,
    ) -> TicketFacts {
        let number = self.free.ticket;
        self.free.ticket += 1;
        let mut ticket = Ticket {
            number,
            subject: Line::clean(&subject::without_tokens(subject, &self.rules.prefix)).as_str().to_owned(),
            status: Status::New,
            priority: Priority::Normal,
            category: None,
            mailbox: mailbox.map(str::to_owned),
            requester: requester.id,
            assignee: None,
            privacy: false,
            merged_into: None,
            created_at: self.now(),
            updated_at: self.now(),
            due_at: None,
            wait_until: None,
            closed_at: None,
            clock,
        };
        self.rules.targets.set(&mut ticket);
        self.change(Change::Ticket { new: true, ticket: Box::new(ticket.clone()) });
        TicketFacts::new(ticket, requester)
    }

    /// Writes the ticket's row as it is now; its due date follows from it.
    pub fn write_ticket(&mut self, facts: &mut TicketFacts) {
        facts.ticket.updated_at = self.now();
        self.write_ticket_quietly(facts);
    }

    /// The same where nobody said or changed anything, as for a reminder.
    pub fn write_ticket_quietly(&mut self, facts: &mut TicketFacts) {
        facts.ticket.set_right(self.now(), self.rules.bounds.ahead_secs);
        self.rules.targets.set(&mut facts.ticket);
        self.change(Change::Ticket { new: false, ticket: Box::new(facts.ticket.clone()) });
    }

    /// Moves the status; `closed_at` and the clocks of the due date follow.
    pub fn set_status(&mut self, facts: &mut TicketFacts, status: Status) {
        let now = self.now();
        match (facts.ticket.status, status) {
            (_, Status::Closed) => {
                facts.ticket.clock = Clock { asked_at: None, by_hand: false, ..facts.ticket.clock }
            }
            (before @ (Status::Waiting | Status::Closed), Status::New | Status::Open) => {
                facts.ticket.clock.turned(now, before == Status::Closed);
            }
            (Status::New | Status::Open, Status::New | Status::Open) | (_, Status::Waiting) => {}
        }
        facts.ticket.closed_at =
            (status == Status::Closed).then(|| facts.ticket.closed_at.unwrap_or(self.now()));
        if status != Status::Waiting {
            facts.ticket.wait_until = None;
        }
        facts.ticket.status = status;
    }

    /// Writes a message; its number.
    pub fn add_message(&mut self, facts: &mut TicketFacts, mut message: NewMessage) -> i64 {
        message.id = self.free.message;
        message.ticket = facts.ticket.number;
        self.free.message += 1;
        match message.kind {
            Kind::Staff => facts.ticket.clock.asked_at = None,
            Kind::Customer if !message.automatic => facts.ticket.clock.asked(self.moment.now),
            Kind::Customer | Kind::Note | Kind::System => {}
        }
        facts.messages.push(MessageRef {
            id: message.id,
            origin: None,
            kind: message.kind,
            author: message.author,
            message_id: None,
            shown: message.shown && !message.automatic,
            proven: message.verified.proven(),
            created_at: self.now(),
        });
        let id = message.id;
        self.change(Change::Message(Box::new(message)));
        id
    }

    /// Names that only their bearers may have (T07).
    pub fn reserved_names(&self) -> display_name::Names {
        display_name::Names::of(&self.rules.name, &self.known.staff)
    }

    /// A person as staff read them: name and address, the address always (T07).
    pub fn shown_to_staff(&self, person: &Person) -> String {
        self.reserved_names().person(person)
    }

    /// A fresh magic link to a ticket or to the list (D25): its address.
    pub fn magic_link(&mut self, person: i64, ticket: Option<i64>) -> String {
        use sha2::Digest;
        let token = data_encoding::BASE64URL_NOPAD.encode(&self.moment.draw());
        let hash = sha2::Sha256::digest(token.as_bytes()).into();
        let expires_at = self.now() + i64::from(self.rules.link_minutes) * 60;
        self.change(Change::Link { hash, person, ticket, expires_at });
        format!("{}/login/{token}", self.rules.url)
    }

    /// A fresh link by which a staff member says what becomes of mails in their name: its address.
    pub fn held_mail_link(&mut self, person: i64, days: i64) -> String {
        use sha2::Digest;
        let token = data_encoding::BASE64URL_NOPAD.encode(&self.moment.draw());
        let hash = sha2::Sha256::digest(token.as_bytes()).into();
        let expires_at = self.now() + days * 86_400;
        self.change(Change::HeldLink { hash, person, expires_at });
        format!("{}/held/{token}", self.rules.url)
    }

    /// What was asked for is not done: nothing follows but the reason.
    pub fn refuse(mut self, refused: Refused) -> Decision {
        self.changes.clear();
        self.letters.clear();
        Decision { refused: Some(refused), ..self.finish(Outcome::Refused, Reason::NotCarriedOut, None) }
    }

    /// The decision; sound, or a panic ([`Decision::assert_sound`]).
    pub fn finish(self, outcome: Outcome, reason: Reason, ticket: Option<i64>) -> Decision {
        let decision = Decision {
            outcome,
            reason,
            ticket,
            verified: Verified::None,
            who: Who::Stranger,
            why: ProofReason::NotExamined,
            orders: Vec::new(),
            refused: None,
            release: None,
            mail: self.known.free.mail,
            changes: self.changes,
            letters: self.letters,
        };
        decision.assert_sound(self.rules);
        decision
    }
}

impl Builder<'_> {
    /// Where an address of staff stands, with a subaddress or not, the desk's stands in its place (T72).
    pub fn without_staff_addresses(&self, text: &str) -> String {
        staff_address::without_addresses(&self.known.staff, &self.rules.address, text)
    }
}

impl Decision {
    /// What holds for every decision; asserted when it is made and when it is applied.
    pub fn assert_sound(&self, rules: &Rules) {
        for letter in &self.letters {
            assert!(!rules.own.contains(&letter.to), "no letter goes to ourselves (T27)");
            assert!(!letter.bytes.is_empty(), "a letter has its bytes when it is decided");
        }
        let quiet = matches!(self.outcome, Outcome::Loop | Outcome::Duplicate);
        assert!(
            !quiet
                || (self.letters.is_empty()
                    && self.changes.iter().all(|c| matches!(c, Change::Probe { .. }))),
            "nothing follows from a loop or a duplicate"
        );
    }
}
