//! The begin of a session: greeting, TLS, sign-in, and what the server can do.

use super::fault::{Fault, words_without};
use super::reader::Reader;
use super::response::{Answer, Told};
use super::session::{COMMAND, Imap};
use super::syntax::quoted_ascii;
use crate::config::{Login, Server, Tls};
use crate::edge::tls::{self, Stream};
use std::time::Duration;
use tokio::time::timeout;
use zeroize::Zeroizing;

impl Imap {
    /// Connects, upgrades to TLS, signs in. `literal_max`: octets of one literal (T100). `silence`: the
    /// longest pause between two octets.
    pub async fn open(
        server: &Server,
        login: &Login,
        literal_max: u64,
        silence: Duration,
    ) -> Result<Self, Fault> {
        let place = format!("{}:{}", server.host, server.port);
        let at = |why: String| Fault::Setup(format!("{place}: {why}"));
        let mut tcp = tls::tcp(server).await.map_err(Fault::Setup)?;
        let (stream, greeted): (Box<dyn Stream>, bool) = match server.tls {
            Tls::None => (Box::new(tcp), false),
            Tls::Implicit => (tls::handshake(server, tcp).await.map_err(Fault::Setup)?, false),
            Tls::StartTls => {
                starttls(&mut tcp).await.map_err(at)?;
                (tls::handshake(server, tcp).await.map_err(Fault::Setup)?, true)
            }
        };
        let mut imap = Self::new(Reader::new(stream, literal_max, silence));
        imap.secrets = secrets(login);
        let begun = async {
            if !greeted {
                imap.greeting().await?;
            }
            if imap.capabilities.is_empty() {
                imap.ask_capabilities().await?;
            }
            imap.sign_in(login).await?;
            imap.ask_capabilities().await?;
            imap.say_who_we_are().await
        };
        let begun = timeout(COMMAND, begun).await.unwrap_or_else(|_| Err(Fault::Silent("sign-in".into())));
        begun.map_err(|fault| at(fault.to_string()))?;
        imap.secrets.clear();
        Ok(imap)
    }

    async fn greeting(&mut self) -> Result<(), Fault> {
        let told = loop {
            match self.answer("the greeting", "", 0).await? {
                Answer::Status(told) => break told,
                _ => continue,
            }
        };
        match told.status.as_str() {
            "OK" => {
                self.take_capabilities(&told);
                Ok(())
            }
            // T95: nobody can be signed in before we sign in.
            "PREAUTH" => Err(Fault::Setup(PREAUTH.into())),
            _ => Err(Fault::Setup(format!("the server does not welcome us: {}", told.words()))),
        }
    }

    /// `[CAPABILITY ...]` in a status.
    fn take_capabilities(&mut self, told: &Told) {
        if told.code == "CAPABILITY" {
            self.capabilities = told.arguments[1..].to_vec();
        }
    }

    /// Asks what the server can do; where it refuses to say, what it said before stays.
    async fn ask_capabilities(&mut self) -> Result<(), Fault> {
        let mut all = Vec::new();
        let asked = self.exec("CAPABILITY", |answer| {
            if let Answer::Capabilities(some) = answer {
                all.extend(some);
            }
        });
        match asked.await {
            Err(lost) if !lost.session_lives() => return Err(lost),
            _ if all.is_empty() => {}
            _ => self.capabilities = all,
        }
        Ok(())
    }

    /// Some providers open no folder before the client has named itself (RFC 2971).
    async fn say_who_we_are(&mut self) -> Result<(), Fault> {
        if !self.can("ID") {
            return Ok(());
        }
        let id = format!("ID (\"name\" \"maildesk\" \"version\" \"{}\")", env!("CARGO_PKG_VERSION"));
        match self.exec(&id, |_| {}).await {
            Err(lost) if !lost.session_lives() => Err(lost),
            _ => Ok(()),
        }
    }

