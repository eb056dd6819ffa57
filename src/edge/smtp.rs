//! Mail out: submission to the relay (RFC 5321, 6409, 3207, 4954) by lettre, or a Maildir. One recipient a
//! transaction.

use super::tls::{self, Stream};
use crate::app::{Claimed, Desk, Sent};
use crate::config::{Login, Server, SmtpConfig, SmtpWay, Tls};
use crate::mail::AddrSpec;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio::time::timeout;

/// RFC 5321 §4.5.3.2: a command gets 5 minutes, the end of DATA 10.
const COMMAND: Duration = Duration::from_secs(300);
const AFTER_DATA: Duration = Duration::from_secs(600);
/// A connection without work is closed after this.
const IDLE: Duration = Duration::from_secs(5);
const AT_ONCE: usize = 20;

/// Sends what is due until `shutdown` becomes true.
pub async fn run(config: SmtpConfig, hello: String, desk: Desk, mut shutdown: watch::Receiver<bool>) {
    let mut connection: Option<AsyncSmtpConnection> = None;
    while !*shutdown.borrow() {
        let claimed = {
            let desk = desk.clone();
            tokio::task::spawn_blocking(move || desk.claim(AT_ONCE)).await.expect("claiming does not panic")
        };
        let due = claimed.unwrap_or_else(|e| {
            tracing::error!("letters cannot be claimed: {e}");
            Vec::new()
        });
        if due.is_empty() {
            let wait = if connection.is_some() { IDLE } else { until_due(&desk).await };
            tokio::select! {
                () = desk.wake().notified() => {}
                () = tokio::time::sleep(wait) => if let Some(old) = connection.take() { quit(old) },
                _ = shutdown.changed() => {}
            }
            continue;
        }
        for letter in due {
            let id = letter.id;
            let ending = *shutdown.borrow();
            if ending {
                // The lease ends with this process; the row is due again at the next start.
                break;
            }
            let sent = send(&config, &hello, &mut connection, letter).await;
            tell(&sent, id, &desk);
            let desk = desk.clone();
            let settled = tokio::task::spawn_blocking(move || desk.settle_letter(id, sent)).await;
            if let Ok(Err(e)) = settled {
                tracing::error!(letter.id = id, "a letter cannot be settled: {e}");
            }
        }
    }
    if let Some(old) = connection {
        quit(old);
    }
}

/// How long to sleep: until the next letter is due, at most half a minute.
async fn until_due(desk: &Desk) -> Duration {
    let desk = desk.clone();
    let next = tokio::task::spawn_blocking(move || desk.next_due()).await;
    let seconds = next.ok().and_then(Result::ok).flatten().unwrap_or(30);
    Duration::from_secs(seconds.clamp(1, 30))
}

/// One log line a letter, and the state of the relay.
fn tell(sent: &Sent, id: i64, desk: &Desk) {
    let (good, word) = match sent {
        Sent::Accepted(_) => (true, "sent"),
        Sent::Refused(_) => (true, "refused"),
        Sent::Deferred(_) => (false, "deferred"),
        Sent::Unknown(_) => (false, "unknown"),
    };
    tracing::info!(letter.id = id, "letter {word}");
    let desk = desk.clone();
    let detail = if good {
        "letters leave".to_owned()
    } else {
        "the relay does not take letters; see maildesk outbox list".to_owned()
    };
    tokio::task::spawn_blocking(move || desk.set_health("smtp", good, &detail));
}

async fn send(
    config: &SmtpConfig,
    hello: &str,
    connection: &mut Option<AsyncSmtpConnection>,
    letter: Claimed,
) -> Sent {
    let (server, login) = match &config.way {
        SmtpWay::Maildir(folder) => return to_maildir(folder, &letter),
        SmtpWay::Relay { server, login } => (server, login.as_ref()),
    };
    let mut open = match connection.take() {
        Some(open) => open,
        None => match connect(server, login, hello).await {
            Ok(open) => open,
            Err(why) => return Sent::Deferred(why),
        },
    };
    let sent = transaction(&mut open, &letter).await;
    // After any error the connection is not used again: its dialogue may be out of step.
    if matches!(sent, Sent::Accepted(_)) && !open.has_broken() {
        *connection = Some(open);
    } else {
        quit(open);
    }
    sent
}

fn quit(mut connection: AsyncSmtpConnection) {
    tokio::spawn(async move {
        let _ = timeout(Duration::from_secs(5), connection.quit()).await;
    });
}

