//! What some probes of one time say about the installation, and what to do about it (T104).

use crate::desk::model::Policy;
use crate::desk::model::probe::{Kind, Probe, Seen, Signature, Stamp};
use crate::desk::rules::Rules;

/// What some probes of one time say about the installation.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Mail comes back as the configuration needs it.
    pub good: bool,
    /// What to do, a sentence each; the faults first.
    pub advice: Vec<String>,
}

/// What to do after some probes, the last one of each kind; those that have not come back are taken for lost.
pub fn verdict(rules: &Rules, probes: &[Probe]) -> Verdict {
    let of = |kind: Kind| probes.iter().find(|p| p.kind == kind);
    let back = |kind: Kind| of(kind).is_some_and(|p| p.back.is_some());
    let lost = |kind: Kind| of(kind).filter(|p| p.back.is_none());
    let (mut faults, mut advice) = (Vec::new(), Vec::new());
    for kind in [Kind::Plain, Kind::Letter] {
        if let Some(probe) = lost(kind) {
            faults.push(match &probe.refused {
                Some(why) => format!(
                    "the mail to the desk's own address is refused ({why}): see what the \
                                      relay and the mail server of the domain say"
                ),
                None => format!(
                    "the mail to {} did not come back: does its mail reach a [[mailbox]] of \
                                 this desk, and is it not in a spam folder?",
                    probe.to
                ),
            });
        }
    }
    let because = |p: &Probe| {
        p.refused.as_ref().map_or_else(|| "it did not come back".to_owned(), |why| format!("refused: {why}"))
    };
    if back(Kind::Plain) {
        match (lost(Kind::PlusAddress), rules.plus_addressing) {
            (Some(p), true) => faults.push(format!(
                "mail to subaddresses is lost ({}), but plus_addressing is true: let the mail server \
                 deliver them, or set it to false",
                because(p)
            )),
            (None, false) if back(Kind::PlusAddress) => {
                advice.push(
                    "subaddresses reach the mailbox: set plus_addressing = true, and every answer \
                             is matched safely"
                        .into(),
                );
            }
            (Some(_), false) | (None, true | false) => {}
        }
        match (lost(Kind::PlusSender), rules.plus_sender) {
            (Some(p), true) => faults.push(format!(
                "the relay does not send for subaddresses ({}), but plus_sender is true: set it to false",
                because(p)
            )),
            (None, false) if back(Kind::PlusSender) => {
                advice.push(
                    "the relay sends for subaddresses: set plus_sender = true, and reports are matched by \
                     their address"
                        .into(),
                );
            }
            (Some(_), false) | (None, true | false) => {}
        }
    }
    let seen: Vec<&Seen> = probes.iter().filter_map(|p| p.back.as_ref()).map(|b| &b.seen).collect();
    about_stamps(rules, &seen, &mut faults, &mut advice);
    if seen.iter().any(|s| !s.id_kept) {
        advice.push(
            "the relay replaces our Message-ID: answers are matched by References; [smtp] headers \
                     may hold what makes it keep the id"
                .into(),
        );
    }
    about_signatures(rules.domain(), &seen, &mut advice);
    Verdict { good: faults.is_empty(), advice: faults.into_iter().chain(advice).collect() }
}

fn about_signatures(domain: &str, seen: &[&Seen], advice: &mut Vec<String>) {
    let holds = seen.iter().any(|s| s.signature == Signature::Holds);
    let fails = seen.iter().find_map(|s| match &s.signature {
        Signature::Fails(why) => Some(why),
        Signature::Missing | Signature::Holds => None,
    });
    match (fails, holds) {
        (Some(why), true | false) => {
            advice.push(format!(
                "the DKIM signature of {domain} on our mail proves nothing ({why}): look at \
                                 the relay's signing and at the key in DNS"
            ));
        }
        (None, false) if !seen.is_empty() => {
            advice.push(format!(
                "our mail came back without a DKIM signature of {domain}: let the relay sign it"
            ));
        }
        (None, true) if seen.iter().any(|s| s.policy == Policy::Lax) => {
            advice.push(format!(
                "our mail is signed, but {domain} publishes no DMARC policy of quarantine \
                                 or reject: with one nobody else can write in its name"
            ));
        }
        (None, true | false) => {}
    }
}

fn about_stamps(rules: &Rules, seen: &[&Seen], faults: &mut Vec<String>, advice: &mut Vec<String>) {
    let any = |stamp: Stamp| seen.iter().any(|s| s.stamp == stamp);
    let server = rules.authserv_id.as_deref().unwrap_or_default();
    if any(Stamp::Believed) {
        faults.push(format!(
            "an Authentication-Results that the sender forged in the name of {server} would be believed: \
             let the mail server remove \
             those (RFC 8601 section 5), or remove authserv_id"
        ));
    } else if any(Stamp::Left) {
        advice.push(format!(
            "a forged Authentication-Results in the name of {server} was left in the mail; it is not \
             believed where it stands, and \
             the mail server should remove it (RFC 8601 section 5), perhaps it trusts mail of its own relay"
        ));
    } else if any(Stamp::Missing) {
        advice.push(format!(
            "{server} stamped no Authentication-Results: authserv_id is wrong, or it does not check mail of \
             its own relay"
        ));
    }
    let other =
        seen.iter().find_map(|s| s.stamped_by.as_deref()).filter(|by| !by.eq_ignore_ascii_case(server));
    if let Some(by) = other.filter(|_| !any(Stamp::Ours)) {
        advice.push(format!(
            "the mail server stamps Authentication-Results as {by}: to believe it, set authserv_id = \"{by}\""
        ));
    }
}
