//! The gate on whole desks: what came before is counted in the same transaction (T17, T25, T26, T29, T30,
//! T31).

use super::desk;
use crate::app::testing::{MIDNIGHT, address, field, sent, set_clock, take_from, text};
use crate::app::{Claimed, Client, Desk, Position, Said};
use crate::desk::Event;
use crate::store::stats;

const BOB: &str = "bob@staff.example";

fn desk_of_bob() -> Desk {
    set_clock(MIDNIGHT);
    desk("desk.example", &[("Bob", BOB, &["b@staff.example"])])
}

fn mail(from: &str, id: &str, subject: &str, words: &str) -> String {
    format!(
        "From: {from}\nTo: support@desk.example\nSubject: {subject}\nMessage-ID: <{id}@client.example>\n\n\
         {words}\n"
    )
}

fn writes(desk: &Desk, from: &str, id: &str) {
    take_from(desk, &mail(from, id, "A question", id), from, "support@desk.example");
}

fn to<'a>(letters: &'a [Claimed], address: &str) -> Vec<&'a Claimed> {
    letters.iter().filter(|l| l.to.as_str() == address).collect()
}

fn count(desk: &Desk, what: &str, word: &str) -> i64 {
    let all = desk.store().read(stats::counts).expect("numbers");
    all.into_iter().find(|(of, _)| of.subject() == what && of.word() == word).map_or(0, |(_, n)| n)
}

#[test]
fn t17_one_id_and_two_mails_are_two() {
    let desk = desk_of_bob();
    let first = mail("mallory@evil.example", "same", "x", "I come first");
    let second = mail("alice@customer.example", "same", "x", "the true one");
    assert_eq!(take_from(&desk, &first, "m@evil.example", "support@desk.example").outcome, "ticket");
    assert_eq!(take_from(&desk, &second, "alice@customer.example", "support@desk.example").outcome, "ticket");
    // Another route: trace fields differ, the mail is the same.
    let again = format!("Received: from elsewhere\nX-Spam: no\n{second}");
    assert_eq!(
        take_from(&desk, &again, "alice@customer.example", "support@desk.example").outcome,
        "duplicate"
    );
    assert_eq!(desk.operator().tickets(None).expect("tickets").len(), 2);
}

#[test]
fn t18_a_full_mailbox_at_the_first_connect_causes_no_letter() {
    let desk = desk_of_bob();
    let looked = |n: u32, validity: i64, history: bool, words: &str| {
        let raw = mail("alice@customer.example", &format!("h{n}"), "x", words).replace('\n', "\r\n");
        let came = if words == "old" { MIDNIGHT - 7 * 86_400 } else { MIDNIGHT };
        let position = Position::Imap {
            mailbox: "m".into(),
            uid_validity: validity,
            uid: n,
            said: Said::default(),
            internal_date: came,
            history,
        };
        desk.intake().look(raw.into_bytes(), position)
    };
    let batch: Vec<_> = (1..=200).map(|n| looked(n, 1, true, "old")).collect();
    desk.intake().take(&batch).expect("taken");
    assert!(sent(&desk).is_empty(), "history causes no letter");
    // UIDVALIDITY changed: the same mails under other numbers.
    let again: Vec<_> = (1..=200).map(|n| looked(n, 2, false, "old")).collect();
    let taken = desk.intake().take(&again).expect("taken");
    assert!(taken.iter().all(|t| t.outcome == "duplicate") && sent(&desk).is_empty(), "no doubles");
    desk.intake().take(&[looked(201, 2, false, "new")]).expect("taken");
    assert_eq!(to(&sent(&desk), "alice@customer.example").len(), 1, "a new one is confirmed");
}

