//! Reports about our letters: RFC 3464, 6522, 5965, 8098 and prose bounces.

mod fields;
mod prose;

use super::body::Body;
use super::field::Head;
use super::{Inbound, MessageId};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportKind {
    Failure,
    Delay,
    Delivered,
    Abuse,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedRecipient {
    pub address: String,
    /// `5.1.1` (RFC 3463).
    pub status: Option<String>,
    pub diagnostic: Option<String>,
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

/// The report that a mail is, if it is one. A report is recognised whatever its From says (INTERFACE, a mail explained).
pub(super) fn read(head: &Head, mail: &Inbound, body: &Body) -> Option<Report> {
    let structured = fields::read(body);
    // A status part that names nobody says less than the words beside it.
    match structured {
        Some(report) if report.kind != ReportKind::Other || body.report_type == "disposition-notification" => Some(report),
        other => prose::read(head, mail, body).or(other),
    }
}

#[cfg(test)]
mod tests;