    /// LOGIN, or AUTHENTICATE PLAIN where a quoted string cannot hold the password (RFC 9051 §4.3) or the
    /// server wants no LOGIN.
    async fn sign_in(&mut self, login: &Login) -> Result<(), Fault> {
        let (user, password) = (login.user.as_str(), login.password.expose());
        let tag = self.next_tag();
        let quoted = quoted_ascii(user).zip(quoted_ascii(password).map(Zeroizing::new));
        let quoted = quoted.filter(|_| !self.can("LOGINDISABLED"));
        let plain = data_encoding::BASE64.encode(joined(&["\0", user, "\0", password]).as_bytes());
        let plain = Zeroizing::new(plain);
        // Each line but the first is sent when the server asks for it.
        let lines = match quoted {
            Some((user, password)) => vec![joined(&[&tag, " LOGIN ", &user, " ", &password, "\r\n"])],
            None if self.can("AUTH=PLAIN") || self.can("LOGINDISABLED") => {
                vec![joined(&[&tag, " AUTHENTICATE PLAIN\r\n"]), joined(&[&plain, "\r\n"])]
            }
            None => vec![
                joined(&[&format!("{tag} LOGIN {{{}}}\r\n", user.len())]),
                joined(&[&format!("{user} {{{}}}\r\n", password.len())]),
                joined(&[password, "\r\n"]),
            ],
        };
        // An empty line behind them: some servers ask once more before they refuse.
        let mut lines = lines.iter().map(|line| line.as_str()).chain(["\r\n"]);
        let mut last = None;
        if let Some(first) = lines.next() {
            self.send("LOGIN", first).await?;
        }
        let told = loop {
            match self.answer("LOGIN", &tag, 0).await? {
                Answer::Done(told) => break told,
                Answer::More => match lines.next() {
                    Some(line) => self.send("LOGIN", line).await?,
                    None => return Err(Fault::Unreadable("LOGIN".into(), "it asks and asks")),
                },
                Answer::Status(told) => last = Some(told),
                _ => {}
            }
        };
        if told.status == "OK" {
            return Ok(());
        }
        let secrets: Vec<&str> = self.secrets.iter().map(|s| s.as_str()).collect();
        Err(refused(&told, last.as_ref(), &secrets))
    }
}

/// Pieces in one text that is wiped; its room is taken at once, since what grows leaves copies behind.
fn joined(pieces: &[&str]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(pieces.iter().map(|p| p.len()).sum()));
    pieces.iter().for_each(|piece| text.push_str(piece));
    text
}

const PREAUTH: &str = "the server says that somebody is signed in already (PREAUTH), before we signed in; \
                       nothing is sent";

/// The password in each form in which a server can repeat it; the longest first.
fn secrets(login: &Login) -> Vec<Zeroizing<String>> {
    let (user, password) = (login.user.as_str(), login.password.expose());
    let plain = data_encoding::BASE64.encode(joined(&["\0", user, "\0", password]).as_bytes());
    let half = Zeroizing::new(password.replace('\\', "\\\\"));
    let escaped = half.replace('"', "\\\"");
    [plain, escaped, password.to_owned()].into_iter().map(Zeroizing::new).collect()
}

/// Why the server does not let us in, in its own words. They hold no password (T83).
fn refused(told: &Told, before: Option<&Told>, secrets: &[&str]) -> Fault {
    let said = [before.map(|t| &t.line), Some(&told.line)].into_iter().flatten();
    let said = said.map(|line| words_without(line, secrets)).collect::<Vec<_>>().join("; ");
    let wrong = matches!(told.code.as_str(), "" | "AUTHENTICATIONFAILED") && told.status == "NO";
    Fault::Setup(match wrong {
        true => format!("the server refuses the user and password of this mailbox: {said}"),
        false => format!("the server does not let us sign in: {said}"),
    })
}

/// RFC 9051 §6.2.1, line by line: a PREAUTH greeting, another answer than OK, or a byte too many ends it
/// (T95, T96).
async fn starttls(tcp: &mut tokio::net::TcpStream) -> Result<(), String> {
    let hello = tls::line(tcp).await?;
    let upper = hello.to_ascii_uppercase();
    if upper.starts_with("* PREAUTH") {
        return Err(PREAUTH.into());
    }
    if !upper.starts_with("* OK") {
        let said = super::fault::words(hello.as_bytes());
        return Err(format!("the server's greeting is not OK, nothing is sent in clear: {said}"));
    }
    tls::say(tcp, "a STARTTLS").await?;
    for _ in 0..20 {
        let line = tls::line(tcp).await?;
        let upper = line.to_ascii_uppercase();
        if upper.starts_with("A OK") {
            return tls::nothing_waits(tcp);
        }
        if upper.starts_with("A ") {
            let said = super::fault::words(line.as_bytes());
            return Err(format!("the server offers no STARTTLS, nothing is sent in clear: {said}"));
        }
    }
    Err("the server does not answer to STARTTLS".into())
}
