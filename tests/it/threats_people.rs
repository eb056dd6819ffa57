//! THREATS.md, who may ask and who takes part: questions by mail (T108), copies and participants (T06), links
//! in letters (T105).

use crate::browser::{Browser, hidden, path_in};
use crate::letters::{Draft, Letter, Person, canary, person};
use crate::mailer::deliver;
use crate::signer::Signer;
use crate::sink::Sink;
use crate::stage::until;
use crate::world::{Setup, World};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fs;

fn world(end: &str) -> World {
    let sink = Sink::start();
    let smtp = Some((sink.port, "none"));
    World::with(Setup { smtp, sink: Some(sink), end: end.to_owned(), ..Setup::default() }).started()
}

#[test]
fn t108_questions_by_mail() {
    let world = world("[limits]\nanswers_per_staff_hour = 5\n");
    let signer = Signer::new(&world.domain);
    let (alice, words, note, answer) =
        (person("alice"), canary("CLASSIFIED"), canary("NOTE"), canary("ANSWER"));
    let opened = world.open(&alice, "Printer", &words);
    world.send(&Draft::answer(&world.bob, &opened.notice, &format!("#note\n{note}")));
    until("the note", || world.words(opened.number, "note").contains(&note).then_some(()));
    let show = format!("show {}", opened.number);
    // In Eve's name and unsigned: kept, and nobody hears of it.
    world.send(&Draft::new(&world.eve, &world.desk, &show, "x"));
    let ask = |subject: &str| {
        deliver(
            &signer.sign(&Draft::new(&world.bob, &world.desk, subject, "x").bytes()),
            &world.bob.address,
            &world.desk,
        );
    };
    let results = || {
        let all = world.letters(&world.bob.address);
        all.into_iter().filter(|l| l.subject().starts_with("Result: ")).collect::<Vec<_>>()
    };
    ask(&show);
    let shown =
        world.letter(&world.bob, "the conversation", |l| l.subject().starts_with(&format!("Result: {show}")));
    assert_eq!(shown.ticket(), Some(opened.number));
    assert!(shown.text().contains(&words) && shown.text().contains(&note), "{}", shown.text());
    assert_eq!(shown.field("Auto-Submitted").as_deref(), Some("auto-replied"));
    // An out-of-office answers it, and nothing answers that.
    world.send(&Draft::answer(&world.bob, &shown, "I am away.").with("Auto-Submitted", "auto-replied"));
    ask("list");
    let list = world.letter(&world.bob, "the list", |l| l.subject() == "Result: list");
    assert!(
        list.text().contains(&format!("DESK-{} Printer", opened.number))
            && list.text().contains(&alice.address)
    );
    ask(&format!("search {words}"));
    let found = world.letter(&world.bob, "what was found", |l| l.subject().starts_with("Result: search"));
    assert!(found.text().contains(&format!("DESK-{}", opened.number)));
    // Answering what was shown answers the customer.
    world.send(&Draft::answer(&world.bob, &shown, &answer));
    world.letter(&alice, "the answer", |l| l.text().contains(&answer));
    ask("mine");
    ask("help");
    until("five answers", || (results().len() == 5).then_some(()));
    ask("list");
    ask("list");
    world.settle();
    assert_eq!(results().len(), 5, "beyond the limit nothing is answered");
    let held = world.list(&["held", "list"]);
    let over = held.iter().filter(|h| h["reason"].to_string().contains("answers_per_staff_hour")).count();
    assert_eq!(over, 2, "and nothing is lost: {held:?}");
    let told = world
        .letters(&world.bob.address)
        .iter()
        .filter(|l| l.text().contains("answers_per_staff_hour"))
        .count();
    assert_eq!(told, 1, "he is told once");
    assert!(held.iter().any(|h| h["from"] == world.eve.address.as_str() && h["subject"] == show.as_str()));
    let to_eve = world.letters(&world.eve.address);
    assert!(
        to_eve.iter().all(|l| l.field("List-Id").is_some()),
        "notices alone, and no word of the one in her name"
    );
    assert!(results().iter().all(|l| !l.everything().contains("/login/")), "no magic link");
    let file = world.dir.join("query.eml");
    std::fs::write(&file, signer.sign(&Draft::new(&world.eve, &world.desk, "mine", "x").bytes()))
        .expect("a file");
    let explained = world.json(&["explain", file.to_str().expect("a path")]);
    assert_eq!(
        (explained["outcome"].as_str(), explained["letters"][0]["kind"].as_str()),
        (Some("query"), Some("result"))
    );
    world.audit_is_clean();
}

