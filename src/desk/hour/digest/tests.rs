//! The daily digest: who gets it, what it looks like, and how it ends.

use crate::desk::builder::decision::Builder;
use crate::desk::hour::digest;
use crate::desk::model::hour::{DigestEntry, EntryKind};
use crate::desk::model::{
    Change, Decision, IdHit, Letter, LetterHit, LetterKind, Moment, Morning, Outcome, Snapshot,
};
use crate::desk::rules::Rules;
use crate::desk::seal;
use crate::desk::testing::{
    NOW, TEN_DAYS, decided_under, human, id, known, mail, reply_address, rules, to_desk,
};
use crate::mail::parse;

const BOB: &str = "Bob <bob@staff.example>";
const MALLORY: &str = "Mallory <mallory@evil.example>";

fn decided_by(rules: &Rules, raw: &str, known: &Snapshot) -> Decision {
    decided_under(rules, raw, known, |_| {})
}

/// Bob has the digest, Eve has not.
fn desk() -> Snapshot {
    Snapshot { digest: vec![1], ..known() }
}

fn news(what: EntryKind, ticket: i64, author: i64, count: i64) -> DigestEntry {
    DigestEntry { what, ticket, author: Some(author), count, assignee: None, mailbox: None, category: None }
}

fn morning(news: Vec<DigestEntry>, held: i64, overdue: Vec<i64>) -> Morning {
    Morning { at: NOW, since: NOW - 86_400, message: 50, ticket: 5, news, held, overdue, failed: 0 }
}

fn sent(rules: &Rules, known: &Snapshot, morning: Morning) -> Vec<Letter> {
    let mut builder = Builder::new(rules, known, Moment::new(NOW, [1; 32]));
    digest::queue_digests(&mut builder, &morning);
    let decision = builder.finish(Outcome::Append, crate::desk::model::Reason::TimePassed, None);
    assert!(
        decision.changes.iter().any(|c| matches!(c, Change::DigestTold { at: NOW, message: 50, ticket: 5 }))
    );
    assert!(decision.letters.iter().all(|l| l.kind == LetterKind::Digest && !l.automatic));
    decision.letters
}

fn to(letters: &[Letter]) -> Vec<&str> {
    letters.iter().map(|l| l.to.local()).collect()
}

fn words(letter: &Letter) -> String {
    let words = parse::parse_for_intake(&letter.bytes).words;
    [words.text, words.quoted, words.signature].join("\n")
}

#[test]
fn it_comes_to_those_who_want_it_and_to_all_while_something_waits() {
    let (rules, known) = (rules(), desk());
    assert!(sent(&rules, &known, morning(vec![], 0, vec![])).is_empty(), "a day with nothing");
    let day = vec![
        news(EntryKind::Ticket, 3, 9, 1),
        news(EntryKind::Ticket, 4, 9, 1),
        news(EntryKind::Message, 1, 3, 2),
        news(EntryKind::Note, 1, 2, 1),
    ];
    let letters = sent(&rules, &known, morning(day, 0, vec![]));
    assert_eq!(to(&letters), ["bob"]);
    let said = words(&letters[0]);
    for line in ["New tickets: 2 (DESK-3, DESK-4)", "Messages of customers: 2 (DESK-1)", "Notes: 1 (DESK-1)"]
    {
        assert!(said.contains(line), "{line} in {said}");
    }
    assert!(
        !said.contains("Not to be forgotten") && !said.contains("Printer"),
        "counts and numbers, no words of anybody: {said}"
    );
    let letters = sent(&rules, &known, morning(vec![], 2, vec![8, 9]));
    assert_eq!(to(&letters), ["bob", "eve"]);
    assert!(
        letters.iter().all(|l| words(l).contains("Held mails: 2\nOverdue tickets: 2 (DESK-8, DESK-9)")),
        "{}",
        words(&letters[1])
    );
    // What they did themselves is no news, nor what concerns others alone.
    assert!(sent(&rules, &known, morning(vec![news(EntryKind::Note, 1, 1, 1)], 0, vec![])).is_empty());
    let others = DigestEntry { assignee: Some(2), ..news(EntryKind::Message, 1, 3, 1) };
    assert!(sent(&rules, &known, morning(vec![others], 0, vec![])).is_empty());
}

#[test]
fn it_wears_the_fields_of_table_h() {
    let rules = rules();
    let letter = &sent(&rules, &desk(), morning(vec![], 1, vec![]))[0];
    let text = String::from_utf8_lossy(&letter.bytes).replace("\r\n ", " ");
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let id = seal::leave_id(&rules.keys, 1);
    for field in [
        "From: Desk digest <support@desk.example>\r\n",
        "To: bob@staff.example\r\n",
        "Subject: Daily digest\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Precedence: bulk\r\n",
        "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\r\n",
        "List-Id: <digest.desk.example>\r\n",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
    ] {
        assert!(head.contains(field), "{field} in {head}");
    }
    let https = format!("<https://support.desk.example/unsubscribe/{id}>");
    let mailto = format!("<mailto:support+u{id}@desk.example?subject=unsubscribe>");
    assert!(head.contains(&format!("List-Unsubscribe: {https}, {mailto}\r\n")), "{head}");
    for none in ["Reply-To:", "In-Reply-To:", "References:", "Cc:"] {
        assert!(!head.contains(none), "{none} in {head}");
    }
    assert!(letter.reverse_path.as_ref().is_some_and(|p| p.local().starts_with("support+b-")));
    assert!(words(letter).contains("https://support.desk.example/login"));
}

