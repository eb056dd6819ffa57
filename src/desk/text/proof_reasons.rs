//! The sentences that say what proves the sender of a mail, or why nothing does. Notices, the ledger and
//! `explain` show them.

use crate::desk::model::{DomainReason, ProofReason};
use std::fmt::{Display, Formatter, Result};

impl Display for ProofReason {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::NotExamined => Ok(()),
            Self::Released => f.write_str("it was held and released"),
            Self::ProvenWhenItCame => f.write_str("its domain proved it when it came"),
            Self::Domain(why) => why.fmt(f),
            Self::ReplyAddress => {
                f.write_str("it came to the reply address that was given to this person alone")
            }
            Self::Letter => f.write_str("it answers a letter that went to this person alone"),
            Self::ReplyAddressOfAnother => f.write_str("the reply address was given to somebody else"),
            Self::ReplyAddressRevoked => {
                f.write_str("the key of its reply address was revoked (maildesk keys rotate)")
            }
            Self::ReplyAddressExpired => f.write_str("the reply address has expired"),
            Self::LetterRevoked => {
                f.write_str("the key of the letter that it answers was revoked (maildesk keys rotate)")
            }
            Self::LetterTooOld => f.write_str("it answers a letter that is too old to prove anything"),
            Self::LeftTicket => f.write_str("its writer does not take part in that ticket any more"),
            Self::Unproven(DomainReason::NotAsked) => f.write_str("nothing proves the sender"),
            Self::Unproven(why) => write!(f, "nothing proves the sender: {why}"),
        }
    }
}

impl ProofReason {
    /// As it stands in brackets behind the word of the proof: "none (nothing proves the sender)" would say
    /// one thing twice. `None`: there is nothing to add.
    pub fn beside_the_proof(self) -> Option<String> {
        match self {
            Self::NotExamined | Self::Unproven(DomainReason::NotAsked) => None,
            Self::Unproven(why) => Some(why.to_string()),
            Self::Released
            | Self::ProvenWhenItCame
            | Self::Domain(_)
            | Self::ReplyAddress
            | Self::Letter
            | Self::ReplyAddressOfAnother
            | Self::ReplyAddressRevoked
            | Self::ReplyAddressExpired
            | Self::LetterRevoked
            | Self::LetterTooOld
            | Self::LeftTicket => Some(self.to_string()),
        }
    }
}

impl Display for DomainReason {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::NotAsked => "",
            Self::Signed => "its domain signed it",
            Self::SignedForDesk => "its domain signed it, for this desk",
            Self::Stamped => "our mail server says that its domain sent it",
            Self::StampedForDesk => "our mail server says that its domain signed it, for this desk",
            Self::Forwarded => "a trusted forwarder says that its domain sent it",
            Self::StampedAsFailed => "our mail server says that its domain did not send it",
            Self::StrictDomain => "its domain signs all its mail, and no signature on this one holds",
            Self::Unsigned => "nobody signed it for its domain",
            Self::BadSignature(why) => why,
            Self::SignatureExpired => "its signature has expired",
            Self::SignatureOfAnother => "its signature is not of its domain",
            Self::NoKey => "there is no key for its signature",
            Self::KeyNotLookedUp => "the key of its signature cannot be looked up",
            Self::WebForm => "it came through a web form",
            Self::SignedForAnother => {
                "it was signed for somebody else: the signed To and Cc do not name this desk"
            }
            Self::NotFresh => "its signed Date is not of the last 7 days",
            Self::SignatureSeen => "its signature was taken in before, with another mail",
            Self::IdSeen => "its Message-ID was taken in before, with another mail",
        })
    }
}
