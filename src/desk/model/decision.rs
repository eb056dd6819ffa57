//! What follows from an event, as values: changes of what is kept, and letters with their final bytes.

use super::change::Change;
use super::letter::LetterFile;
use super::letter::LetterKind;
use super::outcome::Outcome;
use super::proof::{Verified, Who};
use super::proof_reason::ProofReason;
use super::reason::Reason;
use super::refused::Refused;
use crate::mail::{AddrSpec, MessageId};

/// A letter with its final bytes: one outbox row.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Its number in the outbox.
    pub id: i64,
    /// What kind of letter it is.
    pub kind: LetterKind,
    /// About which ticket; `None`: about none.
    pub ticket: Option<i64>,
    /// To whom.
    pub person: i64,
    /// The staff member whose words it carries, or the person whom a failure concerns; `None`: nobody's.
    pub author: Option<i64>,
    /// The newest message that its reader has seen with it; `None`: it brings none.
    pub message: Option<i64>,
    /// Counts under T25 and T26.
    pub automatic: bool,
    /// It answers a mail with domain proof, so it counts for the desk and not for the domain (T26).
    pub proven: bool,
    /// `None` is `<>` (RFC 5321 §4.5.5).
    pub reverse_path: Option<AddrSpec>,
    /// The forward-path: one recipient a letter.
    pub to: AddrSpec,
    /// Under which it leaves.
    pub message_id: MessageId,
    /// As it stands in the letter.
    pub subject: String,
    /// The whole letter, final.
    pub bytes: Vec<u8>,
    /// What comes along, in this order.
    pub files: Vec<LetterFile>,
    /// The same letter with links in place of its files, for a relay that does not take them; `None`: it does
    /// not leave without them.
    pub without_files: Option<Vec<u8>>,
    /// It may have left before a backup was put in place, so it leaves when the operator says so (T114).
    pub waits: bool,
}

/// A held mail that acts now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The row that holds it.
    pub held: i64,
    /// Who lets it go, as the audit log names them.
    pub actor: String,
}

/// What follows from an event. Applied in one transaction, or not at all.
#[derive(Debug, Clone)]
pub struct Decision {
    /// What became of the event.
    pub outcome: Outcome,
    /// Why that became of it.
    pub reason: Reason,
    /// The ticket that it was about; `None`: none.
    pub ticket: Option<i64>,
    /// How the sender is proven.
    pub verified: Verified,
    /// Whom the sender's address belongs to.
    pub who: Who,
    /// What proves the sender, or why nothing does.
    pub why: ProofReason,
    /// The commands that the mail gave, as they were written.
    pub orders: Vec<String>,
    /// Why an order or a form was not carried out: nothing else follows.
    pub refused: Option<Refused>,
    /// A held mail that acts now (`#send`), after everything else.
    pub release: Option<Release>,
    /// The number of the mail that caused it, if that is kept from now on.
    pub mail: i64,
    /// What is written, in this order.
    pub changes: Vec<Change>,
    /// What leaves.
    pub letters: Vec<Letter>,
}
