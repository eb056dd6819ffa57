//! Memory, start and idleness: what the daemon holds when idle and after a mail of 40 MB (`BIG_MB`), how long
//! it takes from its start to READY on an existing desk, and how much CPU it uses in a minute (`IDLE_SECS`)
//! without work.
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

use common::{mails, median, memory, ms, size};
use letters::{Draft, person};
use std::collections::HashMap;
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::thread;
use std::time::{Duration, Instant};
use world::{Setup, World};

fn main() {
    let (big, idle, rounds) = (size("BIG_MB", 40, 4), size("IDLE_SECS", 60, 1), size("ROUNDS", 3, 1));
    common::heading("memory, start and idleness");
    let sink = sink::Sink::start();
    let setup = Setup {
        imap: Some((stage::stage().dovecot.imap, "none")),
        smtp: Some((sink.port, "none")),
        sink: Some(sink),
        ..Setup::default()
    };
    let mut world = World::with(setup).started();
    let first = person("first");
    world.open(&first, "The first ticket", "So that the desk is not new.");
    world.stop();

    let starts: Vec<f64> = (0..rounds).map(|_| start(&mut world)).collect();
    println!("start to READY on an existing desk: median {:.0} ms of {rounds}", median(&starts));

    world.start();
    let pid = world.daemon.as_ref().expect("a daemon").id();
    // What follows a start is not idleness.
    thread::sleep(Duration::from_secs(if cfg!(debug_assertions) { 1 } else { 15 }));
    println!(
        "idle: {:.1} MiB (VmRSS), at most {:.1} MiB so far (VmHWM)",
        memory(pid, "VmRSS:"),
        memory(pid, "VmHWM:")
    );
    let before = Cpu::of(pid);
    thread::sleep(Duration::from_secs(idle as u64));
    println!("CPU in {idle} s idle: {:.1} ms", Cpu::of(pid).since(&before));

    let who = person("big");
    let mut draft = Draft::new(&who, &world.desk, "A large scan", "");
    let file = mails::attachment(&mut mails::Dice::new(7), big * 1_000_000 / 78 * 57, "scan.pdf");
    draft.text = format!("--b\nContent-Type: text/plain\n\nIt is attached.\n--b\n{file}--b--\n");
    draft = draft.with("MIME-Version", "1.0").with("Content-Type", "multipart/mixed; boundary=b");
    let bytes = draft.bytes().len() as f64 / (1024.0 * 1024.0);
    world.send(&draft);
    world.letter(&who, "the confirmation of the large mail", |_| true);
    let peak = memory(pid, "VmHWM:");
    println!("a mail of {bytes:.1} MiB: at most {peak:.1} MiB (VmHWM), {:.2} times its size", peak / bytes);
    println!("after it: {:.1} MiB (VmRSS)", memory(pid, "VmRSS:"));
    assert_eq!(world.stop(), Some(0), "the daemon ends well");
}

/// Milliseconds from the start of the process to its READY=1 (sd_notify(3)).
fn start(world: &mut World) -> f64 {
    let path = world.dir.join("notify");
    let _ = fs::remove_file(&path);
    let socket = UnixDatagram::bind(&path).expect("a socket for READY");
    socket.set_read_timeout(Some(Duration::from_secs(30))).expect("a time-out");
    let start = Instant::now();
    world.launch(&[("NOTIFY_SOCKET", path.to_str().expect("a path"))]);
    let mut message = [0; 4096];
    loop {
        let n = socket.recv(&mut message).expect("READY within 30 s");
        if String::from_utf8_lossy(&message[..n]).lines().any(|l| l == "READY=1") {
            break;
        }
    }
    let took = ms(start.elapsed());
    // Not `stop`: directly after READY the daemon may not listen to SIGTERM yet, and its end is not measured
    // here.
    world.kill();
    took
}

/// CPU time of a process, twice: the scheduler's nanoseconds of each living thread, and the ticks of all that
/// ever were.
struct Cpu {
    threads: HashMap<String, f64>,
    ticks: f64,
}

impl Cpu {
    fn of(pid: u32) -> Cpu {
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("a living process").flatten();
        let own = |dir: &std::path::Path| -> Option<f64> {
            let text = fs::read_to_string(dir.join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<f64>().ok()
        };
        let threads =
            tasks.filter_map(|t| Some((t.file_name().to_string_lossy().into_owned(), own(&t.path())? / 1e6)));
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("a living process");
        // proc_pid_stat(5): utime and stime are the 14th and 15th field; the second ends with a bracket.
        let fields: Vec<f64> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split(' ')
            .map(|f| f.parse().unwrap_or(0.0))
            .collect();
        // A tick is 10 ms on Linux, whatever the kernel's own clock does.
        Cpu { threads: threads.collect(), ticks: (fields[12] + fields[13]) * 10.0 }
    }

    /// Milliseconds; a thread that ended in between is only in the ticks.
    fn since(&self, before: &Cpu) -> f64 {
        let threads =
            self.threads.iter().map(|(id, n)| n - before.threads.get(id).unwrap_or(&0.0)).sum::<f64>();
        let ticks = self.ticks - before.ticks;
        // Ticks are coarse: they count only where they say clearly more.
        if ticks > threads + 20.0 { ticks } else { threads }
    }
}
