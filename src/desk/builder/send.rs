//! A draft becomes a letter with ids, an address to answer to and its final bytes, if the gate lets it pass.

use super::decision::Builder;
use super::draft::{AnswersTo, Draft};
use super::gate;
use crate::desk::model::{Change, Letter, LetterKind, LetterRef, Limit, TicketFacts};
use crate::desk::seal;
use crate::mail::{AddrSpec, Line, MessageId, Outbound, compose};

/// What a letter gets when it leaves.
#[derive(Clone)]
struct Envelope {
    id: MessageId,
    references: Vec<MessageId>,
    from: AddrSpec,
    reply_to: Option<AddrSpec>,
    reverse_path: Option<AddrSpec>,
}

impl Builder<'_> {
    /// Composes a letter and puts it into the outbox, if the gate lets it pass.
    pub fn queue(&mut self, draft: Draft, facts: Option<&mut TicketFacts>) {
        self.queue_letter(draft, facts, None);
    }

    /// The same for a letter that its reader may leave: by one click at an address of our pages, or by a mail
    /// (RFC 8058).
    pub fn queue_with_unsubscribe(&mut self, draft: Draft, leave: [String; 2]) {
        self.queue_letter(draft, None, Some(leave));
    }

    fn queue_letter(
        &mut self,
        draft: Draft,
        facts: Option<&mut TicketFacts>,
        list_unsubscribe: Option<[String; 2]>,
    ) {
        // T27: whatever led here, no letter goes to ourselves.
        if self.rules.own.contains(&draft.to.address) {
            return;
        }
        if let Some(limit) = gate::limit_reached(self.rules, self.known, &draft, facts.as_deref(), self.now())
        {
            return self.keep_back(&draft, limit);
        }
        let envelope = self.envelope(&draft);
        let mut letter = Letter {
            id: self.free.letter,
            kind: draft.kind,
            ticket: draft.ticket,
            person: draft.to.id,
            author: draft.author,
            message: draft.reply.map(|r| r.message).filter(|m| *m != 0),
            automatic: draft.kind.is_automatic(),
            proven: false,
            reverse_path: envelope.reverse_path.clone(),
            to: draft.to.address.clone(),
            message_id: envelope.id.clone(),
            subject: draft.subject.clone(),
            bytes: Vec::new(),
            files: draft.files.clone(),
            without_files: None,
            waits: self.known.weighed.handled_before && self.known.staff_by_id(draft.to.id).is_none(),
        };
        if let Some([text, html]) = draft.without_files.clone() {
            let bare = Draft { text, html, files: Vec::new(), ..draft.clone() };
            letter.without_files = Some(self.final_bytes(bare, envelope.clone(), list_unsubscribe.clone()));
        }
        letter.bytes = self.final_bytes(draft, envelope, list_unsubscribe);
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

    /// Draws the id and the addresses of a letter.
    fn envelope(&mut self, draft: &Draft) -> Envelope {
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
        Envelope { id, references, from, reply_to, reverse_path }
    }

    fn final_bytes(
        &self,
        draft: Draft,
        envelope: Envelope,
        list_unsubscribe: Option<[String; 2]>,
    ) -> Vec<u8> {
        let rules = self.rules;
        compose::compose(&Outbound {
            from_name: Line::clean(&draft.from_name),
            from: envelope.from,
            to_name: Line::default(),
            to: draft.to.address,
            reply_to: envelope.reply_to,
            subject: Line::clean(&draft.subject),
            loop_mark: Line::clean(&seal::loop_mark(&rules.keys, &envelope.id)),
            message_id: envelope.id,
            in_reply_to: draft.in_reply_to,
            references: envelope.references,
            date: self.moment.now,
            auto_submitted: draft.auto_submitted,
            precedence: draft.precedence,
            suppress: draft.auto_submitted.is_some(),
            list_id: draft.list_id.as_deref().map(Line::clean),
            list_unsubscribe,
            extra: rules.extra.clone(),
            text: draft.text,
            html: Some(draft.html),
        })
    }

    /// A letter that does not leave: counted, and for staff in the next summary, where nothing of a result is
    /// missing.
    fn keep_back(&mut self, draft: &Draft, limit: Limit) {
        self.count_kept_back(limit, draft.to.address.domain());
        let (why, secs) = match limit {
            Limit::Notices => (draft.text.lines().next().unwrap_or_default().to_owned(), gate::NOTICE_SECS),
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
    pub fn count_kept_back(&mut self, limit: Limit, domain: &str) {
        self.change(Change::KeptBack { limit });
        if let Some(breaker) = limit.breaker(domain) {
            self.change(Change::Alarm { text: breaker.sentence(), breaker });
        }
    }

    fn reply_tag(&self, reply: AnswersTo, person: i64) -> String {
        let ends_at = self.now() + i64::from(self.rules.reply_address_days + 1) * 86_400;
        seal::reply_tag(
            &self.rules.keys,
            &seal::Reply { ticket: reply.ticket, person, message: reply.message, ends_at },
        )
    }
}
