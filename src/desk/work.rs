//! A decision in the making: what changes, what leaves, and the ticket as it already is in between.

use super::draft::{Draft, Reply};
use super::guard::{self, Limit};
use super::model::Clock;
pub use super::model::message::message;
use super::seal;
use super::{
    Change, Decision, Kind, Letter, LetterKind, LetterRef, MessageRef, Moment, NewMessage, Outcome, Person,
    Rules, Snapshot, Staff, Status, Ticket, TicketFacts, Verified, Who,
};
use crate::mail::{AddrSpec, Line, MessageId, Outbound, compose};

/// Collects a [`Decision`]; gives out numbers; keeps the facts of a ticket in step with its own changes.
pub struct Work<'a> {
    pub rules: &'a Rules,
    pub known: &'a Snapshot,
    pub moment: Moment,
    pub changes: Vec<Change>,
    pub letters: Vec<Letter>,
    free: super::Free,
    new_persons: Vec<Person>,
}

impl<'a> Work<'a> {
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

    pub fn now(&self) -> i64 {
        self.moment.now
    }

    pub fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    pub fn audit(&mut self, actor: &str, action: &'static str, object: String, detail: impl Into<String>) {
        self.change(Change::Audit { actor: actor.to_owned(), action, object, detail: detail.into() });
    }

