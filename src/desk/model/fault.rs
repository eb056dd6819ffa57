//! What is wrong with a command, an order or a mail of staff: values. They become sentences in
//! [`crate::desk::text::faults`].

use super::ticket::{Priority, Status};
use crate::mail::AddrSpec;

/// What is wrong with a line of commands, or with the value of a flag: it cannot be read. Words stand here as
/// they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandFault {
    /// The line does not begin with `#`.
    NotACommand,
    /// More commands than one mail may have.
    TooMany {
        /// How many it may have.
        most: usize,
    },
    /// The desk has no such command; the word in lower case, without `#`.
    NoSuchCommand(String),
    /// The command takes no argument, and has one.
    TakesNothing {
        /// Of the command, in lower case, without `#`.
        word: String,
        /// What stands behind it.
        argument: String,
    },
    /// No status, or none that can be set.
    NoStatus(String),
    /// None of the four priorities.
    NoPriority(String),
    /// The desk has no categories at all.
    NoCategories,
    /// None of the desk's categories.
    NoCategory {
        /// What was asked for.
        asked: String,
        /// The categories that there are.
        known: Vec<String>,
    },
    /// `#tag` without a tag.
    NoTags,
    /// No tag can be called so.
    NotATag(String),
    /// No mail address.
    NotAnAddress(String),
    /// No number of a ticket, alone or as its token.
    NotATicketNumber(String),
    /// No date.
    NotADate(String),
    /// The desk has no saved answers at all.
    NoSavedAnswers,
    /// None of the saved answers.
    NoSavedAnswer {
        /// What was asked for.
        asked: String,
        /// Names that there are, the nearest first.
        near: Vec<String>,
        /// There are more names than these.
        more: bool,
    },
}

impl CommandFault {
    /// Its sentence holds the word of the command, as in `#close takes nothing behind it`.
    pub fn names_the_command(&self) -> bool {
        match self {
            Self::TooMany { .. } | Self::NoSuchCommand(_) | Self::TakesNothing { .. } | Self::NoTags => true,
            Self::NotACommand
            | Self::NoStatus(_)
            | Self::NoPriority(_)
            | Self::NoCategories
            | Self::NoCategory { .. }
            | Self::NotATag(_)
            | Self::NotAnAddress(_)
            | Self::NotATicketNumber(_)
            | Self::NotADate(_)
            | Self::NoSavedAnswers
            | Self::NoSavedAnswer { .. } => false,
        }
    }
}

/// Why an order that was understood cannot be carried out on its ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderFault {
    /// It cannot wait for a day in the past.
    DayIsOver,
    /// The desk's own address or one of staff takes no part in a ticket.
    NotACustomer(AddrSpec),
    /// Staff are never marked as spam.
    RequesterIsStaff,
    /// Staff alone watch tickets.
    OperatorCannotWatch,
    /// The operator is nobody to whom a ticket can be given.
    OperatorCannotBeAssigned,
    /// Nobody on the staff has this address.
    NotStaff(AddrSpec),
    /// `#undo` stands beside something else.
    UndoNotAlone,
    /// `#for` stands in a mail that belongs to a ticket.
    ForOnTicket,
    /// There is no ticket with this number.
    NoTicket(i64),
    /// A ticket does not go into itself.
    MergeIntoItself,
    /// No message was brought by what this mail answers.
    NoMessageAnswered,
    /// The message is not in this ticket.
    NotItsMessage,
    /// Only a message of a customer is split off.
    NotACustomersMessage,
    /// A ticket keeps at least one message of a customer.
    OnlyMessageOfCustomer,
    /// T06: who left the ticket gets none of their own.
    WriterLeft,
    /// Nothing is taken back.
    Undo(UndoFault),
}

impl From<UndoFault> for OrderFault {
    fn from(fault: UndoFault) -> Self {
        Self::Undo(fault)
    }
}

