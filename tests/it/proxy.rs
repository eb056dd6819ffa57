//! A TCP proxy on loopback for faults: it can be taken down, cut every connection, or rewrite what the
//! server says line by line (only where the server speaks in clear).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

type Rewrite = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

pub struct Proxy {
    pub port: u16,
    state: Arc<State>,
}

struct State {
    target: u16,
    up: AtomicBool,
    listening: AtomicBool,
    gone: AtomicBool,
    taken: AtomicUsize,
    live: Mutex<Vec<TcpStream>>,
    rewrite: Mutex<Option<Rewrite>>,
}

impl Proxy {
    pub fn to(target: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port for the proxy");
        let port = listener.local_addr().expect("its address").port();
        let state = Arc::new(State {
            target,
            up: AtomicBool::new(true),
            listening: AtomicBool::new(true),
            gone: AtomicBool::new(false),
            taken: AtomicUsize::new(0),
            live: Mutex::default(),
            rewrite: Mutex::default(),
        });
        let own = state.clone();
        thread::spawn(move || own.serve(listener, port));
        Proxy { port, state }
    }

    /// Connections are refused, as if no server ran, and those that stand are cut.
    pub fn down(&self) {
        self.state.up.store(false, Ordering::SeqCst);
        while self.state.listening.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(2));
        }
        self.cut();
    }

    pub fn up(&self) {
        self.state.up.store(true, Ordering::SeqCst);
    }

    pub fn cut(&self) {
        for stream in self.state.live.lock().expect("live").drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// `None` leaves a line of the server as it is. Counts for all connections from now on.
    pub fn rewrite(&self, rule: impl Fn(&str) -> Option<String> + Send + Sync + 'static) {
        *self.state.rewrite.lock().expect("rewrite") = Some(Arc::new(rule));
    }

    /// How many connections were taken so far.
    pub fn taken(&self) -> usize {
        self.state.taken.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.gone.store(true, Ordering::SeqCst);
        self.cut();
    }
}

impl State {
    fn serve(self: Arc<State>, first: TcpListener, port: u16) {
        first.set_nonblocking(true).expect("nonblocking");
        let mut listener = Some(first);
        while !self.gone.load(Ordering::SeqCst) {
            match (&listener, self.up.load(Ordering::SeqCst)) {
                (Some(open), true) => match open.accept() {
                    Ok((client, _)) => self.clone().join(client),
                    Err(_) => thread::sleep(Duration::from_millis(3)),
                },
                (Some(_), false) => {
                    listener = None;
                    self.listening.store(false, Ordering::SeqCst);
                }
                (None, true) => {
                    listener = TcpListener::bind(("127.0.0.1", port)).ok();
                    if let Some(open) = &listener {
                        open.set_nonblocking(true).expect("nonblocking");
                        self.listening.store(true, Ordering::SeqCst);
                    }
                }
                (None, false) => thread::sleep(Duration::from_millis(3)),
            }
        }
    }

    fn join(self: Arc<State>, client: TcpStream) {
        self.taken.fetch_add(1, Ordering::SeqCst);
        let _ = client.set_nonblocking(false);
        let Ok(server) = TcpStream::connect(("127.0.0.1", self.target)) else {
            return;
        };
        let copies = (client.try_clone(), server.try_clone(), client.try_clone(), server.try_clone());
        let (Ok(c1), Ok(s1), Ok(c2), Ok(s2)) = copies else {
            return;
        };
        self.live.lock().expect("live").extend([c1, s1]);
        let own = self.clone();
        thread::spawn(move || own.upward(client, server));
        thread::spawn(move || self.downward(s2, c2));
    }

    fn upward(&self, mut client: TcpStream, mut server: TcpStream) {
        let mut bytes = [0u8; 16384];
        while let Ok(n @ 1..) = client.read(&mut bytes) {
            if server.write_all(&bytes[..n]).is_err() {
                break;
            }
        }
        let _ = server.shutdown(Shutdown::Both);
    }

    fn downward(&self, server: TcpStream, mut client: TcpStream) {
        let mut reader = BufReader::new(server);
        loop {
            let rule = self.rewrite.lock().expect("rewrite").clone();
            let mut line = Vec::new();
            let read = match rule {
                // Encrypted bytes have no lines: they are handed on as they come.
                None => {
                    reader.fill_buf().map(|b| line.extend_from_slice(b)).map(|()| reader.consume(line.len()))
                }
                Some(_) => reader.read_until(b'\n', &mut line).map(|_| ()),
            };
            if read.is_err() || line.is_empty() {
                break;
            }
            if let Some(new) = rule.and_then(|r| r(&String::from_utf8_lossy(&line))) {
                line = new.into_bytes();
            }
            if client.write_all(&line).is_err() {
                break;
            }
        }
        let _ = client.shutdown(Shutdown::Both);
    }
}
