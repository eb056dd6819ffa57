//! `check`: proves with the real servers that the installation works, and says what to do where it does not
//! work.

use super::{audit_log, probe};
use crate::app::{Desk, StaffRow, StaffSteps};
use crate::config::{Config, MailSource, SmtpWay, Tls};
use crate::desk::StaffProof;
use crate::desk::probe::Probe;
use crate::edge::cli::{Done, Exit, Failure, out};
use crate::edge::{imap, smtp};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;

/// One line of the table.
struct Finding {
    what: String,
    good: bool,
    detail: String,
    /// What to do; empty where nothing is to be done.
    advice: String,
}

impl Finding {
    fn of(what: impl Into<String>, found: Result<String, String>, advice: &str) -> Self {
        let what = what.into();
        match found {
            Ok(detail) => Self { what, good: true, detail, advice: String::new() },
            Err(detail) => Self { what, good: false, detail, advice: advice.to_owned() },
        }
    }

    /// Nothing is wrong, but something could be better.
    fn advised(what: &str, detail: String, advice: String) -> Self {
        Self { what: what.into(), good: true, detail, advice }
    }
}

/// Prints what was found; 1 where something is wrong.
pub fn run(config: &Config, as_json: bool) -> Done {
    let read = format!("{} is read", config.file.display());
    let mut all = vec![Finding::of("configuration", Ok(read), "")];
    all.extend(config.warnings.iter().map(|w| Finding::of("configuration", Ok(w.clone()), "")));
    // 78, 74 and 75 as in every command: without its store there is no desk to check.
    let desk = Desk::look(config)?;
    all.push(Finding::of("store", Ok(store(config, &desk)), ""));
    all.push(Finding::of("rights", rights(config), "chmod 700 the data folder and 600 the files in it"));
    let staff = desk.operator().staff_beside(&config.staff)?;
    let staff: Vec<String> = staff.into_iter().map(|s| s.address.to_string()).collect();
    all.push(who_is_staff(&staff, &desk.operator().steps_of_next_start(&config.staff)?));
    all.extend(servers(config)?);
    all.push(last_probes(&desk, &desk.probes().last()?));
    all.push(staff_proof(config.trust.staff_proof, &staff, &desk.probes().staff_domains()?));
    all.push(keys(&desk)?);
    let chain = audit_log::found(desk.operator().audit_log(|_| {})?);
    all.push(Finding::of("audit log", chain, "see maildesk audit --log, and compare it with a backup"));
    all.push(Finding::of("web", web(config), "name a free address in [web] listen"));
    let clear = matches!(&config.smtp.way, SmtpWay::Relay { server, .. } if server.tls == Tls::None);
    if clear {
        all.push(Finding::of(
            "tls",
            Ok("letters go to the relay without TLS, on this machine only".into()),
            "",
        ));
    }
    print(&all, as_json)?;
    Ok(if all.iter().all(|f| f.good) { Exit::Good } else { Exit::Negative })
}

/// Connects to every mailbox and to the relay.
fn servers(config: &Config) -> Result<Vec<Finding>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut all = Vec::new();
    for mailbox in &config.mailboxes {
        let found = match &mailbox.source {
            MailSource::Imap { .. } => runtime.block_on(imap::probe(mailbox)),
            MailSource::Maildir { folder, .. } if folder.join("new").is_dir() => {
                Ok(format!("{} is a Maildir", folder.display()))
            }
            MailSource::Maildir { folder, .. } => Err(format!("{} is no Maildir", folder.display())),
        };
        let advice = "look at host, port, tls, user and password of this [[mailbox]]";
        all.push(Finding::of(format!("mailbox {}", mailbox.name), found, advice));
    }
    let relay = runtime.block_on(smtp::probe(&config.smtp, config.desk.address.domain()));
    all.push(Finding::of("smtp", relay, "look at host, port, tls, user and password of [smtp]"));
    Ok(all)
}

