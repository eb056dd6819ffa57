//! Issue, Done when 3: a server that answers each command with a random one of thirty oddities.

use crate::clock;
use crate::fake_mailbox::{FakeMailbox, Folder, good, health, held, subjects};
use crate::stage::until;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

const ODDITIES: u64 = 30;
/// Mails of one run.
const MAILS: usize = 9;
/// Odd answers of one run; after them the server is good, but to the one mail that it never hands out.
const ODD_MAX: usize = 60;
/// How the server answers when it is asked for that mail.
const NEVER: [fn(&str, u32) -> String; 6] = [
    |tag, _| format!("{tag} OK done\r\n"),
    |tag, _| format!("{tag} NO [UNAVAILABLE] not this one\r\n"),
    |tag, uid| format!("* 1 FETCH (UID {uid} BODY[] NIL)\r\n{tag} OK done\r\n"),
    |_, _| "* BYE the store is broken\r\n".to_owned(),
    |tag, uid| format!("* 1 FETCH (UID {uid} BODY[] \"\")\r\n{tag} OK done\r\n"),
    |_, _| String::new(),
];

/// One of thirty oddities.
fn oddity(n: u64, folder: &mut Folder, tag: &str, command: &str) -> String {
    let usual = good(folder, tag, command);
    let before = |extra: &str| format!("{extra}{usual}");
    let (body, _) = usual.rsplit_once(&format!("{tag} OK")).unwrap_or((&usual, ""));
    match n {
        0 => format!("{tag} NO not now\r\n"),
        1 => format!("{tag} BAD what\r\n"),
        2 => "* BYE [UNAVAILABLE] down\r\n".to_owned(),
        3 => String::new(),
        4 => format!("{tag} OK\r\n"),
        5 => format!("{tag} WHAT\r\n"),
        6 => usual.replace("FETCH", "fetch").replace("EXISTS", "exists").replace("OK", "ok"),
        7 => usual.replace("RFC822.SIZE ", "RFC822.SIZE 1"),
        8 => usual.replace("UID ", "UID  "),
        9 => usual.replace("INTERNALDATE \"", "INTERNALDATE NIL X-OLD \""),
        10 => usual.replace("BODY[] {", "BODY [] {"),
        11 => usual.replace("BODY[] {3", "BODY[] {"),
        12 => usual.replace("BODY[] {", "BODY[] {9"),
        13 => usual.replace("UIDNEXT", "X"),
        14 => usual.replace("UIDVALIDITY 7", "X"),
        15 => before("* OK [ALERT] the disk is old\r\n"),
        16 => before("* NO [INUSE] locked for a moment\r\n"),
        17 => before("* 1 FETCH (FLAGS (\"\\\\Odd\" a (b (c))))\r\n"),
        18 => before("* 4294967295 EXISTS\r\n"),
        19 => before("garbage without a star\r\n"),
        20 => before("* FLAGS (\\Seen \r\n"),
        21 => before("* 999 FETCH (UID 999 BODY[] {1}\r\nx)\r\n"),
        22 => format!("{body}{tag} NO half of it\r\n"),
        23 => format!("{}\r\n{tag} OK\r\n", &body[..body.len() / 2]),
        24 => "* OK nothing more comes\r\n".to_owned(),
        25 => usual.replace("EXISTS", "RECENT"),
        26 => before("[COPYUID 1 1:4294967295 1]\r\n"),
        27 => usual.replace("BODY[]", "BODY[TEXT]"),
        28 => "* X {4294967295}\r\n".to_owned(),
        _ => usual.replace("\r\n* ", "\r\n\r\n* "),
    }
}

/// One run: the server is odd to one command in three.
fn every_mail_has_an_end(seed: u64) {
    let (dice, odd) = (AtomicU64::new(seed), AtomicUsize::new(0));
    let done = ["", "done = \"Archive\"\n"][(seed % 2) as usize];
    let never = NEVER[(seed % NEVER.len() as u64) as usize];
    let fake = FakeMailbox::start(move |folder, tag, command| {
        let bad = folder.mails.iter().find(|m| m.raw.contains("Subject: never")).map_or(0, |m| m.uid);
        let mut command = command.to_owned();
        if folder.is_asked(&command, bad) {
            if !command.contains(',') {
                return Some(never(tag, bad));
            }
            // Of several it hands out the others.
            let set = command.split(' ').nth(2).unwrap_or_default().to_owned();
            let others = set.split(',').filter(|uid| *uid != bad.to_string()).collect::<Vec<_>>().join(",");
            command = command.replacen(&set, &others, 1);
        }
        let step = |d: u64| d.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let drawn = step(dice.load(Ordering::SeqCst));
        dice.store(drawn, Ordering::SeqCst);
        if folder.mails.is_empty() || drawn >> 60 >= 5 || odd.fetch_add(1, Ordering::SeqCst) >= ODD_MAX {
            return Some(good(folder, tag, &command));
        }
        Some(oddity((drawn >> 33) % ODDITIES, folder, tag, &command))
    });
    // As quick as the clock of the daemon: no mail came before it.
    fake.folder().ahead_secs = 3_600;
    let mut world = fake.desk(done);
    world.launch(&clock::quick());
    world.ready();
    let mut words: Vec<String> = (0..MAILS).map(|n| format!("word{n}")).collect();
    words.insert((seed % 9) as usize, "never".to_owned());
    let bad = words.iter().position(|w| w == "never").expect("one");
    for word in &words {
        fake.deliver(&world, word);
    }
    let mut last = String::new();
    let ended = catch_unwind(AssertUnwindSafe(|| {
        until("each mail to be a ticket or held", || {
            let (tickets, held) = (subjects(&world), held(&world));
            let all = tickets.len() == MAILS && held.len() == 1;
            last = format!("{tickets:?}, {held:?}, {:?}", health(&world));
            all.then_some(())
        })
    }));
    let heard = || fake.folder().heard.iter().rev().take(12).cloned().collect::<Vec<_>>();
    assert!(ended.is_ok(), "seed {seed}: {last}, {:?}", heard());
    let (uid, reason) = (bad + 1, held(&world).remove(0).1);
    assert!(reason.contains(&format!("cannot hand it out: UID {uid}")), "seed {seed}: {reason}");
    until(&format!("seed {seed}: UID {uid} to be named in status"), || {
        let (good, detail) = health(&world);
        (good && detail.contains(&format!("UID {uid}"))).then_some(())
    });
    let all = subjects(&world);
    assert!(
        words.iter().filter(|w| *w != "never").all(|w| all.get(w) == Some(&1)) && all.len() == MAILS,
        "seed {seed}: each once: {all:?}"
    );
    assert_eq!(held(&world).len(), 1, "seed {seed}");
    assert!(world.alive(), "seed {seed}: the daemon goes on");
}

/// Whatever a server answers, every mail is in the end a ticket, or held and named in health; none is there
/// twice.
#[test]
fn done_when_3_a_server_of_thirty_oddities_loses_and_repeats_nothing() {
    // Some at a time: each has a daemon of its own, whose quick clock also gives it less time for its work.
    for seeds in [[1, 2, 3, 4], [5, 6, 7, 8]] {
        let runs = seeds.map(|seed| (seed, thread::spawn(move || every_mail_has_an_end(seed))));
        for (seed, run) in runs {
            assert!(run.join().is_ok(), "seed {seed} failed; its words stand above");
        }
    }
}
