//! What one question, one turn of the clock or one command may cost: nobody waits for the one of somebody
//! else, and nothing costs more because a desk is old.

use crate::app::testing::{ALICE, BOB, EVE, desk, desk_with, letters, mail, set_clock, take};
use crate::app::{Desk, Looked, Ordered, Position, StaffChange, now};
use crate::desk::Event;
use crate::desk::model::search::Hits;
use crate::desk::model::{HourScope, Status};
use crate::desk::order::command::Order;
use crate::desk::testing::signed;
use crate::store::{self, Store, due, outbox, retention, staff, stats};

/// Date counts, where a signature proves.
const SEARCH: &str = "Date: Thu, 26 Nov 2026 08:00:00 +0000\r\nSubject: search dark\r\n";

fn looked(desk: &Desk, raw: &str) -> Looked {
    desk.intake().look(raw.as_bytes().to_vec(), Position::Envelope { recipients: Vec::new(), sender: None })
}

fn searched(desk: &Desk, looked: &Looked) -> Hits {
    let (mailed, asked) = desk.mailed(looked, now());
    desk.searched(&Event::Mail(&mailed, &asked), now()).expect("a search")
}

/// A search may be dear: it is over before the transaction of its mail begins, in which everybody else waits.
#[test]
fn a_search_by_mail_is_outside_the_transaction() {
    let (_, desk) = desk(&[BOB]);
    for n in 1..=3 {
        take(&desk, &mail(ALICE, None, &format!("{n}@c.example"), "Subject: lamp\r\n", "It is dark."));
    }
    letters(&desk);
    let mut asks = looked(&desk, &mail(BOB, None, "b1@staff.example", SEARCH, ""));
    assert_eq!(searched(&desk, &asks), Hits::default(), "nobody who proves nothing makes the desk search");
    asks.facts.domain = signed();
    let hits = searched(&desk, &asks);
    assert_eq!((hits.tickets.as_slice(), hits.more), ([3, 2, 1].as_slice(), false), "newest first");
    // The transaction reads what was found, and does not search: without hits it finds nothing.
    let mut without = looked(&desk, &mail(BOB, None, "b2@staff.example", SEARCH, ""));
    without.facts.domain = signed();
    without.facts.domain.signed[0].fingerprint = [2; 32];
    asks.facts.hits = hits;
    let told = |looked: Looked| {
        assert_eq!(desk.intake().take(&[looked]).expect("taken")[0].outcome, "query");
        letters(&desk).remove(0).words()
    };
    assert!(told(without).contains("none."));
    let mut given_up = looked(&desk, &mail(BOB, None, "b3@staff.example", SEARCH, ""));
    given_up.facts.domain = signed();
    given_up.facts.domain.signed[0].fingerprint = [3; 32];
    given_up.facts.hits = Hits { more: true, ..Hits::default() };
    let said = told(given_up);
    assert!(!said.contains("none.") && said.contains("given up before it found any"), "{said}");
    let said = told(asks);
    let at = |token: &str| said.find(token).unwrap_or_else(|| panic!("{token}: {said}"));
    assert!(at("DESK-3") < at("DESK-2") && at("DESK-2") < at("DESK-1"), "{said}");
}

fn sql(desk: &Desk, text: &str) {
    desk.store().write(|tx| Ok(tx.conn().execute_batch(text)?)).expect("rows");
}

