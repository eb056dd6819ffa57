//! What proves the sender of a mail, or why nothing does: values. They become sentences in
//! [`crate::desk::text::proof_reasons`].

/// What proves a sender, or why nothing does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProofReason {
    /// Nothing was looked at.
    #[default]
    NotExamined,
    /// The mail was held, and somebody's word stands for the proof.
    Released,
    /// It was held, and its domain had proved it when it came.
    ProvenWhenItCame,
    /// The domain proves it, or disproves it (P1).
    Domain(DomainReason),
    /// It came to a reply address of this person (P2).
    ReplyAddress,
    /// It answers a letter to this person (P2).
    Letter,
    /// It came to a reply address of somebody else (T13).
    ReplyAddressOfAnother,
    /// The key of its reply address was revoked (T81).
    ReplyAddressRevoked,
    /// T14.
    ReplyAddressExpired,
    /// The key of the letter that it answers was revoked (T81).
    LetterRevoked,
    /// T14.
    LetterTooOld,
    /// T14: its writer left the ticket.
    LeftTicket,
    /// Nothing proves it, and the domain does not for this reason.
    Unproven(DomainReason),
}

/// What the domain of a mail says about it (P1), or why it says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DomainReason {
    /// Nobody was asked.
    #[default]
    NotAsked,
    /// A signature of the domain holds.
    Signed,
    /// The same for a mail of staff: it was signed for this desk, and counts once (T107).
    SignedForDesk,
    /// Our own server stamped that it passed.
    Stamped,
    /// The same for a mail of staff: the signature was for this desk, and counts once (T107).
    StampedForDesk,
    /// A trusted forwarder saw it pass (T15).
    Forwarded,
    /// Our own server stamped that it failed.
    StampedAsFailed,
    /// The policy of the domain is strict, and no signature holds.
    StrictDomain,
    /// It bears no signature of its domain.
    Unsigned,
    /// Its signature cannot be read or does not hold; why, in the words of the verifier.
    BadSignature(&'static str),
    /// RFC 6376 §3.5, `x=`.
    SignatureExpired,
    /// The signature is of another organization (RFC 9989 §4.4.1).
    SignatureOfAnother,
    /// DNS has no key for it.
    NoKey,
    /// DNS did not answer.
    KeyNotLookedUp,
    /// It came through a configured web form (T10).
    WebForm,
    /// T107: the signed To and Cc do not name this desk.
    SignedForAnother,
    /// T107: its signed Date is too old, too new or not there.
    NotFresh,
    /// T107: its signature came before.
    SignatureSeen,
    /// T107: its Message-ID came before.
    IdSeen,
}
