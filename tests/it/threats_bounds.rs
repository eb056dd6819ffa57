//! What ends the program is not tried for ever, whatever it was doing (T34, T115); what visitors may cost
//! (T116); and what the service manager hears while the disk is full.

use crate::browser::Browser;
use crate::letters::{Draft, Person, person};
use crate::proxy::Proxy;
use crate::sink::Sink;
use crate::stage::{stage, until};
use crate::world::{PROGRAM, Setup, World};
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

/// The daemon that a server kills, and how often it did.
#[derive(Default)]
struct Victim {
    pid: AtomicU32,
    kills: AtomicUsize,
}

impl Victim {
    fn is(&self, world: &World) {
        self.pid.store(world.daemon.as_ref().map_or(0, std::process::Child::id), Ordering::SeqCst);
    }

    /// Ends the daemon as the kernel does that has no memory left.
    fn dies(&self) {
        let pid = self.pid.swap(0, Ordering::SeqCst);
        if pid != 0 {
            self.kills.fetch_add(1, Ordering::SeqCst);
            let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
        }
    }

    fn kills(&self) -> usize {
        self.kills.load(Ordering::SeqCst)
    }
}

/// As a service manager does: the daemon starts anew whenever it ended, until this is true.
fn restarted(world: &mut World, victim: &Victim, what: &str, done: impl Fn(&World) -> bool) {
    until(what, || {
        if !world.alive() {
            world.kill();
            world.launch(&[]);
            victim.is(world);
        }
        done(world).then_some(())
    });
}

/// T34: what ends the daemon while a mail is fetched counts against that mail. Its neighbours of the same
/// FETCH are taken in, it is held after ten attempts of its own, and it stays on the server.
#[test]
fn t34_a_mail_that_kills_the_daemon_while_it_is_fetched_is_held() {
    let proxy = Proxy::to(stage().dovecot.imap);
    let setup = Setup { imap: Some((proxy.port, "none")), ..Setup::default() };
    let mut world = World::with(setup).started();
    assert_eq!(world.stop(), Some(0));
    let people: Vec<Person> = ["ann", "mallory", "ben", "cleo"].iter().map(|who| person(who)).collect();
    for who in &people {
        world.send(&Draft::new(who, &world.desk, "a question", &format!("from {}", who.address)));
    }
    let victim = Arc::new(Victim::default());
    let (killer, word) = (victim.clone(), format!("from {}", people[1].address));
    proxy.rewrite(move |line| {
        line.contains(&word).then(|| {
            killer.dies();
            line.to_owned()
        })
    });
    restarted(&mut world, &victim, "the mail to be held", |w| w.list(&["held", "list"]).len() == 1);
    for who in [&people[0], &people[2], &people[3]] {
        restarted(&mut world, &victim, "a neighbour", |w| w.tickets_of(who).len() == 1);
    }
    assert_eq!(victim.kills(), 11, "once with its neighbours, ten times alone");
    let held = world.list(&["held", "list"]);
    assert_eq!(held[0]["reason"], "taking it in ended the program 10 times");
    // Mail behind it comes in, and the daemon lives.
    let later = world.open(&person("later"), "behind it", "x");
    assert_eq!(world.status_of(later.number), "new");
    assert!(world.alive() && victim.kills() == 11);
}

/// T34: the same of a letter. It is given up after ten attempts of its own, with the reason; the others
/// leave.
#[test]
fn t34_a_letter_that_kills_the_daemon_while_it_is_sent_is_given_up() {
    let sink = Sink::start();
    let mut world =
        World::with(Setup { smtp: Some((sink.port, "none")), sink: Some(sink), ..Setup::default() });
    let victim = Arc::new(Victim::default());
    let (killer, eve) = (victim.clone(), world.eve.address.clone());
    world.sink.as_ref().expect("a sink").rule(move |to, _, _| {
        if to == eve {
            killer.dies();
            return String::new();
        }
        "250 2.0.0 taken".to_owned()
    });
    world.start();
    victim.is(&world);
    let alice = person("alice");
    world.send(&Draft::new(&alice, &world.desk, "a question", "x"));
    let eve = world.eve.address.clone();
    restarted(&mut world, &victim, "the letter to be given up", |w| {
        w.outbox_of(&eve).iter().any(|r| r["state"] == "failed")
    });
    let row = &world.outbox_of(&eve)[0];
    assert!(row["reason"].to_string().contains("ended the program 10 times"), "{row}");
    assert!((10..=11).contains(&victim.kills()), "{} kills", victim.kills());
    let bob = world.bob.clone();
    world.letter(&alice, "the confirmation", |_| true);
    world.letter(&bob, "the notice to somebody else", |_| true);
    assert!(world.alive());
}