#[test]
fn single_notices_stay_away_but_for_what_is_his_own() {
    let rules = rules();
    let told = |known: &Snapshot, raw: &str| {
        let d = decided_by(&rules, raw, known);
        let notices = d.letters.iter().filter(|l| l.kind == LetterKind::Notification);
        notices.map(|l| l.to.local().to_owned()).collect::<Vec<_>>()
    };
    let first = mail(MALLORY, &to_desk("a new ticket"), "words");
    let further = mail(
        "alice@customer.example",
        &format!("To: {}\r\nSubject: x\r\n", reply_address(3, NOW + TEN_DAYS)),
        "words",
    );
    let note = mail(
        "eve@staff.example",
        &format!("To: {}\r\nSubject: x\r\n", reply_address(2, NOW + TEN_DAYS)),
        "#note\nwords",
    );
    assert_eq!(told(&known(), &first), ["bob", "eve"]);
    assert_eq!(told(&known(), &note), ["bob"]);
    assert_eq!(told(&desk(), &first), ["eve"]);
    assert_eq!(told(&desk(), &further), ["eve"]);
    assert_eq!(told(&desk(), &note), Vec::<String>::new());
    let given = mail(
        "eve@staff.example",
        &format!("To: {}\r\nSubject: x\r\n", reply_address(2, NOW + TEN_DAYS)),
        "#assign bob@staff.example",
    );
    assert_eq!(told(&desk(), &given), ["bob"], "what is given to him");
    let mut his = desk();
    his.tickets.get_mut(&1).expect("ticket 1").ticket.assignee = Some(1);
    assert_eq!(told(&his, &further), ["bob"], "and what comes to it");
    assert_eq!(told(&Snapshot { digest: vec![1, 2], ..known() }, &first), Vec::<String>::new());
}

#[test]
fn t105_a_mail_to_the_sealed_address_ends_it_for_its_reader_alone() {
    let with_tags = rules();
    let id = seal::leave_id(&with_tags.keys, 1);
    let ends = |rules: &Rules, from: &str, fields: &str| {
        let d = decided_by(rules, &mail(from, fields, "unsubscribe"), &desk());
        let off = d.changes.iter().any(|c| matches!(c, Change::Digest { person: 1, on: false }));
        assert!(!off || (d.letters.is_empty() && d.outcome == Outcome::Query), "nothing is answered");
        off
    };
    let sealed = format!("To: support+u{id}@desk.example\r\nSubject: unsubscribe\r\n");
    assert!(ends(&with_tags, BOB, &sealed));
    assert!(!ends(&with_tags, "eve@staff.example", &sealed), "not for a colleague");
    assert!(!ends(&with_tags, MALLORY, &sealed));
    let other = if id.starts_with('a') { id.replacen('a', "b", 1) } else { format!("a{}", &id[1..]) };
    assert!(!ends(&with_tags, BOB, &sealed.replace(&id, &other)));
    let plain = Rules { plus_addressing: false, ..rules() };
    assert!(ends(&plain, BOB, &to_desk(&format!("unsubscribe {id}"))));
    assert!(!ends(&plain, BOB, &to_desk("unsubscribe me")));
}

#[test]
fn an_answer_to_it_is_quarantined_and_one_of_a_machine_makes_no_circle() {
    let rules = rules();
    let mut known = desk();
    let hit = LetterHit {
        letter: 4,
        kind: LetterKind::Digest,
        person: Some(1),
        to: human(1, "bob@staff.example").address,
        message: None,
        generation: 1,
        created_at: NOW - 900,
    };
    known.ids.push(IdHit { id: id("digest@desk.example"), ticket: None, letter: Some(hit) });
    let fields = format!("{}In-Reply-To: <digest@desk.example>\r\n", to_desk("Re: Daily digest"));
    for from in [BOB, MALLORY] {
        assert_eq!(
            decided_by(&rules, &mail(from, &fields, "thanks"), &known).outcome,
            Outcome::Quarantine,
            "{from}"
        );
    }
    let away = decided_by(
        &rules,
        &mail(BOB, &format!("{fields}Auto-Submitted: auto-replied\r\n"), "I am away"),
        &known,
    );
    assert!(away.outcome == Outcome::Loop && away.letters.is_empty() && away.changes.is_empty());
}