fn participants(world: &World, number: i64) -> Vec<String> {
    let all = world.ticket(number)["participants"].as_array().cloned().unwrap_or_default();
    all.iter().filter_map(|p| p["address"].as_str().map(str::to_owned)).collect()
}

/// An answer of Bob's to a notice, once everybody to whom it goes has it.
fn answer(world: &World, notice: &Letter, text: &str, to: &[&Person]) -> Vec<Letter> {
    world.send(&Draft::answer(&world.bob, notice, text));
    to.iter().map(|who| world.letter(who, "the answer", |l| l.text().contains(text))).collect()
}

/// A first mail whose domain signs it, with copies.
fn signed_first_mail(world: &World, who: &Person, words: &str, copies: &str) -> (i64, Letter) {
    let mail = Draft::new(who, &world.desk, "Printer", words).with("Cc", copies);
    let domain = who.address.split_once('@').expect("a domain").1;
    deliver(&Signer::new(domain).sign(&mail.bytes()), &who.address, &world.desk);
    let confirmation = world
        .letter(who, "the confirmation", |l| l.field("In-Reply-To").as_deref() == Some(mail.id.as_str()));
    (confirmation.ticket().expect("a number"), confirmation)
}

/// Alice's ticket, to which Carol, Dave and Erin had a copy, and Bert's own.
struct Copies {
    world: World,
    alice: Person,
    bert: Person,
    carol: Person,
    dave: Person,
    erin: Person,
    /// What Alice wrote, and what Bert wrote.
    question: String,
    his: String,
    number: i64,
    other: i64,
    notice: Letter,
    alices: Browser,
    berts: Browser,
}

impl Copies {
    fn opened() -> Self {
        let world = World::with_sink();
        let [alice, bert, carol, dave, erin] = ["alice", "bert", "carol", "dave", "erin"].map(person);
        let (question, his) = (canary("QUESTION"), canary("BERTS"));
        let copies = [&carol, &dave, &erin].map(|p| p.address.clone()).join(", ");
        let (number, confirmation) = signed_first_mail(&world, &alice, &question, &copies);
        let said = confirmation.text();
        assert!(said.contains("3 others") && !confirmation.everything().contains(&carol.address));
        let notice = world.letter(&world.bob, "the notice", |l| l.ticket() == Some(number));
        assert!(
            [&carol, &dave, &erin].iter().all(|p| notice.text().contains(&format!("#cc {}", p.address))),
            "three suggestions"
        );
        assert_eq!(participants(&world, number).len(), 0);
        let mut alices = Browser::signed_in(&world, &confirmation);
        let page = alices.get(&format!("/tickets/{number}")).1;
        assert!([&carol, &dave, &erin].iter().all(|p| page.contains(&p.address)), "{page}");
        // Without proof nobody is asked about.
        world.send(&Draft::new(&bert, &world.desk, "Lamp", &his).with("Cc", &carol.address));
        let to_bert = world.letter(&bert, "the confirmation", |_| true);
        let other = to_bert.ticket().expect("a number");
        let mut berts = Browser::signed_in(&world, &to_bert);
        assert!(!berts.get(&format!("/tickets/{other}")).1.contains(&carol.address));
        Self { world, alice, bert, carol, dave, erin, question, his, number, other, notice, alices, berts }
    }

