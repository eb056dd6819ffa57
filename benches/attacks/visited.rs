//! Attacks by those who visit the pages, and by the operator's own commands.

use crate::Field;
use crate::browser::{Browser, hidden};
use crate::letters::person;
use crate::mailed::with_file;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

const DOWNLOADS: usize = 20;
const READERS: usize = 60;
const STRANGERS: usize = 500;

/// Connections that sent this already; those that are refused are none.
fn connections(field: &Field, many: usize, bytes: &str) -> Vec<TcpStream> {
    let one = |_| {
        let mut stream = TcpStream::connect(("127.0.0.1", field.world.web)).ok()?;
        stream.set_nonblocking(true).ok()?;
        let _ = stream.write(bytes.as_bytes());
        Some(stream)
    };
    (0..many).filter_map(one).collect()
}

fn request(field: &Field, path: &str, cookie: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nCookie: {cookie}\r\n\r\n", field.world.web)
}

/// Reads a little of each again and again; those that are sent away come back.
fn read_slowly(field: &Field, many: usize, asks: &str) {
    let mut all = connections(field, many, asks);
    let end = Instant::now() + field.lasts;
    while Instant::now() < end {
        let mut some = [0; 4_096];
        all.retain_mut(|s| match s.read(&mut some) {
            Ok(n) => n > 0,
            Err(e) => e.kind() == std::io::ErrorKind::WouldBlock,
        });
        all.extend(connections(field, many.saturating_sub(all.len()), asks));
        thread::sleep(Duration::from_millis(100));
    }
}

/// A customer downloads a large file over many connections, and reads slowly.
pub fn downloads(field: &Field) {
    let who = person("reader");
    let began = Instant::now();
    field.world.send(&with_file(&who, &field.world.desk, field.large_bytes));
    assert!(field.confirmed(&who, began).is_some(), "a large mail was never confirmed");
    let letter = field.world.letter(&who, "the confirmation", |_| true);
    let mut browser = Browser::signed_in(&field.world, &letter);
    let page = browser.get(&format!("/tickets/{}", letter.ticket().expect("a token"))).1;
    let rest = page.split_once("\"/files/").expect("a file on the page").1;
    let path = format!("/files/{}", rest.split('"').next().expect("its number"));
    read_slowly(field, DOWNLOADS, &request(field, &path, browser.cookie()));
}

/// Visitors who ask for page after page at once, and read a little now and then.
pub fn readers(field: &Field) {
    let asks = request(field, "/login", "").repeat(50);
    read_slowly(field, READERS, &asks);
}

/// Connections that write an octet now and then and never end their request.
pub fn strangers(field: &Field) {
    let half = format!("POST /login HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nX: ", field.world.web);
    let mut all = connections(field, STRANGERS, &half);
    let end = Instant::now() + field.lasts;
    while Instant::now() < end {
        all.retain_mut(|s| s.write(b"x").is_ok());
        all.extend(connections(field, STRANGERS.saturating_sub(all.len()), &half));
        assert_eq!(crate::desk::get(field.world.web, "/login").0, 200, "the pages are there for others");
        thread::sleep(Duration::from_millis(250));
    }
}

/// Bodies as large as a form may be, and larger, that come slowly.
pub fn forms(field: &Field) {
    let end = Instant::now() + field.lasts;
    while Instant::now() < end {
        for length in [65_536, 65_537, 16 << 20] {
            let head = format!(
                "POST /login HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: {length}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\n\r\n",
                field.world.web
            );
            let body = "address=".to_owned() + &"%41".repeat(21_000);
            let all = connections(field, 100, &(head + &body));
            assert_eq!(crate::desk::get(field.world.web, "/login").0, 200, "the pages are there for others");
            drop(all);
        }
    }
}

/// Links are asked for, for address after address, and tokens are guessed.
pub fn sign_ins(field: &Field) {
    let end = Instant::now() + field.lasts;
    let mut browser = Browser::new(&field.world);
    for n in 0.. {
        if Instant::now() > end {
            return;
        }
        let page = hidden(&browser.get("/login").1, "page");
        let address = format!("stranger{n}@customer.example");
        browser.post("/login", &[("page", &page), ("address", &address)]);
        browser.get(&format!("/login/{n:0>43}"));
    }
}

/// One backup after the other.
pub fn backups(field: &Field) {
    let end = Instant::now() + field.lasts;
    for n in 0.. {
        let file = field.world.dir.join(format!("backup{n}"));
        let done = field.world.run(&["backup", file.to_str().expect("a path")]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let _ = std::fs::remove_file(file);
        if Instant::now() > end {
            return;
        }
    }
}
