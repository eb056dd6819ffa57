//! What a decision needs of a mail beside its parts is gathered here: once, and before the transaction
//! (HOUSE, principle 11).

use super::staff::question;
use crate::desk::model::{Query, QuestionFault, Seals};
use crate::desk::order::command::{self, Block, Order};
use crate::desk::rules::Rules;
use crate::desk::seal;
use crate::desk::text::subject;
use crate::mail::ses::canonical_id;
use crate::mail::{AddrSpec, Inbound};

/// What its writer asks of the desk, should they have the right to.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The commands at the top of its words, and the words below.
    pub block: Block,
    /// The question in its subject (T108); `None`: it is none, `Err`: what it lacks.
    pub question: Option<Result<Query, QuestionFault>>,
}

impl Asked {
    /// `#send` is among the commands: an answer that something newer crossed may be let go.
    pub fn sends(&self) -> bool {
        self.block.commands.iter().any(|c| c.order == Ok(Order::Send))
    }
}

/// Reads the seals and the commands of a mail. `recipients`: as `deliver` was told.
pub fn gather(rules: &Rules, mail: &Inbound, recipients: &[AddrSpec]) -> (Seals, Asked) {
    let answered = mail.in_reply_to.iter().chain(mail.references.iter().rev());
    let seals = Seals {
        generation: rules.keys.newest(),
        tags: tags(rules, mail, recipients),
        is_our_letter: mail.loop_marks.iter().any(|m| seal::is_loop_mark(&rules.keys, rules.domain(), m)),
        answered: answered.map(canonical_id).collect(),
        numbers: subject::ticket_numbers(&mail.subject, &rules.prefix),
    };
    let asked = Asked {
        block: command::read_commands(&mail.words.text, rules),
        question: question::parse_question(&mail.subject, rules),
    };
    (seals, asked)
}

/// Every address of ours that the mail came to, with what it carries (INTERFACE, Mail, last point).
fn tags(rules: &Rules, mail: &Inbound, recipients: &[AddrSpec]) -> Vec<seal::Tag> {
    let shown = mail.to.iter().chain(&mail.cc).filter_map(|m| AddrSpec::parse(&m.address));
    let all = shown.chain(mail.delivered_to.iter().cloned()).chain(recipients.iter().cloned());
    let mut out = Vec::new();
    for address in all.filter(|a| rules.own.contains(a)) {
        if let Some(tag) = seal::read_address(&rules.keys, rules.domain(), &address, rules.separator)
            && !out.contains(&tag)
        {
            out.push(tag);
        }
    }
    out
}
