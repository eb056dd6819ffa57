//! The elements in which mail clients wrap older mails and signatures. Told from the tag alone, by class, id,
//! name, data-marker or border; words in the language of the writer are not looked at.

/// Bytes of a tag that are looked at.
const MAX_TAG: usize = 1000;

/// What an element says of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Plain,
    /// An older mail, up to the end of the element.
    Quote,
    /// Gmail's frame around a quotation: the blockquote in it is one.
    GmailFrame,
    /// An older mail begins here and goes on to the end of the body.
    History,
    Signature,
}

/// Yahoo, Proton, Zoho, Zimbra, GMX and web.de, NetEase, Freshdesk, Front.
const QUOTES: [&str; 10] = [
    "yahoo_quoted",
    "protonmail_quote",
    "zmail_extra",
    "__quoted_text__",
    "name=\"quote\"",
    "name='quote'",
    "quoted-content",
    "isreplycontent",
    "freshdesk_quote",
    "front-blockquote",
];

/// Outlook on the web, for mobiles and for Mac, Hotmail, Outlook Express, Zimbra.
const HISTORY: [&str; 9] = [
    "\"appendonsend\"",
    "divrplyfwdmsg",
    "stopspelling",
    "olk_src_body_section",
    "outlookmessageheader",
    "\"zwchr\"",
    "__divider__",
    "ms-outlook-mobile-reference-message",
    "mail-editor-reference-message-container",
];

/// Gmail, Outlook on the web and for mobiles, Apple Mail, Proton, Thunderbird, Yahoo, Airmail, Zimbra.
const SIGNATURES: [&str; 10] = [
    "gmail_signature\"",
    "ms-outlook-mobile-signature",
    "id=\"signature\"",
    "applemailsignature",
    "protonmail_signature_block",
    "moz-signature",
    "ymail_android_signature",
    "bloop_sign",
    "__sig_pre__",
    "__sig_post__",
];

/// The colours of the line that Outlook (2007 and 2010, since 2013) and Windows Mail draw above the fields of
/// the older mail.
const LINES: [&str; 6] =
    ["#b5c4df", "#e1e1e1", "#e5e5e5", "rgb(181,196,223)", "rgb(225,225,225)", "rgb(229,229,229)"];

/// What a tag says.
pub(super) fn container(tag: &str) -> Container {
    let lower = String::from_utf8_lossy(&tag.as_bytes()[..tag.len().min(MAX_TAG)]).to_ascii_lowercase();
    // No attribute, no meaning.
    if !lower.contains('=') {
        return Container::Plain;
    }
    let any = |list: &[&str]| list.iter().any(|mark| lower.contains(mark));
    let line = || {
        let close: String = lower.chars().filter(|c| *c != ' ').collect();
        LINES.iter().any(|colour| close.contains(colour))
    };
    if any(&QUOTES) {
        Container::Quote
    } else if any(&HISTORY) || (lower.contains("border-top") && line()) {
        Container::History
    } else if lower.contains("gmail_quote") {
        Container::GmailFrame
    } else if any(&SIGNATURES) && !lower.contains("signature_block-empty") {
        Container::Signature
    } else {
        Container::Plain
    }
}

/// Whether a blockquote was made by a client for a quotation. A plain one, and Gmail's without its frame, is
/// the writer's own.
pub(super) fn is_cite(tag: &str, in_gmail_frame: bool) -> bool {
    let lower = String::from_utf8_lossy(&tag.as_bytes()[..tag.len().min(MAX_TAG)]).to_ascii_lowercase();
    if lower.contains("gmail_quote") {
        return in_gmail_frame;
    }
    let kind = ["cite", "quot", "border-left", "border-right", "isreplycontent"];
    kind.iter().any(|mark| lower.contains(mark) && lower.replacen("<blockquote", "", 1).contains(mark))
}
