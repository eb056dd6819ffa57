//! Where the commands of a staff mail stand, on the decision.

use crate::desk::model::{Change, Decision, Kind, MailFault, Outcome, Reason};
use crate::desk::testing::{
    BOB, NOW, TEN_DAYS, decided, known, letters_to, mail, outside, readable, reply_address, signed, ticket,
};

const COMMANDS: [&str; 6] =
    ["#note", "#Note  ", "#note not for her:", "#close\n#note", "#note\n#close", "#private"];

fn from_bob(kind: &str, body: &str) -> Decision {
    let at_bob = format!("To: {}\r\nSubject: x\r\n", reply_address(1, NOW + TEN_DAYS));
    let fields = format!("{at_bob}MIME-Version: 1.0\r\nContent-Type: {kind}\r\n");
    decided(&mail(BOB, &fields, body), &known(), |_| {})
}

/// Something stands above the first line that is no banner, or what stands there cannot be seen: the note
/// comes back.
#[test]
fn t118_a_banner_never_makes_an_answer_of_a_note() {
    let banners = [
        "CAUTION: This email was looked at by our robots. Do not click links.\n\n",
        "Externe Mails sind gef\u{e4}hrlich.\n--------\n",
        "Message du serveur\n\n\n",
        "\u{c7}a vient de dehors !\n",
        "EXTERNAL: ",
        "________________________________\n",
        "-- \n",
        "\u{200b}",
        "\u{a0}",
        "  ",
    ];
    let odd = ["# note", "#\u{a0}note", "#\u{200b}note", "\u{ff03} Note:", "#Notes", "# private"];
    for banner in banners {
        for command in COMMANDS.into_iter().chain(odd) {
            if banner.ends_with(": ") && (command == "#close\n#note" || command == "#note not for her:") {
                continue;
            }
            let text = format!("{banner}{command}\nCANARY, she is a bad payer.\nBob");
            let d = from_bob("text/plain; charset=utf-8", &text);
            let case = format!("{text:?}: {:?}", d.reason);
            assert!(outside(&d).is_empty() && ticket(&d, 1).is_none(), "{case}");
            assert_eq!(d.outcome, Outcome::Refused, "{case}");
            assert!(matches!(d.reason, Reason::Refused(MailFault::BelowTheWords(_))), "{case}");
            let back = readable(letters_to(&d, "bob@staff.example")[0]);
            assert!(back.contains("CANARY") || banner.starts_with(['_', '-', 'E']), "{case}\n{back}");
        }
    }
}

/// A banner that is recognised is none of Bob's words: what stands below it stands first.
#[test]
fn t118_below_a_banner_commands_stand_first() {
    let banners = [
        "CAUTION: This email originated from outside of the organization. Do not click links or open \
         attachments unless you recognize the sender.\n\n",
        "ACHTUNG: Diese E-Mail stammt von einem externen Absender.\n--------\n",
        "ATTENTION : ce message provient de l'ext\u{e9}rieur.\n\n\n",
        "[EXTERNAL]\n",
        "[EXTERNAL] ",
        "**************\n* External *\n**************\n",
    ];
    let said = |d: &Decision| {
        let message = |c: &Change| match c {
            Change::Message(m) => Some((m.kind, m.text.clone())),
            _ => None,
        };
        d.changes.iter().find_map(message)
    };
    let words = "CANARY, she is a bad payer.\nBob";
    for banner in banners {
        for command in COMMANDS.iter().filter(|c| **c != "#note not for her:" && **c != "#private") {
            let d = from_bob("text/plain; charset=utf-8", &format!("{banner}{command}\n{words}"));
            let case = format!("{banner:?} {command:?}: {:?}", d.reason);
            assert!(outside(&d).is_empty() && d.outcome == Outcome::Append, "{case}");
            assert_eq!(said(&d), Some((Kind::Note, words.to_owned())), "{case}");
        }
        let d = from_bob("text/plain; charset=utf-8", &format!("{banner}{words}"));
        assert_eq!(said(&d), Some((Kind::Staff, words.to_owned())), "{banner:?}");
        let [letter] = letters_to(&d, "alice@customer.example")[..] else { panic!("{:?}", d.reason) };
        let shown = readable(letter).to_lowercase();
        assert!(shown.contains("canary") && !shown.contains("extern") && !shown.contains("ext\u{e9}rieur"));
        // Alone it is no answer.
        let alone = from_bob("text/plain; charset=utf-8", banner);
        assert!(outside(&alone).is_empty() && alone.outcome == Outcome::Refused, "{banner:?}");
    }
}

