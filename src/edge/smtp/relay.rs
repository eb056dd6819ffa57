//! The dialogue with a relay: from the connection to the reply after DATA.

use super::stream::{Greeted, Tamed};
use crate::app::{Claimed, Sent};
use crate::config::{Login, Server, Tls};
use crate::desk::relay::{Stage, judge};
use crate::edge::tls::{self, Stream};
use crate::mail::AddrSpec;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// RFC 5321 §4.5.3.2: a command gets 5 minutes, the end of DATA 10.
const COMMAND: Duration = Duration::from_secs(300);
const AFTER_DATA: Duration = Duration::from_secs(600);

/// An open dialogue.
pub struct Dialogue {
    smtp: AsyncSmtpConnection,
    /// Octets that the relay takes at most (RFC 1870); `None`: it did not say.
    size_max: Option<u64>,
    /// It took a letter before, so it may have been closed since.
    used: bool,
}

impl Dialogue {
    /// It took a letter before: where it is closed now, nothing is said about the next one.
    pub fn is_used(&self) -> bool {
        self.used
    }
}

/// How the attempt to hand over a letter ended.
pub enum Handed {
    /// As the relay says.
    Ended(Sent),
    /// Not said to the relay: it cannot be written in SMTP, or is larger than the relay takes.
    NotSaid(Sent),
    /// The relay closed the connection before it got the letter; in these words.
    Closed(String),
}

/// Connects to the relay, upgrades to TLS, signs in.
pub async fn connect(server: &Server, login: Option<&Login>, hello: &str) -> Result<Dialogue, String> {
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
    let size = Arc::new(AtomicU64::new(0));
    let tamed = Box::new(Tamed::new(stream, size.clone()));
    let opened = timeout(COMMAND, AsyncSmtpConnection::connect_with_transport(tamed, &client)).await;
    let mut open = opened
        .map_err(|_| format!("{place} does not greet"))?
        .map_err(|e| format!("{place}: {}", error_words(&e)))?;
    if let Some(login) = login {
        let credentials = Credentials::new(login.user.clone(), login.password.expose().to_owned());
        let signed_in =
            timeout(COMMAND, open.auth(&[Mechanism::Plain, Mechanism::Login], &credentials)).await;
        signed_in.map_err(|_| format!("{place} does not answer to AUTH"))?.map_err(|e| {
            format!(
                "{place} refuses user and password, or offers neither AUTH PLAIN nor LOGIN: {}",
                without_secrets(&error_words(&e), login)
            )
        })?;
    }
    let size_max = Some(size.load(Ordering::Relaxed)).filter(|size| *size > 0);
    Ok(Dialogue { smtp: open, size_max, used: false })
}

/// The dialogue up to the handshake, line by line (T95, T96, T98).
async fn starttls(tcp: &mut TcpStream, hello: &str) -> Result<(), String> {
    expect(tcp, "220").await?;
    tls::say(tcp, &format!("EHLO {hello}")).await?;
    let offered = expect(tcp, "250").await?;
    if !offered.iter().any(|l| l.eq_ignore_ascii_case("STARTTLS")) {
        return Err("the relay offers no STARTTLS; nothing is sent in clear. Use its port for TLS \
             (tls = \"implicit\") or another relay"
            .into());
    }
    tls::say(tcp, "STARTTLS").await?;
    expect(tcp, "220").await?;
    tls::nothing_waits(tcp)
}

