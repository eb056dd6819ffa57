//! What is accepted, as what, and with which warnings; the shipped files among it.

use super::*;

#[test]
fn defaults_are_those_of_the_manual() {
    let dir = folder();
    let c = load_in(dir.path(), GOOD).unwrap();
    assert_eq!(c.warnings, Vec::<String>::new());
    assert_eq!((c.desk.prefix.as_str(), c.desk.zone.as_str()), ("DESK", "UTC"));
    assert_eq!(c.data.key_file, Path::new("/var/lib/maildesk/desk.key"));
    assert_eq!(c.web.listen.to_string(), "127.0.0.1:8025");
    assert_eq!((c.web.link_minutes, c.retention.sessions), (15, 7));
    assert_eq!(c.retention.access_log, Some(7));
    let text = GOOD.replace("\"127.0.0.1\"\ntls = \"none\"", "\"mx.example\"");
    let c = load_in(dir.path(), &text).unwrap();
    let MailSource::Imap { server, folder, done, start_all, .. } = &c.mailboxes[0].source else {
        panic!("an IMAP mailbox was given");
    };
    assert_eq!((server.port, server.tls), (993, Tls::Implicit));
    assert_eq!((folder.as_str(), done.as_deref(), *start_all), ("INBOX", None, false));
    let SmtpWay::Relay { server, login } = &c.smtp.way else {
        panic!("a relay was given");
    };
    assert_eq!((server.port, login.is_none()), (25, true));
}

/// The line is accepted; it warns exactly if `later`.
#[test]
fn keys_to_come_warn() {
    let dir = folder();
    for (section, lines, later) in [
        ("[desk]", "help = \"help\"", true),
        ("[desk]", "language = \"en\"", false),
        ("[[mailbox]]", "junk = \"Junk\"", true),
        ("[[mailbox]]", "junk = \"\"", false),
        ("[[mailbox]]", "done = \"Archive\"\nseparator = \"-\"", false),
        ("[smtp]", "headers = { X-Keep = \"yes\" }", false),
        ("[smtp]", "user = \"u\"\npassword_file = \"smtp.password\"", false),
        ("[web]", "proxies = [\"127.0.0.1/32\", \"::1\"]", false),
        ("[turnstile]", "site_key = \"k\"\nsecret_file = \"smtp.password\"", true),
        ("[trust]", "confirm = \"none\"\nstaff_proof = \"any\"", false),
        ("[trust]", "confirm = \"proven\"\nstaff_proof = \"both\"", false),
        ("[trust]", "authserv_id = \"mx.desk.example\"", false),
        ("[trust]", "topmost_without_id = false\nweb_forms = []", false),
        ("[retention]", "tickets = 3650", true),
        ("[retention]", "tickets = \"forever\"\nsessions = 3", false),
        ("[policy]", "providers = []\nanswer_days = 30", false),
        (
            "[policy]",
            "providers = [{ name = \"A\", purpose = \"m\", data = \"d\", url = \"https://a.example\" }]",
            true,
        ),
        ("[probe]", "every_minutes = 0", false),
        ("[probe]", "every_minutes = 5", false),
        (
            "[targets]",
            "hours = \"Mon-Thu 08:00-17:00, Fri 08:00-14:00\"\nhigh = { answer = \"4h\", close = \"2d\" }",
            false,
        ),
        ("[alarm]", "command = []\nto = []", false),
        ("[alarm.smtp]", "host = \"relay.example\"", true),
        ("[[route]]", "mailbox = \"support\"\nstaff = [\"b@x.example\"]", false),
        ("[limits]", "mail_bytes_max = 52428800", false),
        ("[dns]", "server = \"127.0.0.1:5353\"", false),
    ] {
        let got = load_in(dir.path(), &with(section, lines)).expect(lines);
        let warned = got.warnings.iter().any(|w| w.contains("no effect yet"));
        assert_eq!(warned, later, "{lines}: {:?}", got.warnings);
    }
}

/// `[desk] answers`: what can be an answer is one; a file that cannot is named, and left out.
#[test]
fn saved_answers_are_read_from_their_folder() {
    let dir = folder();
    let put = |name: &str, text: &[u8]| std::fs::write(dir.path().join("answers").join(name), text).unwrap();
    put("Hours.md", b"# Hours\nalways");
    put("reset-password.md", b"Press it.");
    put("notes.txt", b"no answer");
    let config = load_in(dir.path(), &with("[desk]", "answers = \"answers\"")).unwrap();
    let names: Vec<_> = config.desk.answers.keys().map(String::as_str).collect();
    assert_eq!((names, config.warnings.len()), (vec!["hours", "reset-password"], 0), "{:?}", config.warnings);
    put("hours.md", b"the same name");
    put("two words.md", b"x");
    put("empty.md", b" \n");
    put("latin.md", b"gr\xfc\xdfe");
    put("large.md", &[b'x'; 70_000]);
    let config = load_in(dir.path(), &with("[desk]", "answers = \"answers\"")).unwrap();
    assert_eq!((config.desk.answers.len(), config.warnings.len()), (2, 5), "{:?}", config.warnings);
    let missing = load_in(dir.path(), &with("[desk]", "answers = \"elsewhere\"")).unwrap_err().to_string();
    assert!(
        missing.contains("\"answers\"") && missing.contains("elsewhere") && missing.contains(":2:"),
        "{missing}"
    );
}