/// So do the tables that mail servers set above HTML; marks that nobody sees stand around some.
#[test]
fn t118_banners_in_html() {
    let table = "<table border=0 width=\"100%\"><tr><td style=\"background:#ffeb9c\"><b>CAUTION:</b> This \
                 email originated from outside of Dargo.</td></tr><tr><td>Do not click links unless you \
                 recognize the sender.</td></tr></table><br>";
    let hidden = "<div style=\"display:none\">ZjQcmQRYFpfptBannerStart</div><div>This Message Is From an \
                  External Sender</div><div>This message came from outside your organization.</div><div \
                  style=\"display:none\">ZjQcmQRYFpfptBannerEnd</div>";
    let plain_table = "CAUTION: This email originated from outside of Dargo.\r\nDo not click links \
                       unless you recognize the sender.\r\n\r\n";
    let plain_hidden = "ZjQcmQRYFpfptBannerStart\r\nThis Message Is From an External Sender\r\nThis message \
                        came from outside your organization.\r\nZjQcmQRYFpfptBannerEnd\r\n";
    for (html, plain) in [(table, plain_table), (hidden, plain_hidden), (table, ""), (hidden, "")] {
        let html = format!("<html><body>{html}<div>#note</div><div>CANARY</div></body></html>");
        let both = format!(
            "--b\r\nContent-Type: text/plain\r\n\r\n{plain}#note\r\nCANARY\r\n--b\r\n\
             Content-Type: text/html\r\n\r\n{html}\r\n--b--\r\n"
        );
        for d in [from_bob("text/html", &html), from_bob("multipart/alternative; boundary=b", &both)] {
            assert!(outside(&d).is_empty() && d.outcome == Outcome::Append, "{:?}\n{html}", d.reason);
            assert!(d.changes.iter().any(|c| matches!(c, Change::Message(m) if m.text == "CANARY")));
        }
    }
    // One version hides the command that the other shows below a banner.
    let both = format!(
        "--b\r\nContent-Type: text/plain\r\n\r\nCANARY\r\n--b\r\n\
         Content-Type: text/html\r\n\r\n{table}<div>#note</div><div>CANARY</div>\r\n--b--\r\n"
    );
    let d = from_bob("multipart/alternative; boundary=b", &both);
    assert!(outside(&d).is_empty() && d.outcome == Outcome::Refused, "{:?}", d.reason);
}

/// A first mail, too; but not what stands in the mail that it forwards.
#[test]
fn t118_a_command_below_the_words_opens_no_ticket() {
    let first = |text: &str| {
        let raw = mail(BOB, "To: support@desk.example\r\nSubject: x\r\n", text);
        decided(&raw, &known(), |m| m.facts.domain = signed())
    };
    let d = first("#for carol@customer.example\nHello\n#note\nCANARY");
    assert_eq!((d.outcome, outside(&d).len()), (Outcome::Refused, 0), "{:?}", d.reason);
    let forwarded = "---------- Forwarded message ---------\nFrom: Carol <carol@customer.example>\n\
                     Date: Mon, 23 Nov 2026 at 10:00\nSubject: y\nTo: <support@desk.example>\n\nHi\n#note\nx";
    let d = first(&format!("#for carol@customer.example\nHello\n\n{forwarded}"));
    assert_eq!(d.outcome, Outcome::Ticket, "{:?}", d.reason);
}
