//! What goes to the customer with the words of staff, on the decision.

use crate::desk::model::{Change, Decision, MailFault, Outcome, Reason};
use crate::desk::testing::{
    BOB, NOW, TEN_DAYS, decided, decided_under, known, letters_to, mail, outside, readable, reply_address,
    rules, signed, ticket,
};

fn answered(kind: &str, body: &str) -> Decision {
    let to = reply_address(1, NOW + TEN_DAYS);
    let fields =
        format!("To: {to}\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: {kind}; boundary=b\r\n");
    decided(&mail(BOB, &fields, &format!("{body}--b--")), &known(), |_| {})
}

fn part(kind: &str, fields: &str, body: &str) -> String {
    format!("--b\r\nContent-Type: {kind}\r\n{fields}\r\n{body}\r\n")
}

/// The parts that the letter to the customer brings, and those that their page does not.
fn files(d: &Decision) -> (Vec<u32>, Vec<u32>) {
    let [letter] = letters_to(d, "alice@customer.example")[..] else { panic!("{:?}", d.reason) };
    let inside = d.changes.iter().find_map(|c| match c {
        Change::Message(m) => Some(m.inside.clone()),
        _ => None,
    });
    (letter.files.iter().filter_map(|f| f.part).collect(), inside.expect("a message"))
}

/// Files that Bob's mail client added go to nobody, by letter or page; what he attached goes (T119).
#[test]
fn t119_what_a_mail_client_adds_goes_to_nobody() {
    let words = part("text/plain", "", "Here it is.");
    for added in [
        part(
            "application/pkcs7-signature; name=smime.p7s",
            "Content-Disposition: attachment; filename=smime.p7s\r\n",
            "x",
        ),
        part("application/octet-stream; name=smime.p7s", "", "x"),
        part("application/pgp-signature", "", "x"),
        part("application/pgp-keys; name=OpenPGP_0x1.asc", "Content-Disposition: attachment\r\n", "x"),
        part("application/ms-tnef; name=winmail.dat", "", "x"),
        part("application/octet-stream", "Content-Disposition: attachment; filename=WINMAIL.DAT\r\n", "x"),
        part("text/calendar; method=REPLY", "", "ORGANIZER:mailto:bob@staff.example"),
        part(
            "text/x-vcard",
            "Content-Disposition: attachment; filename=bob.vcf\r\n",
            "EMAIL:bob@staff.example",
        ),
        part("application/octet-stream", "Content-Disposition: attachment; filename=bob.vcf\r\n", "x"),
    ] {
        let given = part("application/pdf", "Content-Disposition: attachment; filename=a.pdf\r\n", "x");
        let d = answered("multipart/mixed", &format!("{words}{added}{given}"));
        assert_eq!(files(&d), (vec![3], vec![2]), "{added}");
        assert!(outside(&d).iter().all(|l| !readable(l).contains("bob@staff.example")));
        // Alone it is no answer. (An invitation alone is read as words.)
        if added.contains("text/calendar") {
            continue;
        }
        let alone = answered("multipart/mixed", &format!("{}{added}", part("text/plain", "", "")));
        assert!(outside(&alone).is_empty() && ticket(&alone, 1).is_none(), "{added}");
    }
    // A version that few can read is none, whatever its type.
    for version in ["text/x-amp-html", "text/calendar", "application/x-odd", "text/vnd.odd+json"] {
        let html = part("text/html", "", "<p>Here it is.</p>");
        let d = answered("multipart/alternative", &format!("{words}{}{html}", part(version, "", "{}")));
        assert_eq!(files(&d), (vec![], vec![2]), "{version}");
    }
    let signed = answered(
        "multipart/signed; protocol=\"application/x-odd\"",
        &format!("{words}{}", part("application/x-odd", "", "x")),
    );
    assert_eq!(files(&signed), (vec![], vec![2]));
}

/// Pictures of a signature stay, however they are attached; those that the words show go.
#[test]
fn t119_pictures_of_signatures_go_to_nobody() {
    let picture = |id: &str, how: &str| {
        part(
            "image/png",
            &format!("Content-ID: <{id}>\r\nContent-Disposition: {how}; filename={id}.png\r\n"),
            "x",
        )
    };
    for how in ["inline", "attachment"] {
        let html = "<p>See <img src=\"cid:shot\" alt=\"shot.png\"></p>\
                    <div class=\"gmail_signature\">Bob \
                    <img src=\"cid:logo\" alt=\"logo.png\"></div>";
        let body = part("text/html", "", html) + &picture("shot", how) + &picture("logo", how);
        assert_eq!(files(&answered("multipart/related", &body)), (vec![2], vec![3]), "{how}");
    }
}

/// A thumb is no answer: nothing leaves, the ticket stays as it is, and Bob is told.
#[test]
fn t119_a_reaction_is_no_answer() {
    let said = part("text/plain", "", "\u{1f44d}\r\n\r\nBob reacted via Gmail");
    let json = part("text/vnd.google.email-reaction+json", "", "{\"emoji\": \"x\", \"version\": 1}");
    for body in [format!("{said}{json}"), said] {
        let d = answered("multipart/alternative", &body);
        assert_eq!((d.outcome, outside(&d).len()), (Outcome::Refused, 0), "{:?}", d.reason);
        assert!(matches!(d.reason, Reason::Refused(MailFault::Reaction)) && ticket(&d, 1).is_none());
        assert_eq!(letters_to(&d, "bob@staff.example").len(), 1);
    }
    // An answer that speaks of one is an answer.
    for words in [
        "Carol reacted to your message, did you see it?",
        "Carol reacted to your message.\r\nShe is happy.",
        "Nobody here reacted to your message yet, sorry.\r\nBob",
    ] {
        let d = answered("multipart/mixed", &part("text/plain", "", words));
        assert_eq!((d.outcome, outside(&d).len()), (Outcome::Append, 1), "{words}");
    }
}