/// An orderly end is nobody's fault, however often.
#[test]
fn t34_a_daemon_that_is_told_to_end_blames_nobody() {
    let sink = Sink::start();
    let mut world =
        World::with(Setup { smtp: Some((sink.port, "none")), sink: Some(sink), ..Setup::default() });
    let sink = world.sink.as_ref().expect("a sink");
    sink.script(|line, _| (line == "DATA").then(|| "WAIT".to_owned()));
    world.start();
    let alice = person("alice");
    world.send(&Draft::new(&alice, &world.desk, "a question", "x"));
    for n in 1..=4 {
        let sink = world.sink.as_ref().expect("a sink");
        until("a letter under way", || {
            (sink.commands().iter().filter(|c| *c == "DATA").count() >= n).then_some(())
        });
        assert_eq!(world.stop(), Some(0));
        world.launch(&[]);
    }
    world.sink.as_ref().expect("a sink").script(|_, _| None);
    world.letter(&alice, "the confirmation in the end", |_| true);
    assert!(world.list(&["outbox", "list"]).iter().all(|r| r["state"] != "failed"));
}

/// T34: a letter that ends the program while its files are put into it leaves without them.
#[test]
fn t34_a_letter_whose_files_kill_the_daemon_leaves_without_them() {
    let mut world = World::with_sink();
    assert_eq!(world.stop(), Some(0));
    let alice = person("alice");
    world.send(&with_file(&alice, &world, 1_000));
    until("the notices without the file", || {
        if !world.alive() {
            world.kill();
            world.launch(&[("MAILDESK_POISON_LETTERS", "1")]);
        }
        [&world.bob, &world.eve].iter().all(|who| !world.letters(&who.address).is_empty()).then_some(())
    });
    let notice = world.letters(&world.bob.address).remove(0);
    assert!(notice.text().contains("see the plan"), "{}", notice.text());
    assert!(!String::from_utf8_lossy(&notice.raw).contains("application/pdf"), "without the file");
    world.letter(&alice, "the confirmation", |_| true);
}

/// T34: a mail on which the desk panics is held, and the next one is handled by the same daemon.
#[test]
fn t34_a_mail_on_which_the_desk_panics_is_held() {
    let mut world = World::with(Setup::default());
    world.launch(&[("MAILDESK_POISON", "1")]);
    world.ready();
    let (mallory, alice) = (person("mallory"), person("alice"));
    world.send(&Draft::new(&mallory, &world.desk, "a bug", "x").with("X-Poison", "take-panic"));
    world.open(&alice, "behind it", "x");
    let held = world.list(&["held", "list"]);
    assert!(held.len() == 1 && held[0]["reason"].to_string().contains("a bug"), "{held:?}");
    assert!(world.alive() && world.tickets_of(&mallory).is_empty());
    world.audit_is_clean();
}

/// A mail with a file of so many octets.
fn with_file(who: &Person, world: &World, bytes: usize) -> Draft {
    let lines =
        "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n".repeat(bytes / 57);
    let mut draft = Draft::new(who, &world.desk, "a plan", "");
    draft.text = format!(
        "--b\nContent-Type: text/plain\n\nsee the plan\n--b\nContent-Type: application/pdf; name=plan.pdf\n\
         Content-Disposition: attachment; filename=plan.pdf\nContent-Transfer-Encoding: base64\n\n{lines}\
         --b--\n"
    );
    draft.with("MIME-Version", "1.0").with("Content-Type", "multipart/mixed; boundary=b")
}

/// T115: who is answered after an outage does not wait for the files that an outage left.
#[test]
fn t115_after_an_outage_customers_are_answered_first() {
    let sink = Sink::start();
    sink.keep(8_192);
    let staff: String = (0..40)
        .map(|n| format!("[[staff]]\nname = \"Member {n}\"\naddress = \"member{n}@staff.example\"\n"))
        .collect();
    let setup = Setup { smtp: Some((sink.port, "none")), sink: Some(sink), end: staff, ..Setup::default() };
    let world = World::with(setup).started();
    let sink = world.sink.as_ref().expect("a sink");
    let is_away = |line: &str| line == "CONNECT" || line.starts_with("MAIL");
    sink.script(move |line, _| is_away(line).then(|| "421 4.3.2 closed\0".to_owned()));
    let (early, late) = (person("early"), person("late"));
    world.send(&with_file(&early, &world, 300_000));
    until("its letters to wait", || (world.list(&["outbox", "list"]).len() == 43).then_some(()));
    world.send(&Draft::new(&late, &world.desk, "behind them", "x"));
    until("all letters to wait", || (world.list(&["outbox", "list"]).len() == 86).then_some(()));
    sink.script(|_, _| None);
    assert_eq!(world.run(&["outbox", "retry"]).status.code(), Some(0));
    until("every letter to leave", || world.list(&["outbox", "list"]).is_empty().then_some(()));
    let to: Vec<String> = sink.caught().into_iter().filter(|c| c.accepted).map(|c| c.to[0].clone()).collect();
    let at = to.iter().position(|to| *to == late.address).expect("the confirmation");
    // At most one batch was claimed before, which is 20.
    assert!(at < 25, "{at} letters left before it");
}