#[test]
fn t25_ten_letters_a_day_with_all_subaddresses() {
    let desk = desk_of_bob();
    for n in 0..14 {
        writes(&desk, &format!("alice+{n}@customer.example"), &format!("a{n}"));
    }
    let letters = sent(&desk);
    let hers = letters.iter().filter(|l| l.to.as_str().starts_with("alice")).count();
    assert_eq!((hers, desk.operator().tickets(None).expect("tickets").len()), (10, 14));
    assert_eq!(count(&desk, "kept back", "address"), 4, "suppressed letters are counted");
    let reasons: Vec<String> = desk
        .store()
        .read(|c| {
            let mut s = c.prepare("select reason from mail where reason like '%got its letters%'")?;
            let all = s.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
            Ok(all)
        })
        .expect("reasons");
    assert_eq!(reasons.len(), 4, "each with its reason");
    set_clock(MIDNIGHT + 86_401);
    writes(&desk, "alice@customer.example", "next-day");
    assert_eq!(to(&sent(&desk), "alice@customer.example").len(), 1, "another day");
}

#[test]
fn t25_results_beyond_the_limit_come_as_one_and_none_is_lost() {
    let desk = desk_of_bob();
    writes(&desk, "alice@customer.example", "a");
    let notice = text(to(&sent(&desk), BOB)[0]);
    let reply_to = field(&notice, "Reply-To").expect("a reply address");
    let refused = |n: usize| {
        let raw = format!(
            "From: {BOB}\nTo: {reply_to}\nSubject: Re: x\nMessage-ID: <r{n}@staff.example>\n\n#wrong{n}\n\
             words {n}\n"
        );
        assert_eq!(take_from(&desk, &raw, BOB, &reply_to).outcome, "refused");
    };
    (0..25).for_each(refused);
    assert_eq!(to(&sent(&desk), BOB).len(), 20);
    set_clock(MIDNIGHT + 3601);
    desk.hours().pass().expect("hour");
    let gathered = sent(&desk);
    let whole = text(to(&gathered, BOB)[0]);
    assert!(
        (20..25).all(|n| whole.contains(&format!("#wrong{n}"))),
        "every refusal is in the one letter: {whole}"
    );
}

#[test]
fn t26_a_breaker_opens_once_and_closes_by_itself() {
    let desk = desk_of_bob();
    let opened = || {
        desk.condition()
            .breakers()
            .expect("status")
            .contains("the breaker of the domain evil.example is open")
    };
    for n in 0..260 {
        set_clock(MIDNIGHT + n);
        writes(&desk, &format!("r{n}@evil.example"), &format!("r{n}"));
        assert_eq!(opened(), n >= 200, "{n}");
        if n % 20 == 0 {
            desk.hours().pass().expect("hour");
        }
    }
    let letters = sent(&desk);
    assert_eq!(letters.iter().filter(|l| l.to.domain() == "evil.example").count(), 200);
    writes(&desk, "alice@customer.example", "a");
    assert_eq!(to(&sent(&desk), "alice@customer.example").len(), 1, "others are confirmed");
    let told = || -> i64 {
        desk.store()
            .read(|c| {
                Ok(c.query_row("select count(*) from alarm where told_at is not null", [], |r| r.get(0))?)
            })
            .expect("alarm")
    };
    desk.hours().pass().expect("hour");
    assert_eq!(told(), 1);
    set_clock(MIDNIGHT + 3600 + 150);
    desk.hours().pass().expect("hour");
    assert!(!opened(), "{}", desk.condition().breakers().expect("status"));
    writes(&desk, "r-new@evil.example", "again");
    assert_eq!(to(&sent(&desk), "r-new@evil.example").len(), 1);
    assert_eq!(told(), 1);
}

#[test]
fn t26_the_breaker_of_the_desk() {
    let desk = desk_of_bob();
    for n in 0..1_010 {
        writes(&desk, &format!("x@domain{n}.example"), &format!("d{n}"));
    }
    let letters = sent(&desk);
    assert_eq!(letters.iter().filter(|l| l.to.domain() != "staff.example").count(), 1_000);
    assert!(desk.condition().breakers().expect("status").contains("the breaker of the desk is open"));
    set_clock(MIDNIGHT + 3601);
    desk.hours().pass().expect("hour");
    writes(&desk, "late@customer.example", "late");
    assert_eq!(to(&sent(&desk), "late@customer.example").len(), 1);
    assert!(desk.condition().breakers().expect("status").contains("no breaker is open"));
}

