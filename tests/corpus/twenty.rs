//! Twenty mails for the eye: what the ticket page shows of each and what staff are sent. A fixed seed chooses
//! them among the mails of all folders but those of machines, so that everybody looks at the same ones:
//! `MAILDESK_CORPUS_SHOW=twenty cargo test --test corpus twenty -- --nocapture`. What can be said without
//! eyes is checked always: no word is lost or garbled.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use maildesk::app::{Desk, Position, Visitor};
use maildesk::desk::inbound::gather::gather;
use maildesk::desk::{Event, Facts, LetterKind, Mailed, Moment, Person, Snapshot, Staff, decide};
use maildesk::mail::parse::{parse, parse_for_intake};
use maildesk::mail::{AddrSpec, Inbound};

use super::feed::bare;
use super::pure::Seeded;

const SEED: u64 = 20;
const HOW_MANY: usize = 20;
const NOW: i64 = 1_790_000_000;
/// Longer mails are cut when they are printed.
const SHOWN_LINES: usize = 60;

#[test]
fn twenty_mails_read_well() {
    let Some(root) = super::corpus() else { return };
    let show = std::env::var("MAILDESK_CORPUS_SHOW").is_ok_and(|s| s == "twenty");
    let mut folders: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for purpose in ["mime", "reply", "threads", "spoof"] {
        files(&root.join(purpose), &mut folders);
    }
    // Folder by folder, so that many mails of one kind do not crowd out the others.
    let mut folders: Vec<Vec<PathBuf>> = folders.into_values().collect();
    folders.iter_mut().for_each(|f| f.sort());
    let (mut seeded, mut chosen) = (Seeded(SEED), 0);
    while chosen < HOW_MANY && !folders.is_empty() {
        let at = seeded.below(folders.len());
        let file = seeded.below(folders[at].len());
        let path = folders[at].swap_remove(file);
        folders.retain(|f| !f.is_empty());
        let raw = std::fs::read(&path).expect("a mail");
        if let Some((page, notice)) = shown(&raw) {
            chosen += 1;
            if show {
                println!("\n======== {chosen}: {}", path.strip_prefix(&root).expect("within").display());
                println!("-------- ticket page\n{}", cut(&page));
                println!("-------- notification\n{}", cut(&notice));
            }
            check(&path, &parse(&raw), &page, &notice);
        }
    }
    assert_eq!(chosen, HOW_MANY, "mails of people");
}

fn files(folder: &Path, out: &mut BTreeMap<PathBuf, Vec<PathBuf>>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, out);
        } else if !path.extension().is_some_and(|e| e == "json" || e == "md" || e == "html") {
            out.entry(folder.to_owned()).or_default().push(path);
        }
    }
}

/// The page as its writer sees it, and the notice as a mail client shows it; `None` where no ticket comes of
/// the mail.
fn shown(raw: &[u8]) -> Option<(String, String)> {
    let desk = Desk::empty().expect("an empty desk");
    let looked =
        desk.intake().look(raw.to_vec(), Position::Envelope { recipients: Vec::new(), sender: None });
    let mail = parse_for_intake(raw);
    let sender = mail.from.address()?.clone();
    let ticket = desk.intake().take(&[looked]).expect("taken").remove(0).ticket?;
    let writer = Visitor { person: 1, name: String::new(), address: sender, form_token: String::new() };
    let view = desk.visitors().ticket_of(&writer, ticket, None).expect("a page")?;
    let mut page = format!("{} ({})\n", view.subject, view.token);
    for m in &view.messages {
        if !m.text.is_empty() {
            page.push_str(&format!("\n{}\n", m.text));
        }
        if !m.quoted.is_empty() {
            page.push_str(&format!("\n[Signature and quoted text]\n{}\n", m.quoted));
        }
        for file in &m.files {
            page.push_str(&format!("\n[File] {} {} bytes\n", file.filename, file.size));
        }
    }
    Some((page, notice(&mail)?))
}

fn notice(mail: &Inbound) -> Option<String> {
    let mut rules = Desk::empty().expect("an empty desk").rules_in_force().clone();
    rules.own.everybody = false;
    let bob = Person {
        id: 1,
        address: AddrSpec::parse("bob@desk.example").expect("an address"),
        name: "Bob".into(),
        spam: maildesk::desk::model::Spam::No,
    };
    let staff = vec![Staff { person: bob, aliases: Vec::new() }];
    let mut known = Snapshot { staff, ..Snapshot::default() };
    (known.free.ticket, known.free.person, known.free.message, known.free.letter, known.free.mail) =
        (1, 2, 1, 1, 1);
    let (seals, asked) = gather(&rules, mail, &[]);
    let (seals, facts, arrived_at) = (Cow::Owned(seals), Facts::default(), NOW);
    let mailed = Mailed { mail, seals, mailbox: None, null_sender: false, history: false, arrived_at, facts };
    let event = Event::Mail(&mailed, &asked);
    let decision = decide::decide(&rules, &known, &event, Moment::new(NOW, [1; 32]));
    let letter = decision.letters.iter().find(|l| l.kind == LetterKind::Notification)?;
    let read = parse(&letter.bytes);
    let words = [read.words.text, read.words.quoted, read.words.signature].map(|w| w.trim_end().to_owned());
    let files: String = letter.files.iter().map(|f| format!("\n[File] {}", f.filename.as_str())).collect();
    Some(format!(
        "Subject: {}\n\n{}{files}\n",
        read.subject,
        words.into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join("\n")
    ))
}

fn cut(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    match lines.len() > SHOWN_LINES {
        true => format!("{}\n[.. {} lines more]", lines[..SHOWN_LINES].join("\n"), lines.len() - SHOWN_LINES),
        false => text.to_owned(),
    }
}

/// Every word is there, in the page with what is folded, in the notice without; nothing that no reader wants
/// to see is.
fn check(path: &Path, mail: &Inbound, page: &str, notice: &str) {
    let name = path.display();
    let (page_words, notice_words) = (bare(page), bare(notice));
    for part in [&mail.words.text, &mail.words.quoted, &mail.words.signature] {
        for line in part.lines() {
            assert!(page_words.contains(&bare(line)), "{name}: the page lacks {line:?}");
        }
    }
    for line in mail.words.text.lines() {
        let line = bare(line);
        assert!(notice_words.contains(&line), "{name}: the notice lacks {line:?}");
    }
    for text in [page, notice] {
        assert!(!text.contains("\n\n\n\n"), "{name}: a hole of blank lines");
        assert!(
            !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'),
            "{name}: control characters"
        );
    }
}
