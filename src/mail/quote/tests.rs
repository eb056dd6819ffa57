//! What goes on which heap.

use super::fold;

fn check(input: &str, text: &str, quoted: &str, signature: &str) {
    let got = fold(input);
    assert_eq!(
        (got.text.as_str(), got.quoted.as_str(), got.signature.as_str()),
        (text, quoted, signature),
        "{input:?}"
    );
}

#[test]
fn the_three_heaps() {
    check(
        "words\n\n-- \nSign\n\nOn Mon, 1 Jan 2024 at 10:00, A <a@b.c> wrote:\n> q",
        "words",
        "On Mon, 1 Jan 2024 at 10:00, A <a@b.c> wrote:\n> q",
        "-- \nSign",
    );
    check("> #close\n> #spam\n\nwords", "words", "> #close\n> #spam", "");
    check("#close\n#tag +a\n\nwords\n", "#close\n#tag +a\n\nwords", "", "");
    check("a\n> q1\nb\n> q2\nc\n> q3\n", "a\n> q1\nb\n> q2\nc", "> q3", "");
    check("", "", "", "");
    check("just words, on Monday I wrote:\n\na list", "just words, on Monday I wrote:\n\na list", "", "");
    check("> only\n> quote", "", "> only\n> quote", "");
}

#[test]
fn outlook_and_forwards() {
    check(
        "hi\n\n-----Original Message-----\nFrom: A\nSent: B\n\nold",
        "hi",
        "-----Original Message-----\nFrom: A\nSent: B\n\nold",
        "",
    );
    check(
        "hi\n\n________________________________\nFrom: A <a@b.c>\nSent: Monday\nTo: B\nSubject: C\n\nold",
        "hi",
        "________________________________\nFrom: A <a@b.c>\nSent: Monday\nTo: B\nSubject: C\n\nold",
        "",
    );
    let forward =
        "see below\n\n---------- Forwarded message ---------\nFrom: A <a@b.c>\nDate: Mon\n\nold\n> older";
    check(forward, forward, "", "");
}

#[test]
fn every_word_is_on_a_heap() {
    let input = "a\n\nOn 1 Jan 2024, B wrote:\n\n> c\n\nd\n-- \ne\n> f";
    let got = fold(input);
    for word in ["a", "B wrote:", "c", "d", "e", "f"] {
        assert!(format!("{}\n{}\n{}", got.text, got.quoted, got.signature).contains(word), "{word}");
    }
}

#[test]
fn t49_long_input_is_quick() {
    for bomb in [
        ">".repeat(10_000),
        ">\n".repeat(20_000),
        "On wrote:\n".repeat(3_000),
        "From: x\n".repeat(10_000),
        "-- \n".repeat(20_000),
        "_".repeat(10_000),
    ] {
        fold(&bomb);
    }
}
