//! What a mail, a visitor or a command may cost all others (T34, T37, T115, T116, T122): attacks one after
//! the other, beside customers who write meanwhile. The daemon has 512 MB of memory, as its unit says. Each
//! customer must be confirmed; for each attack the slowest confirmation and the most memory are printed.
//!
//! `ATTACK_SECS` (600) in all, a customer every `CUSTOMER_SECS` (20), `STAFF` (100), `MESSAGES` (20000) in
//! the desk beforehand, files of `FILE_MB` (10, which makes a mail of 13.5 MB) and `LARGE_MB` (29, 40 MB).
//! `ATTACK` names one attack alone.
// The outside tests use all of their modules, a benchmark some; the servers end with this process (see
// `stage`).
#![allow(dead_code, clippy::zombie_processes)]

#[path = "../../tests/it/browser.rs"]
mod browser;
#[path = "../common/mod.rs"]
mod common;
#[path = "../../tests/it/desk.rs"]
#[allow(dead_code, unused_imports)]
mod desk;
#[path = "../../tests/it/dns.rs"]
mod dns;
#[path = "../../tests/it/dovecot.rs"]
mod dovecot;
#[path = "../../tests/it/letters.rs"]
mod letters;
mod limit;
mod mailed;
#[path = "../../tests/it/mailer.rs"]
mod mailer;
#[path = "../../tests/it/postfix.rs"]
mod postfix;
#[path = "../../tests/it/signer.rs"]
mod signer;
#[path = "../../tests/it/sink.rs"]
mod sink;
#[path = "../../tests/it/stage.rs"]
mod stage;
mod visited;
#[path = "../../tests/it/world.rs"]
mod world;

use common::{mails, memory, size};
use letters::{Draft, Person, person};
use limit::Limit;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use world::{Setup, World};

/// What the unit allows (`MemoryMax`), in MiB.
const MEMORY_MAX_MIB: u64 = 512;
/// A customer waits so long for the confirmation at most, while the machine is no more than busy.
const CONFIRMED_WITHIN: Duration = Duration::from_secs(10);
/// A confirmation that takes longer than this is none.
const GIVE_UP: Duration = Duration::from_secs(120);

/// When the relay had the first letter to an address.
type Accepted = Arc<Mutex<HashMap<String, Instant>>>;

/// A customer: whose attack ran when they wrote, and how long they waited.
struct Waited {
    during: &'static str,
    took: Option<Duration>,
}

/// What an attack may use.
pub struct Field {
    pub world: World,
    /// Octets of an ordinary and of a large file.
    pub file_bytes: usize,
    pub large_bytes: usize,
    /// How long an attack goes on that has no end of its own.
    pub lasts: Duration,
    accepted: Accepted,
    /// The attack that runs; none: no customers write.
    during: Mutex<Option<&'static str>>,
    waited: Mutex<Vec<Waited>>,
    over: AtomicBool,
}