#[test]
fn the_shipped_files_load() {
    let dir = folder();
    let manual = include_str!("../../../config/maildesk.toml");
    let others =
        [include_str!("../../../config/dargo.toml"), include_str!("../../../config/dukasystem.toml")];
    load_in(dir.path(), manual).unwrap();
    for text in others {
        let config = load_in(dir.path(), text).unwrap();
        assert!(config.mailboxes[0].plus_addressing, "{}", config.desk.name);
    }
    // Whatever the manual shows as a setting that is off must be one that can be switched on.
    let one_way = ["maildir", "password =", "secret =", "password_credential", "secret_credential"];
    let off = |l: &str| l.starts_with(|c: char| c.is_ascii_lowercase() || c == '[');
    let lines = manual.lines().filter_map(|l| match l.strip_prefix('#') {
        Some(set) if off(set) => (!one_way.iter().any(|w| set.starts_with(w))).then_some(set),
        _ => Some(l),
    });
    let all: Vec<_> = lines.collect();
    load_in(dir.path(), &all.join("\n")).unwrap();
}

#[test]
fn the_manual_names_every_key() {
    let dir = folder();
    let manual = include_str!("../../../config/maildesk.toml");
    let mut section = "";
    let mut shown = Vec::new();
    for line in manual.lines() {
        let line = line.strip_prefix('#').unwrap_or(line);
        if line.starts_with('[') {
            section = line;
        } else if let Some((key, _)) = line.split_once(" = ") {
            shown.push(format!("{section} {key}"));
        }
    }
    // An unknown key is told with what is known: so each key that the reader asks for is found here.
    let asked = keys_asked(&dir.path().join("test.toml"));
    assert!(asked.len() > 90, "{asked:?}");
    // One is shown under [smtp], the other in a table on one line.
    let elsewhere = |k: &str| k.starts_with("[alarm.smtp]") || k.starts_with("[targets.");
    let missing: Vec<_> = asked.iter().filter(|k| !elsewhere(k) && !shown.contains(k)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Every key that is read, as `[section] key`.
fn keys_asked(file: &Path) -> Vec<String> {
    let text = format!("{GOOD}[[staff]]\n[[route]]\n");
    let table = toml::de::DeTable::parse(&text).unwrap();
    let report = Report::new(&text, file, None);
    sections(&Reader::root(table.get_ref(), &report), file);
    let asked = report.asked.borrow().clone();
    let values = asked.into_iter().filter(|k| !k.starts_with("the file"));
    values.filter(|k| !k.ends_with("oauth2") && !k.ends_with("] smtp")).collect()
}

#[test]
fn init_writes_what_load_accepts() {
    let dir = folder();
    let server = |host: &str, tls| InitServer {
        host: host.to_owned(),
        port: None,
        tls,
        user: Some("support@desk.example".to_owned()),
        password_file: Some("imap.password".into()),
    };
    let mut answers = InitAnswers {
        name: "The \"Best\" \\ Desk".to_owned(),
        address: "support@desk.example".to_owned(),
        url: "https://desk.example".to_owned(),
        prefix: "BEST".to_owned(),
        imap: server("imap.example.com", Tls::Implicit),
        smtp: server("smtp.example.com", Tls::StartTls),
        staff: Some(("Bob".to_owned(), "bob@desk.example".to_owned())),
        data_dir: "data".into(),
    };
    let config = load_in(dir.path(), &template(&answers)).unwrap();
    assert_eq!(config.desk.name, answers.name);
    assert_eq!(config.data.dir, dir.path().join("data"));
    assert_eq!((config.staff.len(), config.warnings.len()), (1, 0));
    answers.staff = None;
    answers.smtp =
        InitServer { user: None, password_file: None, port: Some(2525), ..server("::1", Tls::None) };
    load_in(dir.path(), &template(&answers)).unwrap();
}

#[test]
fn a_missing_file_is_named_with_advice() {
    let error = load(Path::new("/nowhere/no-such.toml")).unwrap_err().0;
    assert!(error.contains("/nowhere/no-such.toml") && error.contains("maildesk init"), "{error}");
    assert_eq!(locate(Some("a.toml".into())), Path::new("a.toml"));
}