/// Connects, upgrades, authenticates.
async fn connect(server: &Server, login: Option<&Login>, hello: &str) -> Result<AsyncSmtpConnection, String> {
    let mut tcp = tls::tcp(server).await?;
    let place = format!("{}:{}", server.host, server.port);
    let named = |e: String| format!("{place}: {e}");
    let stream: Box<dyn Stream> = match server.tls {
        Tls::None => Box::new(tcp),
        Tls::Implicit => tls::handshake(server, tcp).await?,
        Tls::StartTls => {
            starttls(&mut tcp, hello).await.map_err(named)?;
            let inside = tls::handshake(server, tcp).await?;
            // lettre waits for a greeting, which was read before TLS.
            Box::new(Greeted { greeting: b"220 ready\r\n", inside })
        }
    };
    let client = ClientId::Domain(hello.to_owned());
    let opened =
        timeout(COMMAND, AsyncSmtpConnection::connect_with_transport(Box::new(Opaque(stream)), &client))
            .await;
    let mut open = opened
        .map_err(|_| format!("{place} does not greet"))?
        .map_err(|e| format!("{place}: {}", words(&e)))?;
    if let Some(login) = login {
        let credentials = Credentials::new(login.user.clone(), login.password.expose().to_owned());
        let signed_in =
            timeout(COMMAND, open.auth(&[Mechanism::Plain, Mechanism::Login], &credentials)).await;
        signed_in.map_err(|_| format!("{place} does not answer to AUTH"))?.map_err(|e| {
            format!(
                "{place} refuses user and password, or offers neither AUTH PLAIN nor LOGIN: {}",
                words(&e)
            )
        })?;
    }
    Ok(open)
}

/// The dialogue up to the handshake, line by line (T95, T96, T98).
async fn starttls(tcp: &mut tokio::net::TcpStream, hello: &str) -> Result<(), String> {
    expect(tcp, "220").await?;
    tls::say(tcp, &format!("EHLO {hello}")).await?;
    let offered = expect(tcp, "250").await?;
    if !offered.iter().any(|l| l.eq_ignore_ascii_case("STARTTLS")) {
        return Err(
            "the relay offers no STARTTLS; nothing is sent in clear. Use its port for TLS (tls = \"implicit\") or another relay"
                .into(),
        );
    }
    tls::say(tcp, "STARTTLS").await?;
    expect(tcp, "220").await?;
    tls::nothing_waits(tcp)
}

/// The lines of one reply without their code, which must be `code`.
async fn expect(tcp: &mut tokio::net::TcpStream, code: &str) -> Result<Vec<String>, String> {
    let mut lines = Vec::new();
    for _ in 0..100 {
        let line = tls::line(tcp).await?;
        if !line.starts_with(code) {
            return Err(format!("the relay answers: {}", short(&line)));
        }
        lines.push(line.get(4..).unwrap_or_default().trim().to_owned());
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(lines);
        }
    }
    Err("the relay's answer has no end".into())
}

/// MAIL, RCPT, DATA, the bytes. What failed before the bytes were sent is known; after them only a reply
/// tells.
async fn transaction(open: &mut AsyncSmtpConnection, letter: &Claimed) -> Sent {
    let address = |a: &AddrSpec| a.as_str().parse::<lettre::Address>().ok();
    let from = match &letter.from {
        Some(from) => match address(from) {
            Some(from) => Some(from),
            None => return Sent::Refused("its reverse-path cannot be written in SMTP".into()),
        },
        None => None,
    };
    let Some(to) = address(&letter.to) else {
        return Sent::Refused("its forward-path cannot be written in SMTP".into());
    };
    if let Err(sent) = step(open, Mail::new(from, vec![])).await {
        return sent;
    }
    if let Err(sent) = step(open, Rcpt::new(to, vec![])).await {
        return sent;
    }
    if let Err(sent) = step(open, Data).await {
        return sent;
    }
    match timeout(AFTER_DATA, open.message(&letter.bytes)).await {
        Err(_) => Sent::Unknown("the relay did not answer".into()),
        Ok(Ok(reply)) if reply.code().to_string() == "250" => Sent::Accepted(said(&reply)),
        Ok(Ok(reply)) => Sent::Deferred(said(&reply)),
        Ok(Err(e)) if e.is_permanent() => Sent::Refused(words(&e)),
        Ok(Err(e)) if e.is_transient() => Sent::Deferred(words(&e)),
        Ok(Err(e)) => Sent::Unknown(words(&e)),
    }
}

/// One command before the bytes; nothing was sent yet where it fails.
async fn step(open: &mut AsyncSmtpConnection, command: impl std::fmt::Display) -> Result<(), Sent> {
    match timeout(COMMAND, open.command(command)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(e)) => Err(before_data(&e)),
        Err(_) => Err(Sent::Deferred("the relay does not answer".into())),
    }
}

