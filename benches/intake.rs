//! Intake of a whole mailbox: the daemon from Dovecot into its encrypted, threaded and searchable store;
//! `mbsync`, which only copies it into a Maildir; and a bare loop that puts the same bytes and texts into
//! plaintext SQLite.
//!
//! `MAILS` (10000) mails, `ROUNDS` (3) rounds. The ratio to mbsync measures the disk, too: mbsync makes two
//! fsyncs a mail. So the disk's fsyncs a second stand beside it.
// The outside tests use all of their modules, a benchmark some; the servers end with this process (see
// `stage`).
#![allow(dead_code, clippy::zombie_processes)]

mod common;
#[path = "../tests/it/desk.rs"]
#[allow(dead_code, unused_imports)]
mod desk;
#[path = "../tests/it/dns.rs"]
mod dns;
#[path = "../tests/it/dovecot.rs"]
mod dovecot;
#[path = "../tests/it/letters.rs"]
mod letters;
#[path = "../tests/it/mailer.rs"]
mod mailer;
#[path = "../tests/it/postfix.rs"]
mod postfix;
#[path = "../tests/it/sink.rs"]
mod sink;
#[path = "../tests/it/stage.rs"]
mod stage;
#[path = "../tests/it/world.rs"]
mod world;

use common::{mails, median, memory, size};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use world::{Setup, World};

/// Whose mailbox it is: for mbsync and for a look beforehand.
struct Source {
    user: String,
    mails: usize,
}

fn main() {
    let (mails, rounds) = (size("MAILS", 10_000, 50), size("ROUNDS", 3, 1));
    common::heading(&format!("intake of {mails} mails, {rounds} rounds"));
    let dovecot = &stage::stage().dovecot;
    let sink = sink::Sink::start();
    let setup = Setup {
        imap: Some((dovecot.imap, "none")),
        smtp: Some((sink.port, "none")),
        mailbox: "start = \"all\"".to_owned(),
        sink: Some(sink),
        ..Setup::default()
    };
    let mut world = World::with(setup);
    let texts = world.dir.join("texts");
    let maildir = dovecot.home(&world.desk);
    let made = mails::fill(&maildir, &texts, mails, dovecot::ids_of("mail"));
    println!("{:.1} KB a mail on average", made.bytes as f64 / mails as f64 / 1000.0);
    let source = Source { user: world.desk.clone(), mails };
    source.warm_up();
    let fsync = median(&common::fsyncs(&world.dir, if mails < 1000 { 20 } else { 500 }));
    println!("{:.0} fsyncs a second of this disk", 1.0 / fsync);

    println!(
        "{:>6} {:>12} {:>12} {:>12} {:>10} {:>10} {:>8}",
        "round", "daemon/s", "mbsync/s", "loop/s", "/ mbsync", "/ loop", "MiB"
    );
    let mut rows: Vec<[f64; 6]> = Vec::new();
    for round in 1..=rounds {
        let (daemon, peak) = daemon(&mut world, mails);
        let mbsync = source.mbsync(&world.dir.join("copy"));
        let bare = bare_loop(&maildir.join("cur"), &texts, &world.dir.join("loop.db"), mails);
        let row = [daemon, mbsync, bare, daemon / mbsync, daemon / bare, peak];
        print(&round.to_string(), row);
        rows.push(row);
    }
    print("median", std::array::from_fn(|i| median(&rows.iter().map(|r| r[i]).collect::<Vec<_>>())));
    println!("daemon: from the start of the process to the last mail committed; MiB: its peak (VmHWM)");
}

fn print(name: &str, [daemon, mbsync, bare, to_mbsync, to_bare, peak]: [f64; 6]) {
    println!(
        "{name:>6} {daemon:>12.0} {mbsync:>12.0} {bare:>12.0} {to_mbsync:>10.2} {to_bare:>10.2} {peak:>8.1}"
    );
}

/// Mails a second from an empty store, and the peak of its memory in MiB.
fn daemon(world: &mut World, mails: usize) -> (f64, f64) {
    let _ = fs::remove_dir_all(world.dir.join("data"));
    let _ = fs::remove_file(world.dir.join("log"));
    let start = Instant::now();
    world.launch(&[]);
    let pid = world.daemon.as_ref().expect("a daemon").id();
    let mut last = (0, Instant::now());
    loop {
        // Often only near the end: the question costs a processor that the daemon wants.
        sleep(Duration::from_millis(if last.0 * 10 < mails * 9 { 250 } else { 50 }));
        let now = taken_in(world);
        if now >= mails {
            break;
        }
        if now > last.0 {
            last = (now, Instant::now());
        }
        assert!(world.alive(), "the daemon ended after {now} mails");
        assert!(
            last.1.elapsed() < Duration::from_secs(60),
            "nothing was taken in for 60 s, after {now} of {mails} mails"
        );
    }
    let rate = mails as f64 / start.elapsed().as_secs_f64();
    let peak = memory(pid, "VmHWM:");
    assert_eq!(world.stop(), Some(0), "the daemon ends well");
    (rate, peak)
}