    /// Yes to Carol, no to Dave; and to nobody who was not asked about, by nobody else.
    fn carol_is_let_in(&mut self) {
        let (world, number) = (&self.world, self.number);
        let path = format!("/tickets/{number}");
        let page = self.alices.get(&path).1;
        let token = hidden(&page, "form_token");
        let follow = |browser: &mut Browser, token: &str, who: &Person, word: &str| {
            let form = [("form_token", token), ("address", &who.address), ("follow", word)];
            browser.post(&format!("/follow/{number}"), &form).0
        };
        assert_eq!(follow(&mut self.alices, "wrong", &self.carol, "yes"), 403);
        assert_eq!(follow(&mut self.alices, &token, &self.bert, "yes"), 404);
        let berts = hidden(&self.berts.get("/tickets").1, "form_token");
        assert_eq!(follow(&mut self.berts, &berts, &self.carol, "yes"), 404);
        assert_eq!(participants(world, number).len(), 0);
        assert_eq!(follow(&mut self.alices, &token, &self.carol, "yes"), 303);
        assert_eq!(follow(&mut self.alices, &token, &self.dave, "no"), 303);
        assert_eq!(participants(world, number), std::slice::from_ref(&self.carol.address));
        let page = self.alices.get(&path).1;
        assert!(page.contains(&self.erin.address) && !page.contains(&self.dave.address));
        world.letter(&world.bob, "the word to staff", |l| {
            l.text().contains("take part") && l.text().contains(&self.carol.address)
        });
        assert!(world.words(number, "system").contains(&self.carol.address));
    }

    /// Bert's words come into this ticket, unseen by who answers its first notice; the letters of the answer
    /// to Alice, Carol and Bert, and what Bob got back before.
    fn merged(&self, words: &str) -> ([Letter; 3], Letter) {
        let world = &self.world;
        let (from, into) = (self.other.to_string(), self.number.to_string());
        let merged = world.run(&["ticket", "merge", &from, &into, "--yes"]);
        assert_eq!(merged.status.code(), Some(0));
        world.send(&Draft::answer(&world.bob, &self.notice, words));
        let back = world.letter(&world.bob, "the answer that came back", |l| {
            l.subject().starts_with("Not sent yet") && l.text().contains(&self.his)
        });
        world.send(&Draft::answer(&world.bob, &back, "#send"));
        let got = [&self.alice, &self.carol, &self.bert]
            .map(|who| world.letter(who, "the answer that was let go", |l| l.text().contains(words)));
        (got, back)
    }

    /// Leaves by the link of a letter; it works once, and dead links are all alike.
    fn leaves(&self, letter: &Letter) {
        let path = path_in(&letter.text(), &self.world, "/leave/");
        let browser = || Browser::new(&self.world);
        let page = hidden(&browser().get(&path).1, "page");
        assert_eq!(browser().post(&path, &[("page", "wrong")]).0, 403);
        assert_eq!(browser().post(&path, &[("page", &page)]).0, 200);
        let again = browser().post(&path, &[("page", &page)]);
        let forged = browser().get(&format!("/leave/{}", "a".repeat(39)));
        assert_eq!((again.0, browser().get(&path)), (410, forged), "dead links are all alike");
    }
}

