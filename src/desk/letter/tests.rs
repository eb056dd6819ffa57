//! T32: every kind of letter with its whole head, against table H of STANDARDS. What changes from letter to
//! letter stands as a name: the id of the letter is `own`, sealed addresses say what they are and whose.

use crate::desk::builder::decision::Builder;
use crate::desk::letter::{
    answer, confirmation, digest, hold, link, notification, result, returned, summary,
};
use crate::desk::model::bounds::NOTICE_WORDS_BYTES_MAX;
use crate::desk::model::message::new_message;
use crate::desk::model::{
    Cause, Kind, Letter, LetterKind, Moment, Morning, Person, Snapshot, Staff, TicketFacts, Verified, Via,
};
use crate::desk::rules::Rules;
use crate::desk::seal::{self, Keys, Tag};
use crate::desk::testing::rules;
use crate::desk::text::layout;
use crate::mail::{AddrSpec, MessageId, parse};

const NOW: i64 = 1_795_683_600;

fn person(id: i64, name: &str, address: &str) -> Person {
    Person {
        id,
        name: name.into(),
        address: AddrSpec::parse(address).expect("an address"),
        spam: crate::desk::model::Spam::No,
    }
}

fn id(text: &str) -> MessageId {
    MessageId::parse(text).expect("an id")
}

/// Alice's ticket 7 with her mail; Bob is staff.
fn ticket(builder: &mut Builder<'_>) -> TicketFacts {
    let mut facts = builder.open_ticket("Printer", person(3, "Alice", "alice@customer.example"), None);
    let alice = facts.requester.clone();
    builder.add_message(&mut facts, new_message(Kind::Customer, Via::Email, Some(&alice), "words"));
    facts.messages[0].message_id = Some(id("first@customer.example"));
    facts
}

/// What [`letters`] makes, in its order.
const NAMES: [&str; 13] = [
    "confirmation, domain proof",
    "confirmation, no domain proof",
    "notification, the first",
    "notification, the second",
    "answer of Bob",
    "answer of the operator",
    "result about a ticket",
    "result about no ticket",
    "hold",
    "returned answer",
    "link",
    "summary",
    "digest",
];

/// One letter of each kind, under these rules.
fn letters(rules: &Rules) -> Vec<(&'static str, Letter)> {
    let bob = person(1, "Bob Builder", "bob@staff.example");
    let known = Snapshot {
        free: crate::desk::Free { ticket: 7, person: 10, message: 10, letter: 10, mail: 10 },
        staff: vec![Staff { person: bob.clone(), aliases: Vec::new() }],
        ..Snapshot::default()
    };
    let mut builder = Builder::new(rules, &known, Moment::new(NOW, [1; 32]));
    let raw = "From: Alice <alice@customer.example>\r\nTo: support@desk.example\r\nSubject: Printer\r\n\
               Reply-To: x@y.example\r\n\
               Message-ID: <first@customer.example>\r\nDisposition-Notification-To: x@y.example\r\nX-Own: \
               x\r\n\r\nwords\r\n";
    let mail = parse::parse_for_intake(raw.as_bytes());
    let mut facts = ticket(&mut builder);
    let mut proven = facts.clone();
    confirmation::queue(&mut builder, &mut proven, &mail, Verified::Dkim, 0);
    confirmation::queue(&mut builder, &mut facts, &mail, Verified::None, 0);
    let notice = notification::Notice {
        headline: notification::Headline::Whole("New ticket DESK-7".into()),
        words: "words",
        lines: Vec::new(),
        files: Vec::new(),
        left_out: Vec::new(),
        message: 10,
    };
    notification::queue(&mut builder, &mut facts, &bob, &notice);
    notification::queue(&mut builder, &mut facts, &bob, &notice);
    let alice = facts.requester.clone();
    answer::queue(&mut builder, &mut facts, &alice, Some(&bob), "Try this.", &[]);
    answer::queue(&mut builder, &mut facts, &alice, None, "From the operator.", &[]);
    result::queue(&mut builder, Some(&mut facts), &bob, "#close", "Done", Some(&id("staff@staff.example")));
    result::queue(&mut builder, None, &bob, "your mail was not sent", "x", Some(&id("staff@staff.example")));
    hold::queue(&mut builder, &bob, "nothing proves the sender", Cause::Unproven);
    returned::queue(&mut builder, &mut facts, &bob, &mail, "a colleague's answer", 1);
    link::queue(&mut builder, &alice);
    summary::queue(&mut builder, &bob, &["DESK-7  x".to_owned()], 0);
    let morning = Morning { at: NOW, since: NOW - 86_400, held: 1, ..Default::default() };
    digest::queue(&mut builder, &bob, &morning, None);
    assert_eq!(builder.letters.len(), NAMES.len());
    NAMES.into_iter().zip(builder.letters).collect()
}