/// Rows of an old desk, as many as `from..=to`: nothing of it is due, nothing waits.
fn grow(desk: &Desk, from: i64, to: i64) {
    sql(
        desk,
        &format!(
            "with recursive n (i) as (select {from} union all select i + 1 from n where i < {to})
             insert into person (id, address, name, created_at) select i, 'p' || i || '@far.example', '', 0
               from n;
             insert into ticket (id, subject, status, priority, requester, created_at, updated_at, due_at,
               started_at, closed_at)
               select id, '', 'closed', 'normal', id, 0, 0, 5, 0, 5 from person where id >= {from};
             insert into message (id, ticket, kind, via, author, author_name, text, quoted, signature,
               verified, created_at)
               select id, id, 'customer', 'email', id, '', '', '', '', 'none', 0 from person
               where id >= {from};
             insert into letter (id, kind, ticket, person, automatic, forward_path, counted_as, domain,
               message_id, subject, state, reason, created_at, settled_at)
               select id, 'notification', id, id, 0, address, address, '', 'm' || id, '', 'sent', '', 0, 0
               from person where id >= {from};
             insert into mail (id, hash, subject, outcome, reason, source, size, received_at)
               select id, x'00', '', 'ticket', '', '', 1, 0 from person where id >= {from};
             insert into held (kind, mail, person, cause, verified, reason, received_at)
               select 'held', id, 1, 'unproven', 'none', '', 0 from person where id >= {from};
             insert into held_link (hash, person, created_at, expires_at)
               select 'h' || id, 1, 0, {now} + 9999 from person where id >= {from};
             insert into link (hash, person, created_at, expires_at)
               select 'l' || id, id, 0, {now} from person where id >= {from};
             insert into session (hash, person, form_token, ip, agent, created_at, expires_at)
               select 's' || id, id, '', '', '', 0, {now} + 9999 from person where id >= {from};
             insert into asked (what, at) select 'a' || id, {now} - 9 from person where id >= {from};
             insert into opened (counted_as, at, ticket)
               select address, {now} - 9, id from person where id >= {from};
             insert into signature (fingerprint, at) select 'f' || id, {now} from person where id >= {from};
             insert into deed (ticket, steps, at) select id, '', {now} from person where id >= {from};
             insert into pending (person, why, created_at, due_at)
               select 1, '', 0, {now} + 9999 from person where id >= {from}",
            now = now()
        ),
    );
}

/// Steps of SQLite's machine, in tens, of everything that a timer, a page or a command asks which shows the
/// desk and not its tickets.
fn costs(desk: &Desk) -> Vec<(&'static str, u64)> {
    let bounds = desk.rules().bounds.clone();
    let steps = |work: &dyn Fn(&store::Tx<'_>) -> store::Result<()>| {
        desk.store().counted(|tx| work(tx)).expect("counted").1
    };
    let bob = crate::app::testing::address(BOB);
    let mark = (now() - 86_400, 999_999, 999_999);
    let tomorrow = now() + 86_400;
    vec![
        (
            "the Hour",
            steps(&|tx| desk.decide(tx.conn(), &Event::Hour(&HourScope::default()), now()).map(drop)),
        ),
        ("next", steps(&|tx| due::next(tx.conn(), &bounds, now()).map(drop))),
        ("overfull", steps(&|tx| due::overfull(tx.conn(), &bounds, now()).map(drop))),
        ("forget", steps(&|tx| retention::forget_expired(tx, &bounds, now()).map(drop))),
        ("set right", steps(&|tx| retention::set_right(tx, &bounds, now()).map(drop))),
        ("counts", steps(&|tx| stats::counts(tx.conn()).map(drop))),
        ("held", steps(&|tx| store::held::counts(tx.conn()).map(drop))),
        ("overdue", steps(&|tx| store::ticket::overdue(tx.conn(), now(), 10).map(drop))),
        ("digest", steps(&|tx| store::digest::morning(tx.conn(), &bounds, mark, tomorrow, now()).map(drop))),
        ("outbox list", steps(&|tx| outbox::list(tx.conn()).map(drop))),
        ("outbox open", steps(&|tx| outbox::open(tx.conn()).map(drop))),
        ("staff remove", steps(&|tx| staff::remove(tx, &bob, now()).map(drop))),
    ]
}