#[test]
fn t06_copies_take_part_by_confirmation_alone_and_leave_by_a_link() {
    let mut all = Copies::opened();
    all.carol_is_let_in();
    let (path, others) = (format!("/tickets/{}", all.number), format!("/tickets/{}", all.other));
    // What comes from now on, and nothing of before.
    let (first, second) = (canary("FIRST"), canary("SECOND"));
    let got = answer(&all.world, &all.notice, &first, &[&all.alice, &all.carol]);
    assert_eq!(all.world.letters(&all.carol.address).len(), 1, "nothing came before");
    assert!(
        !got[1].everything().contains(&all.question) && !got[0].everything().contains("/leave/"),
        "who opened a ticket cannot leave it"
    );
    let mut carols = Browser::asking(&all.world, &all.carol);
    let page = carols.get(&path).1;
    assert!(page.contains(&first) && !page.contains(&all.question), "{page}");
    assert!(page.contains("\"/leave/") && !all.alices.get(&path).1.contains("/leave/"), "the same way out");
    // After a merge each side keeps its own part.
    let (got_second, back) = all.merged(&second);
    for (browser, sees, not) in [
        (&mut carols, vec![&first, &second], vec![&all.question, &all.his]),
        (&mut all.berts, vec![&all.his, &second], vec![&all.question, &first]),
        (&mut all.alices, vec![&all.question, &first, &second], vec![&all.his]),
    ] {
        for path in [&path, &others] {
            let (status, page) = browser.get(path);
            assert_eq!(status, 200, "{path}");
            let shown = |words: &&String| page.contains(words.as_str());
            assert!(sees.iter().all(shown) && !not.iter().any(shown), "{path}: {page}");
        }
    }
    // Carol leaves, and so does Bert, whose own ticket went into this one.
    all.leaves(&got[1]);
    all.leaves(&got_second[2]);
    let (world, number) = (&all.world, all.number);
    assert_eq!(participants(world, number).len(), 0);
    assert!(world.words(number, "system").contains("left the ticket"));
    let seen = (carols.get(&path).0, all.berts.get(&path).0, all.berts.get(&others).0);
    assert_eq!(seen, (404, 404, 404));
    let (third, hers, fourth) = (canary("THIRD"), canary("HERS"), canary("FOURTH"));
    answer(world, &back, &third, &[&all.alice]);
    an_old_address_proves_nothing(&all, &got[1], &hers);
    // Staff may add Carol again.
    world.send(&Draft::answer(&world.bob, &all.notice, &format!("#cc {}", all.carol.address)));
    until("her to take part again", || {
        (participants(world, number) == std::slice::from_ref(&all.carol.address)).then_some(())
    });
    answer(world, &back, &fourth, &[&all.alice, &all.carol]);
    world.settle();
    for who in [&all.carol, &all.bert] {
        let letters: String = world.letters(&who.address).iter().map(Letter::everything).collect();
        assert!(!letters.contains(&third) && !letters.contains(&all.question), "{}", who.address);
    }
    assert!([&all.dave, &all.erin].iter().all(|who| world.letters(&who.address).is_empty()));
    let page = carols.get(&path).1;
    assert!(page.contains(&fourth) && !page.contains(&third) && !page.contains(&first));
}

/// Who left and answers an old letter opens a ticket.
fn an_old_address_proves_nothing(all: &Copies, letter: &Letter, words: &str) {
    let (world, number) = (&all.world, all.number);
    world.send(&Draft::answer(&all.carol, letter, words));
    let confirms = |l: &Letter| l.ticket().is_some_and(|n| n != number);
    let own = world.letter(&all.carol, "a confirmation of her own", confirms);
    let ticket = world.ticket(own.ticket().expect("a number"));
    assert_eq!(ticket["messages"][0]["verified"], "none", "her old address proves nothing");
    assert!(!world.ticket(number).to_string().contains(words));
}

/// Every row of every table, but for what the daemon writes of its own accord: how its parts do, and merges
/// of the index.
fn rows(world: &World) -> Vec<String> {
    let text = fs::read_to_string(world.dir.join("data/desk.key")).expect("the key");
    let master = data_encoding::HEXLOWER.decode(text.trim().as_bytes()).expect("digits");
    let derived = |purpose: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&master).expect("a key");
        mac.update(purpose.as_bytes());
        data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
    };
    let key = format!("{}{}", derived("maildesk/database"), &derived("maildesk/database-salt")[..32]);
    let c = rusqlite::Connection::open(world.dir.join("data/desk.db")).expect("the database");
    c.execute_batch(&format!("PRAGMA key = \"x'{key}'\"; PRAGMA cipher_page_size = 16384"))
        .expect("the key fits");
    let list = |sql: &str| -> Vec<String> {
        let mut s = c.prepare(sql).expect(sql);
        let width = s.column_count();
        let row = |r: &rusqlite::Row<'_>| {
            (0..width).map(|i| r.get_ref(i).map(|v| format!("{v:?}"))).collect::<Result<Vec<_>, _>>()
        };
        s.query_map([], row).expect(sql).map(|r| r.expect("a row").join("|")).collect()
    };
    let names =
        "select name from sqlite_schema where type = 'table' and name not like 'words%' and name <> 'health'";
    let mut s = c.prepare(names).expect(names);
    let tables: Vec<String> =
        s.query_map([], |r| r.get(0)).expect(names).map(|t| t.expect("a name")).collect();
    assert!(tables.len() > 20, "{tables:?}");
    tables.iter().flat_map(|t| list(&format!("select '{t}', * from {t}"))).collect()
}

