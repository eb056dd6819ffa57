//! Reports about our letters: RFC 3464, 6522, 5965, 8098 and prose bounces.
//!
//! What is said in fields counts before what is said in words; what neither says is `None`.

mod fields;
mod patterns;
mod prose;
mod service;
mod whom;
mod why;

use super::body::Body;
use super::field::Head;
use super::{Inbound, MessageId};

/// Recipients that are looked at in one report (T38).
const MAX_RECIPIENTS: usize = 200;

/// What a report says became of the letter (RFC 3464 §2.3.3; RFC 5965; `Other`: nothing of these).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportKind {
    Failure,
    /// Delivery is still being tried.
    Delay,
    Delivered,
    Abuse,
    Other,
}

/// One recipient of a letter, and what became of it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedRecipient {
    pub address: String,
    /// `5.1.1` (RFC 3463).
    pub status: Option<String>,
    /// What the other side said, in its words.
    pub diagnostic: Option<String>,
    /// True where trying again cannot help: class 5 of the status, without a status by the words.
    pub permanent: bool,
}

/// What a delivery or abuse report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub kind: ReportKind,
    pub recipients: Vec<ReportedRecipient>,
    /// Message-IDs of the returned mail, from its headers or copy.
    pub original_ids: Vec<MessageId>,
}

impl ReportKind {
    /// The word of INTERFACE.md.
    pub fn as_str(self) -> &'static str {
        match self {
            ReportKind::Failure => "failure",
            ReportKind::Delay => "delay",
            ReportKind::Delivered => "delivered",
            ReportKind::Abuse => "abuse",
            ReportKind::Other => "other",
        }
    }
}

/// The report that a mail is, if it is one. A report is recognised whatever its From says (INTERFACE, a mail
/// explained).
pub(super) fn read(head: &Head, mail: &Inbound, body: &Body) -> Option<Report> {
    match fields::read(body) {
        Some(mut report) if report.kind != ReportKind::Other => {
            prose::complete(&mut report, mail, body);
            Some(report)
        }
        // A status part that names nobody, and a receipt for a mail that was not shown, say less than the
        // words beside them.
        other => prose::read(head, mail, body).or(other),
    }
}

#[cfg(test)]
mod tests;