/// The head of a letter, unfolded, from its first field to MIME-Version; names in place of what differs each
/// time.
fn head(rules: &Rules, letter: &Letter, all: &[(&str, Letter)]) -> Vec<String> {
    let raw = String::from_utf8(letter.bytes.clone()).expect("7 bit");
    let whole = raw.split("\r\n\r\n").next().expect("a head").replace("\r\n ", " ");
    let envelope = format!("(envelope) {}", letter.reverse_path.as_ref().map_or("<>", |a| a.as_str()));
    let fields = whole.split("\r\n").filter(|l| !l.starts_with("Content-Type"));
    std::iter::once(envelope.as_str()).chain(fields).map(|l| named(rules, l, letter, all)).collect()
}

fn named(rules: &Rules, line: &str, letter: &Letter, all: &[(&str, Letter)]) -> String {
    let mut out = line.replace(letter.message_id.as_str(), "own");
    for (name, other) in all {
        out = out.replace(other.message_id.as_str(), &format!("id of: {name}"));
    }
    if let Some(mark) = out.strip_prefix("X-Maildesk-Loop: ") {
        assert!(seal::is_loop_mark(&rules.keys, rules.domain(), mark), "{mark}");
        return "X-Maildesk-Loop: (our mark)".into();
    }
    let words: Vec<String> = out.split(' ').map(|word| sealed(rules, word, letter)).collect();
    words.join(" ")
}

fn sealed(rules: &Rules, word: &str, letter: &Letter) -> String {
    let Some(address) = AddrSpec::parse(word.trim_matches(['<', '>'])) else { return word.to_owned() };
    let says = match seal::read_address(&rules.keys, rules.domain(), &address, '+') {
        Some(Tag::Reply(r)) => {
            format!("reply address of person {} in {}, seen {}", r.person, r.ticket, r.message)
        }
        Some(Tag::Bounce(id)) => {
            assert_eq!(id, letter.message_id);
            "bounce address".into()
        }
        Some(Tag::Leave(person)) => format!("leaving the digest, person {person}"),
        Some(Tag::Revoked(_)) => panic!("a letter of today has an address of today: {address}"),
        None if address.local().starts_with("support+auth-") => {
            assert_eq!(address.local().len(), "support+auth-".len() + 24, "96 bits");
            "support+auth-NONCE".into()
        }
        None => return word.to_owned(),
    };
    format!("({says})")
}

fn all_heads(rules: &Rules, keep: impl Fn(&str) -> bool) -> String {
    let all = letters(rules);
    let mut out = String::new();
    for (name, letter) in &all {
        out += &format!("{name}\n");
        for line in head(rules, letter, &all).iter().filter(|l| keep(l)) {
            out += &format!("    {line}\n");
        }
    }
    out
}

#[test]
fn t32_every_letter_has_the_head_of_table_h() {
    let rules = rules();
    let wanted = include_str!("heads.txt");
    let addresses = |l: &str| ["(envelope)", "From:", "Reply-To:"].iter().any(|f| l.starts_with(f));
    let plain = Rules { plus_addressing: false, plus_sender: false, ..rules.clone() };
    let null = Rules { null_sender: true, ..rules.clone() };
    let got = format!(
        "== plus_sender and plus_addressing\n{}\n== neither of them: addresses alone\n{}\n== null_sender: \
         envelopes alone\n{}",
        all_heads(&rules, |_| true),
        all_heads(&plain, addresses),
        all_heads(&null, |l| l.starts_with("(envelope)")),
    );
    assert!(got == wanted, "the letters are now:\n{got}");
}

#[test]
fn our_own_sentences_fit_a_screen_of_text() {
    let rules = rules();
    for (name, letter) in letters(&rules) {
        let mail = parse::parse(&letter.bytes);
        let words = [mail.words.text, mail.words.quoted, mail.words.signature].join("\n");
        let long = words.lines().find(|l| l.chars().count() > 78 && !l.starts_with("https://"));
        assert!(long.is_none(), "{name}: {long:?}");
    }
}