#[test]
fn t105_no_link_in_any_letter_changes_anything_when_it_is_followed() {
    let world = World::with_sink();
    let (alice, carol) = (person("alice"), person("carol"));
    let opened = world.open(&alice, "Printer", "It burns.");
    world.send(&Draft::answer(&world.bob, &opened.notice, &format!("#cc {}\nPull the plug.", carol.address)));
    world.letter(&carol, "the answer", |l| l.text().contains("/leave/"));
    world.send(&Draft::new(&world.eve, &world.desk, &format!("x [DESK-{}]", opened.number), "forged"));
    world.letter(&world.eve, "the word that it was held", |l| l.subject().contains("held"));
    let page = hidden(&Browser::new(&world).get("/login").1, "page");
    Browser::new(&world).post("/login", &[("page", &page), ("address", &alice.address)]);
    world.letter(&alice, "the link", |l| l.subject().starts_with("Sign in"));
    world.settle();
    let caught = world.sink.as_ref().expect("a sink").caught();
    let mut paths: Vec<String> = Vec::new();
    for c in &caught {
        let all = c.letter.everything();
        let found = all
            .split(|ch: char| ch.is_whitespace() || "\"'<>()".contains(ch))
            .filter(|w| w.starts_with("http"));
        for url in found.filter(|u| !u.contains('=')) {
            let path = url.strip_prefix(&world.url()).unwrap_or_else(|| panic!("a link to elsewhere: {url}"));
            paths.push(path.to_owned());
        }
    }
    paths.sort();
    paths.dedup();
    let has = |start: &str| paths.iter().any(|p| p.starts_with(start));
    assert!(has("/login/") && has("/leave/"), "{paths:?}");
    let before = rows(&world);
    for path in &paths {
        for _ in 0..10 {
            let seen = Browser::new(&world).get(path).0;
            assert_eq!(seen, Browser::new(&world).ask("HEAD", path, None).0, "{path}");
            assert_eq!(seen, 200, "{path}");
        }
    }
    assert_eq!(rows(&world), before);
    // And they work all the same.
    Browser::signed_in(&world, &opened.confirmation);
    assert_ne!(rows(&world), before);
}

/// A hundred requests for one address: three letters at most, and the same answer each time, known or not
/// (T30, T66).
#[test]
fn t30_a_hundred_requests_for_a_link_are_three_letters() {
    let world = World::with_sink();
    let (alice, nobody) = (person("alice"), person("nobody"));
    world.open(&alice, "Printer", "It burns.");
    let before = world.letters(&alice.address).len();
    let mut answers: Vec<(u16, String)> = Vec::new();
    for who in (0..100).flat_map(|n| if n % 10 == 0 { vec![&alice, &nobody] } else { vec![&alice] }) {
        let page = hidden(&Browser::new(&world).get("/login").1, "page");
        let answer = Browser::new(&world).post("/login", &[("page", &page), ("address", &who.address)]);
        if !answers.contains(&answer) {
            answers.push(answer);
        }
    }
    world.settle();
    assert_eq!(
        answers.iter().map(|(status, _)| *status).collect::<Vec<_>>(),
        [200],
        "one answer for all: {answers:?}"
    );
    let letters = world.letters(&alice.address).len() - before;
    assert!((1..=3).contains(&letters), "{letters} letters");
    assert!(world.letters(&nobody.address).is_empty());
}