/// Mails with an outcome, by the daemon's log: it has one line for each after the commit. Asking the store
/// would slow it.
fn taken_in(world: &World) -> usize {
    let log = fs::read_to_string(world.dir.join("log")).unwrap_or_default();
    log.lines().filter(|l| l.contains("mail taken in")).count()
}

impl Source {
    /// Dovecot indexes a mailbox when it is first asked about it; that is nobody's intake.
    fn warm_up(&self) {
        let mut client = mailer::Client::login(&self.user);
        let found = client.run("SELECT INBOX").iter().any(|l| *l == format!("* {} EXISTS", self.mails));
        assert!(found, "Dovecot does not see the {} mails", self.mails);
        client.run("FETCH 1:* (UID RFC822.SIZE INTERNALDATE)");
    }

    /// Mails a second into a Maildir, with mbsync's defaults.
    fn mbsync(&self, dir: &Path) -> f64 {
        let _ = fs::remove_dir_all(dir);
        fs::create_dir_all(dir).expect("a folder for mbsync");
        let version = Command::new("mbsync")
            .arg("--version")
            .output()
            .expect("mbsync is not installed: bash tests/run installs it");
        // isync 1.5 renamed the option.
        let old = String::from_utf8_lossy(&version.stdout).starts_with("isync 1.4");
        let text = format!(
            "IMAPAccount far\nHost 127.0.0.1\nPort {}\nUser {}\nPassCmd \"echo secret\"\n{} None\n\
             AuthMechs LOGIN\n\n\
             IMAPStore far\nAccount far\n\nMaildirStore near\nPath {3}/\nInbox {3}/INBOX\n\n\
             Channel all\nFar :far:\nNear :near:\nCreate Near\nSyncState *\n",
            stage::stage().dovecot.imap,
            self.user,
            if old { "SSLType" } else { "TLSType" },
            dir.display(),
        );
        let config = dir.join("mbsyncrc");
        fs::write(&config, text).expect("mbsyncrc");
        let log = fs::File::create(dir.join("log")).expect("log");
        let start = Instant::now();
        let status = Command::new("mbsync")
            .args(["--quiet", "--config"])
            .arg(&config)
            .arg("all")
            .env("HOME", dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .status();
        let seconds = start.elapsed().as_secs_f64();
        let log = fs::read_to_string(dir.join("log")).unwrap_or_default();
        assert!(status.expect("mbsync").success(), "mbsync failed: {log}");
        let copied: usize = ["new", "cur"]
            .iter()
            .map(|part| fs::read_dir(dir.join("INBOX").join(part)).map_or(0, Iterator::count))
            .sum();
        assert_eq!(copied, self.mails, "mbsync copied all");
        self.mails as f64 / seconds
    }
}

/// Mails a second of a program that only stores: no IMAP, no parsing, no deciding, no encryption.
fn bare_loop(cur: &Path, texts: &Path, db: &Path, mails: usize) -> f64 {
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", db.display()));
    }
    let mut files: Vec<_> = fs::read_dir(cur).expect("cur").flatten().map(|e| e.path()).collect();
    files.sort();
    assert_eq!(files.len(), mails);
    let start = Instant::now();
    let c = rusqlite::Connection::open(db).expect("a database");
    c.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         create table mail (id integer primary key, raw blob not null, text text not null);
         create virtual table words using fts5 (text)",
    )
    .expect("tables");
    let texts: Vec<_> = (0..mails).map(|n| texts.join(n.to_string())).collect();
    for (batch, texts) in files.chunks(100).zip(texts.chunks(100)) {
        c.execute_batch("BEGIN IMMEDIATE").expect("begin");
        for (file, text) in batch.iter().zip(texts) {
            let (raw, text) = (fs::read(file).expect("a mail"), fs::read_to_string(text).expect("a text"));
            c.prepare_cached("insert into mail (raw, text) values (?, ?)")
                .and_then(|mut s| s.execute((raw, &text)))
                .expect("insert");
            c.prepare_cached("insert into words (rowid, text) values (?, ?)")
                .and_then(|mut s| s.execute((c.last_insert_rowid(), &text)))
                .expect("insert");
        }
        c.execute_batch("COMMIT").expect("commit");
    }
    mails as f64 / start.elapsed().as_secs_f64()
}