    /// The person with this address, made where there is none.
    pub fn person(&mut self, address: &AddrSpec, name: &str) -> Person {
        let staff = self.known.staff_by_address(address).map(|s| s.person.clone());
        let new = || self.new_persons.iter().find(|p| p.address == *address).cloned();
        if let Some(mut known) = staff.or_else(|| self.known.persons.get(address).cloned()).or_else(new) {
            // Somebody who was added by address alone tells his name when he writes.
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
            spam: false,
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
    pub fn open(&mut self, subject: &str, requester: Person, mailbox: Option<&str>) -> TicketFacts {
        self.open_with(subject, requester, mailbox, Clock::from(self.now()))
    }

    /// The same with a clock of its own: of a mail that waited before the desk was there to take it.
    pub fn open_with(
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
            subject: Line::clean(&super::token::bare(subject, &self.rules.prefix)).as_str().to_owned(),
            status: Status::New,
            priority: super::Priority::Normal,
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
    pub fn save(&mut self, facts: &mut TicketFacts) {
        facts.ticket.updated_at = self.now();
        self.write(facts);
    }

    /// The same where nobody said or changed anything, as for a reminder.
    pub fn write(&mut self, facts: &mut TicketFacts) {
        self.rules.targets.set(&mut facts.ticket);
        self.change(Change::Ticket { new: false, ticket: Box::new(facts.ticket.clone()) });
    }

    /// Moves the status; `closed_at` and the clocks of the due date follow.
    pub fn status(&mut self, facts: &mut TicketFacts, status: Status) {
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
    pub fn say(&mut self, facts: &mut TicketFacts, mut message: NewMessage) -> i64 {
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
            created_at: self.now(),
        });
        let id = message.id;
        self.change(Change::Message(Box::new(message)));
        id
    }

    /// Staff whom mail about this ticket concerns: the assignee, else the route, else all; and who watches
    /// it; never the writer.
    pub fn concerned(&self, facts: &TicketFacts, writer: Option<i64>) -> Vec<Staff> {
        let mut seen: std::collections::BTreeSet<i64> = writer.into_iter().collect();
        let all = self.concerned_by(&facts.ticket).into_iter().chain(self.known.watching(facts));
        all.filter(|s| seen.insert(s.person.id)).collect()
    }

    /// As [`Work::concerned`], by the ticket's row alone.
    pub fn concerned_by(&self, t: &Ticket) -> Vec<Staff> {
        concerned(self.rules, self.known, t.assignee, t.mailbox.as_deref(), t.category.as_deref())
    }

    /// Names that only their bearers may have (T07).
    pub fn names(&self) -> super::names::Names {
        super::names::Names::of(&self.rules.name, &self.known.staff)
    }

    /// A person as staff read him: name and address, the address always (T07).
    pub fn shown(&self, person: &Person) -> String {
        self.names().person(person)
    }

    /// Composes a letter and puts it into the outbox, if the gate lets it pass.
    pub fn send(&mut self, draft: Draft, facts: Option<&mut TicketFacts>) {
        self.send_with(draft, facts, None);
    }

    /// The same for a letter that its reader may leave: by one click at an address of our pages, or by a mail
    /// (RFC 8058).
    pub fn send_optional(&mut self, draft: Draft, leave: [String; 2]) {
        self.send_with(draft, None, Some(leave));
    }

    fn send_with(
        &mut self,
        draft: Draft,
        facts: Option<&mut TicketFacts>,
        list_unsubscribe: Option<[String; 2]>,
    ) {
        // T27: whatever led here, no letter goes to ourselves.
        if self.rules.own.contains(&draft.to.address) {
            return;
        }
        if let Some(limit) = guard::shut(self.rules, self.known, &draft, facts.as_deref(), self.now()) {
            return self.keep_back(&draft, limit);
        }
        let rules = self.rules;
        let id = seal::letter_id(&rules.keys, rules.domain(), &mut self.moment);
        let mut references: Vec<MessageId> = draft.references.clone();
        let keep = if draft.own_id_in_references { 9 } else { 10 };
        references.drain(..references.len().saturating_sub(keep));
        if draft.own_id_in_references {
            references.push(id.clone());
        }
        let plus = |on: bool, tag: String| match on {
            true => seal::with_tag(&rules.address, rules.separator, &tag),
            false => rules.address.clone(),
        };
        let reply_to = draft.reply.map(|r| plus(rules.plus_addressing, self.reply_tag(r, draft.to.id)));
        let nonce = data_encoding::HEXLOWER.encode(&self.moment.draw()[..12]);
        let from = plus(draft.nonce_from && rules.plus_sender, format!("auth-{nonce}"));
        let reverse_path = match draft.kind {
            LetterKind::Confirmation if rules.null_sender => None,
            _ => Some(plus(rules.plus_sender, seal::bounce_tag(&rules.keys, &id))),
        };
        let automatic = draft.kind == LetterKind::Confirmation;
        let bytes = compose::compose(&Outbound {
            from_name: Line::clean(&draft.from_name),
            from,
            to_name: Line::default(),
            to: draft.to.address.clone(),
            reply_to,
            subject: Line::clean(&draft.subject),
            message_id: id.clone(),
            in_reply_to: draft.in_reply_to,
            references,
            date: self.moment.now,
            auto_submitted: draft.auto_submitted,
            precedence: draft.precedence,
            suppress: draft.auto_submitted.is_some(),
            list_id: draft.list_id.as_deref().map(Line::clean),
            list_unsubscribe,
            loop_mark: Line::clean(&seal::loop_mark(&rules.keys, &id)),
            extra: rules.extra.clone(),
            text: draft.text,
            html: Some(draft.html),
            files: draft.files,
        });
        let letter = Letter {
            id: self.free.letter,
            kind: draft.kind,
            ticket: draft.ticket,
            person: draft.to.id,
            author: draft.author,
            message: draft.reply.map(|r| r.message).filter(|m| *m != 0),
            automatic,
            proven: false,
            reverse_path,
            to: draft.to.address,
            message_id: id,
            subject: draft.subject,
            bytes,
        };
        self.free.letter += 1;
        if let Some(facts) = facts {
            facts.letters.push(LetterRef {
                id: letter.id,
                kind: letter.kind,
                person: letter.person,
                author: letter.author,
                message: letter.message,
                message_id: letter.message_id.clone(),
                failed: false,
                created_at: self.now(),
            });
        }
        self.letters.push(letter);
    }

    /// A letter that does not leave: counted, and for staff in the next summary, where nothing of a result is
    /// missing.
    fn keep_back(&mut self, draft: &Draft, limit: Limit) {
        self.kept_back(limit, draft.to.address.domain());
        let (why, secs) = match limit {
            Limit::Notices => (draft.text.lines().next().unwrap_or_default().to_owned(), guard::NOTICE_SECS),
            Limit::Results => (format!("{}\n{}", draft.subject, draft.text), 3600),
            Limit::Again | Limit::Address | Limit::Domain | Limit::Desk | Limit::Tickets => return,
        };
        self.change(Change::Pending {
            person: draft.to.id,
            ticket: draft.ticket,
            why,
            due_at: self.now() + secs,
        });
    }

    /// Counts a letter that was kept back, and opens the breaker that did it (T26).
    pub fn kept_back(&mut self, limit: Limit, domain: &str) {
        self.change(Change::KeptBack { limit });
        if let Some((what, text)) = limit.alarm(domain) {
            self.change(Change::Alarm { what, text });
        }
    }

    fn reply_tag(&self, reply: Reply, person: i64) -> String {
        let ends_at = self.now() + i64::from(self.rules.reply_address_days + 1) * 86_400;
        seal::reply_tag(
            &self.rules.keys,
            &seal::Reply { ticket: reply.ticket, person, message: reply.message, ends_at },
        )
    }

    /// A fresh magic link to a ticket or to the list (D25): its address.
    pub fn link(&mut self, person: i64, ticket: Option<i64>) -> String {
        use sha2::Digest;
        let token = data_encoding::BASE64URL_NOPAD.encode(&self.moment.draw());
        let hash = sha2::Sha256::digest(token.as_bytes()).into();
        let expires_at = self.now() + i64::from(self.rules.link_minutes) * 60;
        self.change(Change::Link { hash, person, ticket, expires_at });
        format!("{}/login/{token}", self.rules.url)
    }

    /// A fresh link by which a staff member says what becomes of mails in his name: its address.
    pub fn held_link(&mut self, person: i64, days: i64) -> String {
        use sha2::Digest;
        let token = data_encoding::BASE64URL_NOPAD.encode(&self.moment.draw());
        let hash = sha2::Sha256::digest(token.as_bytes()).into();
        let expires_at = self.now() + days * 86_400;
        self.change(Change::HeldLink { hash, person, expires_at });
        format!("{}/held/{token}", self.rules.url)
    }

    pub fn finish(self, outcome: Outcome, reason: impl Into<String>, ticket: Option<i64>) -> Decision {
        let decision = Decision {
            outcome,
            reason: reason.into(),
            ticket,
            verified: Verified::None,
            who: Who::Stranger,
            why: String::new(),
            orders: Vec::new(),
            release: None,
            changes: self.changes,
            letters: self.letters,
        };
        decision.assert_sound(self.rules);
        decision
    }
}

/// Whom a ticket with these facts concerns. A route whose staff are all gone is no route, so that nothing is
/// lost.
pub fn concerned(
    rules: &Rules,
    known: &Snapshot,
    assignee: Option<i64>,
    mailbox: Option<&str>,
    category: Option<&str>,
) -> Vec<Staff> {
    if let Some(one) = assignee.and_then(|id| known.staff_by_id(id)) {
        return vec![one.clone()];
    }
    let fits = |wanted: &Option<String>, got: Option<&str>| wanted.is_none() || wanted.as_deref() == got;
    let route = rules.routes.iter().find(|(m, c, _)| fits(m, mailbox) && fits(c, category));
    let mut chosen: Vec<Staff> = Vec::new();
    for staff in route.iter().flat_map(|r| &r.2).filter_map(|a| known.staff_by_address(a)) {
        if !chosen.iter().any(|s| s.person.id == staff.person.id) {
            chosen.push(staff.clone());
        }
    }
    if chosen.is_empty() { known.staff.clone() } else { chosen }
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
            !quiet || (self.letters.is_empty() && self.changes.is_empty()),
            "nothing follows from a loop or a duplicate"
        );
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::desk::Own;

    /// Rules of a small desk, for tests of the core.
    pub fn rules() -> Rules {
        let address = AddrSpec::parse("support@desk.example").expect("an address");
        Rules {
            name: "Desk".into(),
            address: address.clone(),
            url: "https://support.desk.example".into(),
            prefix: "DESK".into(),
            categories: vec!["Hardware".into(), "Software".into()],
            zone: jiff::tz::TimeZone::UTC,
            own: Own { addresses: vec![(address, '+')], everybody: false },
            plus_addressing: true,
            separator: '+',
            plus_sender: true,
            null_sender: false,
            extra: Vec::new(),
            confirm: crate::desk::Confirm::All,
            staff_proof: crate::desk::StaffProof::Any,
            authserv_id: None,
            topmost_without_id: false,
            trusted_arc_sealers: Vec::new(),
            web_forms: Vec::new(),
            answers: std::collections::BTreeMap::new(),
            own_lists: Vec::new(),
            routes: Vec::new(),
            targets: crate::desk::target::Targets::none(jiff::tz::TimeZone::UTC),
            link_minutes: 15,
            letters_per_address_day: 10,
            letters_per_domain_hour: 200,
            letters_per_desk_hour: 1000,
            tickets_per_sender_hour: 30,
            answers_per_staff_hour: 20,
            reply_address_days: 90,
            reply_address_days_closed: 14,
            files_bytes_max: 10_000_000,
            keys: super::super::seal::Keys::derive(&[7; 32], 1),
        }
    }
}
