//! Where the commands of a staff mail stand, on the decision.

use crate::desk::model::{MailFault, Outcome, Reason};
use crate::desk::testing::{
    BOB, NOW, TEN_DAYS, decided, known, letters_to, mail, outside, readable, reply_address, signed, ticket,
};

/// A gateway puts its warning above the first line, or what stands there cannot be seen: the note comes back.
#[test]
fn t118_a_banner_never_makes_an_answer_of_a_note() {
    let at_bob = format!("To: {}\r\nSubject: x\r\n", reply_address(1, NOW + TEN_DAYS));
    let banners = [
        "CAUTION: This email originated from outside of the organization. Do not click links.\n\n",
        "ACHTUNG: Diese E-Mail stammt von einem externen Absender.\n--------\n",
        "ATTENTION : ce message provient de l'extérieur.\n\n\n",
        "[EXTERNAL]\n",
        "**************\n* External *\n**************\n",
        "________________________________\n",
        "-- \n",
        "\u{200b}",
        "\u{a0}",
        "  ",
    ];
    for banner in banners {
        for command in
            ["#note", "#Note  ", "#note not for her:", "#close\n#note", "#note\n#close", "#private"]
        {
            let text = format!("{banner}{command}\nCANARY, she is a bad payer.\nBob");
            let fields = format!("{at_bob}Content-Type: text/plain; charset=utf-8\r\n");
            let d = decided(&mail(BOB, &fields, &text), &known(), |_| {});
            let case = format!("{text:?}: {:?}", d.reason);
            assert!(outside(&d).is_empty() && ticket(&d, 1).is_none(), "{case}");
            assert_eq!(d.outcome, Outcome::Refused, "{case}");
            assert!(matches!(d.reason, Reason::Refused(MailFault::BelowTheWords(_))), "{case}");
            let back = readable(letters_to(&d, "bob@staff.example")[0]);
            assert!(back.contains("CANARY") || banner.starts_with(['_', '-', 'A']), "{case}\n{back}");
        }
    }
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
