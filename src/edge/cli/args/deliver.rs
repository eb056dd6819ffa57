//! `maildesk deliver` as a mail server calls it. Strangers choose the values, so they are read by hand: a
//! value may begin with a dash, hold any bytes, and come as several (pipe(8) of Postfix makes one argument of
//! each recipient). Nothing here can fail, since a mail server bounces a customer's mail on any other code
//! than 0 and 75.

use std::ffi::{OsStr, OsString};
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
    /// Reads the arguments behind the name of the program; `None`: they are for another command.
    pub fn read(args: &[OsString]) -> Option<Self> {
        let mut call = Self::default();
        let mut rest = args.iter();
        let is_deliver = loop {
            let arg = rest.next()?;
            if call.take_config(arg, &mut rest) {
                continue;
            }
            match arg.as_bytes() {
                b"deliver" => break true,
                [b'-', ..] => call.unknown.push(arg.clone()),
                // Behind a flag that means nothing a word may be its value.
                _ if call.unknown.is_empty() => break false,
                _ => call.unknown.push(arg.clone()),
            }
        };
        if !is_deliver {
            return None;
        }
        call.read_values(rest);
        Some(call)
    }

    fn read_values<'a>(&mut self, mut rest: impl Iterator<Item = &'a OsString>) {
        let mut many = false;
        while let Some(arg) = rest.next() {
            if let Some(value) = value_in(arg, b"--recipient=") {
                self.recipients.push(value);
            } else if let Some(value) = value_in(arg, b"--sender=") {
                self.sender = Some(value);
            } else if arg == "--recipient" {
                // Whatever comes next is an address, and so is what follows up to the next flag.
                self.recipients.extend(rest.next().cloned());
                many = true;
                continue;
            } else if arg == "--sender" {
                self.sender = rest.next().cloned();
            } else if many && (arg.as_bytes().contains(&b'@') || !arg.as_bytes().starts_with(b"-")) {
                self.recipients.push(arg.clone());
                continue;
            } else if !self.take_config(arg, &mut rest) {
                self.unknown.push(arg.clone());
            }
            many = false;
        }
    }

    fn take_config<'a>(&mut self, arg: &OsStr, rest: &mut impl Iterator<Item = &'a OsString>) -> bool {
        if arg == "--config" {
            self.config = rest.next().map(PathBuf::from);
            return true;
        }
        let value = value_in(arg, b"--config=");
        let is_config = value.is_some();
        self.config = value.map(PathBuf::from).or(self.config.take());
        is_config
    }

    /// Somebody asks how the command is called.
    pub fn asks_for_help(&self) -> bool {
        self.unknown.iter().any(|a| a == "--help" || a == "-h")
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
        assert!(call("deliver --help").asks_for_help() && !call("deliver --sender --help").asks_for_help());
        assert!(read(&["ticket", "deliver"]).is_none() && read(&[]).is_none());
        assert!(read(&["--config", "deliver", "run"]).is_none());
    }
}