fn print(all: &[Finding], as_json: bool) -> Done {
    if as_json {
        let rows = all
            .iter()
            .map(|f| json!({"what": f.what, "good": f.good, "detail": f.detail, "advice": f.advice}));
        return out::json(&Value::Array(rows.collect()));
    }
    let rows = all.iter().map(|f| {
        let text = match (f.advice.as_str(), f.detail.ends_with('?')) {
            ("", _) => f.detail.clone(),
            (advice, true) => format!("{} {advice}", f.detail),
            (advice, false) => format!("{}; {advice}", f.detail),
        };
        vec![f.what.clone(), if f.good { "good" } else { "BAD" }.to_owned(), text]
    });
    out::table(&["what", "state", "detail"], rows.collect(), "")
}

/// How many are staff, and what the next start of the daemon changes about that: nobody is removed by a
/// missing section without being told so before (T121).
fn who_is_staff(staff: &[String], next: &StaffSteps) -> Finding {
    if staff.is_empty() {
        let advice = "add somebody: maildesk staff add ADDRESS --name NAME";
        return Finding::of("staff", Err("nobody is staff".into()), advice);
    }
    let names = |rows: &[StaffRow]| rows.iter().map(|r| r.address.to_string()).collect::<Vec<_>>().join(", ");
    let mut said = vec![format!("{} staff", staff.len())];
    let mut advice = "";
    if !next.put.is_empty() {
        said.push(format!("the next start of the daemon adds or changes {}", names(&next.put)));
    }
    if !next.gone.is_empty() {
        said.push(format!("the next start of the daemon REMOVES {}", names(&next.gone)));
        advice = "write their [[staff]] again if they stay; their tickets lose them as assignee";
    }
    if !next.kept.is_empty() {
        said.push(format!("the configuration names no staff any more; these stay: {}", names(&next.kept)));
        advice = "write [[staff]] again, or remove them: maildesk staff remove ADDRESS";
    }
    Finding::advised("staff", said.join("; "), advice.to_owned())
}

/// What is said of the store once it has been opened.
fn store(config: &Config, desk: &Desk) -> String {
    if !desk.is_on_disk() {
        return "there is none yet; the first start of the daemon makes it".to_owned();
    }
    let size = std::fs::metadata(config.data.dir.join("desk.db")).map_or(0, |m| m.len());
    format!("encrypted, opens with its key, {} KiB", size / 1024)
}

/// Nothing in the data folder is open to others (T84).
fn rights(config: &Config) -> Result<String, String> {
    let loose =
        |path: &std::path::Path| std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o077 != 0);
    let mut paths = vec![config.data.dir.clone(), config.data.key_file.clone()];
    paths.extend(std::fs::read_dir(&config.data.dir).into_iter().flatten().flatten().map(|e| e.path()));
    match paths.iter().find(|p| loose(p)) {
        Some(path) => Err(format!("{} is open to others", path.display())),
        None => Ok("data folder and key are closed to others".into()),
    }
}

/// The port is ours (a daemon answers), or free.
fn web(config: &Config) -> Result<String, String> {
    let place = config.web.listen;
    match std::net::TcpListener::bind(place) {
        Ok(_) => Ok(format!("{place} is free; no daemon serves the pages now")),
        Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => Ok(format!("{place} is served")),
        Err(e) => Err(format!("cannot listen on {place}: {e}")),
    }
}

/// What the last probes found (T104).
fn last_probes(desk: &Desk, last: &[Probe]) -> Finding {
    let Some(newest) = last.iter().max_by_key(|p| p.sent_at) else {
        return Finding::advised("probe", "no probe was ever sent".into(), "send one: maildesk probe".into());
    };
    let verdict = desk.probes().verdict(last);
    let kinds = last.iter().map(|p| format!("{} {}", p.kind.as_str(), probe::brief(p)));
    let detail = format!("{}: {}", out::short_time(newest.sent_at), kinds.collect::<Vec<_>>().join(", "));
    let advice = verdict.advice.join("; ");
    Finding { good: verdict.good, ..Finding::advised("probe", detail, advice) }
}

/// So many mails of a domain must have come before we say that it signs all of them.
const ENOUGH: u32 = 3;

