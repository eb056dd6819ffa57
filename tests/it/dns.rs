//! A name server of the tests' own: UDP on loopback, TXT records out of a zone that tests write, and every
//! way to fail. What is not in the zone does not exist, and that is said at once: no test waits for the
//! network.

use std::collections::HashMap;
use std::net::UdpSocket;
use std::sync::{Arc, Mutex};
use std::thread;

/// What is said to a question.
#[derive(Clone, Debug)]
pub enum Says {
    Texts(Vec<String>),
    Alias(String),
    Failure,
    Silence,
}

type Shared<T> = Arc<Mutex<HashMap<String, T>>>;

pub struct Dns {
    pub port: u16,
    zone: Shared<Says>,
    asked: Shared<usize>,
    silent: Arc<Mutex<Option<String>>>,
}

impl Dns {
    pub fn start() -> Dns {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port for names");
        let port = socket.local_addr().expect("its address").port();
        let (zone, asked): (Shared<Says>, Shared<usize>) = (Arc::default(), Arc::default());
        let silent: Arc<Mutex<Option<String>>> = Arc::default();
        let (z, a, s) = (zone.clone(), asked.clone(), silent.clone());
        thread::spawn(move || {
            let mut question = [0u8; 1500];
            while let Ok((n, who)) = socket.recv_from(&mut question) {
                let Some((name, end)) = name(&question[..n]) else { continue };
                *a.lock().expect("asked").entry(name.clone()).or_default() += 1;
                if s.lock().expect("silent").as_ref().is_some_and(|end| name.ends_with(end)) {
                    continue;
                }
                let says = z.lock().expect("zone").get(&name).cloned();
                if let Some(answer) = answer(&question[..end], says, &z.lock().expect("zone")) {
                    let _ = socket.send_to(&answer, who);
                }
            }
        });
        Dns { port, zone, asked, silent }
    }

    /// From now on it answers nothing about names that end so; to an empty end, nothing at all. `None`: it
    /// speaks again.
    pub fn keep_silent(&self, about: Option<&str>) {
        *self.silent.lock().expect("silent") = about.map(str::to_owned);
    }

    pub fn set(&self, name: &str, says: Says) {
        self.zone.lock().expect("zone").insert(name.to_lowercase(), says);
    }

    pub fn text(&self, name: &str, text: &str) {
        self.set(name, Says::Texts(vec![text.to_owned()]));
    }

    /// How often a name was asked for.
    pub fn asked(&self, name: &str) -> usize {
        self.asked.lock().expect("asked").get(&name.to_lowercase()).copied().unwrap_or(0)
    }
}

/// RFC 1035 §4.1: header, then the name as labels up to an empty one, then type and class. The name, and
/// where they end.
fn name(question: &[u8]) -> Option<(String, usize)> {
    let (mut at, mut labels) = (12, Vec::new());
    loop {
        let length = usize::from(*question.get(at)?);
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(question.get(at + 1..at + 1 + length)?).to_lowercase());
        at += 1 + length;
    }
    (at + 5 <= question.len()).then(|| (labels.join("."), at + 5))
}

fn answer(question: &[u8], says: Option<Says>, zone: &HashMap<String, Says>) -> Option<Vec<u8>> {
    let mut records = Vec::new();
    let mut code = 0x80;
    match says {
        Some(Says::Silence) => return None,
        Some(Says::Failure) => code |= 2,
        None => code |= 3,
        Some(Says::Texts(texts)) => {
            records.extend(texts.iter().map(|t| record(&[0xc0, 12], 16, &strings(t))))
        }
        Some(Says::Alias(to)) => {
            records.push(record(&[0xc0, 12], 5, &wire(&to)));
            if let Some(Says::Texts(texts)) = zone.get(&to) {
                records.extend(texts.iter().map(|t| record(&wire(&to), 16, &strings(t))));
            }
        }
    }
    let mut out = question.to_vec();
    out[2] = 0x84 | (question[2] & 1);
    out[3] = code;
    let count = u8::try_from(records.len()).expect("few records");
    out[4..12].copy_from_slice(&[0, 1, 0, count, 0, 0, 0, 0]);
    out.extend(records.concat());
    Some(out)
}

fn record(owner: &[u8], kind: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("a short record").to_be_bytes();
    [owner, &[0, kind, 0, 1, 0, 0, 0, 60], &length, data].concat()
}

/// RFC 1035 §3.3.14: strings of up to 255 octets.
fn strings(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(255)
        .flat_map(|c| [&[u8::try_from(c.len()).expect("at most 255")], c].concat())
        .collect()
}

fn wire(name: &str) -> Vec<u8> {
    let mut out: Vec<u8> = name
        .split('.')
        .flat_map(|l| [&[u8::try_from(l.len()).expect("a label")], l.as_bytes()].concat())
        .collect();
    out.push(0);
    out
}
