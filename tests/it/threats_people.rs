//! THREATS.md, who may ask and who takes part: questions by mail (T108), copies and participants (T06), links
//! in letters (T105).

use crate::letters::{Draft, Letter, Person, canary, person};
use crate::mailer::deliver;
use crate::signer::Signer;
use crate::sink::Sink;
use crate::stage::until;
use crate::world::{Setup, World};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

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

// ---- the pages, as a browser sees them

struct Browser {
    port: u16,
    cookie: String,
}

impl Browser {
    fn new(world: &World) -> Browser {
        Browser { port: world.web, cookie: String::new() }
    }

    /// Status and body; cookies are kept. `form`: a POST of these fields.
    fn ask(&mut self, method: &str, path: &str, form: Option<&[(&str, &str)]>) -> (u16, String) {
        let encoded = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
        let body = form
            .unwrap_or_default()
            .iter()
            .map(|(k, v)| format!("{k}={}", encoded(v)))
            .collect::<Vec<_>>()
            .join("&");
        let port = self.port;
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n");
        request += &format!("Origin: http://127.0.0.1:{port}\r\nCookie: {}\r\n", self.cookie);
        if form.is_some() {
            request += &format!(
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
                body.len()
            );
        }
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the desk listens");
        stream.write_all(format!("{request}\r\n{body}").as_bytes()).expect("the request is taken");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        if let Some(line) = head.lines().find(|l| l.to_lowercase().starts_with("set-cookie:")) {
            self.cookie = line
                .split_once(':')
                .expect("a field")
                .1
                .split(';')
                .next()
                .expect("a cookie")
                .trim()
                .to_owned();
        }
        (head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status"), body.to_owned())
    }

    fn get(&mut self, path: &str) -> (u16, String) {
        self.ask("GET", path, None)
    }

    fn post(&mut self, path: &str, form: &[(&str, &str)]) -> (u16, String) {
        self.ask("POST", path, Some(form))
    }

    /// By the link in a letter.
    fn signed_in(world: &World, letter: &Letter) -> Browser {
        let mut browser = Browser::new(world);
        let path = path_in(&letter.text(), world, "/login/");
        let page = hidden(&browser.get(&path).1, "page");
        assert_eq!(browser.post(&path, &[("page", &page)]).0, 303);
        browser
    }

    /// By a link that is asked for.
    fn asking(world: &World, who: &Person) -> Browser {
        let page = hidden(&Browser::new(world).get("/login").1, "page");
        assert_eq!(Browser::new(world).post("/login", &[("page", &page), ("address", &who.address)]).0, 200);
        Browser::signed_in(world, &world.letter(who, "the link", |l| l.subject().starts_with("Sign in")))
    }
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page.split_once(&start).unwrap_or_else(|| panic!("no field {name} in {page}")).1;
    rest.split('"').next().expect("a value").to_owned()
}

/// The path of the desk's own page that a text links to.
fn path_in(text: &str, world: &World, start: &str) -> String {
    let url = format!("{}{start}", world.url());
    let word = text
        .split_whitespace()
        .find(|w| w.starts_with(&url))
        .unwrap_or_else(|| panic!("no {start} in {text}"));
    word[world.url().len()..].to_owned()
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

#[test]
fn t06_copies_take_part_by_confirmation_alone_and_leave_by_a_link() {
    let world = World::with_sink();
    let [alice, bert, carol, dave, erin] = ["alice", "bert", "carol", "dave", "erin"].map(person);
    let (question, his) = (canary("QUESTION"), canary("BERTS"));
    let copies = [&carol, &dave, &erin].map(|p| p.address.clone()).join(", ");
    let (number, confirmation) = signed_first_mail(&world, &alice, &question, &copies);
    assert!(confirmation.text().contains("3 others") && !confirmation.everything().contains(&carol.address));
    let notice = world.letter(&world.bob, "the notice", |l| l.ticket() == Some(number));
    assert!(
        [&carol, &dave, &erin].iter().all(|p| notice.text().contains(&format!("#cc {}", p.address))),
        "three suggestions"
    );
    assert_eq!(participants(&world, number).len(), 0);
    let path = format!("/tickets/{number}");
    let mut her = Browser::signed_in(&world, &confirmation);
    let page = her.get(&path).1;
    assert!([&carol, &dave, &erin].iter().all(|p| page.contains(&p.address)), "{page}");
    // Without proof nobody is asked about.
    world.send(&Draft::new(&bert, &world.desk, "Lamp", &his).with("Cc", &carol.address));
    let to_bert = world.letter(&bert, "the confirmation", |_| true);
    let other = to_bert.ticket().expect("a number");
    let mut bert_browser = Browser::signed_in(&world, &to_bert);
    assert!(!bert_browser.get(&format!("/tickets/{other}")).1.contains(&carol.address));
    // Yes to Carol, no to Dave; and to nobody who was not asked about, by nobody else.
    let token = hidden(&page, "form_token");
    let follow = |browser: &mut Browser, token: &str, who: &Person, word: &str| {
        let form = [("form_token", token), ("address", &who.address), ("follow", word)];
        browser.post(&format!("/follow/{number}"), &form).0
    };
    assert_eq!(follow(&mut her, "wrong", &carol, "yes"), 403);
    assert_eq!(follow(&mut her, &token, &bert, "yes"), 404);
    let berts = hidden(&bert_browser.get("/tickets").1, "form_token");
    assert_eq!(follow(&mut bert_browser, &berts, &carol, "yes"), 404);
    assert_eq!(participants(&world, number).len(), 0);
    assert_eq!((follow(&mut her, &token, &carol, "yes"), follow(&mut her, &token, &dave, "no")), (303, 303));
    assert_eq!(participants(&world, number), std::slice::from_ref(&carol.address));
    let page = her.get(&path).1;
    assert!(page.contains(&erin.address) && !page.contains(&dave.address));
    world.letter(&world.bob, "the word to staff", |l| {
        l.text().contains("take part") && l.text().contains(&carol.address)
    });
    assert!(world.words(number, "system").contains(&carol.address));
    // What comes from now on, and nothing of before.
    let first = canary("FIRST");
    let got = answer(&world, &notice, &first, &[&alice, &carol]);
    assert_eq!(world.letters(&carol.address).len(), 1, "nothing came before");
    assert!(
        !got[1].everything().contains(&question) && !got[0].everything().contains("/leave/"),
        "her own ticket she cannot leave"
    );
    let mut carols = Browser::asking(&world, &carol);
    let page = carols.get(&path).1;
    assert!(page.contains(&first) && !page.contains(&question), "{page}");
    assert!(page.contains("\"/leave/") && !her.get(&path).1.contains("/leave/"), "the same way out");
    // After a merge each side keeps its own part.
    let merged = world.run(&["ticket", "merge", &other.to_string(), &number.to_string(), "--yes"]);
    assert_eq!(merged.status.code(), Some(0));
    let second = canary("SECOND");
    // Bert's words came into this ticket unseen by who answers its first notice.
    world.send(&Draft::answer(&world.bob, &notice, &second));
    let back = world.letter(&world.bob, "his answer back", |l| {
        l.subject().starts_with("Not sent yet") && l.text().contains(&his)
    });
    world.send(&Draft::answer(&world.bob, &back, "#send"));
    let got_second = [&alice, &carol, &bert]
        .map(|who| world.letter(who, "the answer that was let go", |l| l.text().contains(&second)));
    for (browser, sees, not) in [
        (&mut carols, vec![&first, &second], vec![&question, &his]),
        (&mut bert_browser, vec![&his, &second], vec![&question, &first]),
        (&mut her, vec![&question, &first, &second], vec![&his]),
    ] {
        for path in [&path, &format!("/tickets/{other}")] {
            let (status, page) = browser.get(path);
            assert_eq!(status, 200, "{path}");
            assert!(
                sees.iter().all(|w| page.contains(*w)) && !not.iter().any(|w| page.contains(*w)),
                "{path}: {page}"
            );
        }
    }
    // Carol leaves, and so does he whose own ticket went into this one.
    let leave = |letter: &Letter| {
        let path = path_in(&letter.text(), &world, "/leave/");
        let page = hidden(&Browser::new(&world).get(&path).1, "page");
        assert_eq!(Browser::new(&world).post(&path, &[("page", "wrong")]).0, 403);
        assert_eq!(Browser::new(&world).post(&path, &[("page", &page)]).0, 200);
        let again = Browser::new(&world).post(&path, &[("page", &page)]);
        let forged = Browser::new(&world).get(&format!("/leave/{}", "a".repeat(39)));
        assert_eq!((again.0, Browser::new(&world).get(&path)), (410, forged), "dead links are all alike");
    };
    leave(&got[1]);
    leave(&got_second[2]);
    assert_eq!(participants(&world, number).len(), 0);
    assert!(world.words(number, "system").contains("left the ticket"));
    assert_eq!(
        (carols.get(&path).0, bert_browser.get(&path).0, bert_browser.get(&format!("/tickets/{other}")).0),
        (404, 404, 404)
    );
    let (third, hers) = (canary("THIRD"), canary("HERS"));
    answer(&world, &back, &third, &[&alice]);
    world.send(&Draft::answer(&carol, &got[1], &hers));
    let own = world.letter(&carol, "a confirmation of her own", |l| l.ticket().is_some_and(|n| n != number));
    assert_eq!(
        world.ticket(own.ticket().expect("a number"))["messages"][0]["verified"],
        "none",
        "her old address proves nothing"
    );
    assert!(!world.ticket(number).to_string().contains(&hers));
    // Staff may add her again.
    let fourth = canary("FOURTH");
    world.send(&Draft::answer(&world.bob, &notice, &format!("#cc {}", carol.address)));
    until("her to take part again", || {
        (participants(&world, number) == std::slice::from_ref(&carol.address)).then_some(())
    });
    answer(&world, &back, &fourth, &[&alice, &carol]);
    world.settle();
    for who in [&carol, &bert] {
        let all: String = world.letters(&who.address).iter().map(Letter::everything).collect();
        assert!(!all.contains(&third) && !all.contains(&question), "{}", who.address);
    }
    assert!([&dave, &erin].iter().all(|who| world.letters(&who.address).is_empty()));
    let page = carols.get(&path).1;
    assert!(page.contains(&fourth) && !page.contains(&third) && !page.contains(&first));
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