fn before_data(e: &lettre::transport::smtp::Error) -> Sent {
    if e.is_permanent() { Sent::Refused(words(e)) } else { Sent::Deferred(words(e)) }
}

fn said(reply: &Response) -> String {
    short(&format!("{} {}", reply.code(), reply.message().collect::<Vec<_>>().join(" ")))
}

/// The relay's own words with their code, or what happened to the connection.
fn words(e: &lettre::transport::smtp::Error) -> String {
    let cause = std::error::Error::source(e).map(ToString::to_string).unwrap_or_default();
    let code = e.status().map(|c| c.to_string()).unwrap_or_default();
    short(format!("{code} {}", if cause.is_empty() { e.to_string() } else { cause }).trim())
}

/// One line, no controls, at most 300 characters.
fn short(text: &str) -> String {
    crate::mail::Line::clean(text).as_str().chars().take(300).collect()
}

/// Sends some mails now, one after the other, and says how each ended.
pub async fn send_now(config: &SmtpConfig, hello: &str, mails: Vec<Claimed>) -> Vec<(i64, Sent)> {
    let mut connection = None;
    let mut out = Vec::with_capacity(mails.len());
    for mail in mails {
        out.push((mail.id, send(config, hello, &mut connection, mail).await));
    }
    if let Some(mut open) = connection {
        let _ = timeout(Duration::from_secs(5), open.quit()).await;
    }
    out
}

/// A Maildir as the way out: tmp, fsync, new.
fn to_maildir(folder: &Path, letter: &Claimed) -> Sent {
    use std::io::Write;
    let name = format!("{}.{}.maildesk", crate::app::now(), letter.id);
    let write = || -> std::io::Result<()> {
        for part in ["tmp", "new", "cur"] {
            std::fs::create_dir_all(folder.join(part))?;
        }
        let tmp = folder.join("tmp").join(&name);
        let mut file = std::fs::File::create(&tmp)?;
        file.write_all(&letter.bytes)?;
        file.sync_all()?;
        std::fs::rename(&tmp, folder.join("new").join(&name))
    };
    match write() {
        Ok(()) => Sent::Accepted("written to the Maildir".into()),
        Err(e) => Sent::Deferred(format!("cannot write into {}: {e}", folder.display())),
    }
}

/// Proves for `check` that letters can leave: connects, upgrades, authenticates.
pub async fn probe(config: &SmtpConfig, hello: &str) -> Result<String, String> {
    match &config.way {
        SmtpWay::Maildir(folder) => match std::fs::create_dir_all(folder) {
            Ok(()) => Ok(format!("letters are written to {}", folder.display())),
            Err(e) => Err(format!("cannot write into {}: {e}", folder.display())),
        },
        SmtpWay::Relay { server, login } => {
            let mut open = connect(server, login.as_ref(), hello).await?;
            let noop = timeout(Duration::from_secs(30), open.command(Noop)).await;
            let place = format!("{}:{}", server.host, server.port);
            noop.map_err(|_| format!("{place} does not answer"))?
                .map_err(|e| format!("{place}: {}", words(&e)))?;
            quit(open);
            let tls = match server.tls {
                Tls::None => "in clear, on loopback",
                Tls::Implicit | Tls::StartTls => "by TLS, certificate checked",
            };
            Ok(format!("{place} takes letters, {tls}"))
        }
    }
}

/// A boxed stream in the shape that lettre wants.
#[derive(Debug)]
struct Opaque(Box<dyn Stream>);

impl AsyncTokioStream for Opaque {
    fn peer_addr(&self) -> std::io::Result<std::net::SocketAddr> {
        Err(std::io::Error::other("not asked for"))
    }
}

/// A stream that first says what was read before TLS began.
#[derive(Debug)]
struct Greeted {
    greeting: &'static [u8],
    inside: Box<dyn Stream>,
}

impl AsyncRead for Greeted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.greeting.is_empty() {
            return Pin::new(&mut self.inside).poll_read(cx, buf);
        }
        let n = self.greeting.len().min(buf.remaining());
        buf.put_slice(&self.greeting[..n]);
        self.greeting = &self.greeting[n..];
        Poll::Ready(Ok(()))
    }
}

macro_rules! pass_on {
    ($type:ty, $field:tt) => {
        impl AsyncWrite for $type {
            fn poll_write(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<std::io::Result<usize>> {
                Pin::new(&mut self.$field).poll_write(cx, buf)
            }
            fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
                Pin::new(&mut self.$field).poll_flush(cx)
            }
            fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
                Pin::new(&mut self.$field).poll_shutdown(cx)
            }
        }
    };
}
pass_on!(Greeted, inside);
pass_on!(Opaque, 0);

impl AsyncRead for Opaque {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}
