//! A scripted IMAP server that keeps every byte it hears. It is polite until the test's own closure takes
//! over.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// (tag, command line without it) -> bytes; `None` leaves the polite answer, an empty one hangs up.
type Script = Box<dyn Fn(&str, &str) -> Option<Vec<u8>> + Send + Sync>;

pub struct FakeImap {
    pub port: u16,
    inner: Arc<Inner>,
}

struct Inner {
    greeting: String,
    script: Script,
    heard: Mutex<Vec<u8>>,
    ended: AtomicUsize,
}

impl FakeImap {
    pub fn start(
        greeting: &str,
        script: impl Fn(&str, &str) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> FakeImap {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port for the fake");
        let port = listener.local_addr().expect("its address").port();
        let inner = Arc::new(Inner {
            greeting: greeting.to_owned(),
            script: Box::new(script),
            heard: Mutex::default(),
            ended: AtomicUsize::new(0),
        });
        let own = inner.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = own.clone();
                thread::spawn(move || {
                    own.session(stream);
                    own.ended.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        FakeImap { port, inner }
    }

    /// Everything that any client said, in clear.
    pub fn heard(&self) -> String {
        String::from_utf8_lossy(&self.inner.heard.lock().expect("heard")).into_owned()
    }

    /// How many conversations are over.
    pub fn ended(&self) -> usize {
        self.inner.ended.load(Ordering::SeqCst)
    }
}

impl Inner {
    fn session(&self, stream: TcpStream) {
        let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
        let Ok(mut out) = stream.try_clone() else {
            return;
        };
        let mut reader = BufReader::new(stream);
        if out.write_all(self.greeting.as_bytes()).is_err() {
            return;
        }
        let mut last = String::from("*");
        while let Some(line) = self.command(&mut reader, &mut out) {
            // The answer to a `+` has no tag of its own.
            let (tag, rest) = line.split_once(' ').unwrap_or((&last, ""));
            let answer = (self.script)(tag, rest).unwrap_or_else(|| polite(tag, rest));
            // Slow and huge answers: a client that hangs up in between is in its right.
            if answer.is_empty() || out.write_all(&answer).is_err() {
                return;
            }
            last = tag.to_owned();
        }
    }

    /// One command with its literals in it.
    fn command(&self, reader: &mut impl BufRead, out: &mut TcpStream) -> Option<String> {
        let mut whole = Vec::new();
        loop {
            let start = whole.len();
            match reader.read_until(b'\n', &mut whole) {
                Ok(1..) => self.heard.lock().expect("heard").extend_from_slice(&whole[start..]),
                _ => return None,
            }
            let text = String::from_utf8_lossy(&whole).trim_end().to_owned();
            let size = text
                .strip_suffix('}')
                .and_then(|t| t.rsplit_once('{'))
                .map(|(_, n)| n.trim_end_matches('+').to_owned());
            let Some(size) = size.and_then(|n| n.parse::<usize>().ok()) else {
                return Some(text);
            };
            if !text.ends_with("+}") {
                out.write_all(b"+ go on\r\n").ok()?;
            }
            let mut literal = vec![0; size.min(1 << 20)];
            reader.read_exact(&mut literal).ok()?;
            self.heard.lock().expect("heard").extend_from_slice(&literal);
            whole.extend_from_slice(&literal);
        }
    }
}

/// A small mailbox with one mail in it, without IDLE: clients poll.
pub fn polite(tag: &str, command: &str) -> Vec<u8> {
    let upper = command.to_uppercase();
    let before = if upper.starts_with("CAPABILITY") {
        "* CAPABILITY IMAP4rev1 UIDPLUS MOVE\r\n"
    } else if upper.starts_with("SELECT") || upper.starts_with("EXAMINE") {
        "* FLAGS (\\Seen)\r\n* 1 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 2] ok\r\n"
    } else if upper.starts_with("STATUS") {
        "* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 7)\r\n"
    } else if upper.starts_with("UID SEARCH") {
        "* SEARCH 1\r\n"
    } else if upper.starts_with("LOGOUT") {
        "* BYE\r\n"
    } else if upper.starts_with("AUTHENTICATE PLAIN") && !upper["AUTHENTICATE PLAIN".len()..].starts_with(' ')
    {
        return b"+ \r\n".to_vec();
    } else {
        ""
    };
    format!("{before}{tag} OK done\r\n").into_bytes()
}
