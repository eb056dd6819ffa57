//! The sentences that say what is wrong with a command, an order or a mail of staff. Letters, the ledger and
//! the command line show them.

use crate::desk::model::fault::{
    CommandFault, FieldNow, ForeignWords, MailFault, OrderFault, QuestionFault, UndoFault,
};
use std::fmt::{Display, Formatter, Result};

/// What to do about words that a reader has no right to.
pub const QUOTING_ADVICE: &str = "Take the quoted lines out, or write them as words of your own, without > \
                                  before them; #private sends an answer to the requester alone.";

/// What to do about a file that stays inside.
pub const FILES_ADVICE: &str = "No customer gets a mail as a file, since it tells the addresses of staff, \
                                nor a picture that stands nowhere in the words: copy what they need into \
                                an answer, or attach it as a PDF";

impl Display for CommandFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::NotACommand => f.write_str("not a command"),
            Self::TooMany { most } => write!(f, "a mail has at most {most} commands"),
            Self::NoSuchCommand(word) => write!(f, "there is no command #{word}"),
            Self::TakesNothing { word, argument } => {
                write!(f, "#{word} takes nothing behind it, but there is \"{argument}\"")
            }
            Self::NoStatus(word) => {
                write!(f, "\"{word}\" is no status to set; open, waiting and closed are")
            }
            Self::NoPriority(word) => {
                write!(f, "\"{word}\" is no priority; low, normal, high and urgent are")
            }
            Self::NoCategories => f.write_str("this desk has no categories"),
            Self::NoCategory { asked, known } => {
                write!(f, "\"{asked}\" is no category; there are: {}", known.join(", "))
            }
            Self::NoTags => f.write_str("#tag needs tags, as in #tag +printer -new"),
            Self::NotATag(word) => {
                write!(f, "\"{word}\" is no tag; tags are 1 to 40 letters, digits, -, _ or .")
            }
            Self::NotAnAddress(word) => write!(f, "\"{word}\" is no mail address"),
            Self::NotATicketNumber(word) => write!(f, "\"{word}\" is no ticket number"),
            Self::NotADate(word) => write!(f, "\"{word}\" is no date; write it as 2027-03-15"),
            Self::NoSavedAnswers => {
                f.write_str("this desk has no saved answers ([desk] answers names their folder)")
            }
            Self::NoSavedAnswer { asked, near, more } => {
                let more = if *more { ", and others" } else { "" };
                write!(f, "\"{asked}\" is no saved answer; there are: {}{more}", near.join(", "))
            }
        }
    }
}

impl Display for OrderFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::DayIsOver => f.write_str("that day is over"),
            Self::NotACustomer(address) => {
                write!(f, "{address} is the desk's own or staff; participants are customers")
            }
            Self::RequesterIsStaff => f.write_str("its requester is staff, whose mail is never kept away"),
            Self::OperatorCannotWatch => {
                f.write_str("the operator is no staff member, who alone watch a ticket")
            }
            Self::OperatorCannotBeAssigned => f.write_str("the operator is no staff member; name an address"),
            Self::NotStaff(address) => write!(f, "{address} is not staff; see maildesk staff list"),
            Self::UndoNotAlone => f.write_str("it stands alone: no other command, word or file in its mail"),
            Self::ForOnTicket => {
                f.write_str("it opens a ticket, and this mail belongs to one; send it as a new mail")
            }
            Self::NoTicket(number) => write!(f, "there is no ticket {number}"),
            Self::MergeIntoItself => f.write_str("a ticket cannot go into itself"),
            Self::NoMessageAnswered => {
                f.write_str("this mail does not answer a notice that brought a message")
            }
            Self::NotItsMessage => f.write_str("that message is not in this ticket"),
            Self::NotACustomersMessage => f.write_str("only a customer's message becomes a ticket"),
            Self::OnlyMessageOfCustomer => f.write_str("it is the only customer message of this ticket"),
            Self::WriterLeft => f.write_str("its writer takes no part in this ticket any more"),
            Self::Undo(fault) => fault.fmt(f),
        }
    }
}

