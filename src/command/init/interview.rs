//! The questions of `init`. Each answer is checked at once, by the code that reads the configuration, and is
//! asked for again with what is wrong.

use crate::config::{self, InitAnswers, InitServer, Tls};
use crate::edge::cli::args::InitArgs;
use crate::edge::cli::{Exit, Failure};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Letters of a ticket prefix that is made of the name of the desk.
const PREFIX_LETTERS_MAX: usize = 10;

/// Asks somebody: shows a line, and gives back what they answer; `None`: they answer no more.
pub(super) type Ask<'a> = &'a mut dyn FnMut(&str) -> std::io::Result<Option<String>>;

/// All answers: from flags, from whoever is asked, or the default where nobody is.
pub(super) fn answers(args: &InitArgs, ask: Option<Ask<'_>>) -> Result<InitAnswers, Failure> {
    let all = sample();
    let known = faults(&all);
    let mut talk = Interview { all, known, ask };
    let text = |a: &Option<crate::mail::AddrSpec>| a.as_ref().map(ToString::to_string);
    talk.learn("Name of the desk", "--name", args.name.clone(), None, |a, v| a.name = v)?;
    talk.learn("Address that customers write to", "--address", text(&args.address), None, |a, v| {
        a.address = v;
    })?;
    let domain = talk.all.address.rsplit('@').next().unwrap_or_default().to_owned();
    let url = Some(format!("https://support.{domain}"));
    talk.learn("Where customers reach its pages", "--url", args.url.clone(), url, |a, v| a.url = v)?;
    let prefix = Some(prefix_of(&talk.all.name));
    talk.learn("Ticket prefix", "--prefix", args.prefix.clone(), prefix, |a, v| a.prefix = v)?;
    let imap = Some(format!("imap.{domain}"));
    talk.learn("IMAP server", "--imap-host", args.imap_host.clone(), imap, |a, v| a.imap.host = v)?;
    let user = Some(talk.all.address.clone());
    talk.learn("User of the mailbox", "--imap-user", args.imap_user.clone(), user, |a, v| {
        (a.imap.user, a.smtp.user) = (Some(v.clone()), Some(v));
    })?;
    let smtp = Some(format!("smtp.{domain}"));
    talk.learn("SMTP relay", "--smtp-host", args.smtp_host.clone(), smtp, |a, v| a.smtp.host = v)?;
    if let Some(address) = &args.staff_address {
        let name = args.staff_name.clone().unwrap_or_else(|| address.local().to_owned());
        talk.learn("The staff member", "--staff-address", text(&args.staff_address), None, |a, v| {
            a.staff = Some((name.clone(), v));
        })?;
    }
    talk.all.data_dir = args.data.clone().unwrap_or_else(|| "data".into());
    Ok(talk.all)
}

/// Good answers to everything, so that each can be checked while the others are not known yet.
fn sample() -> InitAnswers {
    let server = |host: &str, tls: Tls, file: &str| InitServer {
        host: host.to_owned(),
        port: None,
        tls,
        user: Some("help@desk.example".to_owned()),
        password_file: Some(PathBuf::from(file)),
    };
    InitAnswers {
        name: "Desk".to_owned(),
        address: "help@desk.example".to_owned(),
        url: "https://support.desk.example".to_owned(),
        prefix: "DESK".to_owned(),
        imap: server("imap.desk.example", Tls::Implicit, "imap.password"),
        smtp: server("smtp.desk.example", Tls::StartTls, "smtp.password"),
        staff: None,
        data_dir: "data".into(),
    }
}

/// What the reader of the configuration says of these answers, without the places.
fn faults(answers: &InitAnswers) -> BTreeSet<String> {
    let name = Path::new("init");
    let Err(why) = config::load_text(&config::template(answers), name, None) else { return BTreeSet::new() };
    let sentence = |line: &str| {
        let rest = line.strip_prefix("init:").unwrap_or(line);
        rest.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches([':', ' ']).to_owned()
    };
    why.0.lines().map(sentence).collect()
}

/// `ACME` of `Acme Help`: the first word that can be a prefix, else `DESK`.
fn prefix_of(name: &str) -> String {
    let fine = |w: &&str| {
        w.chars().all(|c| c.is_ascii_alphanumeric()) && w.starts_with(|c: char| c.is_ascii_alphabetic())
    };
    let word = name.split_whitespace().find(fine).unwrap_or("DESK");
    word.chars().take(PREFIX_LETTERS_MAX).collect::<String>().to_ascii_uppercase()
}

