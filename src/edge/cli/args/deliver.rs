//! `maildesk deliver` as a mail server calls it. Strangers choose the values, so they are read by hand: a
//! value may begin with a dash, hold any bytes, and come as several (pipe(8) of Postfix makes one argument of
//! each recipient). Nothing here can fail, since a mail server bounces a customer's mail on any other code
//! than 0 and 75.

use std::ffi::{OsStr, OsString};
use std::iter::Peekable;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// What a mail server says when it hands over a mail.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// `--config`; `None`: it was not said.
    pub config: Option<PathBuf>,
    /// The recipients of the envelope.
    pub recipients: Vec<OsString>,
    /// The reverse-path of the envelope; the last one where there are several, `None`: it was not said.
    pub sender: Option<OsString>,
    /// Arguments that mean nothing.
    pub unknown: Vec<OsString>,
}

impl Call {
    /// Reads the arguments behind the name of the program; `None`: they are for another command, or ask how
    /// this one is called.
    pub fn read(args: &[OsString]) -> Option<Self> {
        let mut call = Self::default();
        let mut rest = args.iter().peekable();
        let is_deliver = loop {
            let Some(arg) = rest.next() else { break false };
            if call.take_config(arg, &mut rest) {
                continue;
            }
            match arg.as_bytes() {
                b"deliver" => break true,
                [b'-', ..] => call.unknown.push(arg.clone()),
                // Behind a flag that means nothing a word may be its value.
                _ if call.unknown.is_empty() => return None,
                _ => call.unknown.push(arg.clone()),
            }
        };
        if !is_deliver {
            // The value of `--config` was empty and not in quotes: this is a mail server all the same.
            let swallowed = call.config.as_ref().is_some_and(|c| c.as_os_str() == "deliver");
            return (swallowed && !call.unknown.is_empty()).then_some(call);
        }
        // Nothing but these very words asks for help: any other call may bring a mail.
        let asks = rest.len() == 1 && rest.peek().is_some_and(|a| *a == "--help" || *a == "-h");
        if asks && call.unknown.is_empty() {
            return None;
        }
        call.read_values(rest);
        Some(call)
    }

    fn read_values<'a>(&mut self, mut rest: Peekable<impl Iterator<Item = &'a OsString>>) {
        let (mut among_recipients, mut any_list) = (false, false);
        while let Some(arg) = rest.next() {
            if arg == "--recipient" {
                // Whatever comes next is an address, and so is what follows up to a flag that has a meaning.
                self.recipients.extend(rest.next().cloned());
                (among_recipients, any_list) = (true, true);
                continue;
            }
            if let Some(value) = value_in(arg, b"--recipient=") {
                self.recipients.push(value);
            } else if among_recipients && !self.ends_recipients(arg, rest.peek().is_some()) {
                self.recipients.push(arg.clone());
                continue;
            } else if let Some(value) = value_in(arg, b"--sender=") {
                self.sender = Some(value);
            } else if arg == "--sender" {
                // Where a shell leaves out an empty value, the next flag follows.
                let value = rest.next_if(|next| !["--recipient", "--sender"].iter().any(|f| *next == f));
                self.sender = Some(value.cloned().unwrap_or_default());
            } else if any_list && !arg.as_bytes().starts_with(b"-") {
                self.recipients.push(arg.clone());
            } else if !self.take_config(arg, &mut rest) {
                self.unknown.push(arg.clone());
            }
            among_recipients = false;
        }
    }

    /// Does this word end a list of recipients? Strangers choose those: nothing that was said before is said
    /// anew among them, and no configuration in one word.
    fn ends_recipients(&self, arg: &OsStr, more_follows: bool) -> bool {
        let is_sender = arg == "--sender" || value_in(arg, b"--sender=").is_some();
        let is_config = arg == "--config" && more_follows;
        (is_sender && self.sender.is_none()) || (is_config && self.config.is_none())
    }

    fn take_config<'a>(
        &mut self,
        arg: &OsStr,
        rest: &mut Peekable<impl Iterator<Item = &'a OsString>>,
    ) -> bool {
        if let Some(value) = value_in(arg, b"--config=") {
            self.config = Some(value.into());
            return true;
        }
        let value = if arg == "--config" { rest.next() } else { None };
        // Without a value it means nothing.
        value.is_some_and(|value| {
            self.config = Some(value.into());
            true
        })
    }
}

