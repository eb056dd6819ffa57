//! The sentences that say why an event came to its outcome. The ledger, `explain`, letters about held mails
//! and the page of held mails show them.

use crate::desk::model::proof::{NoBytes, OtherSize};
use crate::desk::model::{Newer, Query, Reason, Silence};
use std::fmt::{Display, Formatter, Result};

impl Display for NoBytes {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::NotHandedOut(how) => write!(f, "the server cannot hand it out: {how}"),
            Self::EndsTheProgram(times) => write!(f, "taking it in ended the program {times} times"),
        }
    }
}

impl Display for Reason {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::Fault(how) => how,
            Self::WithoutBytes(why) => return why.fmt(f),
            Self::OtherSize(inner, size) => return write!(f, "{inner}. {size}"),
            Self::UnclearSender(why) => return write!(f, "its From field is not clear: {why}"),
            Self::Proof(why) => return why.fmt(f),
            Self::ProofNotEnough(why) => {
                return write!(f, "{why}, which is not enough on this desk (staff_proof = \"both\")");
            }
            Self::QuestionOverLimit(limit) => {
                let setting = "[limits] answers_per_staff_hour";
                return write!(f, "a question beyond the {limit} answers of an hour ({setting})");
            }
            Self::Question(query) => return write!(f, "a question of staff: {}", word_of(query)),
            Self::Refused(fault) => return fault.fmt(f),
            Self::Foreign(words) => return words.fmt(f),
            Self::Crossed(newer) => return write!(f, "{newer} came in between, unseen by its writer"),
            Self::StaffWrote(ticket) => return write!(f, "staff wrote to ticket {ticket}"),
            Self::BelongsTo(ticket) => return write!(f, "it belongs to ticket {ticket}"),
            Self::AutomaticOf(ticket) => {
                return write!(f, "an automatic mail, attached to ticket {ticket}");
            }
            Self::Unconfirmed(silence) => {
                return write!(f, "a new ticket without confirmation: {silence}");
            }
            Self::ReportOf(ticket) => return write!(f, "a report about a letter of ticket {ticket}"),
            Self::Duplicate => "this mail was taken in before",
            Self::OurLetter => "a letter of this desk came back",
            Self::FromTheDesk => {
                "its sender is an address of this desk, and it is none of the desk's letters"
            }
            Self::ReportOfProbe => "a report about a probe of this desk",
            Self::Unread => "the program could not read this mail (a bug)",
            Self::NoSender => "it names no sender",
            Self::Spam => "its sender was marked as spam",
            Self::HistoryOfStaff => "it was there before the desk, in the name of staff",
            Self::Torn => "its reply address and its subject name different tickets",
            Self::FirstUnproven => "a first mail of staff needs the proof of its domain",
            Self::QuestionUnproven => "a question by mail needs the proof of its domain",
            Self::QuestionOfMachine => "a question from a sender who is not answered",
            Self::QuestionNotUnderstood => "a question of staff: not",
            Self::OpenedByStaff => "staff opened a ticket",
            Self::AutomaticOfStaff => "an automatic mail in the name of staff that names no ticket",
            Self::NewTicket => "a new ticket",
            Self::ReportOfNothing => "a report that names no letter of this desk",
            Self::AtBounceAddress => "mail to a bounce address that is neither a report nor automatic",
            Self::LeavesDigest => "its writer gets the daily digest no more",
            Self::AnswersDigest => "an answer to the daily digest, which nobody reads",
            Self::MachineAnswersDigest => "an automatic answer to the daily digest",
            Self::HeldLetGo => "a held mail is let go",
            Self::HeldDropped => "a held mail is dropped",
            Self::Form => "a form of a page",
            Self::Order => "an order",
            Self::NotCarriedOut => "refused",
            Self::RelayAnswered => "the relay answered for a letter",
            Self::NoSuchLetter => "there is no such letter",
            Self::TimePassed => "time passed",
        })
    }
}

/// The word with which a question begins.
fn word_of(query: &Query) -> &'static str {
    match query {
        Query::List => "list",
        Query::Mine => "mine",
        Query::Show(_) => "show",
        Query::Search(_) => "search",
        Query::Help => "help",
    }
}

/// `a customer's message and 2 answers of colleagues`
impl Display for Newer {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let counted = |n: usize, one: &str, many: &str| match n {
            0 => None,
            1 => Some(one.to_owned()),
            n => Some(format!("{n} {many}")),
        };
        let customers = counted(self.of_customers, "a customer's message", "messages of customers");
        let colleagues = counted(self.of_colleagues, "a colleague's answer", "answers of colleagues");
        let both: Vec<String> = customers.into_iter().chain(colleagues).collect();
        f.write_str(&both.join(" and "))
    }
}

impl Display for OtherSize {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self { announced, came } = self;
        let missing = if came < announced { "; a part of it may be missing" } else { "" };
        write!(f, "The mail server announced {announced} octets of this mail and handed out {came}{missing}")
    }
}

impl Display for Silence {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::History => "it was there before the desk",
            Self::Stale => "it came more than a day ago",
            Self::Disproved => "somebody else wrote it",
            Self::Off => "confirmations are off",
            Self::Unproven => "its domain did not prove it",
            Self::Automatic => "a machine or a list wrote it",
            Self::Suppressed => "the sender asks for no automatic answer",
            Self::SenderNotAnswered => "its sender is not answered",
            Self::Limit(limit) => limit.why(),
        })
    }
}
