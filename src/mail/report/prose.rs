//! Reports written for people: qmail, Exim, Postfix, Sendmail, Exchange, Google, Yahoo, Notes, Domino,
//! Courier, Japanese carriers. Two things must meet: a sender that is a mail system, and words that say a
//! mail did not arrive.

use super::fields::{self, original_ids};
use super::patterns::{ANY, CODE, COPY, DELAYED, FAILED, FIELD, FORMAL, GIVEN_UP, LISTED, STILL, hit};
use super::why::Reasons;
use super::{service, whom};
use crate::mail::address::MessageId;
use crate::mail::body::{self, Body};
use crate::mail::field::Head;
use crate::mail::inbound::{Inbound, Report, ReportKind, ReportedRecipient};

/// Bytes of the text that are looked at.
const MAX_TEXT: usize = 64 * 1024;

/// How sure it is that a mail system wrote a mail. The less sure, the more its words must prove.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Writer {
    Anybody,
    /// Its name is one that programs bear.
    Program,
    /// Its path is empty, as that of a vacation answer is, too.
    Pathless,
    /// Its name is that of an office, in which people work, too.
    Office,
    Daemon,
}

/// The text of a report in two: its own words, and the mail that it returns.
struct Parts<'a> {
    words: &'a str,
    copy: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        let end = text.char_indices().map(|(at, _)| at).find(|at| *at >= MAX_TEXT).unwrap_or(text.len());
        let text = &text[..end];
        let mut starts = COPY.iter().flat_map(|p| p.find_iter(text)).take(10).map(|m| m.start()).peekable();
        let first = starts.peek().copied().unwrap_or(end);
        // Some reports begin with fields of the mail that they are about: before the copy stands what went
        // wrong.
        let told = |at: &usize| {
            hit(&FAILED, &text[..*at]) || hit(&STILL, &text[..*at]) || hit(&DELAYED, &text[..*at])
        };
        let cut = starts.find(told).unwrap_or(first);
        Self { words: &text[..cut], copy: &text[cut..end] }
    }
}

/// What a report without fields says; `None`: it is none.
pub(super) fn report(head: &Head, mail: &Inbound, body: &Body) -> Option<Report> {
    if let Some(report) = service::report(mail, body) {
        return Some(report);
    }
    let (writer, manager) = (writer(head, mail, body), list_manager(mail));
    // Searching the words costs more than all other reading, and nearly every mail is a person's.
    if !manager && (writer == Writer::Anybody || (writer == Writer::Program && !hit(&FORMAL, &mail.subject)))
    {
        return None;
    }
    let parts = Parts::of(&body.text);
    if manager && let Some(report) = refused_post(&parts) {
        return Some(report);
    }
    let copied = copied_head(parts.copy);
    let returned = returned(body);
    let failed = hit(&FAILED, &mail.subject)
        || hit(&FAILED, parts.words)
        || head.first("x-failed-recipients").is_some();
    let kind = match (failed || refused_in_session(parts.words), delayed(&mail.subject, parts.words)) {
        (_, true) => ReportKind::Delay,
        (true, false) => ReportKind::Failure,
        (false, false) if writer == Writer::Daemon && returned.is_some() && hit(&LISTED, parts.words) => {
            ReportKind::Failure
        }
        (false, false) => return None,
    };
    if !proven(&writer, mail, &parts, copied.is_some() || returned.is_some()) {
        return None;
    }
    let mut ids = original_ids(body);
    ids.extend(
        copied
            .iter()
            .flat_map(|h| h.all("message-id"))
            .filter_map(|v| MessageId::parse(&String::from_utf8_lossy(v))),
    );
    ids.dedup();
    let told = Reasons::of(parts.words);
    let mut recipients = told.recipients(&whom::listed(head, mail, parts.words), kind);
    if recipients.is_empty() {
        if let Some(inner) = nested(body, parts.copy) {
            return Some(inner);
        }
        recipients = told.recipients(&whom::mentioned(mail, parts.words), kind);
    }
    if recipients.is_empty() {
        recipients = told.all_of(whom::addressed(copied.iter().chain(&returned)), kind);
    }
    Some(Report { kind, recipients, original_ids: ids })
}

/// What the fields of a report leave open is taken from its words.
pub(super) fn complete(report: &mut Report, mail: &Inbound, body: &Body) {
    let empty = |r: &ReportedRecipient| {
        r.diagnostic.as_deref().is_none_or(|d| d.chars().all(|c| c.is_ascii_digit() || c == ' '))
    };
    let nobody = !report.recipients.iter().any(|r| r.address.contains('@'));
    if report.kind == ReportKind::Abuse || !(nobody || report.recipients.iter().any(empty)) {
        return;
    }
    let words = Parts::of(&body.text).words;
    let told = Reasons::of(words);
    let named = if nobody { whom::listed(&Head::default(), mail, words) } else { Vec::new() };
    if !named.is_empty() {
        report.recipients = told.recipients(&named, report.kind);
        return;
    }
    let alone = report.recipients.len() == 1;
    for recipient in report.recipients.iter_mut().filter(|r| empty(r)) {
        let why = told.reason(&recipient.address, alone);
        recipient.status = recipient.status.take().or(why.status);
        recipient.diagnostic = why.diagnostic.or(recipient.diagnostic.take()).filter(|d| !d.is_empty());
    }
}

/// Words about going on outweigh a subject about failure, unless somebody gave up.
fn delayed(subject: &str, words: &str) -> bool {
    let waits =
        hit(&STILL, words) || hit(&DELAYED, subject) || (!hit(&FAILED, subject) && hit(&DELAYED, words));
    waits && !hit(&GIVEN_UP, words)
}