#[test]
fn t29_a_mail_bomb_is_one_notice_and_delays_nobody() {
    let desk = desk_of_bob();
    for n in 0..400 {
        set_clock(MIDNIGHT + n / 10);
        writes(&desk, &format!("bomb+{n}@evil.example"), &format!("b{n}"));
        if n % 40 == 0 {
            writes(&desk, &format!("good{n}@customer{n}.example"), &format!("g{n}"));
        }
    }
    let before = sent(&desk);
    assert_eq!(desk.operator().tickets(None).expect("tickets").len(), 410, "all mail becomes tickets");
    assert_eq!(before.iter().filter(|l| l.to.as_str().starts_with("good")).count(), 10);
    assert!(before.iter().filter(|l| l.to.as_str().starts_with("bomb")).count() <= 10);
    assert_eq!(
        to(&before, BOB).len(),
        30 + 10,
        "one notice each for the first thirty, and for the good ones"
    );
    for second in (60..600).step_by(20) {
        set_clock(MIDNIGHT + second);
        desk.hours().pass().expect("hour");
    }
    let summaries = sent(&desk);
    assert_eq!(summaries.len(), 1, "and one for all the others");
    assert!(text(&summaries[0]).contains("370 notices in one"), "{}", text(&summaries[0]));
}

/// The thousandth mail of a bomb costs what the first ones cost, whatever subaddresses it bears.
#[test]
fn t29_a_bomb_does_not_grow_dearer() {
    let desk = desk_of_bob();
    let steps = |n: i64| {
        let raw = mail(&format!("bomb+{n}@evil.example"), &format!("b{n}"), "x", "x").replace('\n', "\r\n");
        let looked =
            desk.intake().look(raw.into_bytes(), Position::Envelope { recipients: Vec::new(), sender: None });
        let (mailed, asked) = desk.mailed(&looked, MIDNIGHT);
        desk.store()
            .counted(|tx| desk.decide(tx.conn(), &Event::Mail(&mailed, &asked), MIDNIGHT))
            .expect("decided")
            .1
    };
    let fill = |from: i64, to: i64| {
        (from..to).for_each(|n| writes(&desk, &format!("bomb+{n}@evil.example"), &format!("f{n}")))
    };
    fill(0, 60);
    let early = steps(10_000);
    fill(60, 600);
    let late = steps(10_001);
    assert!(late < early * 3 / 2 + 5, "{early} became {late}");
}

/// A flood that lasts is told of every ten minutes.
#[test]
fn t29_summaries_keep_their_distance() {
    let desk = desk_of_bob();
    for second in 0..3600_i64 {
        set_clock(MIDNIGHT + second);
        if second % 10 == 0 {
            writes(&desk, "bomb@evil.example", &format!("b{second}"));
        }
        if second % 20 == 0 {
            desk.hours().pass().expect("hour");
        }
    }
    let summaries = sent(&desk).iter().filter(|l| text(l).contains("notices in one")).count();
    assert!((4..=6).contains(&summaries), "{summaries} summaries in an hour");
}