/// Why a set of commands is not taken back. Tickets stand here as their tokens, such as `DESK-7`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UndoFault {
    /// The ticket of the commands is gone.
    TicketGone,
    /// The ticket was merged by another command, which comes first.
    MergedByAnother {
        /// The ticket of the commands.
        from: String,
        /// Where it went.
        into: String,
    },
    /// The merge was taken back already.
    OnItsOwnAgain {
        /// The ticket that was merged.
        ticket: String,
    },
    /// The commands that the answered letter tells of were taken back already.
    Already,
    /// This person did nothing here that could be taken back.
    Nothing {
        /// The ticket in hand.
        ticket: String,
    },
    /// The commands are older than a day.
    TooOld {
        /// The ticket in hand.
        ticket: String,
    },
    /// The last that they did was no command, but words.
    OnlyWords {
        /// The ticket in hand.
        ticket: String,
        /// The words are a note; else an answer.
        note: bool,
    },
    /// Somebody else's later word stands.
    ChangedSince {
        /// The ticket of the commands.
        ticket: String,
        /// The field that changed, and what it is now.
        now: FieldNow,
    },
    /// The ticket that `#split` made is gone.
    SplitGone {
        /// That ticket.
        ticket: String,
    },
    /// The ticket that `#split` made was merged.
    SplitMerged {
        /// That ticket.
        ticket: String,
        /// Where it went.
        into: String,
    },
    /// The ticket that `#split` made no longer holds the message.
    MessageMoved {
        /// That ticket.
        ticket: String,
    },
}

/// A field of a ticket, and what it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldNow {
    /// The status.
    Status(Status),
    /// Name of the one who works on it; `None`: nobody.
    Assignee(Option<String>),
    /// How urgent it is.
    Priority(Priority),
    /// The category; `None`: it has none.
    Category(Option<String>),
    /// The day by which it is due, as `2027-03-15`; `None`: none.
    Due(Option<String>),
}

/// What the question in a subject lacks (T108).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuestionFault {
    /// `show` alone.
    ShowWhat,
    /// `search` alone.
    SearchWhat,
    /// A word of the search ends with `*` behind fewer than two letters.
    StarEarly(String),
    /// What stands behind `show` is no number of a ticket.
    Number(CommandFault),
}

/// Why nothing of a mail of staff acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailFault {
    /// The desk cannot read it (T48).
    Encrypted,
    /// T20: its two versions command different things; the lines of each, in lower case.
    VersionsDiffer {
        /// In the version that is read.
        read: Vec<String>,
        /// In the version that its writer sees.
        shown: Vec<String>,
    },
    /// A command cannot be read.
    Command {
        /// The line; `None`: the fault names it well enough.
        line: Option<String>,
        /// What is wrong with it.
        fault: CommandFault,
    },
    /// A command cannot be carried out.
    Order {
        /// The line.
        line: String,
        /// Why.
        fault: OrderFault,
    },
    /// T118: this command stands below other words, be they those of a banner.
    BelowTheWords(String),
    /// `#send` stands without words beside other commands.
    SendNotAlone,
    /// `#send` stands alone, and nothing of its writer is held back.
    NothingToSend,
    /// T72: there is nothing in it but files that stay inside, of these names.
    OnlyInside(String),
    /// There is nothing in it.
    Empty,
    /// T119: it is the reaction of a mail client.
    Reaction,
    /// A first mail in which nothing is said.
    NothingSaid,
    /// `#spam` stands in a mail that belongs to no ticket.
    SpamWithoutTicket,
    /// `#for` names the desk or staff.
    ForNoCustomer(AddrSpec),
    /// A reader has no right to what it quotes.
    Foreign(ForeignWords),
}

/// What stands in an answer that a reader neither wrote nor was sent (T72).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForeignWords {
    /// A whole letter of the desk to staff, not marked as a quotation.
    WholeLetter,
    /// Quoted lines that this reader did not have.
    Quoted(AddrSpec),
}
