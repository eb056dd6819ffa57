//! Whatever comes, somebody reads its words or hears of it (T117, T120).

use crate::app::Visitor;
use crate::app::testing::{ADDRESS, ALICE, BOB, EVE, address, desk, letters, mail, opened, take, to};

/// A form of the operator's site that sends as the desk and names its customer in the words alone: it cannot
/// be a ticket of anybody, and staff hear of it at once.
#[test]
fn t120_a_form_that_sends_as_the_desk_is_told_at_once() {
    let (desk, _) = opened();
    let form = "Name: Dora\r\nE-Mail: dora@new.example\r\nMessage: my lamp is dark";
    let raw = mail(ADDRESS, None, "f1@www.example", "Subject: Contact form\r\n", form);
    assert_eq!(take(&desk, &raw).outcome, "held");
    assert_eq!(desk.operator().held().expect("held").len(), 1);
    desk.hours().pass().expect("the hour");
    let told = letters(&desk);
    assert_eq!(told.len(), 2, "Bob and Eve");
    for letter in &told {
        assert!(letter.to == BOB || letter.to == EVE);
        let words = letter.words().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("\"Contact form\"") && words.contains("maildesk held list"), "{words}");
    }
    // A flood of them makes one letter in a while.
    for n in 0..5 {
        take(&desk, &raw.replace("f1@", &format!("g{n}@")));
    }
    desk.hours().pass().expect("the hour");
    assert!(letters(&desk).is_empty());
}

/// A notice brings so many words; none is lost.
#[test]
fn words_that_a_notice_cuts_are_all_in_the_ticket() {
    let (_, desk) = desk(&[BOB]);
    let text = format!("It is dark.\r\n{}\r\nThe last word is CANARY.", "lamp lamp lamp\r\n".repeat(5_000));
    take(&desk, &mail(ALICE, None, "1@c.example", "Subject: lamp\r\n", &text));
    let all = letters(&desk);
    let notice = to(&all, BOB)[0].words().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(notice.contains("It is dark.") && !notice.contains("CANARY"));
    assert!(notice.contains("more characters") && notice.contains("https://desk.example/tickets/1"));
    assert!(
        desk.operator().ticket(1).expect("a desk").expect("a ticket").1[0]
            .text
            .ends_with("The last word is CANARY."),
        "what ticket show prints"
    );
    let who = desk.operator().ticket(1).expect("a desk").expect("a ticket").0.ticket.requester;
    let alice =
        Visitor { person: who, name: String::new(), address: address(ALICE), form_token: String::new() };
    let page = desk.visitors().ticket_of(&alice, 1, None).expect("a desk").expect("hers");
    assert!(page.messages[0].text.ends_with("The last word is CANARY."));
}
