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
use super::inbound::{Inbound, Report, ReportKind};

/// The report that a mail is, if it is one. A report is recognised whatever its From says (INTERFACE, a mail
/// explained).
pub(super) fn find(head: &Head, mail: &Inbound, body: &Body) -> Option<Report> {
    match fields::report(body) {
        Some(mut report) if report.kind != ReportKind::Other => {
            prose::complete(&mut report, mail, body);
            Some(report)
        }
        // A status part that names nobody, and a receipt for a mail that was not shown, say less than the
        // words beside them.
        other => prose::report(head, mail, body).or(other),
    }
}

#[cfg(test)]
mod tests;
