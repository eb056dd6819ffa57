//! THREATS.md, who may ask and who takes part: questions by mail (T108), copies and participants (T06), links in letters (T105).

use crate::letters::{Draft, canary, person};
use crate::mailer::deliver;
use crate::signer::Signer;
use crate::sink::Sink;
use crate::stage::until;
use crate::world::{Setup, World};

fn world(end: &str) -> World {
    let sink = Sink::start();
    let smtp = Some((sink.port, "none"));
    World::with(Setup { smtp, sink: Some(sink), end: end.to_owned(), ..Setup::default() }).started()
}

#[test]
fn t108_questions_by_mail() {
    let world = world("[limits]\nanswers_per_staff_hour = 5\n");
    let signer = Signer::new(&world.domain);
    let (alice, words, note, answer) = (person("alice"), canary("CLASSIFIED"), canary("NOTE"), canary("ANSWER"));
    let opened = world.open(&alice, "Printer", &words);
    world.send(&Draft::answer(&world.bob, &opened.notice, &format!("#note\n{note}")));
    until("the note", || world.words(opened.number, "note").contains(&note).then_some(()));
    let show = format!("show {}", opened.number);
    // In Eve's name and unsigned: kept, and nobody hears of it.
    world.send(&Draft::new(&world.eve, &world.desk, &show, "x"));
    let ask = |subject: &str| {
        deliver(&signer.sign(&Draft::new(&world.bob, &world.desk, subject, "x").bytes()), &world.bob.address, &world.desk);
    };
    let results = || {
        let all = world.letters(&world.bob.address);
        all.into_iter().filter(|l| l.subject().starts_with("Result: ")).collect::<Vec<_>>()
    };
    ask(&show);
    let shown = world.letter(&world.bob, "the conversation", |l| l.subject().starts_with(&format!("Result: {show}")));
    assert_eq!(shown.ticket(), Some(opened.number));
    assert!(shown.text().contains(&words) && shown.text().contains(&note), "{}", shown.text());
    assert_eq!(shown.field("Auto-Submitted").as_deref(), Some("auto-replied"));
    // An out-of-office answers it, and nothing answers that.
    world.send(&Draft::answer(&world.bob, &shown, "I am away.").with("Auto-Submitted", "auto-replied"));
    ask("list");
    let list = world.letter(&world.bob, "the list", |l| l.subject() == "Result: list");
    assert!(list.text().contains(&format!("DESK-{} Printer", opened.number)) && list.text().contains(&alice.address));
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
    let told = world.letters(&world.bob.address).iter().filter(|l| l.text().contains("answers_per_staff_hour")).count();
    assert_eq!(told, 1, "he is told once");
    assert!(held.iter().any(|h| h["from"] == world.eve.address.as_str() && h["subject"] == show.as_str()));
    let to_eve = world.letters(&world.eve.address);
    assert!(to_eve.iter().all(|l| l.field("List-Id").is_some()), "notices alone, and no word of the one in her name");
    assert!(results().iter().all(|l| !l.everything().contains("/login/")), "no magic link");
    let file = world.dir.join("query.eml");
    std::fs::write(&file, signer.sign(&Draft::new(&world.eve, &world.desk, "mine", "x").bytes())).expect("a file");
    let explained = world.json(&["explain", file.to_str().expect("a path")]);
    assert_eq!((explained["outcome"].as_str(), explained["letters"][0]["kind"].as_str()), (Some("query"), Some("result")));
    world.audit_is_clean();
}