/// T116: 60 readers who hardly read and 500 writers who never end keep nobody out, and memory stays bounded.
#[test]
fn t116_slow_readers_and_slow_writers_keep_nobody_out() {
    let world = World::new();
    let who = person("reader");
    world.send(&with_file(&who, &world, 2_000_000));
    let confirmation = world.letter(&who, "the confirmation", |_| true);
    let mut browser = Browser::signed_in(&world, &confirmation);
    let page = browser.get(&format!("/tickets/{}", confirmation.ticket().expect("a token"))).1;
    let number = page.split_once("\"/files/").expect("a file on the page").1;
    let number = number.split('"').next().expect("its number");
    let (before, port) = (world.peak_mib(), world.web);
    let connect = |bytes: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the desk listens");
        stream.set_nonblocking(true).expect("a mode");
        let _ = stream.write(bytes.as_bytes());
        stream
    };
    let host = format!("Host: 127.0.0.1:{port}\r\n");
    let file = format!("GET /files/{number} HTTP/1.1\r\n{host}Cookie: {}\r\n\r\n", browser.cookie());
    let page = format!("GET /login HTTP/1.1\r\n{host}\r\n").repeat(100);
    let readers: Vec<TcpStream> = (0..60).map(|n| connect(if n % 2 == 0 { &file } else { &page })).collect();
    let half = format!("POST /login HTTP/1.1\r\n{host}X: ");
    let mut writers = Vec::new();
    for n in 0..500 {
        writers.push(connect(&half));
        if n % 50 == 49 {
            writers.iter_mut().for_each(|w| drop(w.write(b"x")));
            assert_eq!(world.get("/login").0, 200, "beside {n} writers");
        }
    }
    world.open(&person("alice"), "beside them", "x");
    assert!(world.peak_mib() < before + 100, "{} MiB, before {before}", world.peak_mib());
    drop(readers);
}

/// A service manager hears READY, and that the daemon lives, also while the disk is full.
#[test]
fn the_watchdog_is_fed_while_the_disk_is_full() {
    let mut world = World::with(Setup::default());
    let path = world.dir.join("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out");
    let hears = |word: &str| {
        let mut message = [0; 4_096];
        loop {
            let n = socket.recv(&mut message).unwrap_or_else(|e| panic!("{word} in vain: {e}"));
            if String::from_utf8_lossy(&message[..n]).lines().any(|line| line == word) {
                return;
            }
        }
    };
    // A file that may not grow is written to as on a full disk.
    let script = format!(
        "trap '' XFSZ; export WATCHDOG_PID=$$; exec \"{PROGRAM}\" --config \"{}\" run",
        world.config.display()
    );
    let daemon = Command::new("bash")
        .args(["-c", &script])
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "1000000")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("bash");
    let pid = daemon.id().to_string();
    world.daemon = Some(daemon);
    hears("READY=1");
    hears("WATCHDOG=1");
    world.ready();
    let limit = |bytes: &str| {
        let done = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}:")]).status();
        assert!(done.is_ok_and(|s| s.success()), "prlimit");
    };
    limit("1024");
    let alice = person("alice");
    world.send(&Draft::new(&alice, &world.desk, "on a full disk", "x"));
    until("/healthz to tell it", || (world.get("/healthz").0 == 503).then_some(()));
    // What is in the socket is from before.
    let mut old = [0; 4_096];
    socket.set_nonblocking(true).expect("a mode");
    while socket.recv(&mut old).is_ok() {}
    socket.set_nonblocking(false).expect("a mode");
    hears("WATCHDOG=1");
    hears("WATCHDOG=1");
    assert!(world.tickets_of(&alice).is_empty(), "it is still full");
    limit("unlimited");
    world.letter(&alice, "the confirmation once there is room", |_| true);
    hears("WATCHDOG=1");
}
