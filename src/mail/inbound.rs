//! A mail that came, as values. Nothing is parsed here; [`super::parse`] fills it.

use std::borrow::Cow;

use super::address::{AddrSpec, Mailbox, MessageId, Sender};
use super::authres::Stamps;
use super::dkim::Signatures;

/// Characters of a subject that are read: whatever stands behind them is in the kept mail alone (T122).
pub const SUBJECT_CHARS_MAX: usize = 1_000;

/// One inbound mail, parsed. Made by [`super::parse::parse`], which never fails: what is odd becomes a
/// defect.
#[derive(Debug, Clone, Default)]
pub struct Inbound {
    /// Hash over Message-ID, Date, From, To, Cc, Subject and body; equal for two routes of one mail (T17).
    pub content_hash: [u8; 32],
    /// Bytes of the raw mail.
    pub size: u64,
    /// `None` where there is none, or none that can be read (RFC 5322 §3.6.4).
    pub message_id: Option<MessageId>,
    /// Who the mail says it is from; it proves nothing (T08).
    pub from: Sender,
    /// At most 200.
    pub to: Vec<Mailbox>,
    /// At most 200.
    pub cc: Vec<Mailbox>,
    /// The first address of Reply-To.
    pub reply_to: Option<Mailbox>,
    /// Delivered-To, X-Original-To and Envelope-To, in this order (INTERFACE, Mail, last point).
    pub delivered_to: Vec<AddrSpec>,
    /// Return-Path: outer `None` where there is none, inner `None` for `<>` (RFC 5321 §4.4).
    pub return_path: Option<Option<AddrSpec>>,
    /// Decoded, one line; empty where there is none.
    pub subject: String,
    /// Date field in seconds since 1970; display only (T22).
    pub date: Option<i64>,
    /// At most 100 (RFC 5322 §3.6.4).
    pub in_reply_to: Vec<MessageId>,
    /// At most 100, oldest first (T38).
    pub references: Vec<MessageId>,
    /// What the writer wrote, and what they quoted.
    pub words: Words,
    /// The words of a mail that answers nothing, of which next to nothing is folded away (T117): where a
    /// customer wrote it. `None`: they are the same, or the mail is an answer.
    pub first: Option<Words>,
    /// The lines that begin with `#` at the top of the words as the HTML version shows them, one a line:
    /// commands must stand in both versions (T20). `None`: the mail has no HTML version.
    pub seen_hash_lines: Option<String>,
    /// It is the reaction of a mail client to a letter, such as a thumb, and no answer (T119).
    pub reaction: bool,
    /// Harmless HTML (T54); `None` only where the mail has no HTML part.
    pub html: Option<String>,
    /// At most 100; the parts that a person does not read as words.
    pub attachments: Vec<Attachment>,
    /// Whether a machine or a list wrote it.
    pub automatic: Automatic,
    /// What it reports, where it is a delivery or abuse report.
    pub report: Option<Report>,
    /// A form wrote it for its sender, whom it names in Reply-To. The desk finds that out; no reply address
    /// and no id then proves who they are (T10).
    pub by_form: bool,
    /// Values of X-Maildesk-Loop fields, checked by the desk (T27).
    pub loop_marks: Vec<String>,
    /// The DKIM signatures, by the rules that need no key (T106).
    pub signatures: Signatures,
    /// What servers on the way say that they proved (T11, T12, T15).
    pub stamps: Stamps,
    /// Names such as `no-date`, `two-from`, `too-deep`.
    pub defects: Vec<&'static str>,
}

impl Inbound {
    /// It names one sender, in a form that no grammar has, or a line of its header is no field: it is taken
    /// in, and proves nothing by its domain (T120).
    pub fn is_oddly_headed(&self) -> bool {
        self.defects.iter().any(|d| matches!(*d, "odd-from" | "header-line-passed"))
    }

    /// What a customer says in it: all that they wrote where it is no answer (T117).
    pub fn customer_words(&self) -> &Words {
        self.first.as_ref().unwrap_or(&self.words)
    }

    /// Its words are sealed by PGP or S/MIME, in whole or in part (T48).
    pub fn sealed(&self) -> bool {
        self.defects.iter().any(|d| matches!(*d, "encrypted" | "signed-unread"))
    }
}

/// The decoded body in three parts that together hold every word of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// What the writer wrote now.
    pub text: String,
    /// What was cut off as quotation.
    pub quoted: String,
    /// What stands below the words as a signature, that of a phone too.
    pub signature: String,
}

impl Words {
    /// The new words with the signature below them: what a first mail says (INTERFACE, Mail). A quotation is
    /// no word of its writer, unless there is nothing else.
    pub fn whole(&self) -> String {
        let pieces = match self.text.trim().is_empty() {
            true => [&self.text, &self.signature, &self.quoted],
            false => [&self.text, &self.signature, &String::new()],
        };
        pieces.into_iter().filter(|p| !p.trim().is_empty()).cloned().collect::<Vec<_>>().join("\n\n")
    }
}