#[test]
fn only_our_own_sentences_are_wrapped() {
    let long = "word ".repeat(30);
    let text = format!("{long}\n> {long}\n    {long}\n#cc {}@x.example\nshort\n", "a".repeat(90));
    let mut lines = text.split('\n');
    let own = lines.next().expect("a line").split_whitespace().collect::<Vec<_>>().join(" ");
    let wrapped = layout::wrapped(&text);
    assert!(wrapped.lines().take_while(|l| !l.starts_with('>')).all(|l| l.len() <= 76), "{wrapped}");
    let rest: Vec<&str> = lines.collect();
    assert!(wrapped.ends_with(&rest.join("\n")), "{wrapped}");
    let again = wrapped.split_once("\n>").expect("the quotation").0.replace('\n', " ");
    assert_eq!(again, own);
}

#[test]
fn html_keeps_what_is_indented_and_how_a_script_runs() {
    let html = layout::to_html(&rules(), "See:\n    a  b <c>\n\n> quoted\n>   more\n\n\n-- \nDesk\n");
    for kept in [
        "&nbsp;&nbsp;&nbsp;&nbsp;a &nbsp;b &lt;c&gt;",
        "<p dir=\"auto\"",
        ">quoted<br>\n&nbsp;&nbsp;more</p>",
        "-- <br>\nDesk",
    ] {
        assert!(html.contains(kept), "{kept} in {html}");
    }
}

/// What no letter has, whatever its kind: table H, first paragraph.
#[test]
fn t32_no_letter_copies_a_field_or_tracks_its_reader() {
    let extra = ["Cc", "Disposition-Notification-To", "Return-Receipt-To", "Sender"];
    let mut rules = rules();
    rules.extra =
        extra.iter().map(|name| ((*name).to_owned(), crate::mail::Line::clean("spy@evil.example"))).collect();
    rules.keys = Keys::derive(&[9; 32], 1);
    for (name, letter) in letters(&rules) {
        let raw = String::from_utf8(letter.bytes).expect("7 bit");
        let head = raw.split("\r\n\r\n").next().expect("a head").to_ascii_lowercase();
        let fields: Vec<&str> =
            head.split("\r\n").filter_map(|l| l.split_once(':')).map(|(f, _)| f).collect();
        for never in
            ["cc", "bcc", "sender", "disposition-notification-to", "return-receipt-to", "x-own", "received"]
        {
            assert!(!fields.contains(&never), "{name} has {never}");
        }
        for once in ["from", "to", "subject", "date", "message-id", "mime-version", "x-maildesk-loop"] {
            assert_eq!(fields.iter().filter(|f| **f == once).count(), 1, "{name}: {once}");
        }
        assert!(!raw.contains("http://") && !raw.contains("<img"), "{name} loads something");
        let human = letter.kind == LetterKind::Answer;
        assert_eq!(fields.contains(&"auto-submitted"), !human, "{name}");
    }
}

/// T115: each of many notices brings a bounded part of the words, and says where the rest is.
#[test]
fn t115_a_notice_brings_a_bounded_part_of_the_words() {
    let rules = rules();
    let known = Snapshot {
        free: crate::desk::Free { ticket: 7, ..crate::desk::Free::default() },
        ..Snapshot::default()
    };
    let mut builder = Builder::new(&rules, &known, Moment::new(NOW, [1; 32]));
    let mut facts = ticket(&mut builder);
    let words = "Möbel <&> ".repeat(100_000);
    let notice = notification::Notice {
        headline: notification::Headline::Announces("Alice wrote".into()),
        words: &words,
        lines: Vec::new(),
        files: Vec::new(),
        left_out: Vec::new(),
        message: 1,
    };
    let bob = person(1, "Bob Builder", "bob@staff.example");
    notification::queue(&mut builder, &mut facts, &bob, &notice);
    let bytes = &builder.letters[0].bytes;
    assert!(bytes.len() < 300_000, "{}", bytes.len());
    let read = parse::parse(bytes);
    let text = read.words.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let left = words.trim_end().chars().count() - words[..NOTICE_WORDS_BYTES_MAX].chars().count();
    let told = format!("The words are cut here: {left} more characters.");
    assert!(text.contains(&told), "{}", &text[text.len() - 300..]);
    assert!(text.contains("maildesk ticket show 7") && text.contains(&format!("{}/tickets/7", rules.url)));
    let html = read.html.expect("an HTML version");
    assert!(html.contains(&told) && html.contains(&format!("href=\"{}/tickets/7\"", rules.url)));
}
