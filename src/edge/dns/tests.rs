use super::*;
use std::collections::BTreeMap;
use std::net::UdpSocket;

/// What a server was asked, and how often.
type Asked = Arc<Mutex<BTreeMap<String, usize>>>;

/// A name server that knows no name and says so, until it is to keep silent about names that end so.
struct Fake {
    port: u16,
    silent: Arc<Mutex<Option<&'static str>>>,
    asked: Asked,
}

impl Fake {
    fn start(at: (&str, u16)) -> Fake {
        let socket = UdpSocket::bind(at).expect("a port");
        let port = socket.local_addr().expect("its address").port();
        let fake = Fake { port, silent: Arc::default(), asked: Arc::default() };
        let (silent, asked) = (fake.silent.clone(), fake.asked.clone());
        std::thread::spawn(move || {
            let mut question = [0; 1500];
            while let Ok((n, who)) = socket.recv_from(&mut question) {
                let mut labels = Vec::new();
                let mut at = 12;
                while let Some(length) = question.get(at).filter(|l| **l > 0).map(|l| usize::from(*l)) {
                    labels.push(String::from_utf8_lossy(&question[at + 1..at + 1 + length]).to_lowercase());
                    at += 1 + length;
                }
                let name = labels.join(".");
                *asked.lock().expect("asked").entry(name.clone()).or_default() += 1;
                if silent.lock().expect("silent").is_none_or(|end| !name.ends_with(end)) {
                    // RFC 1035 §4.1.1: an answer, no such name, one question and nothing else.
                    let mut answer = question[..n.min(at + 5)].to_vec();
                    (answer[2], answer[3]) = (0x80, 0x83);
                    answer[4..12].copy_from_slice(&[0, 1, 0, 0, 0, 0, 0, 0]);
                    let _ = socket.send_to(&answer, who);
                }
            }
        });
        fake
    }

    fn keep_silent(&self, about: Option<&'static str>) {
        *self.silent.lock().expect("silent") = about;
    }

    fn asked(&self, name: &str) -> usize {
        self.asked.lock().expect("asked").get(name).copied().unwrap_or(0)
    }
}

fn with_names(servers: impl FnOnce() -> Servers, check: impl FnOnce(&dyn Fn(&[&str]) -> Answers)) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let names = {
        let _inside = runtime.enter();
        Names::through(servers(), runtime.handle().clone())
    };
    check(&|some| {
        let mut coming = names.ask_for(some.iter().map(|n| (*n).to_owned()).collect());
        runtime.block_on(coming.until(None));
        coming.answers
    });
}

fn at(port: u16) -> impl FnOnce() -> Servers {
    move || Servers::new(Some(([127, 0, 0, 1], port).into()))
}

#[test]
fn a_changed_resolv_conf_is_read_again() {
    let first = Fake::start(("127.0.0.1", 0));
    let second = Fake::start(("127.0.0.2", first.port));
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("resolv.conf");
    let write = |text: &str| std::fs::write(&file, text).expect("resolv.conf");
    with_names(
        || Servers::of_file(file.clone(), first.port),
        |ask| {
            assert_eq!(ask(&["_dmarc.a.org"])["_dmarc.a.org"], Answer::Failed, "there is no file");
            write("nameserver 127.0.0.1\n");
            assert_eq!(ask(&["_dmarc.b.org"])["_dmarc.b.org"], Answer::Nothing);
            write("nameserver 127.0.0.2\n");
            assert_eq!(ask(&["_dmarc.c.org"])["_dmarc.c.org"], Answer::Nothing);
            write("# half writ");
            assert_eq!(ask(&["_dmarc.d.org"])["_dmarc.d.org"], Answer::Nothing, "those before are asked");
            assert_eq!(ask(&["_dmarc.e.example"])["_dmarc.e.example"], Answer::Failed);
            let asked = |name| (first.asked(name), second.asked(name));
            assert_eq!(
                ["_dmarc.b.org", "_dmarc.c.org", "_dmarc.d.org", "_dmarc.e.example"].map(asked),
                [(1, 0), (0, 1), (0, 1), (0, 0)]
            );
            // Another server is asked at once what the one before kept silent about.
            second.keep_silent(Some(""));
            assert_eq!(ask(&["_dmarc.f.org"])["_dmarc.f.org"], Answer::Failed);
            write("nameserver 127.0.0.1\n");
            assert_eq!(ask(&["_dmarc.f.org"])["_dmarc.f.org"], Answer::Nothing);
        },
    );
}

#[test]
fn a_silent_zone_costs_one_wait_and_no_other_zone() {
    let fake = Fake::start(("127.0.0.1", 0));
    fake.keep_silent(Some("far.example"));
    with_names(at(fake.port), |ask| {
        let silent = ["s1._domainkey.far.example", "_dmarc.far.example"];
        let all = ask(&[silent[0], silent[1], "_dmarc.near.example"]);
        assert_eq!((&all[silent[0]], &all[silent[1]]), (&Answer::Failed, &Answer::Failed));
        assert_eq!(all["_dmarc.near.example"], Answer::Nothing);
        let before = silent.map(|name| fake.asked(name));
        assert!(before.iter().all(|n| (3..=9).contains(n)), "three tries each: {before:?}");
        fake.keep_silent(None);
        let all = ask(&[silent[0], silent[1], "s2._domainkey.far.example", "_dmarc.third.example"]);
        assert_eq!(all["s2._domainkey.far.example"], Answer::Failed);
        assert_eq!(all["_dmarc.third.example"], Answer::Nothing);
        assert_eq!(silent.map(|name| fake.asked(name)), before, "left alone");
        assert_eq!(fake.asked("s2._domainkey.far.example"), 0, "and all names of the zone");
    });
}

#[test]
fn a_silent_server_is_asked_no_names_until_it_speaks() {
    let fake = Fake::start(("127.0.0.1", 0));
    fake.keep_silent(Some(""));
    with_names(at(fake.port), |ask| {
        let ten: Vec<String> = (0..10).map(|n| format!("_dmarc.c{n}.example")).collect();
        let ten: Vec<&str> = ten.iter().map(String::as_str).collect();
        assert!(ask(&ten).values().all(|a| *a == Answer::Failed));
        let before: Vec<usize> = ten.iter().map(|name| fake.asked(name)).collect();
        assert!(ask(&ten).values().all(|a| *a == Answer::Failed));
        assert_eq!(ask(&["_dmarc.new.example"])["_dmarc.new.example"], Answer::Failed);
        assert_eq!(fake.asked("_dmarc.new.example"), 0, "the server keeps silent, so nobody waits for it");
        assert_eq!(ten.iter().map(|name| fake.asked(name)).collect::<Vec<_>>(), before);
    });
}

/// T37: what waits for names is bounded; a large mail that finds no room goes on without its answers.
#[test]
fn t37_mails_that_wait_for_names_hold_a_bounded_room() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let names = Names::new(Some(([127, 0, 0, 1], 9).into()), runtime.handle().clone());
    assert!(names.room(0).is_none());
    let one = names.room(40 << 20).expect("alone it may wait, however large it is");
    assert!(names.room(2 << 20).is_none());
    std::thread::scope(|s| {
        let small = s.spawn(|| names.room(SMALL_BYTES).is_some());
        drop(one);
        assert!(small.join().expect("no panic"), "a small one waits for room");
    });
    let several: Vec<_> = (0..3).map_while(|_| names.room(2 << 20)).collect();
    assert_eq!(several.len(), 3);
}
