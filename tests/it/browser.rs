//! The pages as a browser asks for them: forms, and the cookie of the one who signed in.

use crate::letters::{Letter, Person};
use crate::world::World;
use std::io::{Read, Write};
use std::net::TcpStream;

pub struct Browser {
    port: u16,
    cookie: String,
}

impl Browser {
    pub fn new(world: &World) -> Browser {
        Browser { port: world.web, cookie: String::new() }
    }

    /// The cookie of the one who signed in.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Status and body; cookies are kept. `form`: a POST of these fields.
    pub fn ask(&mut self, method: &str, path: &str, form: Option<&[(&str, &str)]>) -> (u16, String) {
        let encoded = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
        let body = form
            .unwrap_or_default()
            .iter()
            .map(|(k, v)| format!("{k}={}", encoded(v)))
            .collect::<Vec<_>>()
            .join("&");
        let port = self.port;
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n");
        request += &format!("Origin: http://127.0.0.1:{port}\r\nCookie: {}\r\n", self.cookie);
        if form.is_some() {
            request += &format!(
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
                body.len()
            );
        }
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the desk listens");
        stream.write_all(format!("{request}\r\n{body}").as_bytes()).expect("the request is taken");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        if let Some(line) = head.lines().find(|l| l.to_lowercase().starts_with("set-cookie:")) {
            self.cookie = line
                .split_once(':')
                .expect("a field")
                .1
                .split(';')
                .next()
                .expect("a cookie")
                .trim()
                .to_owned();
        }
        (head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status"), body.to_owned())
    }

    pub fn get(&mut self, path: &str) -> (u16, String) {
        self.ask("GET", path, None)
    }

    pub fn post(&mut self, path: &str, form: &[(&str, &str)]) -> (u16, String) {
        self.ask("POST", path, Some(form))
    }

    /// By the link in a letter.
    pub fn signed_in(world: &World, letter: &Letter) -> Browser {
        let mut browser = Browser::new(world);
        let path = path_in(&letter.text(), world, "/login/");
        let page = hidden(&browser.get(&path).1, "page");
        assert_eq!(browser.post(&path, &[("page", &page)]).0, 303);
        browser
    }

    /// By a link that is asked for.
    pub fn asking(world: &World, who: &Person) -> Browser {
        let page = hidden(&Browser::new(world).get("/login").1, "page");
        assert_eq!(Browser::new(world).post("/login", &[("page", &page), ("address", &who.address)]).0, 200);
        Browser::signed_in(world, &world.letter(who, "the link", |l| l.subject().starts_with("Sign in")))
    }
}

/// The value of a hidden field.
pub fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page.split_once(&start).unwrap_or_else(|| panic!("no field {name} in {page}")).1;
    rest.split('"').next().expect("a value").to_owned()
}

/// The path of the desk's own page that a text links to.
pub fn path_in(text: &str, world: &World, start: &str) -> String {
    let url = format!("{}{start}", world.url());
    let word = text
        .split_whitespace()
        .find(|w| w.starts_with(&url))
        .unwrap_or_else(|| panic!("no {start} in {text}"));
    word[world.url().len()..].to_owned()
}
