//! T20 on mails of more than one version, where staff wrote them; and lists in front of the desk.

use super::{ALICE, BOB, Story};

/// An answer of Bob's in two versions, or in HTML alone; what came of it.
fn answer(story: &Story, plain: Option<&str>, html: &str) -> &'static str {
    let id = story.last(BOB, 1).id;
    let fields = format!("Subject: Re: x\r\nIn-Reply-To: {id}\r\n");
    match plain {
        None => story.take(BOB, &format!("{fields}Content-Type: text/html; charset=utf-8\r\n"), html).0,
        Some(plain) => {
            let part =
                |kind: &str, text: &str| format!("--b\nContent-Type: text/{kind}; charset=utf-8\n\n{text}\n");
            let body = format!("{}{}--b--", part("plain", plain), part("html", html));
            story.take(BOB, &format!("{fields}Content-Type: multipart/alternative; boundary=b\r\n"), &body).0
        }
    }
}

fn story() -> Story {
    let story = Story::new();
    story.opened(ALICE, "Printer", "It burns.");
    story
}

#[test]
fn t20_versions_that_agree_are_obeyed() {
    let both = [
        ("#tag +seen", "<div>#tag&nbsp;+seen</div>"),
        ("#TAG  +seen", "<p>#tag +seen</p>"),
        ("\n#tag +seen\nThanks\n", "<div><br></div><div>#tag +seen</div><div>Thanks</div>"),
        ("#tag +seen\nThanks\n-- \nBob", "#tag +seen<br>Thanks<br>-- <br>Bob<div hidden>#close</div>"),
    ];
    for (plain, html) in both {
        let story = story();
        assert_eq!(answer(&story, Some(plain), html), "append", "{plain:?}: {}", story.result(BOB));
        assert_eq!(story.row(1).tags, ["seen"], "{plain:?}");
    }
    let story = story();
    assert_eq!(answer(&story, None, "<p>#tag +seen</p><p>Thanks</p>"), "append");
    assert_eq!(story.row(1).tags, ["seen"]);
}

#[test]
fn t20_versions_that_disagree_command_nothing() {
    let differ = [
        (Some("#close\nThanks"), "<p>Thanks</p>"),
        (Some("Thanks"), "<p>#close</p><p>Thanks</p>"),
        (Some("#close\nThanks"), "<p>#reopen</p><p>Thanks</p>"),
        (Some("#tag +a\n#close\nThanks"), "<p>#tag +a</p><p>Thanks</p>"),
        (Some("#close\nThanks"), "<p style='display:none'>#close</p><p>Thanks</p>"),
        (Some("#close"), "<img src=cid:x>"),
        (None, "<div style='display: none'>#close</div><p>Thanks</p>"),
        (None, "<style>.q { display:none }</style><div class=q>#close</div><p>Thanks</p>"),
        (None, "<span hidden>#close<br></span>#tag +a<br>Thanks"),
    ];
    for (plain, html) in differ {
        let story = story();
        assert_eq!(answer(&story, plain, html), "refused", "{plain:?} {html}");
        assert_eq!((story.status(1), story.row(1).tags.len()), ("new", 0), "{plain:?} {html}");
        assert!(story.result(BOB).contains("two versions command different things"), "{}", story.result(BOB));
        assert_eq!(story.all(ALICE, 1).len(), 1, "and nothing of it leaves");
    }
}

#[test]
fn t20_what_is_no_command_is_relayed_or_left_behind() {
    let quiet = [
        (Some("Thanks\n\n> #close"), "<p>Thanks</p><blockquote type=cite>#close</blockquote>"),
        (Some("Thanks\n\nOn Tue, 24 Nov 2026 at 10:00, Alice wrote:\n\n#close"), "<p>Thanks</p>"),
        (Some("Thanks\n-- \n#close"), "<p>Thanks</p>-- <br>#close"),
        (
            Some(
                "Thanks\n\n-----Original Message-----\nFrom: a@b.example\nSent: today\nTo: c\nSubject: x\n\n\
                 #close",
            ),
            "<p>Thanks</p>",
        ),
        (Some("\u{ff03}close"), "<p>\u{ff03}close</p>"),
        (Some("Thanks"), "<p>Thanks</p><p style='display:none'>#close</p>"),
        (
            None,
            "<p>Thanks</p><div class=\"gmail_quote\">On Tue, Alice wrote:<blockquote \
             class=\"gmail_quote\">#close</blockquote></div>",
        ),
    ];
    for (plain, html) in quiet {
        let story = story();
        assert_eq!(answer(&story, plain, html), "append", "{plain:?} {html}");
        assert_eq!(story.status(1), "waiting", "{plain:?} {html}: an answer, and no command");
    }
}

/// A quotation at the very top, and nothing else: no words, no commands.
#[test]
fn t20_a_quotation_alone_commands_nothing() {
    let story = story();
    assert_eq!(
        answer(&story, Some("> #close\n> #spam"), "<blockquote type=cite>#close<br>#spam</blockquote>"),
        "refused"
    );
    assert_eq!(story.status(1), "new");
}