impl Display for UndoFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::TicketGone => f.write_str("the ticket of these commands is not there"),
            Self::MergedByAnother { from, into } => {
                write!(f, "{from} went into {into} by another command, which must be taken back first")
            }
            Self::OnItsOwnAgain { ticket } => write!(f, "{ticket} is a ticket of its own again"),
            Self::Already => f.write_str("what that letter tells of was taken back already"),
            Self::Nothing { ticket } => write!(f, "there is nothing of yours on {ticket} to take back"),
            Self::TooOld { ticket } => {
                write!(f, "the last that you did on {ticket} is more than a day old, and stays")
            }
            Self::OnlyWords { ticket, note } => {
                let what = if *note { "a note, which stays" } else { "an answer, which left" };
                write!(
                    f,
                    "the last that you did on {ticket} was {what}; to take back commands before it, answer \
                     the letter that told of them"
                )
            }
            Self::ChangedSince { ticket, now } => {
                let (field, value) = field_and_value(now);
                write!(f, "the {field} of {ticket} was changed since: it is now {value}, and stays so")
            }
            Self::SplitGone { ticket } => write!(f, "{ticket} is not there"),
            Self::SplitMerged { ticket, into } => write!(f, "{ticket} went into {into} since"),
            Self::MessageMoved { ticket } => write!(f, "the message is no longer in {ticket}"),
        }
    }
}

/// The name of a field and its value in words.
fn field_and_value(now: &FieldNow) -> (&'static str, &str) {
    match now {
        FieldNow::Status(status) => ("status", status.as_str()),
        FieldNow::Assignee(name) => ("assignee", name.as_deref().unwrap_or("nobody")),
        FieldNow::Priority(priority) => ("priority", priority.as_str()),
        FieldNow::Category(category) => ("category", category.as_deref().unwrap_or("none")),
        FieldNow::Due(day) => ("due day", day.as_deref().unwrap_or("none")),
    }
}

impl Display for QuestionFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::ShowWhat => f.write_str("show needs the number of a ticket, as in: show 7"),
            Self::SearchWhat => f.write_str("search needs words, as in: search lamp"),
            Self::StarEarly(word) => {
                write!(f, "at least two letters stand before a *, as in: search la*; there is only {word}")
            }
            Self::Number(fault) => fault.fmt(f),
        }
    }
}

impl Display for MailFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Encrypted => f.write_str(
                "it is encrypted, or signed in a way that hides its words (PGP or S/MIME). The desk does not \
                 decrypt, so it can pass on none of it; write it without encryption",
            ),
            Self::VersionsDiffer { read, shown } => write!(
                f,
                "its two versions command different things: its plain text {}, its HTML as it is seen {}; \
                 send it as plain text",
                commands_in_words(read),
                commands_in_words(shown)
            ),
            Self::Command { line: None, fault } => fault.fmt(f),
            Self::Command { line: Some(line), fault } => write!(f, "{line}: {fault}"),
            Self::Order { line, fault } => write!(f, "{line}: {fault}"),
            Self::BelowTheWords(line) => write!(
                f,
                "{line} stands below other words, which may be a warning that a mail server put on top; \
                 commands stand at the top, and ## begins a line of text with #"
            ),
            Self::SendNotAlone => f.write_str(
                "#send stands alone, or above the words that are to be sent; other commands go into a mail \
                 of their own",
            ),
            Self::NothingToSend => f.write_str("#send: no answer of yours in this ticket is held back"),
            Self::Reaction => f.write_str(
                "it is a reaction of your mail client (such as a thumb) and no answer; write one in words",
            ),
            Self::OnlyInside(names) => {
                write!(f, "it has no words, and no files but {names}. {FILES_ADVICE}")
            }
            Self::Empty => f.write_str("it has no words, no files and no commands"),
            Self::NothingSaid => f.write_str("it has no words and no files"),
            Self::SpamWithoutTicket => {
                f.write_str("#spam is about a ticket; it stands in an answer to its notice")
            }
            Self::ForNoCustomer(address) => {
                write!(f, "{address} is the desk's own or staff; #for names a customer")
            }
            Self::Foreign(words) => write!(f, "{words}. {QUOTING_ADVICE}"),
        }
    }
}

/// The commands of one version of a mail.
fn commands_in_words(lines: &[String]) -> String {
    if lines.is_empty() { "no command".to_owned() } else { lines.join(" ") }
}

impl Display for ForeignWords {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::WholeLetter => f.write_str(
                "it holds a whole letter of the desk, which your mail client did not mark as a quotation",
            ),
            Self::Quoted(address) => {
                write!(f, "it quotes, between your words, lines that {address} neither wrote nor was sent")
            }
        }
    }
}