/// Whether `staff_proof = "both"` can be set: does every domain of staff sign its mail? `seen`: (domain,
/// mails that it proved, all its mails).
fn staff_proof(rule: StaffProof, staff: &[String], seen: &[(String, u32, u32)]) -> Finding {
    let mut domains: Vec<&str> = staff.iter().filter_map(|a| a.rsplit_once('@')).map(|(_, d)| d).collect();
    domains.extend(seen.iter().map(|(d, ..)| d.as_str()));
    domains.sort_unstable();
    domains.dedup();
    let counted = |d: &str| {
        seen.iter().find(|(domain, ..)| domain == d).map_or((0, 0), |(_, proven, all)| (*proven, *all))
    };
    let signs = |d: &&str| matches!(counted(d), (proven, all) if all >= ENOUGH && proven == all);
    let unproven = |d: &&str| matches!(counted(d), (proven, all) if proven < all);
    let said = domains.iter().map(|d| {
        let (proven, all) = counted(d);
        match all {
            0 => format!("no mail from {d}"),
            _ => format!("{proven} of {all} mails proven by {d}"),
        }
    });
    let detail = match domains.is_empty() {
        true => "nobody is staff".to_owned(),
        false => format!("in 30 days: {}", said.collect::<Vec<_>>().join(", ")),
    };
    let all_sign = !domains.is_empty() && domains.iter().all(signs);
    let advice = match (rule, all_sign) {
        (StaffProof::Any, true) => {
            "all domains of staff sign: set staff_proof = \"both\", and a lost reply address is worth nothing"
        }
        (StaffProof::Both, false) if domains.iter().any(unproven) => {
            "staff_proof is \"both\": let every domain of staff sign its mail (DKIM), else its answers are \
             held"
        }
        (StaffProof::Any, false) | (StaffProof::Both, true | false) => "",
    };
    Finding::advised("staff_proof", detail, advice.to_owned())
}

/// The generation of the derived keys and its age (T81).
fn keys(desk: &Desk) -> Result<Finding, Failure> {
    if !desk.is_on_disk() {
        return Ok(Finding::of("keys", Ok("there are none yet; the first start makes them".into()), ""));
    }
    let all = desk.operator().key_generations()?;
    let detail = all.last().map(|g| {
        let days = (crate::app::now() - g.since).max(0) / 86_400;
        format!("generation {}, in force since {} ({days} days)", g.number, out::short_time(g.since))
    });
    Ok(Finding::of(
        "keys",
        detail.ok_or_else(|| "there are none".into()),
        "restore a backup with maildesk restore FILE",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_is_advised_once_all_domains_of_staff_sign() {
        let staff = ["bob@a.example".to_owned(), "eve@b.example".to_owned()];
        let advice = |rule, seen: &[(&str, u32, u32)]| {
            let seen: Vec<_> = seen.iter().map(|(d, proven, all)| ((*d).to_owned(), *proven, *all)).collect();
            let finding = staff_proof(rule, &staff, &seen);
            assert!(finding.good);
            finding.advice
        };
        let any = |seen: &[(&str, u32, u32)]| advice(StaffProof::Any, seen);
        assert!(any(&[("a.example", 3, 3), ("b.example", 9, 9)]).contains("\"both\""));
        assert_eq!(any(&[("a.example", 3, 3)]), "", "nobody knows about the other one");
        assert_eq!(any(&[("a.example", 3, 3), ("b.example", 2, 2)]), "", "too few");
        assert_eq!(any(&[("a.example", 3, 3), ("b.example", 8, 9)]), "", "one was not signed");
        assert_eq!(
            any(&[("a.example", 3, 3), ("b.example", 9, 9), ("home.example", 0, 1)]),
            "",
            "an alias counts"
        );
        let both = |seen: &[(&str, u32, u32)]| advice(StaffProof::Both, seen);
        assert!(both(&[("a.example", 3, 3), ("b.example", 8, 9)]).contains("sign"));
        assert_eq!(both(&[("a.example", 3, 3), ("b.example", 9, 9)]), "");
        assert_eq!(both(&[]), "");
    }
}
