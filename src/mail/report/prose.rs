//! Reports written for people: qmail, Exim, Sendmail, Exchange, Google, Yahoo, Notes, Domino, Courier, Japanese
//! carriers, SES. Two things must meet: a sender that is a mail system, and words that say a mail did not arrive.

use std::sync::LazyLock;

use regex::Regex;

use super::super::body::Body;
use super::super::field::Head;
use super::super::mailbox;
use super::super::text::clean_line;
use super::fields::{original_ids, status};
use super::{Inbound, MessageId, Report, ReportKind, ReportedRecipient};

/// Bytes of the text that are looked at.
const MAX_TEXT: usize = 64 * 1024;

type Pattern = LazyLock<Option<Regex>>;

static FAILED: Pattern = LazyLock::new(|| {
    Regex::new(r"(?ix)
        undeliver | non-?deliver | returned\ mail | failure\ notice | delivery\ (?:has\ |status\ notification\ \()?fail | deliver[ey]\ failure | mail\ delivery\ (?:problem|error|fail|status)
        | (?:could|can|was|were|is|has)\s*not\s+(?:be\s+|been\s+|yet\s+been\s+)*(?:be\s+)?(?:deliver|sent|accept|reach|complet|valid) | (?:couldn|wasn|can)'?t\s+(?:be\s+)?(?:able\ to\ )?deliver | unable\s+to\s+deliver | error\s+deliver | trouble\s+deliver | delivery\s+problem
        | did\ not\ reach | permanent(?:ly)?\ (?:fatal\ )?(?:error|fail) | failed\ permanently | user\ unknown | unknown\ user | no\ such\ user | mailbox\ (?:is\ full|full|exceeds) | exceeds\ allowed\ size | not\ a\ valid\ user
        | message\ not\ delivered | rejected\ by\ | delivery\ (?:errors|was\ aborted) | address(?:es|\(es\))?\ failed | error\ (?:has\ )?(?:occurred\ )?while\ (?:trying|attempting)\ to\ deliver | delivery\ status\ notification:\ error | (?:recipients|message)\ was\ aborted | account\ has\ been\ disabled | error\ sending\ your\ mail | invalid\ user\ address | mail\ system\ error | had\ (?:delivery\ problems|permanent) | not\ listed\ in | message\ (?:could\ not|was\ rejected) | transaction\ failed | delivery\ to\ the\ following
        | unzustellbar | nicht\ zugestellt | konnte\ nicht | non\ remis | n'a\ pas\ pu\ [êe]tre | no\ se\ ha\ podido\ entregar | no\ se\ pudo\ entregar | não\ p[oô]de\ ser\ entregue | impossibile\ recapitare | kon\ niet\ worden | недоставлен | не\ (?:может|удалось|было)\ (?:быть\ )?доставл | nie\ (?:można|udało|zosta[łl]a?)\ .{0,20}dostarcz
        | 送信できません | 送信エラー | 配信できません | 配信不能 | 届けられません | 届きません | 見つかりません | 送信することができません | エラーのため | 退信 | 无法投递 | 無法傳送 | 배달되지").ok()
});

static DELAYED: Pattern = LazyLock::new(|| {
    Regex::new(r"(?ix)
        delivery\ (?:status\ notification\ \(delay|incomplete|(?:is\ |has\ been\ |temporarily\ )?delayed) | \bdelayed\b.{0,40}(?:mail|deliver|message) | (?:mail|message|delivery).{0,40}\bdelayed\b | warning:\ (?:could\ not\ send|message\ (?:still\ )?undelivered|.{0,60}delayed) | will\ (?:be\ retried|keep\ trying|retry|continue\ to\ try|try\ again)
        | do(?:\ not|n't)\ need\ to\ resend | not\ yet\ been\ delivered | no\ action\ is\ required | still\ (?:be\ )?try(?:ing)?\ | transient\ non-fatal").ok()
});

/// After these lines the returned mail follows.
static COPY: Pattern = LazyLock::new(|| {
    Regex::new(r"(?im)^[\s>*]*(?:-+\s*)?(?:below this line|this is a copy|original (?:message|mail)\b|original message follows|returned message|unsent message|the header of the original|included is a copy|message (?:header|text) follows|received: |return-path: |x-originating-ip:|dkim-signature:|message-id: )").ok()
});

const ADDRESS: &str = r#"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@#?[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]"#;
static ANY: Pattern = LazyLock::new(|| Regex::new(ADDRESS).ok());
/// A line that is an address, or begins with one: how most programs list whom they could not reach.
static LISTED: Pattern = LazyLock::new(|| {
    Regex::new(&format!(r"(?im)^[\s>*•-]*(?:final-recipient:\s*rfc822;\s*|original-recipient:\s*rfc822;\s*|rcpt\ to:\s*)?(?:mailto:)?<?({ADDRESS})>?\s*(?:$|:|\(|on\ |,|;|\.\.\.|<)")).ok()
});
/// Words that come right before the address.
static NAMED: Pattern = LazyLock::new(|| {
    Regex::new(&format!(r"(?i)(?:\bto\b|recipients?|\buser\b|mailbox|address|\bfor\b|size|permanent\ errors|delivered\ to)\s*(?:address\ )?[:=]?\s*[<\[\x22']*({ADDRESS})")).ok()
});
static CODE: Pattern = LazyLock::new(|| Regex::new(r"(?m)^.*?\b([45]\d\d)[ -](?:[45]\.\d{1,3}\.\d{1,3}|[^\d\s]|#).*$").ok());

fn hit(pattern: &Pattern, text: &str) -> bool {
    pattern.as_ref().is_some_and(|p| p.is_match(text))
}

pub(super) fn read(head: &Head, mail: &Inbound, body: &Body) -> Option<Report> {
    if let Some(report) = service(&body.text, mail) {
        return Some(report);
    }
    if complaint(mail, body) {
        return Some(Report { kind: ReportKind::Abuse, recipients: Vec::new(), original_ids: original_ids(body) });
    }
    if !system(head, mail, body) {
        return None;
    }
    let end = body.text.char_indices().map(|(at, _)| at).find(|at| *at >= MAX_TEXT).unwrap_or(body.text.len());
    let text = &body.text[..end];
    let cut = COPY.as_ref().and_then(|p| p.find(text)).map_or(text.len(), |m| m.start());
    let (words, copy) = text.split_at(cut);
    let subject = mail.subject.as_str();
    let failed = hit(&FAILED, subject) || hit(&FAILED, words) || head.first("x-failed-recipients").is_some();
    // A subject that speaks of failure outweighs a word about retries in the text.
    let delayed =
        hit(&DELAYED, subject) || (!hit(&FAILED, subject) && hit(&DELAYED, words) && !words.to_lowercase().contains("permanent"));
    if !failed && !delayed {
        return None;
    }
    let kind = if delayed { ReportKind::Delay } else { ReportKind::Failure };
    let mut ids = original_ids(body);
    let copied = copied_head(copy);
    ids.extend(copied.iter().flat_map(|h| h.all("message-id")).filter_map(|v| MessageId::parse(&String::from_utf8_lossy(v))));
    ids.dedup();
    let line = CODE.as_ref().and_then(|p| p.captures(words));
    let status = status(words);
    let class = status.as_deref().and_then(|s| s.chars().next()).or_else(|| line.as_ref().and_then(|c| c[1].chars().next()));
    let diagnostic = line.map(|c| clean_line(&c[0]).chars().take(500).collect::<String>());
    let permanent = kind == ReportKind::Failure && class.is_none_or(|c| c == '5');
    let recipients = addresses(head, mail, words, copied.as_ref(), body);
    let recipients = recipients
        .into_iter()
        .map(|address| ReportedRecipient { address, status: status.clone(), diagnostic: diagnostic.clone(), permanent })
        .collect();
    Some(Report { kind, recipients, original_ids: ids })
}

/// Is the sender a mail system? RFC 5321 §4.5.5 says null path; many say MAILER-DAEMON or postmaster somewhere.
fn system(head: &Head, mail: &Inbound, body: &Body) -> bool {
    let field = |name: &str| head.first(name).map(|v| String::from_utf8_lossy(v).to_ascii_lowercase()).unwrap_or_default();
    let from = field("from");
    let name = super::super::charset::unstructured(head.first("from").unwrap_or_default()).to_lowercase();
    let path = field("return-path");
    // A machine that answers for a person (vacation) may have a null path too, but it says auto-replied and is no daemon.
    let daemon = ["mailer-daemon", "postmaster", "post_master", "mail.delivery.system", "mailerdaemon", "mail-daemon"]
        .iter()
        .any(|w| from.contains(w) || path.contains(w));
    let named = ["mail delivery", "mail administrator", "system administrator", "mail system", "mail router"]
        .iter()
        .any(|w| name.contains(w));
    let empty = from.is_empty() || from == "<>";
    daemon
        || named
        || empty
        || mail.return_path == Some(None)
        || body.kind == "multipart/report"
        || head.first("x-failed-recipients").is_some()
        || (from.contains("no-reply@") && body.report_parts.iter().any(|(kind, _)| kind == "message/rfc822"))
}

/// Whom the mail did not reach: the first of these sources that names somebody.
fn addresses(head: &Head, mail: &Inbound, words: &str, copy: Option<&Head>, body: &Body) -> Vec<String> {
    let failed: Vec<String> =
        head.all("x-failed-recipients").flat_map(mailbox::list).map(|m| m.address).filter(|a| a.contains('@')).collect();
    if !failed.is_empty() {
        return unique(failed);
    }
    let own: Vec<String> =
        mail.to.iter().map(|m| m.address.to_lowercase()).chain(mail.from.address().map(|a| a.to_string())).collect();
    let system = |a: &str| a.to_lowercase().starts_with("mailer-daemon@") || a.to_lowercase().starts_with("postmaster@");
    let foreign = |a: &String| !own.contains(&a.to_lowercase()) && !system(a);
    for (pattern, group) in [(&LISTED, 1), (&NAMED, 1), (&ANY, 0)] {
        let found = pattern
            .as_ref()
            .map(|p| {
                p.captures_iter(words).take(200).filter_map(|c| c.get(group)).map(|m| m.as_str().to_owned()).collect::<Vec<_>>()
            })
            .unwrap_or_default();
        let found = unique(found.into_iter().filter(|a| foreign(a)).collect());
        if !found.is_empty() {
            return found;
        }
    }
    let returned = body
        .report_parts
        .iter()
        .filter(|(kind, _)| kind == "message/rfc822" || kind.starts_with("text/rfc822"))
        .map(|(_, data)| Head::split(data))
        .next();
    let heads = copy.into_iter().chain(returned.as_ref());
    let to = heads
        .flat_map(|h| h.all("to").flat_map(mailbox::list).collect::<Vec<_>>())
        .map(|m| m.address)
        .filter(|a| a.contains('@'))
        .collect();
    unique(to)
}

fn unique(list: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for address in list {
        if !out.iter().any(|a| a.eq_ignore_ascii_case(&address)) {
            out.push(address);
        }
    }
    out.truncate(200);
    out
}

/// The header of the mail that a text quotes below its own words.
fn copied_head(copy: &str) -> Option<Head> {
    let lines: Vec<&str> = copy.lines().collect();
    let field = |l: &&str| {
        l.split_once(':')
            .is_some_and(|(n, _)| !n.is_empty() && n.len() < 40 && n.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
    };
    let start = lines.iter().take(30).position(|l| field(&l.trim_start_matches([' ', '\t', '>'])))?;
    let indent = lines[start].len() - lines[start].trim_start().len();
    let text: Vec<&str> = lines[start..].iter().map(|l| l.get(indent..).unwrap_or("")).collect();
    Some(Head::split(text.join("\n").as_bytes()))
}

/// Hotmail's complaints have no report part: the subject and the complained-of mail are all there is.
fn complaint(mail: &Inbound, body: &Body) -> bool {
    let subject = mail.subject.to_lowercase();
    let copy = body.report_parts.iter().any(|(kind, _)| kind == "message/rfc822");
    copy && (subject.starts_with("complaint about message from") || subject.starts_with("email feedback report for ip"))
}

/// The notices that Amazon SES sends through SNS: JSON, sometimes JSON in JSON.
fn service(text: &str, mail: &Inbound) -> Option<Report> {
    let from = mail.from.address().map(|a| a.domain().to_owned()).unwrap_or_default();
    if !text.trim_start().starts_with('{') || !(from.ends_with("amazonaws.com") || from.ends_with("amazonses.com")) {
        return None;
    }
    // A relay may have wrapped the one long line; a footer may follow the object.
    let text = text.trim().replace('\n', "");
    let mut value: serde_json::Value = serde_json::Deserializer::from_str(&text).into_iter().next()?.ok()?;
    if let Some(inner) = value["Message"].as_str() {
        value = serde_json::from_str(inner).ok()?;
    }
    let line = |v: &serde_json::Value| v.as_str().map(clean_line).filter(|s| !s.is_empty());
    let kind_name = line(&value["notificationType"]).or_else(|| line(&value["eventType"]))?;
    let (kind, list) = match kind_name.as_str() {
        "Bounce" => (ReportKind::Failure, &value["bounce"]["bouncedRecipients"]),
        "Complaint" => (ReportKind::Abuse, &value["complaint"]["complainedRecipients"]),
        "Delivery" => (ReportKind::Delivered, &value["delivery"]["recipients"]),
        _ => return None,
    };
    let permanent = value["bounce"]["bounceType"] == "Permanent";
    let recipients = list.as_array().into_iter().flatten().take(200);
    let recipients = recipients.filter_map(|r| {
        let address = line(&r["emailAddress"]).or_else(|| line(r))?;
        Some(ReportedRecipient { address, status: line(&r["status"]), diagnostic: line(&r["diagnosticCode"]), permanent })
    });
    let recipients = recipients.collect();
    let headers = value["mail"]["commonHeaders"]["messageId"].as_str().or(value["mail"]["messageId"].as_str());
    Some(Report { kind, recipients, original_ids: headers.and_then(MessageId::parse).into_iter().collect() })
}