/// 1,000,000 tickets cost a page or a timer what ten cost.
#[test]
fn no_table_is_walked_by_timers_pages_and_commands() {
    let (_, desk) = desk(&[BOB, EVE]);
    desk.hours().pass().expect("the first hour");
    grow(&desk, 10, 60);
    let small = costs(&desk);
    grow(&desk, 61, 3_000);
    for ((what, few), (_, many)) in small.into_iter().zip(costs(&desk)) {
        assert!(many <= few + few / 2 + 60, "{what}: {few} became {many}");
    }
}

fn rows(c: &store::Connection, text: &str) -> store::Result<Vec<(String, String, i64)>> {
    let mut statement = c.prepare(text)?;
    let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Counters are kept by the database itself, whoever writes.
#[test]
fn what_is_counted_is_what_there_is() {
    let (_, desk) = desk(&[BOB, EVE]);
    for n in 1..=4 {
        take(&desk, &mail(ALICE, None, &format!("{n}@c.example"), "Subject: lamp\r\n", "It is dark."));
    }
    take(&desk, &mail(EVE, None, "f@c.example", "Subject: [DESK-1]\r\n", "words"));
    desk.operator()
        .order(2, None, &Ordered::Orders(vec![Order::Status(crate::app::Status::Closed)]))
        .expect("closed");
    letters(&desk);
    sql(
        &desk,
        "update held set ended_at = 1 where id = 1; delete from letter_bytes where letter = 1;
                delete from known_id where letter = 1; delete from letter where id = 1",
    );
    let counted: Vec<(String, String, i64)> = desk
        .store()
        .read(|c| {
            let text =
                "select what, word, n from counter where n > 0 and what <> 'audit' order by what, word";
            rows(c, text)
        })
        .expect("counters");
    let there: Vec<(String, String, i64)> = desk
        .store()
        .read(|c| {
            let text = "select 'held' as what, kind as word, count(*) from held where ended_at is null
                 group by kind
               union all select 'letters', state, count(*) from letter group by state
               union all select 'mails', outcome, count(*) from mail group by outcome
               union all select 'tickets', status, count(*) from ticket group by status
               order by what, word";
            rows(c, text)
        })
        .expect("rows");
    assert_eq!(counted, there);
    assert!(
        counted.iter().any(|(what, word, n)| (what.as_str(), word.as_str(), *n) == ("tickets", "closed", 1))
    );
}

/// The row of one ticket cannot be read; the reminder of the other one leaves all the same, and the operator
/// hears which one it is.
#[test]
fn one_odd_ticket_stops_nobodys_reminder() {
    let (_, desk) = desk(&[BOB]);
    for n in 1..=2 {
        take(&desk, &mail(ALICE, None, &format!("{n}@c.example"), "Subject: lamp\r\n", "It is dark."));
        desk.operator().order(n, None, &Ordered::Orders(vec![Order::Due(now() - 60)])).expect("due");
    }
    letters(&desk);
    sql(&desk, "update ticket set privacy = 'odd' where id = 1");
    desk.hours().pass().expect("an hour");
    let told = letters(&desk);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].words().contains("DESK-2: overdue"), "{}", told[0].words());
    assert_eq!(desk.hours().failing(), ["DESK-1"]);
    desk.hours().pass().expect("an hour");
    assert!(letters(&desk).is_empty(), "once, and the odd one is left alone");
    sql(&desk, "update ticket set privacy = 0 where id = 1");
    set_clock(now() + 3_601);
    desk.hours().pass().expect("an hour");
    assert!(letters(&desk).iter().any(|l| l.words().contains("DESK-1: overdue")), "tried again later");
    assert!(desk.hours().failing().is_empty());
}