/// The lines of one reply without their code, which must be `code`.
async fn expect(tcp: &mut TcpStream, code: &str) -> Result<Vec<String>, String> {
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

/// Sends MAIL, RCPT, DATA and the bytes. Where one of the commands fails, nothing was sent. After the bytes
/// only the relay's reply says whether it took them; `went` is true from then on.
pub async fn transaction(open: &mut Dialogue, letter: &Claimed, went: &AtomicBool) -> Handed {
    let address = |a: &AddrSpec| a.wire().parse::<lettre::Address>().ok();
    let from = match &letter.from {
        Some(from) => match address(from) {
            Some(from) => Some(from),
            None => {
                return Handed::NotSaid(Sent::Refused("its reverse-path cannot be written in SMTP".into()));
            }
        },
        None => None,
    };
    let Some(to) = address(&letter.to) else {
        return Handed::NotSaid(Sent::Refused("its forward-path cannot be written in SMTP".into()));
    };
    if let Some(max) = open.size_max.filter(|max| letter.bytes.len() as u64 > *max) {
        let words = format!("552 5.3.4 the relay takes letters of {max} octets at most");
        return Handed::NotSaid(judge(Stage::Content, 552, &words, letter.sheds));
    }
    let sheds = letter.sheds;
    if let Err(ended) = step(open, Stage::Sender, sheds, Mail::new(from, vec![])).await {
        return ended;
    }
    if let Err(ended) = step(open, Stage::Recipient, sheds, Rcpt::new(to, vec![])).await {
        return ended;
    }
    if let Err(ended) = step(open, Stage::Content, sheds, Data).await {
        return ended;
    }
    went.store(true, Ordering::Relaxed);
    let answered = timeout(AFTER_DATA, open.smtp.message(&letter.bytes)).await;
    open.used = true;
    Handed::Ended(match answered {
        Err(_) => Sent::Unknown("the relay did not answer".into()),
        Ok(Ok(reply)) if u16::from(reply.code()) < 300 => Sent::Accepted(reply_words(&reply)),
        Ok(Ok(reply)) => Sent::Unknown(reply_words(&reply)),
        Ok(Err(e)) => match e.status() {
            Some(code) => judge(Stage::Content, code.into(), &error_words(&e), sheds),
            None => Sent::Unknown(error_words(&e)),
        },
    })
}

/// One command before the bytes; nothing was sent yet where it fails.
async fn step(
    open: &mut Dialogue,
    stage: Stage,
    sheds: bool,
    command: impl std::fmt::Display,
) -> Result<(), Handed> {
    let e = match timeout(COMMAND, open.smtp.command(command)).await {
        Ok(Ok(reply)) if stage != Stage::Content || u16::from(reply.code()) == 354 => return Ok(()),
        Ok(Ok(reply)) => return Err(Handed::Ended(Sent::RelayAway(reply_words(&reply)))),
        Ok(Err(e)) => e,
        Err(_) => return Err(Handed::Ended(Sent::RelayAway("the relay does not answer".into()))),
    };
    let words = error_words(&e);
    Err(match e.status().map(u16::from) {
        // RFC 5321 §3.8: it closes the connection, which says nothing about the letter.
        Some(421) | None => Handed::Closed(words),
        Some(code) => Handed::Ended(judge(stage, code, &words, sheds)),
    })
}

/// The relay's reply in one line, with its code.
fn reply_words(reply: &Response) -> String {
    short(&format!("{} {}", reply.code(), reply.message().collect::<Vec<_>>().join(" ")))
}

/// The relay's own words with their code, or what happened to the connection.
fn error_words(e: &lettre::transport::smtp::Error) -> String {
    let cause = std::error::Error::source(e).map(ToString::to_string).unwrap_or_default();
    let code = e.status().map(|c| c.to_string()).unwrap_or_default();
    short(format!("{code} {}", if cause.is_empty() { e.to_string() } else { cause }).trim())
}

/// T83: a relay that repeats the password tells it to nobody.
fn without_secrets(words: &str, login: &Login) -> String {
    let (user, password) = (login.user.as_str(), login.password.expose());
    let encoded = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
    let said = [encoded(&format!("\0{user}\0{password}")), encoded(password), password.to_owned()];
    let said = said.iter().filter(|secret| !secret.is_empty());
    said.fold(words.to_owned(), |words, secret| words.replace(secret, "..."))
}

/// One line, no controls, at most 300 characters.
fn short(text: &str) -> String {
    crate::mail::Line::clean(text).as_str().chars().take(300).collect()
}

/// NOOP, which proves that the relay still answers; `place` names it.
pub async fn no_operation(open: &mut Dialogue, place: &str) -> Result<(), String> {
    let noop = timeout(Duration::from_secs(30), open.smtp.command(Noop)).await;
    noop.map_err(|_| format!("{place} does not answer"))?
        .map_err(|e| format!("{place}: {}", error_words(&e)))?;
    Ok(())
}

/// Ends the dialogue; nobody waits for it.
pub fn quit(connection: Dialogue) {
    tokio::spawn(goodbye(connection));
}

/// Ends the dialogue in good order.
pub async fn goodbye(mut connection: Dialogue) {
    let _ = timeout(Duration::from_secs(5), connection.smtp.quit()).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    #[test]
    fn t83_a_relay_that_repeats_the_password_tells_it_to_nobody() {
        let login = Login { user: "bob".into(), password: Secret::new("hunter2") };
        for heard in ["535 no: hunter2", "535 no: aHVudGVyMg==", "535 no: AGJvYgBodW50ZXIy"] {
            assert_eq!(without_secrets(heard, &login), "535 no: ...");
        }
    }
}