#[test]
fn t30_a_hundred_requests_for_a_link_are_three_letters() {
    let desk = desk_of_bob();
    writes(&desk, "alice@customer.example", "a");
    sent(&desk);
    let client = |n: i64| Client {
        network: format!("10.{}.{}.0/24", n / 250, n % 250),
        ip: "10.0.0.1".into(),
        agent: String::new(),
    };
    for n in 0..100 {
        desk.visitors().ask_link("Alice@Customer.example", &client(n));
        desk.visitors().ask_link("nobody@unknown.example", &client(1_000 + n));
    }
    let letters = sent(&desk);
    assert_eq!(
        (to(&letters, "alice@customer.example").len(), letters.len()),
        (3, 3),
        "of 100 from 100 networks"
    );
    for quarter in 1..=95 {
        set_clock(MIDNIGHT + quarter * 901);
        desk.visitors().ask_link("alice@customer.example", &client(5_000 + quarter));
    }
    let more = sent(&desk).len();
    assert!(more + 3 <= 10, "{more} more of 95 in that day");
    // One network asks for many people.
    set_clock(MIDNIGHT + 10 * 86_400);
    for n in 0..20 {
        writes(&desk, &format!("p{n}@customer{n}.example"), &format!("p{n}"));
    }
    sent(&desk);
    for n in 0..20 {
        desk.visitors().ask_link(&format!("p{n}@customer{n}.example"), &client(9_999));
    }
    assert_eq!(sent(&desk).len(), 10, "a network is served ten times in a quarter of an hour");
}

/// Strangers at one network ask for a link to Alice all day; she asks from her own and gets it.
#[test]
fn t30_sign_in_cannot_be_shut_for_others() {
    let desk = desk_of_bob();
    writes(&desk, "alice@customer.example", "a");
    sent(&desk);
    let ask = |network: &str| {
        let client = Client { network: network.into(), ip: "10.0.0.1".into(), agent: String::new() };
        desk.visitors().ask_link("alice@customer.example", &client);
        sent(&desk).len()
    };
    for n in 0..10 {
        desk.visitors().ask_link(
            &format!("nobody{n}@unknown.example"),
            &Client { network: "10.6.6.6/32".into(), ip: "10.6.6.6".into(), agent: String::new() },
        );
    }
    let refused: usize = (0..20).map(|_| ask("10.6.6.6/32")).sum();
    assert_eq!((refused, ask("10.1.1.1/32")), (0, 1), "what the network may not do counts for nobody");
    let of_strangers: usize = (1..=90)
        .map(|quarter| {
            set_clock(MIDNIGHT + 2 * 86_400 + quarter * 901);
            (0..5).map(|_| ask("10.6.6.6/32")).sum::<usize>()
        })
        .sum();
    assert_eq!(of_strangers, 6, "their share of a day");
    assert_eq!(ask("10.1.1.1/32"), 1, "there is one left for her");
}

#[test]
fn t31_the_sixth_notice_waits_and_nothing_is_lost() {
    let desk = desk_of_bob();
    writes(&desk, "alice@customer.example", "a");
    let letters = sent(&desk);
    let confirmation = text(to(&letters, "alice@customer.example")[0]);
    let reply_to = field(&confirmation, "Reply-To").expect("a reply address");
    for n in 0..12 {
        let raw = format!(
            "From: alice@customer.example\nTo: {reply_to}\nSubject: Re: x\nMessage-ID: <m{n}@c.example>\n\n\
             thing {n}\n"
        );
        take_from(&desk, &raw, "alice@customer.example", &reply_to);
    }
    assert_eq!(to(&sent(&desk), BOB).len(), 4, "five with the first");
    assert_eq!(count(&desk, "kept back", "notices"), 8);
    set_clock(MIDNIGHT + 601);
    desk.hours().pass().expect("hour");
    let rest = sent(&desk);
    assert_eq!(rest.len(), 1, "the rest is one");
    assert_eq!(text(&rest[0]).matches("wrote to DESK-1").count() % 8, 0);
    let raw = format!(
        "From: alice@customer.example\nTo: {reply_to}\nSubject: x\nMessage-ID: <late@c.example>\n\nlater\n"
    );
    take_from(&desk, &raw, "alice@customer.example", &reply_to);
    assert_eq!(to(&sent(&desk), BOB).len(), 1, "ten minutes later a notice is a notice");
    assert_eq!(address(BOB).as_str(), BOB);
    let (_, messages) = desk.operator().ticket(1).expect("ticket").expect("ticket 1");
    assert_eq!(messages.len(), 14, "every message is kept");
}