/// What belongs to no ticket fails; reminders leave all the same, and the operator hears what it is.
#[test]
fn one_odd_kind_of_work_stops_no_other() {
    let (_, desk) = desk(&[BOB]);
    desk.hours().pass().expect("the first hour");
    take(&desk, &mail(ALICE, None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
    desk.operator().order(1, None, &Ordered::Orders(vec![Order::Due(now() - 60)])).expect("due");
    letters(&desk);
    sql(&desk, "update digest set at = 'odd'");
    desk.hours().pass().expect("an hour");
    assert!(letters(&desk).iter().any(|l| l.words().contains("DESK-1: overdue")));
    assert_eq!(desk.hours().failing(), ["the digest"]);
    sql(&desk, "update digest set at = 0");
    desk.hours().pass().expect("an hour");
    assert!(desk.hours().failing().is_empty());
}

/// A summary names so many notices and counts the others, and each transaction is a small one.
#[test]
fn very_many_notices_leave_in_small_steps_and_as_one_letter() {
    let (_, desk) = desk(&[BOB]);
    desk.hours().pass().expect("the first hour");
    sql(
        &desk,
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 20000)
         insert into pending (person, why, created_at, due_at)
           select person, 'notice ' || i || '.', 0, i from n, staff",
    );
    let bounds = desk.rules().bounds.clone();
    let step = |rows| {
        let bounds = crate::desk::model::Bounds { rows_removed_max: rows, ..bounds.clone() };
        desk.store()
            .counted(|tx| {
                let last = due::overfull(tx.conn(), &bounds, now())?.expect("too many");
                due::count_away(tx, &bounds, last)
            })
            .expect("counted")
            .1
    };
    assert!(step(100) < step(1_000), "it takes no more than it may");
    desk.hours().pass().expect("an hour");
    let told = letters(&desk);
    assert_eq!((told.len(), told[0].subject.as_str()), (1, "20000 notices in one"));
    let said = told[0].words();
    assert!(said.contains("notice 1.") && said.contains("notice 200.") && !said.contains("notice 201."));
    assert!(said.contains("and 19800 more"), "{said}");
    set_clock(now() + 3_600);
    desk.hours().pass().expect("an hour");
    assert!(letters(&desk).is_empty(), "each is told once");
}

/// T93: a clock was ten years ahead for a while. What it wrote neither waits nor lasts for ten years.
#[test]
fn t93_what_a_clock_wrote_that_was_ahead_is_bounded() {
    let (_, desk) = desk(&[BOB]);
    desk.hours().pass().expect("the first hour");
    let (right, ahead) = (now(), now() + 315_360_000);
    set_clock(ahead);
    take(&desk, &mail(ALICE, None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
    let client =
        crate::app::Client { network: "192.0.2.1/32".into(), ip: "192.0.2.1".into(), agent: "".into() };
    for _ in 0..20 {
        desk.visitors().ask_link(ALICE, &client);
    }
    let link = desk.outbox().claim(100, &[]).expect("letters").letters;
    let link = link.iter().map(crate::app::testing::text).find(|t| t.contains("/login/")).expect("a link");
    let token: String = link.split("/login/").nth(1).expect("a link").chars().take(43).collect();
    let (cookie, _) = desk.visitors().sign_in(&token, &client).expect("a desk").expect("signed in");
    assert!(desk.visitors().visitor(&cookie).expect("a desk").is_some());
    desk.outbox().void_leases().expect("given back");
    set_clock(right);
    assert!(desk.visitors().visitor(&cookie).expect("a desk").is_none(), "no session of ten years");
    assert!(desk.outbox().next_due().expect("a time").expect("letters wait") > 86_400);
    desk.hours().forget_expired().expect("forgotten");
    assert_eq!(desk.outbox().next_due().expect("a time"), Some(0), "what waits leaves now");
    assert!(!letters(&desk).is_empty());
    desk.visitors().ask_link(ALICE, &client);
    assert_eq!(letters(&desk).len(), 1, "limits count nothing of the future");
    desk.hours().pass().expect("an hour");
    let ticket = desk.operator().ticket(1).expect("a desk").expect("a ticket");
    assert!(ticket.0.ticket.updated_at <= right + 120 && ticket.0.ticket.created_at <= right + 120);
    assert!(ticket.0.ticket.clock.asked_at.is_some_and(|at| at <= right + 120));
    assert!(ticket.1[0].created_at <= right + 120, "what was said, too");
}

/// T93: a backup that was put in place by a clock that was ahead does not switch answers off until then.
#[test]
fn t93_a_restore_in_the_future_keeps_nobody_waiting() {
    let ahead = now() + 315_360_000;
    let (config, desk) = desk_with(&[], |_| {}, |rules| rules.restored_at = Some(ahead));
    take(&desk, &mail(ALICE, None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
    assert_eq!(letters(&desk).len(), 1, "the confirmation");
    let row = format!("insert into restored (id, at) values (1, {ahead})");
    sql(&desk, &row);
    desk.hours().forget_expired().expect("forgotten");
    assert_eq!(desk.store().read(store::outbox::restored_at).expect("a time"), Some(now()));
    let store = Store::in_memory().expect("memory");
    store.write(|tx| Ok(tx.conn().execute_batch(&row)?)).expect("a row");
    let anew = Desk::with(store, &[7; 32], &config, None);
    assert_eq!(anew.rules().restored_at, Some(now()), "older mail is known as such all the same");
}

/// T93: a clock that jumps makes nothing expire.
#[test]
fn t93_retention_stops_where_the_clock_jumped() {
    let (_, desk) = desk(&[BOB]);
    desk.hours().forget_expired().expect("forgotten");
    sql(&desk, "insert into signature (fingerprint, at) select x'01', since from staff");
    let there = || {
        let text = "select count(*) from signature";
        desk.store().read(|c| Ok(c.query_row(text, [], |r| r.get::<_, i64>(0))?)).expect("a count")
    };
    set_clock(now() + 315_360_000);
    desk.hours().forget_expired().expect("nothing is forgotten");
    assert_eq!(there(), 1);
    set_clock(now() - 315_360_000);
    desk.hours().forget_expired().expect("as ever");
    assert_eq!(there(), 1);
}

/// T93: a machine that wakes up in 1970, or whose clock goes back by years, rewrites nothing that was right.
#[test]
fn t93_a_clock_that_is_behind_rewrites_nothing() {
    for (behind, steady) in [(0, true), (1_000_000_000, true), (now() - 40 * 86_400, false)] {
        let (_, desk) = desk(&[BOB]);
        let right = now();
        take(&desk, &mail(ALICE, None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
        desk.operator()
            .order(1, None, &Ordered::Orders(vec![Order::Status(Status::Closed)]))
            .expect("closed");
        let rows = || {
            let text = "select max(t.closed_at), max(t.created_at), max(m.created_at), max(l.received_at)
                          from ticket t, message m, mail l";
            let read = |c: &rusqlite::Connection| {
                Ok(c.query_row(text, [], |r| Ok([r.get::<_, i64>(0)?, r.get(1)?, r.get(2)?, r.get(3)?]))?)
            };
            desk.store().read(read).expect("times")
        };
        let before = rows();
        if !steady {
            desk.hours().pass().expect("an hour");
        }
        set_clock(behind);
        desk.hours().pass().expect("an hour");
        desk.hours().forget_expired().expect("an hour");
        assert!(!desk.hours().clock_is_right(), "the operator hears of it");
        assert_eq!(rows(), before, "clock at {behind}");
        set_clock(right);
        assert!(desk.hours().clock_is_right());
    }
}

/// Nobody who leaves the staff waits for letters of years.
#[test]
fn staff_who_leave_get_nothing_more() {
    let (_, desk) = desk(&[BOB, EVE]);
    take(&desk, &mail(ALICE, None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
    let bob = crate::app::testing::address(BOB);
    desk.operator().change_staff(&StaffChange::Remove { address: &bob }).expect("removed");
    let mut to: Vec<String> = letters(&desk).into_iter().map(|l| l.to).collect();
    to.sort();
    assert_eq!(to, [ALICE, EVE]);
}