/// Postfix tells its postmaster of a session in which it had to refuse.
fn refused_in_session(words: &str) -> bool {
    words.to_lowercase().contains("transcript of session follows") && hit(&CODE, words)
}

/// RFC 5321 §4.5.5 wants an empty path; many say MAILER-DAEMON or postmaster somewhere.
fn writer(head: &Head, mail: &Inbound, body: &Body) -> Writer {
    let field = |name: &str| {
        head.first(name).map(|v| String::from_utf8_lossy(v).to_ascii_lowercase()).unwrap_or_default()
    };
    let from = field("from");
    let name = crate::mail::charset::unstructured(head.first("from").unwrap_or_default()).to_lowercase();
    let path = field("return-path");
    let any = |list: &[&str], text: &str| list.iter().any(|w| text.contains(w));
    let daemons = [
        "mailer-daemon",
        "mailerdaemon",
        "mail-daemon",
        "mailer_daemon",
        "post_master",
        "mail.delivery.system",
    ];
    let copied = body.report_parts.iter().any(|(kind, _)| kind == "message/rfc822");
    let nobody = mail.return_path == Some(None) && from.trim() == "<>";
    let reports = body.kind == "multipart/report" || head.first("x-failed-recipients").is_some();
    if any(&daemons, &from) || any(&daemons, &path) || reports || nobody {
        return Writer::Daemon;
    }
    let offices =
        ["mail delivery", "mail administrator", "system administrator", "mail system", "mail router"];
    if from.contains("postmaster")
        || path.contains("postmaster")
        || any(&offices, &name)
        || from.is_empty()
        || from == "<>"
        || (from.contains("no-reply@") && copied)
    {
        return Writer::Office;
    }
    if mail.return_path == Some(None) {
        return Writer::Pathless;
    }
    let programs =
        ["daemon", "smtp", "mailer", "ndr@", "bounce", "gateway", "delivery", "antivirus", "admin"];
    if any(&programs, &from) { Writer::Program } else { Writer::Anybody }
}

/// Do the words prove enough, given who wrote them?
fn proven(writer: &Writer, mail: &Inbound, parts: &Parts<'_>, copy: bool) -> bool {
    let listed = hit(&LISTED, parts.words) || hit(&FIELD, parts.words);
    let formal = hit(&FORMAL, &mail.subject);
    match writer {
        Writer::Daemon => true,
        Writer::Office => copy || formal || listed || hit(&CODE, parts.words),
        // An absent person cannot be reached, either, and names somebody else to write to.
        Writer::Pathless => {
            copy || formal || hit(&CODE, parts.words) || (listed && hit(&DELAYED, &mail.subject))
        }
        Writer::Program => formal && (listed || copy),
        Writer::Anybody => false,
    }
}

/// An address from which a list program writes.
fn list_manager(mail: &Inbound) -> bool {
    let ends = ["-admin", "-owner", "-request", "-bounces"];
    mail.from.address().is_some_and(|a| ends.iter().any(|end| a.local().ends_with(end)))
}

/// A list program tells a writer that it did not pass on a post.
fn refused_post(parts: &Parts<'_>) -> Option<Report> {
    let words = parts.words.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let refused =
        ["not a member of this mailing list", "not member of this mailing list", "duplicated message-id in"];
    if !refused.iter().any(|w| words.contains(w)) {
        return None;
    }
    let list = ANY.as_ref()?.find(parts.words)?.as_str().trim_end_matches('.').to_owned();
    let recipients = Reasons::of(parts.words).all_of(vec![list], ReportKind::Failure);
    let ids = copied_head(parts.copy)
        .into_iter()
        .flat_map(|h| h.all("message-id").map(<[u8]>::to_vec).collect::<Vec<_>>());
    let ids = ids.filter_map(|v| MessageId::parse(&String::from_utf8_lossy(&v))).collect();
    Some(Report { kind: ReportKind::Failure, recipients, original_ids: ids })
}

/// The head of the mail that came back as a part.
fn returned(body: &Body) -> Option<Head> {
    let parts = &mut body.report_parts.iter();
    parts
        .find(|(kind, _)| kind == "message/rfc822" || kind.starts_with("text/rfc822"))
        .map(|(_, data)| Head::split(data))
}

/// A gateway may have wrapped the report of another system: what that one says in fields.
fn nested(body: &Body, copy: &str) -> Option<Report> {
    let parts = body
        .report_parts
        .iter()
        .filter(|(kind, _)| kind == "message/rfc822")
        .map(|(_, data)| data.as_slice());
    parts.take(3).chain(copied_text(copy).as_deref().map(str::as_bytes)).find_map(|data| {
        let head = Head::split(data);
        let report = head.token("content-type").is_some_and(|t| t.starts_with("multipart/report"))
            && !head.is_over_limit();
        let inner = report.then(|| body::gather(data, &head, false).ok()).flatten()?;
        fields::report(&inner).filter(|r| r.kind != ReportKind::Other)
    })
}

/// The header of the mail that a text quotes below its own words.
fn copied_head(copy: &str) -> Option<Head> {
    copied_text(copy).map(|text| Head::split(text.as_bytes()))
}

/// The quoted mail from its first field on, without the indentation.
fn copied_text(copy: &str) -> Option<String> {
    let lines: Vec<&str> = copy.lines().collect();
    let field = |l: &&str| {
        l.split_once(':').is_some_and(|(n, _)| {
            !n.is_empty() && n.len() < 40 && n.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
    };
    let start = lines.iter().take(30).position(|l| field(&l.trim_start_matches([' ', '\t', '>'])))?;
    let indent = lines[start].len() - lines[start].trim_start_matches([' ', '\t', '>']).len();
    let text: Vec<&str> = lines[start..].iter().map(|l| l.get(indent..).unwrap_or("")).collect();
    Some(text.join("\n"))
}
