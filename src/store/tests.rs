//! What the database does with our questions: which index it takes, and what becomes of older rows.

use super::sqlite::open;
use super::transaction::Store;
use refinery::Target;

/// How SQLite answers a question.
fn plan(question: &str) -> String {
    let store = Store::in_memory().expect("a store");
    let rows =
        store.read(|c| super::sql::all(c, &format!("explain query plan {question}"), [], |r| r.get(3)));
    rows.expect("a plan").into_iter().collect::<Vec<String>>().join("\n")
}

#[test]
fn partial_indexes_are_found_by_conditions_that_both_engines_know() {
    for (question, index) in [
        ("select 1 from letter where automatic and counted_as = 'a' and created_at > 1", "letter_counted"),
        ("select 1 from letter where automatic and created_at > 1 and created_at <= 2", "letter_created"),
        (
            "select uid from ledger where mailbox = 'a' and uid_validity = 1 and settled = false",
            "ledger_open",
        ),
        (
            "select id, ticket from held where ended_at is null and person = 1 and cause = 'crossed'
             and ticket is not null order by id",
            "held_crossed",
        ),
        ("select id from held where ended_at is null and person = 1 order by id", "held_open"),
    ] {
        let plan = plan(question);
        assert!(plan.contains(&format!("INDEX {index} ")), "{question}: {plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{question}: {plan}");
    }
}

#[test]
fn rows_of_the_first_version_mean_the_same_in_the_second() {
    let mut c = open::in_memory_of(Target::Version(1)).expect("the first version");
    c.execute_batch(
        "insert into person (id, address, name, created_at) values (1, 'bob@staff.example', 'Bob', 0);
         insert into staff (person, name, configured, since) values (1, 'Bob', 1, 0);
         insert into staff_alias (address, person) values ('z@home.example', 1), ('a@home.example', 1);
         insert into letter (id, kind, automatic, forward_path, counted_as, domain, message_id, subject,
                             state, reason, created_at)
         values (1, 'answer', 0, 'a@b.example', '', '', '', '', 'claimed',
                 'no answer after the letter was sent: closed', 0),
                (2, 'answer', 0, 'a@b.example', '', '', '', '', 'deferred', '451 later', 0)",
    )
    .expect("rows");
    open::migrate(&mut c, Target::Latest).expect("today's version");
    let staff = super::staff::all(&c).expect("staff");
    assert_eq!(
        staff[0].aliases.iter().map(|a| a.as_str()).collect::<Vec<_>>(),
        ["z@home.example", "a@home.example"],
        "in the order in which they were given"
    );
    let unanswered = |id| super::outbox::attempts(&c, id).expect("a letter").expect("a letter").1;
    assert_eq!((unanswered(1), unanswered(2)), (true, false));
}

/// What was taken in before files had a content stays taken in, whatever its size.
#[test]
fn files_of_a_maildir_that_an_older_version_knew_stay_known() {
    let mut c = open::in_memory_of(Target::Version(7)).expect("the version before");
    c.execute_batch(
        "insert into maildir_ledger (mailbox, name, mail, outcome)
         values ('box', '', null, 'before'), ('box', '1.x', 7, 'ticket')",
    )
    .expect("rows");
    open::migrate(&mut c, Target::Latest).expect("today's version");
    assert!(super::maildir::is_begun(&c, "box").expect("a store"));
    let rows = super::maildir::rows(&c, "box", "1.x").expect("rows");
    assert_eq!((rows.len(), rows[0].size, rows[0].outcome.as_str()), (1, None, "ticket"));
    assert!(super::maildir::rows(&c, "box", "").expect("rows").is_empty(), "a file may be called :2,S");
}
