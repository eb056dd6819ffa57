//! A day of storms (issue, Done when 3; T23 to T27, T31): two desks, robots that answer everything, people on
//! holiday, dead mailboxes, and people who write for the first time. The mail between them takes seconds, the
//! day takes a moment.

use super::desk;
use crate::app::Desk;
use crate::app::testing::{MIDNIGHT, field, sent, set_clock, take_from, text};
use crate::store::stats::{self, Counted};
use std::collections::{BTreeMap, BTreeSet};

const DAY: i64 = 86_400;
/// A mail is under way so long.
const WAY: i64 = 7;

struct Mail {
    sender: String,
    to: String,
    raw: String,
}

/// What happens at its time; a second of the day has room for many.
enum Event {
    Arrives(Mail),
    Minute,
    /// A robot writes of its own accord.
    Robots,
}

struct Day {
    now: i64,
    events: BTreeMap<(i64, u64), Event>,
    drawn: u64,
    desks: Vec<(&'static str, Desk)>,
    /// Automatic letters by desk and receiver without subaddress; staff are not counted here (T26).
    automatic: BTreeMap<(&'static str, String), usize>,
    /// Ids of first mails of people, and those that were confirmed.
    first: BTreeSet<String>,
    confirmed: BTreeMap<String, usize>,
    breaker_seen: bool,
    letters: usize,
}

impl Day {
    fn new() -> Self {
        let one = desk("one.example", &[("Bob", "bob@staff-one.example", &["b@staff-one.example"])]);
        let two = desk("two.example", &[("Eve", "eve@staff-two.example", &["e@staff-two.example"])]);
        let mut day = Self {
            now: MIDNIGHT,
            events: BTreeMap::new(),
            drawn: 0,
            desks: vec![("one.example", one), ("two.example", two)],
            automatic: BTreeMap::new(),
            first: BTreeSet::new(),
            confirmed: BTreeMap::new(),
            breaker_seen: false,
            letters: 0,
        };
        for minute in 0..=26 * 60 {
            day.at(MIDNIGHT + minute * 60, Event::Minute);
        }
        day
    }

    fn number(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }

    fn at(&mut self, time: i64, event: Event) {
        let n = self.number();
        self.events.insert((time, n), event);
    }

    /// A mail that bears no mark of a machine, unless `fields` do.
    fn write(&mut self, time: i64, from: &str, to: &str, fields: &str, words: &str) -> String {
        let n = self.number();
        let id = format!("<mail{n}@client.example>");
        let raw =
            format!("From: {from}\nTo: {to}\nSubject: about {n}\nMessage-ID: {id}\n{fields}\n{words} {n}\n");
        self.at(time, Event::Arrives(Mail { sender: from.to_owned(), to: to.to_owned(), raw }));
        id
    }

    fn person_writes(&mut self, time: i64, from: &str, to: &str) {
        let id = self.write(time, from, to, "", "How does it work?");
        self.first.insert(id);
    }

    /// Until nothing is under way; from `rest` on nobody writes of his own accord.
    fn run(&mut self, rest: i64) {
        while let Some(((time, _), event)) = self.events.pop_first() {
            self.now = time;
            set_clock(time);
            match event {
                Event::Minute => self.minute(),
                Event::Robots if time < rest => self.robots_write(),
                Event::Robots => {}
                Event::Arrives(mail) => self.arrives(mail),
            }
        }
    }

    fn minute(&mut self) {
        for i in 0..self.desks.len() {
            self.desks[i].1.hours().pass().expect("the hour");
            let status = self.desks[i].1.condition().breakers().expect("status");
            self.breaker_seen |= status.contains("the breaker of the domain swarm.example is open");
            self.leave(i);
        }
    }

    /// What a desk sends goes on its way.
    fn leave(&mut self, i: usize) {
        let name = self.desks[i].0;
        for letter in sent(&self.desks[i].1) {
            self.letters += 1;
            let raw = text(&letter);
            let to = letter.to.as_str().to_owned();
            let (local, domain) = to.split_once('@').expect("an address");
            let bare = format!("{}@{domain}", local.split('+').next().unwrap_or(local));
            if field(&raw, "Auto-Submitted").is_some() && !domain.starts_with("staff-") {
                *self.automatic.entry((name, bare)).or_default() += 1;
            }
            if field(&raw, "Precedence").as_deref() == Some("auto_reply")
                && let Some(id) = field(&raw, "In-Reply-To")
            {
                *self.confirmed.entry(id).or_default() += 1;
            }
            let sender = letter.from.map(|a| a.to_string()).unwrap_or_default();
            self.at(self.now + WAY, Event::Arrives(Mail { sender, to, raw }));
        }
    }

    fn arrives(&mut self, mail: Mail) {
        let (local, domain) = mail.to.split_once('@').expect("an address");
        if let Some(i) = self.desks.iter().position(|(name, _)| *name == domain) {
            take_from(&self.desks[i].1, &mail.raw, &mail.sender, &mail.to);
            return self.leave(i);
        }
        let answer_to = field(&mail.raw, "Reply-To")
            .unwrap_or_else(|| bare(&field(&mail.raw, "From").unwrap_or_default()));
        let holiday = "Auto-Submitted: auto-replied (vacation)\n";
        match domain {
            // No mark, no thread, another subject each time, and another address, of forty or of all there
            // are.
            "robots.example" => {
                let from = format!("r{}@robots.example", self.number() % 40);
                self.write(self.now + WAY, &from, &answer_to, "", "We received your request.");
            }
            "swarm.example" => {
                let from = format!("s{}@swarm.example", self.number());
                self.write(self.now + WAY, &from, &answer_to, "", "We received your request.");
            }
            // One address with its subaddresses.
            "tags.example" => {
                let from = format!("desk+{}@tags.example", self.number());
                self.write(self.now + WAY, &from, &answer_to, "", "We received your request.");
            }
            "holiday.example" | "staff-one.example" => {
                self.write(self.now + WAY, &mail.to, &answer_to, holiday, "I am away.");
            }
            "dead.example" if !mail.sender.is_empty() => self.bounce(&mail, local == "old"),
            _ => {}
        }
    }

    /// A report to the reverse-path (RFC 3464), or the free prose of an old server to whoever stands in
    /// Reply-To.
    fn bounce(&mut self, mail: &Mail, old: bool) {
        let (n, at) = (self.number(), self.now + WAY);
        let id = field(&mail.raw, "Message-ID").unwrap_or_default();
        if old {
            let to = field(&mail.raw, "Reply-To").unwrap_or_else(|| mail.sender.clone());
            self.write(
                at,
                "MAILER-DAEMON@dead.example",
                &to,
                "",
                "Your mail did not get through. There is nobody here.",
            );
            return;
        }
        let raw = format!(
            "From: MAILER-DAEMON@dead.example\nTo: {to}\nSubject: Undelivered\n\
             Message-ID: <b{n}@dead.example>\n\
             MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
             --b\n\nit failed\n\
             --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; dead.example\n\n\
             Final-Recipient: rfc822; {dead}\n\
             Action: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {id}\n\n\
             --b--\n",
            to = mail.sender,
            dead = mail.to,
        );
        self.at(at, Event::Arrives(Mail { sender: String::new(), to: mail.sender.clone(), raw }));
    }

    fn robots_write(&mut self) {
        for desk in ["support@one.example", "support@two.example"] {
            let n = self.number();
            self.write(self.now, &format!("r{}@robots.example", n % 40), desk, "", "Dear customer.");
            self.write(self.now, &format!("desk+{n}@tags.example"), desk, "", "Dear customer.");
            if self.now < MIDNIGHT + 5400 {
                self.write(self.now, &format!("s{n}@swarm.example"), desk, "", "Dear customer.");
            }
        }
    }
}

/// `a@b.example` of `Name <a@b.example>`.
fn bare(from: &str) -> String {
    from.rsplit_once('<').map_or(from, |(_, a)| a.trim_end_matches('>')).to_owned()
}

#[test]
fn done_when_3_a_day_of_two_desks_robots_holidays_bouncers_and_people() {
    let mut day = Day::new();
    let end = MIDNIGHT + DAY;
    let desks = ["support@one.example", "support@two.example"];
    for minute in (0..24 * 60).step_by(20) {
        day.at(MIDNIGHT + minute * 60, Event::Robots);
    }
    // The desks meet: one forwards to the other, and a stranger asks that answers go there.
    day.write(MIDNIGHT + 60, desks[1], desks[0], "", "Forwarded to you.");
    day.write(MIDNIGHT + 90, desks[0], desks[1], "", "Forwarded to you.");
    day.write(
        MIDNIGHT + 120,
        "x@elsewhere.example",
        desks[0],
        &format!("Reply-To: {}\n", desks[1]),
        "Answer over there.",
    );
    for hour in 0..24 {
        let at = MIDNIGHT + hour * 3600 + 1234;
        for desk in desks {
            day.person_writes(at, &format!("human{hour}@home{hour}.example"), desk);
            day.person_writes(at + 60, &format!("away{hour}@holiday.example"), desk);
            day.person_writes(at + 120, &format!("gone{hour}@dead.example"), desk);
        }
    }
    day.person_writes(MIDNIGHT + 600, "old@dead.example", desks[0]);
    // Bursts: a company of sixty, and a hundred of one university (T26), while the swarm is out.
    for n in 0..60 {
        day.person_writes(MIDNIGHT + 3000 + n, &format!("employee{n}@company.example"), desks[0]);
    }
    for n in 0..100 {
        day.person_writes(MIDNIGHT + 3100 + n / 4, &format!("student{n}@university.example"), desks[0]);
    }
    day.run(end);

    for ((desk, to), letters) in &day.automatic {
        assert!(*letters <= 10, "{desk} sent {letters} automatic letters to {to}");
    }
    let unconfirmed: Vec<&String> =
        day.first.iter().filter(|id| day.confirmed.get(*id) != Some(&1)).collect();
    assert!(unconfirmed.is_empty(), "first mails of people that were not confirmed once: {unconfirmed:?}");
    let many = |domain: &str| {
        day.automatic.iter().filter(|((_, to), _)| to.ends_with(domain)).map(|(_, n)| n).sum::<usize>()
    };
    assert_eq!((many("@company.example"), many("@university.example")), (60, 100));
    assert!(many("@robots.example") > 100 && many("@swarm.example") > 400, "the storms were none");
    assert!(many("@tags.example") <= 20, "subaddresses count as one address");
    assert!(day.breaker_seen, "the breaker was never seen in status");
    for (name, desk) in &day.desks {
        told_of_each_storm_and_lost_nothing(name, desk);
    }
    assert!(day.letters < 6_000, "{} letters in all", day.letters);
}

fn told_of_each_storm_and_lost_nothing(name: &str, desk: &Desk) {
    let status = desk.condition().breakers().expect("status");
    assert!(status.contains("no breaker is open"), "{name}, hours later: {status}");
    let alarms: (i64, i64) = desk
        .store()
        .read(|c| {
            let sql = "select count(*), count(distinct what) from alarm where told_at is not null and \
                closed_at is not null";
            Ok(c.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?)))?)
        })
        .expect("alarms");
    assert!(alarms.0 >= 1 && alarms.0 == alarms.1, "{name} told of each storm once: {alarms:?}");
    // Nothing is lost: every mail that came has its row, and what was not answered is a ticket all the
    // same.
    let outcomes = desk.store().read(stats::counts).expect("numbers");
    let kept = |what: &str, word: &str| {
        let it = |of: &Counted| of.subject() == what && of.word() == word;
        outcomes.iter().find(|(of, _)| it(of)).map_or(0, |(_, n)| *n)
    };
    assert!(
        kept("kept back", "domain") > 0 && kept("kept back", "address") > 0,
        "what was kept back is counted"
    );
    assert_eq!(kept("letters", "queued") + kept("letters", "claimed"), 0, "{name} has nothing left to send");
}
