//! What is known of a sender, and how well it is proven (THREATS, decision table). These are the words in
//! which the proof is kept and weighed; `desk/proof` weighs it.

use super::policy::Policy;
use super::probe::Returned;
use super::proof_reason::{DomainReason, ProofReason};
use super::search::Hits;
use crate::mail::dkim::Signature;
use std::collections::BTreeMap;

/// What is known about a mail before the transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// What DNS and our own server say about the From domain.
    pub domain: Domain,
    /// It was held, and somebody who may released it: their word stands for the proof.
    pub released: Option<Released>,
    /// What it says of a probe of ours, if it is one that came back, or a report about one.
    pub probe: Option<Returned>,
    /// What its search found, where it is a mail of staff that asks for one.
    pub hits: Hits,
    /// The program failed on it: it is held with its bytes, and this is why (T34).
    pub fault: Option<String>,
    /// It is held without its bytes, and this is why.
    pub without_bytes: Option<NoBytes>,
    /// It has another size than its server announced, and that stayed so (T110).
    pub other_size: Option<OtherSize>,
}

/// Why a mail is held without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoBytes {
    /// T110: the server lists it and does not hand it out; how it refuses.
    NotHandedOut(String),
    /// T34: taking it in ended the program so often.
    EndsTheProgram(u32),
}

/// Octets of a mail, as its server counts them and as they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherSize {
    /// RFC822.SIZE.
    pub announced: u64,
    /// What was handed out.
    pub came: u64,
}

/// What was known about a mail when it was held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Released {
    /// The row that held it, and the number of the kept mail.
    pub held: i64,
    /// As above.
    pub mail: i64,
    /// Who lets it go, as the audit log names them.
    pub actor: String,
    /// When it came; seconds since 1970.
    pub at: i64,
    /// The ticket that it named, which may have been by a recipient that its fields do not show.
    pub ticket: Option<i64>,
    /// How its sender was proven then.
    pub verified: Verified,
    /// Nothing newer holds it back any more: it was held for that, and its writer knows.
    pub crosses: bool,
    /// An operator read it and lets it go, whatever it quotes (T72).
    pub quotes: bool,
}

/// Domain proof (P1) and its opposite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DomainProof {
    /// Not asked, or nothing came of it: no proof.
    #[default]
    Unknown,
    /// A signature of the domain holds (RFC 6376), and is aligned.
    Dkim,
    /// Our own server stamped that the domain proves it (RFC 8601, 9989).
    Dmarc,
    /// Counter-proof: it beats everything.
    Disproved,
}

impl DomainProof {
    /// P1.
    pub fn proven(self) -> bool {
        match self {
            Self::Dkim | Self::Dmarc => true,
            Self::Unknown | Self::Disproved => false,
        }
    }
}

/// `verified` of INTERFACE: the strongest proof.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Verified {
    /// The domain signed it.
    Dkim,
    /// Our own server says that the domain proves it.
    Dmarc,
    /// It came to a sealed address, or answers a letter, that was given to this person alone.
    ReplyAddress,
    /// Its writer signed in by a link.
    MagicLink,
    /// Nothing proves it.
    #[default]
    None,
}

impl Verified {
    /// As it is kept, and as INTERFACE names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dkim => "dkim",
            Self::Dmarc => "dmarc",
            Self::ReplyAddress => "reply-address",
            Self::MagicLink => "magic-link",
            Self::None => "none",
        }
    }

    /// As it is kept; what is no word of ours proves nothing.
    pub fn from_word(word: &str) -> Self {
        let all = [Self::Dkim, Self::Dmarc, Self::ReplyAddress, Self::MagicLink];
        all.into_iter().find(|v| v.as_str() == word).unwrap_or_default()
    }

    /// Is there any proof?
    pub fn proven(self) -> bool {
        self != Self::None
    }
}

/// Whom the From address belongs to, as seen from the ticket that the mail names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Who {
    /// An address of staff.
    Staff,
    /// The requester or a participant of that ticket.
    Participant,
    /// Anybody else.
    #[default]
    Stranger,
}

impl Who {
    /// As INTERFACE names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Participant => "participant",
            Self::Stranger => "stranger",
        }
    }
}

/// What the addresses that a mail came to, and the ids of ours that it names, say of its sender (P2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ReplyProof {
    /// The plain address, and no id that counts.
    #[default]
    None,
    /// A reply address, or a letter, that was given to this person alone.
    Given,
    /// Their reply address, or a letter of theirs, which has expired or whose key was revoked.
    Expired,
    /// A reply address that was given to somebody else.
    Foreign,
    /// A reply address, and a subject that names another ticket.
    Torn,
}

/// What a mail says about the ticket it belongs to, and how well that is proven.
#[derive(Debug, Clone, Default)]
pub struct Named {
    /// The live ticket that it hangs on, if it may.
    pub ticket: Option<i64>,
    /// The ticket as it was named, before merges.
    pub named: Option<i64>,
    /// Domain proof (P1).
    pub domain: DomainProof,
    /// Reply proof (P2).
    pub reply: ReplyProof,
    /// The strongest proof.
    pub verified: Verified,
    /// The newest message that the writer had seen.
    pub seen: Option<i64>,
    /// What proves the sender, or why nothing does.
    pub why: ProofReason,
}

/// `[trust] staff_proof`: what makes a mail from staff count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum StaffProof {
    /// Domain proof or reply proof.
    #[default]
    Any,
    /// Domain proof and reply proof.
    Both,
}

/// What DNS said to a question for TXT records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The records, each with its strings joined.
    Texts(Vec<String>),
    /// No such name, or no text at it.
    Nothing,
    /// No answer, or none that can be trusted.
    Failed,
}

/// By name, without the dot at the end.
pub type Answers = BTreeMap<String, Answer>;

/// A signature that holds for the From domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Of the signature: it counts once (T107).
    pub fingerprint: [u8; 32],
    /// It covers the field of this name; only then what stands there is the signer's word (T107).
    pub date: bool,
    /// It covers To.
    pub to: bool,
    /// It covers Cc.
    pub cc: bool,
}

impl Signed {
    /// Of a signature that holds.
    pub fn of(signature: &Signature) -> Self {
        Self {
            fingerprint: signature.fingerprint(),
            date: signature.covers("date"),
            to: signature.covers("to"),
            cc: signature.covers("cc"),
        }
    }
}

/// What our own server stamped on the mail about the From domain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Stamp {
    /// Nothing that is believed.
    #[default]
    Nothing,
    /// `dmarc=pass`, with the aligned signatures that passed there.
    Pass(Vec<Signed>),
    /// `dmarc=fail`, and a trusted sealer saw it pass (T15).
    Sealed,
    /// `dmarc=fail`.
    Fail,
}

/// What is known about the From domain before the transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Domain {
    /// Signatures that hold by the rules of T106 and are aligned.
    pub signed: Vec<Signed>,
    /// What our own server stamped.
    pub stamp: Stamp,
    /// What the domain publishes.
    pub policy: Policy,
    /// Why no signature counts.
    pub why_not: DomainReason,
}

impl Domain {
    /// Of every signature that proves something: it is remembered, and counts once (T107).
    pub fn fingerprints(&self) -> Vec<[u8; 32]> {
        let stamped = match &self.stamp {
            Stamp::Pass(all) => all.as_slice(),
            Stamp::Nothing | Stamp::Sealed | Stamp::Fail => &[],
        };
        self.signed.iter().chain(stamped).map(|s| s.fingerprint).collect()
    }
}
