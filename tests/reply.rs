//! New words, quotation and signature of mails that we wrote ourselves, in the shape of each client and in
//! the languages of their users: `fixtures/reply/NAME.eml` with what it must become in `NAME.txt`.
//! tests/README.md says how to add one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

mod counted;

use counted::{LARGE, SMALL};
use maildesk::mail::parse::parse;
use maildesk::mail::{Words, quote};
use serde_json::Value;

struct Fixture {
    name: String,
    mail: Vec<u8>,
    text: String,
    signature: String,
    /// Whether something must have been cut off as quotation.
    quoted: bool,
}

fn fixtures() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reply");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("fixtures/reply").flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|e| e != "eml") {
            continue;
        }
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let wanted =
            std::fs::read_to_string(path.with_extension("txt")).unwrap_or_else(|e| panic!("{name}.txt: {e}"));
        let (words, quoted) =
            match (wanted.strip_suffix("=== quoted\n"), wanted.strip_suffix("=== nothing quoted\n")) {
                (Some(words), _) => (words, true),
                (None, Some(words)) => (words, false),
                _ => panic!("{name}.txt does not end in a line that says whether something is quoted"),
            };
        let (text, signature) = words.split_once("=== signature\n").unwrap_or((words, ""));
        let (text, signature) = (text.trim_end().to_owned(), signature.trim_end().to_owned());
        found.push(Fixture { name, mail: std::fs::read(&path).expect("a mail"), text, signature, quoted });
    }
    assert!(found.len() > 100, "only {} fixtures in {}", found.len(), folder.display());
    found
}

fn crlf(mail: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(mail).replace("\r\n", "\n").replace('\n', "\r\n").into_bytes()
}