struct Interview<'a> {
    /// What was answered so far; the rest is a sample.
    all: InitAnswers,
    /// Faults that say nothing of an answer: the files of the passwords are not written yet.
    known: BTreeSet<String>,
    ask: Option<Ask<'a>>,
}

impl Interview<'_> {
    /// Learns one answer: the flag's; else that of a person, who is asked until it is good; else the default.
    /// Where nobody can be asked and there is no default, the error names the flag.
    fn learn(
        &mut self,
        question: &str,
        flag: &str,
        given: Option<String>,
        default: Option<String>,
        set: impl Fn(&mut InitAnswers, String),
    ) -> Result<(), Failure> {
        let usage = |why: String| Failure::new(Exit::Usage, why);
        if let Some(answer) = given {
            return self.check(answer, set).map_err(|why| usage(format!("{flag}: {why}")));
        }
        let shown = default.as_ref().map(|d| format!(" [{d}]")).unwrap_or_default();
        let mut prompt = format!("{question}{shown}: ");
        loop {
            let said = match &mut self.ask {
                Some(ask) => ask(&prompt)?.map(|line| line.trim().to_owned()),
                None => default.clone(),
            };
            let missing = || usage(format!("{question} is needed: give {flag}"));
            let said = said.ok_or_else(missing)?;
            let answer = if said.is_empty() { default.clone().unwrap_or_default() } else { said };
            let why = match answer.is_empty() {
                true => "an answer is needed".to_owned(),
                false => match self.check(answer, &set) {
                    Ok(()) => return Ok(()),
                    Err(why) if self.ask.is_none() => return Err(usage(format!("{flag}: {why}"))),
                    Err(why) => why,
                },
            };
            prompt = format!("{why}\n{question}{shown}: ");
        }
    }

    /// Takes an answer, or says what is wrong with it.
    fn check(&mut self, answer: String, set: impl Fn(&mut InitAnswers, String)) -> Result<(), String> {
        let mut all = self.all.clone();
        set(&mut all, answer);
        match faults(&all).difference(&self.known).next() {
            Some(why) => Err(why.clone()),
            None => {
                self.all = all;
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        init: InitArgs,
    }

    fn flags(given: &[&str]) -> InitArgs {
        Flags::parse_from([&["init"], given].concat()).init
    }

    /// What somebody typed; and what they were shown.
    fn typed(lines: &[&str]) -> (Result<InitAnswers, Failure>, String) {
        let (mut lines, mut shown) = (lines.iter(), String::new());
        let mut ask = |prompt: &str| {
            shown += prompt;
            Ok(lines.next().map(|l| (*l).to_owned()))
        };
        (answers(&flags(&[]), Some(&mut ask)), shown)
    }

    #[test]
    fn a_wrong_answer_is_asked_for_again() {
        let (all, shown) = typed(&[
            "Acme Help",
            "Acme Help",
            "help@acme.example",
            "support.acme.example",
            "",
            "imap.acme.example",
            "",
            "imap.acme.example:993",
            "",
            "",
            "",
        ]);
        let all = all.unwrap_or_else(|e| panic!("{e:?} after {shown}"));
        assert_eq!((all.name.as_str(), all.address.as_str()), ("Acme Help", "help@acme.example"));
        assert_eq!((all.url.as_str(), all.prefix.as_str()), ("https://support.acme.example", "ACME"));
        assert_eq!(
            (all.imap.host.as_str(), all.smtp.host.as_str()),
            ("imap.acme.example", "smtp.acme.example")
        );
        for question in ["Address that", "Where customers", "Ticket prefix", "IMAP server"] {
            assert_eq!(shown.matches(question).count(), 2, "{question} in {shown}");
        }
        assert!(shown.contains("prefix") && shown.contains("1 to 20 letters"), "{shown}");
    }

    #[test]
    fn without_a_terminal_the_flag_is_named() {
        let why = |given: &[&str]| match answers(&flags(given), None) {
            Ok(_) => String::new(),
            Err(failure) => format!("{failure:?}"),
        };
        assert!(why(&[]).contains("--name"));
        assert!(why(&["--name", "Acme"]).contains("--address"));
        assert!(why(&["--name", "A", "--address", "a@b.example", "--prefix", "x y"]).contains("--prefix"));
        assert!(
            why(&["--name", "A", "--address", "a@b.example", "--imap-host", "x y"]).contains("--imap-host")
        );
        assert_eq!(why(&["--name", "A", "--address", "a@b.example"]), "");
    }

    #[test]
    fn a_prefix_is_made_of_the_name() {
        for (name, prefix) in [("Acme Help", "ACME"), ("Bücher Laden", "LADEN"), ("日本", "DESK")] {
            assert_eq!(prefix_of(name), prefix);
        }
    }
}