/// What stands behind `--flag=`.
fn value_in(arg: &OsStr, flag: &[u8]) -> Option<OsString> {
    arg.as_bytes().strip_prefix(flag).map(|value| OsString::from_vec(value.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Option<Call> {
        Call::read(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    fn call(words: &str) -> Call {
        read(&words.split(' ').collect::<Vec<_>>()).expect("it is deliver")
    }

    #[test]
    fn any_value_is_taken_for_what_it_is() {
        let many = call("deliver --recipient a@d.example b@d.example --sender -x@far.example");
        assert_eq!(many.recipients, ["a@d.example", "b@d.example"]);
        assert_eq!(many.sender.as_deref(), Some(OsStr::new("-x@far.example")));
        assert!(many.unknown.is_empty());
        let dashes =
            call("deliver --sender --help@far.example --recipient --config=/x@d.example -y@d.example");
        assert_eq!(dashes.recipients, ["--config=/x@d.example", "-y@d.example"]);
        assert_eq!((dashes.config, dashes.unknown), (None, Vec::new()), "no stranger names a configuration");
        let joined =
            call("--config c.toml deliver --recipient=a@d.example --recipient=b@d.example --sender=");
        assert_eq!(joined.recipients.len(), 2);
        assert_eq!(joined.sender.as_deref(), Some(OsStr::new("")));
        assert_eq!(joined.config, Some("c.toml".into()));
        let twice = call("deliver --sender a@x.example --sender b@x.example --config=c.toml --recipient");
        assert_eq!(twice.sender.as_deref(), Some(OsStr::new("b@x.example")));
        assert_eq!(twice.config, Some("c.toml".into()));
        let bytes = OsString::from_vec(b"\xff\xfe@d.example".to_vec());
        let odd = Call::read(&["deliver".into(), "--recipient".into(), bytes.clone()]).expect("deliver");
        assert_eq!(odd.recipients, [bytes]);
    }

    #[test]
    fn what_means_nothing_is_named_and_other_commands_are_left_alone() {
        assert_eq!(call("deliver --recpient a@d.example").unknown, ["--recpient", "a@d.example"]);
        assert_eq!(call("--confg c.toml deliver").unknown, ["--confg", "c.toml"]);
        assert!(read(&["ticket", "deliver"]).is_none() && read(&[]).is_none());
        assert!(read(&["--config", "deliver", "run"]).is_none());
    }

    /// `deliver --recipient a -h`, where `-h` is the name of a second recipient, printed the help, ended with
    /// 0, and the mail was lost.
    #[test]
    fn only_whoever_asks_for_nothing_else_gets_help() {
        for words in ["deliver --help", "deliver -h", "--config c.toml deliver --help"] {
            assert!(read(&words.split(' ').collect::<Vec<_>>()).is_none(), "{words}");
        }
        for words in [
            "deliver --nonsense --help",
            "deliver --help --help",
            "deliver -h --sender a@x.example",
            "--nonsense deliver --help",
            "deliver --sender --help",
            "deliver --recipient -h",
        ] {
            call(words);
        }
        let many = call("deliver --recipient a -h --help --nonsense --config=/x -- run --sender s@x.example");
        assert_eq!(many.recipients, ["a", "-h", "--help", "--nonsense", "--config=/x", "--", "run"]);
        assert_eq!(many.sender.as_deref(), Some(OsStr::new("s@x.example")));
        assert_eq!((many.config, many.unknown), (None, Vec::new()));
    }

    /// A stranger whose addresses are words of ours says nothing anew.
    #[test]
    fn what_was_said_before_the_recipients_stays() {
        let said = "--config c.toml deliver --sender s@x.example --recipient a";
        for odd in
            ["--config d.toml", "--config", "--sender t@x.example", "--sender", "--sender=t", "--config=d"]
        {
            let call = call(&format!("{said} {odd}"));
            assert_eq!(call.config, Some("c.toml".into()), "{odd}");
            assert_eq!(call.sender.as_deref(), Some(OsStr::new("s@x.example")), "{odd}");
            assert_eq!(call.recipients.len(), 1 + odd.split(' ').count(), "{odd}");
            assert!(call.unknown.is_empty());
        }
        let later = call("deliver --recipient a --config c.toml --sender=s@x.example b");
        assert_eq!((later.recipients.len(), later.config), (2, Some("c.toml".into())));
        assert_eq!(later.sender.as_deref(), Some(OsStr::new("s@x.example")));
    }

    /// A shell leaves out what is empty and not in quotes.
    #[test]
    fn values_that_are_missing_lose_no_mail() {
        for words in ["deliver --sender --recipient a@d.example", "deliver --recipient a@d.example --sender"]
        {
            let call = call(words);
            assert_eq!(call.recipients, ["a@d.example"], "{words}");
            assert_eq!(call.sender.as_deref(), Some(OsStr::new("")), "{words}: the null reverse-path");
            assert!(call.unknown.is_empty());
        }
        assert_eq!(call("deliver --recipient").recipients.len(), 0);
        assert_eq!(call("deliver --config").unknown, ["--config"]);
        assert_eq!(call("--config deliver --recipient a@d.example").unknown.len(), 2);
        let empty = Call::read(&["deliver".into(), "--recipient".into(), "".into(), "".into()]);
        assert_eq!(empty.expect("deliver").recipients, ["", ""]);
    }
}