#[test]
fn each_fixture_becomes_what_stands_beside_it() {
    let mut wrong = Vec::new();
    for fixture in fixtures() {
        for mail in [fixture.mail.clone(), crlf(&fixture.mail)] {
            let got = parse(&mail).words;
            let same = got.text == fixture.text
                && got.signature.trim_end() == fixture.signature
                && got.quoted.trim().is_empty() != fixture.quoted;
            if !same {
                wrong.push(format!("{}: {got:#?}", fixture.name));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{} fixtures became something else:\n{}", wrong.len(), wrong.join("\n"));
}

/// Every word of the input with its count; dashes and marks of quotation are no words.
fn words_of(text: &str) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        *count.entry(word.to_owned()).or_insert(0) += 1;
    }
    count
}

fn assert_whole(name: &str, input: &str, got: &Words) {
    let heaps = words_of(&format!("{}\n{}\n{}", got.text, got.quoted, got.signature));
    assert_eq!(heaps, words_of(input), "{name}: the three heaps hold other words than the mail");
}

#[test]
fn no_word_is_lost() {
    for fixture in fixtures() {
        let mail = String::from_utf8(fixture.mail).expect("UTF-8");
        let (head, body) = mail.split_once("\n\n").expect("a body");
        if !head.contains("text/html") {
            assert_whole(&fixture.name, body, &quote::fold(body));
        }
        // Of HTML, what its reader sees.
        let shown = maildesk::mail::html::to_text(body);
        if head.contains("text/html") {
            assert_whole(&fixture.name, &shown, &parse(mail.as_bytes()).words);
        }
    }
}

#[test]
fn no_word_of_other_projects_mails_is_lost() {
    let root = std::env::var_os("MAILDESK_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), PathBuf::from);
    let folder = root.join("reply");
    let Ok(list) = std::fs::read_to_string(folder.join("expectations.json")) else {
        println!("SKIPPED: no corpus at {} (set MAILDESK_CORPUS)", root.display());
        return;
    };
    let list: Value = serde_json::from_str(&list).expect("JSON");
    for case in list["cases"].as_array().expect("cases") {
        let name = case["id"].as_str().unwrap_or_default();
        let file =
            || std::fs::read(folder.join(case["file"].as_str().unwrap_or_default())).unwrap_or_default();
        let text = match (case["input"].as_str(), case["text"].as_str()) {
            (Some("file" | "inline"), Some(text)) => text.to_owned(),
            (Some("file"), None) => String::from_utf8_lossy(&file()).replace("\r\n", "\n"),
            _ => continue,
        };
        assert_whole(name, &text, &quote::fold(&text));
    }
}

fn filled(size: usize, piece: &str) -> String {
    piece.repeat(size / piece.len())
}

/// Whatever a mail is made of, it costs no more than 20 times an ordinary one, and twice its size twice as
/// much.
fn check(ordinary: &str, hostile: &[&str], make: impl Fn(usize, &str) -> String, read: impl Fn(&str)) {
    let (small, large) = (hostile.iter().map(|p| make(SMALL, p)), hostile.iter().map(|p| make(LARGE, p)));
    let mut all = vec![make(LARGE, ordinary)];
    all.extend(small.zip(large).flat_map(|(s, l)| [s, l]));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    read(all[0]);
    if let Some(counts) = counted::instructions(&all, &read) {
        counted::assert_linear(&counts, &hostile.iter().map(|p| format!("{p:?}")).collect::<Vec<_>>());
        hostile.iter().for_each(|piece| read(&make(1024 * 1024 - 4, piece)));
    }
}

/// T49: of plain text.
#[test]
fn t49_hostile_texts_take_linear_time() {
    let plain = "An ordinary line of an ordinary mail, as long as such lines are.\n";
    let ordinary = format!(
        "{}\nOn Mon, 2 Nov 2026 at 09:00, Ann Desk <ann@desk.example> wrote:\n{}\n",
        plain.repeat(20),
        format!("> {plain}").repeat(20)
    );
    let read = |text: &str| drop(std::hint::black_box(quote::fold(text)));
    let hostile = [
        "On Mon, 2 Nov 2026 at 09:00, Ann <ann@desk.example> wrote\n",
        "On Mon, 2 Nov 2026 at 09:00, Ann <ann@desk.example> wrote:\n",
        "On 2 Nov 2026 2 Nov 2026\n",
        "wrote: 10:00 <a@b.example> ",
        "On 1 a@b.c wrote: On 1 a@b.c wrote:\n> x\n",
        "<a@b.c> 2026 schrieb\nam 10:00\n",
        "From: a@b.example\n",
        "From: a@b.example\nSent: 2\n\n",
        "From: a@b\nTo: ",
        "-----Original\n",
        "----- x -----\nA: b\n",
        "-- \n",
        "--\nAnn\n",
        "________________________\nx\n",
        "Sent from my iPhone Sent from my iPhone ",
        "Sent from my iPhone\n",
        "This message is confidential and intended solely for the addressee. ",
        "DISCLAIMER confidential privileged\n\n",
        "##- reply above -##",
        "##- x\n",
        ">",
        "> ",
        "> x\nhttp://x.example/\n",
        "> (http\nx)\n",
        "<\n> x:\n",
        "\u{1}\u{2}",
        "在2026年，写道：",
        "\n",
        " ",
        "On ",
        // Few enough lines to be folded at all.
        "From: a@b.example\nSent: Monday, 2 November 2026 at 09:00\n\n",
        "From: a@b.example but with more words\n",
        "--                       \n",
        "_____________________________\n",
        "Sent from my iPhone and x\n",
        ">                      x\nhttp://x.example/aaaaaaaaaaaaaa\n",
        "<aaaaaaaaaaaaaaaaaaaaaaaa\n> aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:\n",
        "---------- x y z ----------\nAb: x@example.example and more\n",
        "В понедельник, 2 ноября 2026 г. в 09:00 написал и написал:\n",
        "2026年11月2日(月) 9:00 を書きました と書きました:\n",
    ];
    check(&ordinary, &hostile, filled, read);
}

/// The same for the way through HTML.
#[test]
fn t49_hostile_html_takes_linear_time() {
    let mail = |size: usize, piece: &str| {
        format!("From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n{}\n", filled(size, piece))
    };
    let read =
        |mail: &str| drop(std::hint::black_box(maildesk::mail::parse::parse_for_intake(mail.as_bytes())));
    let ordinary =
        "<div class=\"a\">An ordinary line of an ordinary mail, as long as such lines are.</div>\n";
    let hostile = [
        "<div class=yahoo_quoted>",
        "<div class=\"gmail_quote\"><blockquote class=\"gmail_quote\">x",
        "<div id=\"appendonsend\">x",
        "<div id=\"Signature\">x<br>",
        "<blockquote type=cite>x",
        "<div style='border-top:solid #E1E1E1'>",
        "</div>",
        "<hr id=\"stopSpelling\">",
        "<div class=\"",
    ];
    check(ordinary, &hostile, mail, read);
}
