//! What is sent beside the outbox: the mails of `probe`, and the look of `check`.

use super::hand_over::Attempt;
use super::relay::{connect, goodbye, no_operation, quit};
use crate::app::{Claimed, Sent};
use crate::config::{SmtpConfig, SmtpWay, Tls};
use std::sync::Arc;

/// Sends some mails now, one after the other, and says how each ended.
pub async fn send_now(config: &SmtpConfig, hello: &str, mails: Vec<Claimed>) -> Vec<(i64, Sent)> {
    let config = Arc::new(config.clone());
    let mut connection = None;
    let mut out = Vec::with_capacity(mails.len());
    for mail in mails {
        let id = mail.id;
        let ended = Attempt::begin(config.clone(), hello.to_owned(), connection.take(), mail).end().await;
        connection = ended.connection;
        out.push((id, ended.sent));
    }
    if let Some(open) = connection {
        goodbye(open).await;
    }
    out
}

/// Proves for `check` that letters can leave: connects to the relay, upgrades to TLS, signs in.
pub async fn probe(config: &SmtpConfig, hello: &str) -> Result<String, String> {
    match &config.way {
        SmtpWay::Maildir(folder) => match std::fs::create_dir_all(folder) {
            Ok(()) => Ok(format!("letters are written to {}", folder.display())),
            Err(e) => Err(format!("cannot write into {}: {e}", folder.display())),
        },
        SmtpWay::Relay { server, login } => {
            let mut open = connect(server, login.as_ref(), hello).await?;
            let place = format!("{}:{}", server.host, server.port);
            no_operation(&mut open, &place).await?;
            quit(open);
            let tls = match server.tls {
                Tls::None => "in clear, on loopback",
                Tls::Implicit | Tls::StartTls => "by TLS, certificate checked",
            };
            Ok(format!("{place} takes letters, {tls}"))
        }
    }
}