/// Name and work; it comes back when it has done its worst.
type Attack = (&'static str, fn(&Field));

const ATTACKS: [Attack; 11] = [
    ("a mail with a file, relayed to all staff", mailed::relayed),
    ("large mails at once", mailed::large),
    ("a full outbox after an outage", mailed::outage),
    ("mails that cost more than their size", mailed::quadratic),
    ("searches by mail", mailed::searches),
    ("slow downloads of a large file", visited::downloads),
    ("slow readers of pages", visited::readers),
    ("slow strangers", visited::strangers),
    ("forms at their limit", visited::forms),
    ("a flood of sign-ins", visited::sign_ins),
    ("backups", visited::backups),
];

fn main() {
    let all = Duration::from_secs(size("ATTACK_SECS", 600, 0) as u64);
    let every = Duration::from_secs(size("CUSTOMER_SECS", 20, 1) as u64);
    let (staff, messages) = (size("STAFF", 100, 5), size("MESSAGES", 20_000, 40));
    common::heading(&format!("attacks, {staff} staff, {messages} messages"));
    let only = std::env::var("ATTACK").unwrap_or_default();
    let attacks: Vec<&Attack> = ATTACKS.iter().filter(|(name, _)| name.contains(&only)).collect();
    let mut world = desk(staff, messages);
    world.launch(&[("MALLOC_ARENA_MAX", "2")]);
    let pid = world.daemon.as_ref().expect("a daemon").id();
    let limit = Limit::on(pid, MEMORY_MAX_MIB);
    println!("memory is limited by {}", limit.way());
    is_ready(&mut world);
    let field = Arc::new(Field {
        accepted: notes(&world),
        world,
        file_bytes: size("FILE_MB", 10, 1) * 1_000_000,
        large_bytes: size("LARGE_MB", 29, 2) * 1_000_000,
        lasts: (all / 20).max(Duration::from_secs(1)),
        during: Mutex::default(),
        waited: Mutex::default(),
        over: AtomicBool::new(false),
    });
    let customers = {
        let field = field.clone();
        thread::spawn(move || field.customers(every))
    };
    let began = Instant::now();
    let mut peaks: HashMap<&str, f64> = HashMap::new();
    // Each once, then again and again while there is time.
    for (n, (name, attack)) in attacks.iter().cycle().enumerate() {
        if n >= attacks.len() && began.elapsed() >= all {
            break;
        }
        limit::forget_peak(pid);
        field.runs(name, attack);
        let peak = memory(pid, "VmHWM:");
        println!("{name}: {peak:.0} MiB, after {:.0} s", began.elapsed().as_secs_f64());
        let most = peaks.entry(*name).or_default();
        *most = most.max(peak);
    }
    field.over.store(true, Ordering::Relaxed);
    customers.join().expect("the customers");
    judge(&field, &attacks, &peaks, &limit);
}

/// A desk of so many staff, whose mailbox holds mails from before.
fn desk(staff: usize, messages: usize) -> World {
    let sink = sink::Sink::start();
    sink.keep(4_096);
    let members: String = (2..staff)
        .map(|n| format!("[[staff]]\nname = \"Member {n}\"\naddress = \"member{n}@staff.example\"\n"))
        .collect();
    let limits = ["letters_per_desk_hour", "letters_per_domain_hour", "letters_per_address_day"];
    let limits: String = limits.iter().map(|name| format!("{name} = 1000000\n")).collect();
    let more = "answers_per_staff_hour = 1000000\nlinks_per_network_quarter = 1000000\n";
    let setup = Setup {
        imap: Some((stage::stage().dovecot.imap, "none")),
        smtp: Some((sink.port, "none")),
        mailbox: "start = \"all\"".to_owned(),
        end: format!("{members}[limits]\n{limits}{more}"),
        sink: Some(sink),
        ..Setup::default()
    };
    let world = World::with(setup);
    let maildir = stage::stage().dovecot.home(&world.desk);
    mails::fill(&maildir, &world.dir.join("texts"), messages, dovecot::ids_of("mail"));
    world
}

/// Waits until what lay in the mailbox is taken in.
fn is_ready(world: &mut World) {
    let began = Instant::now();
    while crate::desk::get(world.web, "/healthz").0 != 200 {
        assert!(world.alive() && began.elapsed() < Duration::from_secs(900), "it is not ready in 900 s");
        thread::sleep(Duration::from_millis(200));
    }
    println!("ready after {:.0} s", began.elapsed().as_secs_f64());
}

/// Notes when the relay takes the first letter to each address.
fn notes(world: &World) -> Accepted {
    let accepted = Accepted::default();
    let notes = accepted.clone();
    let sink = world.sink.as_ref().expect("a sink");
    sink.rule(move |to, _, _| {
        notes.lock().expect("notes").entry(to.to_owned()).or_insert_with(Instant::now);
        "250 2.0.0 taken".to_owned()
    });
    accepted
}

impl Field {
    /// An attack, and at least one customer beside it.
    fn runs(&self, name: &'static str, attack: &fn(&Field)) {
        let before = self.waited.lock().expect("waited").len();
        *self.during.lock().expect("during") = Some(name);
        attack(self);
        while self.waited.lock().expect("waited").len() < before + 2 {
            thread::sleep(Duration::from_millis(50));
        }
        *self.during.lock().expect("during") = None;
    }

    /// While there is no customer, since the relay is away.
    pub fn without_customers(&self, work: impl FnOnce()) {
        let during = self.during.lock().expect("during").take();
        work();
        *self.during.lock().expect("during") = during;
    }

    /// Customers write, one after the other, whoever still waits.
    fn customers(self: &Arc<Self>, every: Duration) {
        let mut waiting = Vec::new();
        while !self.over.load(Ordering::Relaxed) {
            let during = *self.during.lock().expect("during");
            if let Some(during) = during {
                let field = self.clone();
                waiting.push(thread::spawn(move || field.customer(during)));
                thread::sleep(every);
            }
            thread::sleep(Duration::from_millis(20));
        }
        waiting.into_iter().for_each(|one| one.join().expect("a customer"));
    }

    fn customer(&self, during: &'static str) {
        let who = person("customer");
        let (words, began) = ("The lamp is dark. What shall I do?", Instant::now());
        self.world.send(&Draft::new(&who, &self.world.desk, "A lamp", words));
        let took = self.confirmed(&who, began);
        self.waited.lock().expect("waited").push(Waited { during, took });
    }

    /// How long it took until the relay had a letter to somebody; `None`: it never had.
    pub fn confirmed(&self, who: &Person, began: Instant) -> Option<Duration> {
        while began.elapsed() < GIVE_UP {
            if let Some(at) = self.accepted.lock().expect("notes").get(&who.address) {
                return Some(at.saturating_duration_since(began));
            }
            thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

/// Prints what each attack cost. A debug build judges no time.
fn judge(field: &Field, attacks: &[&Attack], peaks: &HashMap<&str, f64>, limit: &Limit) {
    let waited = field.waited.lock().expect("waited");
    let (mut slowest, mut lost) = (Duration::ZERO, 0);
    println!("{:<42} {:>9} {:>10} {:>9}", "attack", "customers", "slowest s", "peak MiB");
    for (name, _) in attacks {
        let own: Vec<&Waited> = waited.iter().filter(|w| w.during == *name).collect();
        let most = own.iter().filter_map(|w| w.took).max().unwrap_or_default();
        lost += own.iter().filter(|w| w.took.is_none()).count();
        slowest = slowest.max(most);
        println!("{name:<42} {:>9} {:>10.1} {:>9.0}", own.len(), most.as_secs_f64(), peaks[name]);
    }
    let peak = peaks.values().fold(0.0_f64, |a, b| a.max(*b));
    println!("all: slowest {:.1} s, {lost} never, peak {peak:.0} MiB{}", slowest.as_secs_f64(), limit.told());
    assert_eq!(lost, 0, "customers were never confirmed");
    assert!(peak < MEMORY_MAX_MIB as f64, "{peak} MiB");
    assert!(!limit.was_met(), "the limit of memory ended something");
    assert!(cfg!(debug_assertions) || slowest < CONFIRMED_WITHIN, "{slowest:?} for a confirmation");
}