/// A file that came with a mail. Its bytes stay in the raw mail; [`super::parse::attachment`] serves them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Number of the MIME part, as [`super::parse::attachment`] takes it.
    pub part: u32,
    /// Safe to show and to store as a name, at most 150 bytes (T51).
    pub filename: String,
    /// `type/subtype` in lower case, of the grammar of RFC 2045 §5.1.
    pub media_type: String,
    /// Bytes after decoding.
    pub size: u64,
    /// Of the decoded bytes.
    pub sha256: [u8; 32],
    /// Its disposition or the HTML says that it is shown within the words (RFC 2183 §2.1).
    pub inline: bool,
    /// Without angle brackets, at most 250 bytes; `None` where there is none (RFC 2392).
    pub content_id: Option<String>,
    /// A mail client adds it by itself, such as a signature, or it is one more version of the words: nobody
    /// attached it (T119).
    pub added: bool,
    /// Where the HTML shows it.
    pub in_html: InHtml,
}

/// Where the HTML of a mail shows a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InHtml {
    /// Nowhere.
    Nowhere,
    /// In the words.
    Words,
    /// In what the HTML itself calls a signature or a quotation, and nowhere above.
    Below,
}

impl Attachment {
    /// Whether customers who read these words get it: it belongs to them, and is no mail, whose fields tell
    /// the addresses of staff (T72, T119).
    pub fn goes_out_with(&self, words: &str) -> bool {
        self.belongs_to(words) && !self.is_mail()
    }

    /// Its writer may have meant to send it, and customers do not get it: they are told (T119). A picture of
    /// a signature or a quotation is none.
    pub fn is_missed_in(&self, words: &str) -> bool {
        !self.added && self.in_html != InHtml::Below && !self.goes_out_with(words)
    }

    /// It is a whole mail, or many of them.
    pub fn is_mail(&self) -> bool {
        let name = self.filename.to_lowercase();
        let by_name = [".eml", ".emlx", ".msg", ".mbox", ".mht"].iter().any(|end| name.ends_with(end));
        by_name || self.media_type.starts_with("message/") || MAIL_TYPES.contains(&self.media_type.as_str())
    }

    /// Whether it belongs to these words: their writer attached it, or the words show it. None of a signature
    /// or a quotation, and nothing that a mail client added (T119).
    pub fn belongs_to(&self, words: &str) -> bool {
        // Other files that a client sets inline, and pictures that no HTML can show, were attached.
        let shows = self.in_html != InHtml::Nowhere || (self.inline && self.content_id.is_some());
        let picture = shows && self.media_type.starts_with("image/");
        let by_id = || self.content_id.as_ref().is_some_and(|id| words.contains(id.as_str()));
        let shown = || self.in_html != InHtml::Below && (by_id() || words.contains(&*self.name()));
        !self.added && (!picture || shown())
    }

    /// A name for people: its own, or one made of what it is where the mail gives none.
    pub fn name(&self) -> Cow<'_, str> {
        match self.filename.as_str() {
            "" => Cow::Owned(unnamed(self.part, &self.media_type)),
            own => Cow::Borrowed(own),
        }
    }
}

/// Other types than `message/*` that hold mails.
const MAIL_TYPES: [&str; 4] = [
    "application/mbox",
    "application/vnd.ms-outlook",
    "application/x-outlook-msg",
    "application/x-mimearchive",
];

/// The name of a file that came without one, such as `file-2.png`.
pub fn unnamed(part: u32, media_type: &str) -> String {
    let ending = match media_type {
        "text/plain" => "txt",
        "message/rfc822" => "eml",
        "image/jpeg" => "jpg",
        "image/svg+xml" => "svg",
        "application/pgp-signature" => "asc",
        "application/pgp-encrypted" => "pgp",
        "text/richtext" | "text/enriched" => "txt",
        other => other
            .rsplit('/')
            .next()
            .filter(|s| s.len() <= 5 && s.bytes().all(|b| b.is_ascii_alphanumeric()))
            .unwrap_or("bin"),
    };
    format!("file-{part}.{ending}")
}

/// What the mail says of itself about being written by a machine (RFC 3834, RFC 2919, RFC 2369, MS-OXCMAIL).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Automatic {
    /// Why a machine or a list wrote it, in words; `None`: a human as far as can be told.
    pub why: Option<String>,
    /// X-Auto-Response-Suppress asks for no automatic answer; that alone does not make a mail automatic.
    pub suppress: bool,
    /// List-Id without angle brackets, if any (RFC 2919), for `own_lists`.
    pub list_id: Option<String>,
    /// True where the only evidence is a List-* field or Precedence: list or bulk.
    pub only_list: bool,
    /// From is mailer-daemon or postmaster, or the return path is null (T24).
    pub daemon: bool,
    /// From is no-reply, noreply or another address that RFC 5230 §4.6 says must not be answered.
    pub no_reply: bool,
}

/// What a report says became of the letter (RFC 3464 §2.3.3, RFC 5965).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportKind {
    /// It did not arrive, and nobody tries again (`failed`).
    Failure,
    /// Delivery is still being tried (`delayed`).
    Delay,
    /// It arrived (`delivered`, `relayed`, `expanded`), or was shown (RFC 8098).
    Delivered,
    /// Its recipient complains (RFC 5965).
    Abuse,
    /// Nothing of these.
    Other,
}

/// One recipient of a letter, and what became of it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedRecipient {
    /// As the report writes it, cleaned.
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
    /// What became of the letter.
    pub kind: ReportKind,
    /// At most 200; empty where the report names nobody.
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