/// A mail as a file tells the addresses of staff in its fields: no customer gets it, and Bob hears of that.
#[test]
fn t72_a_mail_that_is_attached_reaches_no_customer() {
    let words = part("text/plain", "", "Here it is.");
    let inner = "From: bob@staff.example\r\nReceived: from inside.staff.example\r\n\r\nx";
    let pdf = part("application/pdf", "Content-Disposition: attachment; filename=a.pdf\r\n", "x");
    for attached in [
        part("message/rfc822", "Content-Disposition: attachment; filename=\"old mail.eml\"\r\n", inner),
        part("message/rfc822", "", inner),
        part("application/octet-stream", "Content-Disposition: attachment; filename=Old.EML\r\n", inner),
        part("application/vnd.ms-outlook", "Content-Disposition: attachment; filename=old.msg\r\n", "x"),
    ] {
        let d = answered("multipart/mixed", &format!("{words}{attached}{pdf}"));
        assert_eq!(files(&d), (vec![3], vec![2]), "{attached}");
        assert!(outside(&d).iter().all(|l| !readable(l).contains("staff.example")));
        let [told] = letters_to(&d, "bob@staff.example")[..] else { panic!("{attached}") };
        let told = readable(told);
        let named =
            told.contains("old mail.eml") || told.contains("file-2") || told.to_lowercase().contains("old.");
        assert!(named && told.contains("PDF"), "{told}");
        // Alone it is no answer.
        let alone = answered("multipart/mixed", &format!("{}{attached}", part("text/plain", "", "")));
        assert!(outside(&alone).is_empty() && ticket(&alone, 1).is_none(), "{attached}");
        assert!(matches!(alone.reason, Reason::Refused(MailFault::OnlyInside(_))), "{:?}", alone.reason);
        // Nor with commands; the transcript says so.
        let closed = answered("multipart/mixed", &format!("{}{attached}", part("text/plain", "", "#close")));
        assert!(outside(&closed).is_empty() && closed.outcome == Outcome::Append, "{attached}");
        assert!(letters_to(&closed, "bob@staff.example").iter().all(|l| readable(l).contains("PDF")));
        // Colleagues may have it.
        let note =
            answered("multipart/mixed", &format!("{}{attached}", part("text/plain", "", "#note\r\nx")));
        assert!(outside(&note).is_empty() && note.letters.iter().any(|l| l.files.len() == 1), "{attached}");
    }
}

/// What a client sets inline is attached all the same, unless the HTML shows it as a picture.
#[test]
fn files_that_are_set_inline_go_out() {
    let words = part("text/plain", "", "Here it is.");
    for (kind, fields) in [
        ("application/pdf", "Content-Disposition: inline; filename=invoice.pdf\r\n"),
        ("application/pdf", "Content-Disposition: inline; filename=invoice.pdf\r\nContent-ID: <a@b>\r\n"),
        ("image/jpeg", "Content-Disposition: inline; filename=IMG_1.jpeg\r\n"),
        ("image/jpeg; name=IMG_1.jpeg", "Content-Disposition: inline\r\n"),
        ("text/plain; name=log.txt", "Content-Disposition: inline; filename=log.txt\r\n"),
    ] {
        let d = answered("multipart/mixed", &format!("{words}{}", part(kind, fields, "x")));
        assert_eq!(files(&d), (vec![2], vec![]), "{kind} {fields}");
        assert!(letters_to(&d, "bob@staff.example").is_empty(), "nothing is missing");
    }
    // A picture that nothing shows may be a quotation's: it stays, and Bob is told.
    let left = part("image/png", "Content-Disposition: inline; filename=p.png\r\nContent-ID: <p>\r\n", "x");
    let d = answered("multipart/related", &format!("{}{left}", part("text/html", "", "<p>Here it is.</p>")));
    assert_eq!(files(&d), (vec![], vec![2]));
    assert!(readable(letters_to(&d, "bob@staff.example")[0]).contains("p.png"));
}

/// T114: letters to customers that follow from a mail older than a restore wait, and its writer is told; a
/// restore of the future counts for nothing, and who lets a held mail go now means it.
#[test]
fn t114_what_is_older_than_a_restore_waits() {
    let to = reply_address(1, NOW + TEN_DAYS);
    let answer = mail(BOB, &format!("To: {to}\r\nSubject: x\r\n"), "Press the button.");
    let fields = "To: support@desk.example\r\nSubject: Your call\r\n";
    let first = mail(BOB, fields, "#for dora@new.example\r\nPress the button.");
    let told = |d: &Decision| {
        letters_to(d, "bob@staff.example").iter().any(|l| readable(l).contains("outbox retry"))
    };
    for (restored, came, waits) in [
        (Some(NOW - 60), NOW - 61, true),
        (Some(NOW - 60), NOW - 60, false),
        (Some(NOW + 86_400), NOW, false),
        (None, NOW - 61, false),
    ] {
        let mut rules = rules();
        rules.restored_at = restored;
        for (raw, who) in [(&answer, "alice@customer.example"), (&first, "dora@new.example")] {
            let d = decided_under(&rules, raw, &known(), |m| {
                m.arrived_at = came;
                m.facts.domain = signed();
            });
            let [letter] = letters_to(&d, who)[..] else { panic!("{:?}", d.reason) };
            assert_eq!((letter.waits, told(&d)), (waits, waits), "{restored:?} {came} {who}");
            assert!(letters_to(&d, "bob@staff.example").iter().all(|l| !l.waits), "staff are told at once");
        }
    }
}
