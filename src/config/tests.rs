//! Tables of configurations: what each must be refused with, and what each is accepted as.

use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const GOOD: &str = r#"[desk]
name = "Test Desk"
address = "support@desk.example"
url = "http://desk.example:8025"
categories = ["Hardware", "Software"]

[[mailbox]]
name = "support"
host = "127.0.0.1"
tls = "none"
user = "support@desk.example"
password = "s3cret"

[smtp]
host = "localhost"
tls = "none"

[web]
[trust]
[limits]
[retention]
[backup]
"#;

/// A folder with everything that a configuration of these tests names.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str, mode| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    };
    for name in ["imap.password", "smtp.password", "turnstile.secret"] {
        file(name, "from-file\r\n", 0o600);
    }
    for name in ["ca.crt", "server.crt", "server.key"] {
        file(name, "-----BEGIN", 0o600);
    }
    file("loose", "secret\n", 0o640);
    file("loose-credential", "secret\n", 0o604);
    file("imap", "from-systemd\n", 0o440);
    file("empty", "\n", 0o600);
    file("two-lines", "a\nb\n", 0o600);
    dir
}

fn load_in(dir: &Path, text: &str) -> Result<Config, ConfigError> {
    load_text(text, &dir.join("test.toml"), Some(dir))
}

/// GOOD with lines put under a section, which is made where it is missing.
fn with(section: &str, lines: &str) -> String {
    let head = format!("{section}\n");
    match GOOD.contains(&head) {
        true => GOOD.replacen(&head, &format!("{head}{lines}\n"), 1),
        false => format!("{GOOD}{head}{lines}\n"),
    }
}

/// The text is refused, and one line of the error holds all the words and the line number of `at`.
fn check(text: &str, at: &str, words: &[&str]) {
    let dir = folder();
    let error = load_in(dir.path(), text).expect_err(&format!("accepted: {at}"));
    let line = match text.lines().position(|l| !at.is_empty() && l.contains(at)) {
        Some(n) => format!("test.toml:{}: ", n + 1),
        None => "test.toml".to_owned(),
    };
    let fits = |l: &str| l.contains(&line) && words.iter().all(|w| l.contains(w));
    assert!(error.0.lines().any(fits), "{at} {words:?}:\n{error}");
    assert!(!error.0.contains("s3cret"), "T83: {error}");
}

#[test]
fn faults_name_line_key_and_advice() {
    let table: &[(&str, &str, &[&str])] = &[
        (
            "[desk]",
            "prefx = \"A\"",
            &["\"prefx\" in [desk]", "did you mean \"prefix\"?"],
        ),
        (
            "[[mailbox]]",
            "pol_seconds = 3",
            &["in [[mailbox]]", "\"poll_seconds\""],
        ),
        ("[weeb]", "x = 1", &[]),
        ("[limits]", "mail_byte_max = 3", &["\"mail_bytes_max\""]),
        (
            "[[mailbox]]",
            "start = \"later\"",
            &["\"start\"", "now, all"],
        ),
        (
            "[[mailbox]]",
            "separator = \"#\"",
            &["\"separator\"", "+, -"],
        ),
        (
            "[[mailbox]]",
            "junk = 3",
            &["\"junk\"", "text", "not a number"],
        ),
        (
            "[[mailbox]]",
            "port = \"many\"",
            &["\"port\"", "1 to 65535", "not a text"],
        ),
        ("[[mailbox]]", "port = 70000", &["\"port\"", "not 70000"]),
        ("[[mailbox]]", "maildir = \"m\"", &[]),
        (
            "[[mailbox]]",
            "ca_file = \"no.crt\"",
            &["\"ca_file\"", "no.crt"],
        ),
        ("[web]", "link_minutes = \"x\"", &["\"link_minutes\""]),
        ("[web]", "tls_cert_file = \"server.crt\"", &[]),
        (
            "[web]",
            "proxies = [\"10.0.0.0/33\"]",
            &["\"proxies\"", "10.0.0.0/33"],
        ),
        (
            "[web]",
            "listen = \"8025\"",
            &["\"listen\"", "127.0.0.1:8025"],
        ),
        ("[trust]", "staff_proof = \"none\"", &["\"staff_proof\""]),
        (
            "[trust]",
            "staff_proof = \"both\"",
            &["no domain proof yet", "\"any\""],
        ),
        (
            "[trust]",
            "confirm = \"proven\"",
            &["no domain proof yet", "\"all\" or \"none\""],
        ),
        (
            "[trust]",
            "aliases = \"a@b.example\"",
            &["\"aliases\"", "list"],
        ),
        (
            "[smtp]",
            "null_sender = 3",
            &["\"null_sender\"", "true or false"],
        ),
        (
            "[smtp]",
            "headers = { Subject = \"x\" }",
            &["\"Subject\"", "writes itself"],
        ),
        (
            "[smtp]",
            "headers = { \"X Y\" = \"x\" }",
            &["\"X Y\"", "no name"],
        ),
        (
            "[smtp]",
            "headers = { X-A = \"a\\r\\nB: c\" }",
            &["\"X-A\"", "one line"],
        ),
        ("[smtp]", "password = \"s3cret\"", &[]),
        (
            "[limits]",
            "letters_per_address_day = \"many\"",
            &["\"letters_per_address_day\""],
        ),
        ("[limits]", "letters_per_address_day = 0", &["from 1 to"]),
        (
            "[retention]",
            "tickets = \"never\"",
            &["\"tickets\"", "forever"],
        ),
        ("[retention]", "sessions = \"forever\"", &["\"sessions\""]),
        (
            "[desk]",
            "zone = \"Mars/Olympus\"",
            &["\"zone\"", "Mars/Olympus"],
        ),
        ("[desk]", "accent = \"blue\"", &["\"accent\""]),
        (
            "[desk]",
            "prefix = \"A-B\"",
            &["\"prefix\"", "letters and digits"],
        ),
        (
            "[desk]",
            "account_url = \"https://a.example/\"",
            &["{account}"],
        ),
        ("[targets]", "hours = \"always\"", &["\"hours\"", "Mon-Fri"]),
        ("[targets]", "high = { answer = \"soon\" }", &[]),
        (
            "[backup]",
            "recipient = \"ssh-rsa\"",
            &["\"recipient\"", "age1"],
        ),
        ("[dns]", "server = \"localhost\"", &["\"server\""]),
        (
            "[[staff]]",
            "name = \"A\"\naddress = \"a@b\"\nalias = []",
            &[],
        ),
        ("[[route]]", "category = \"Hardwear\"\nstaff = []", &[]),
        (
            "[desk]",
            "tagline = \"a\\nb\"",
            &["\"tagline\"", "one line"],
        ),
    ];
    for (section, line, words) in table {
        // Where the fault is told at another line than the one given, the words alone are looked for.
        let at = if words.is_empty() { "" } else { line };
        check(&with(section, line), at, words);
    }
    check(
        &with("[weeb]", "x = 1"),
        "[weeb]",
        &["unknown section [weeb]", "[web]"],
    );
    check(
        &with("[[mailbox]]", "maildir = \"m\""),
        "host = \"127",
        &["\"host\"", "beside"],
    );
    check(
        &with("[web]", "tls_cert_file = \"server.crt\""),
        "[web]",
        &["\"tls_key_file\"", "both"],
    );
    check(
        &with("[smtp]", "password = \"s3cret\""),
        "[smtp]",
        &["\"user\"", "both or none"],
    );
    check(
        &with("[turnstile]", "site_key = \"k\""),
        "[turnstile]",
        &["\"secret_file\"", "missing"],
    );
    check(
        &with("[targets]", "high = { answer = \"soon\" }"),
        "soon",
        &["[targets.high]"],
    );
    check(
        &with("[[route]]", "category = \"Hardwear\"\nstaff = []"),
        "Hardwear",
        &["\"Hardware\""],
    );
    check(
        &format!("loose = 1\n{GOOD}"),
        "loose",
        &["unknown key \"loose\""],
    );
    check(
        &GOOD.replace("[smtp]", "[[smtp]]"),
        "[[smtp]]",
        &["must be a section", "[smtp]"],
    );
    check(
        &GOOD.replace("[[mailbox]]", "[mailbox]"),
        "[mailbox]",
        &["[[mailbox]]"],
    );
    let text = GOOD.replacen("127.0.0.1", "imap.example.com", 1);
    check(&text, "tls = \"none\"", &["\"tls\"", "imap.example.com"]);
    let text = GOOD.replace("localhost", "smtp.example.com");
    check(&text, "", &["\"tls\" in [smtp]", "smtp.example.com"]);
    let text = GOOD.replace("8025\"", "8025/path\"");
    check(
        &text,
        "8025/path",
        &["\"url\"", "https://support.example.com"],
    );
    let text = GOOD.replace("\"s3cret\"", "\"s3cret");
    check(&text, "s3cret", &["not TOML"]);
}

#[test]
fn what_is_required_is_named() {
    for (line, section, key) in [
        ("name = \"Test Desk\"\n", "[desk]", "name"),
        ("address = \"support@desk.example\"\n", "[desk]", "address"),
        ("url = \"http://desk.example:8025\"\n", "[desk]", "url"),
        ("host = \"127.0.0.1\"\n", "[[mailbox]]", "host"),
        ("user = \"support@desk.example\"\n", "[[mailbox]]", "user"),
        ("password = \"s3cret\"\n", "[[mailbox]]", "password_file"),
        ("host = \"localhost\"\n", "[smtp]", "host"),
    ] {
        let words = format!("\"{key}\" in {section} is missing");
        check(&GOOD.replacen(line, "", 1), section, &[&words]);
    }
    for words in [
        "\"name\" in [desk]",
        "\"host\" in [[mailbox]]",
        "\"host\" in [smtp]",
    ] {
        check("", "", &[words, "is missing"]);
    }
}

#[test]
fn all_faults_are_told_in_one_run() {
    let dir = folder();
    let text = with("[web]", "a = 1\nlisten = 3").replace("Test Desk", "");
    let error = load_in(dir.path(), &text).unwrap_err().0;
    assert_eq!(error.lines().count(), 3, "{error}");
}

#[test]
fn t27_the_desk_is_no_staff() {
    for own in [
        "support@desk.example",
        "SUPPORT+x@desk.example",
        "help@desk.example",
    ] {
        let text = with("[trust]", "aliases = [\"help@desk.example\"]");
        let lower = own.to_lowercase();
        let one = format!("{text}[[staff]]\nname = \"Loop\"\naddress = \"{own}\"\n");
        check(&one, own, &["\"address\"", &lower]);
        let two = format!(
            "{text}[[staff]]\nname = \"L\"\naddress = \"l@x.example\"\naliases = [\"{own}\"]\n"
        );
        check(&two, &format!("[\"{own}"), &["\"aliases\"", &lower]);
    }
    let dir = folder();
    let near = format!("{GOOD}[[staff]]\nname = \"B\"\naddress = \"support-bob@desk.example\"\n");
    load_in(dir.path(), &near).expect("another person");
    let dash = near.replace(
        "[[mailbox]]",
        "[[mailbox]]\nseparator = \"-\"\nplus_addressing = true",
    );
    check(&dash, "support-bob", &["support-bob@desk.example"]);
}

#[test]
fn t84_secrets_come_from_one_closed_place() {
    let given = |line: &str| GOOD.replace("password = \"s3cret\"", line);
    let dir = folder();
    for (line, wanted) in [
        ("password = \"s3cret\"", "s3cret"),
        ("password_file = \"imap.password\"", "from-file"),
        ("password_credential = \"imap\"", "from-systemd"),
    ] {
        let config = load_in(dir.path(), &given(line)).unwrap();
        let MailSource::Imap { login, .. } = &config.mailboxes[0].source else {
            panic!("an IMAP mailbox was given");
        };
        assert_eq!(login.password.expose(), wanted);
        assert!(!format!("{config:?}").contains(wanted), "T83");
    }
    for (line, words) in [
        (
            "password_file = \"no-such\"",
            &["no-such", "cannot be read"],
        ),
        ("password_file = \"loose\"", &["loose", "chmod 600"]),
        ("password_file = \"empty\"", &["\"password_file\"", "empty"]),
        ("password_file = \"two-lines\"", &["two-lines", "one line"]),
        (
            "password_credential = \"loose-credential\"",
            &["loose-credential", "chmod"],
        ),
        (
            "password_credential = \"../imap\"",
            &["\"password_credential\"", "without /"],
        ),
    ] {
        check(&given(line), line, words);
    }
    let both = given("password = \"s3cret\"\npassword_file = \"imap.password\"");
    check(&both, "password_file", &["\"password\"", "exactly one"]);
    let outside = given("password_credential = \"imap\"");
    let error = load_text(&outside, &dir.path().join("test.toml"), None).unwrap_err();
    assert!(error.0.contains("CREDENTIALS_DIRECTORY"), "{error}");
    let key = dir.path().join("server.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let text = with(
        "[web]",
        "tls_cert_file = \"server.crt\"\ntls_key_file = \"server.key\"",
    );
    let error = load_in(dir.path(), &text).unwrap_err();
    assert!(error.0.contains("server.key"), "{error}");
}

#[test]
fn defaults_are_those_of_the_manual() {
    let dir = folder();
    let c = load_in(dir.path(), GOOD).unwrap();
    assert_eq!(c.warnings, Vec::<String>::new());
    assert_eq!(
        (c.desk.prefix.as_str(), c.desk.zone.as_str()),
        ("DESK", "UTC")
    );
    assert_eq!(c.data.key_file, Path::new("/var/lib/maildesk/desk.key"));
    assert_eq!(c.web.listen.to_string(), "127.0.0.1:8025");
    assert_eq!((c.web.link_minutes, c.retention.sessions), (15, 7));
    assert_eq!(c.retention.access_log, Some(7));
    let text = GOOD.replace("\"127.0.0.1\"\ntls = \"none\"", "\"mx.example\"");
    let c = load_in(dir.path(), &text).unwrap();
    let MailSource::Imap {
        server,
        folder,
        done,
        start_all,
        ..
    } = &c.mailboxes[0].source
    else {
        panic!("an IMAP mailbox was given");
    };
    assert_eq!((server.port, server.tls), (993, Tls::Implicit));
    assert_eq!(
        (folder.as_str(), done.as_deref(), *start_all),
        ("INBOX", None, false)
    );
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
        (
            "[[mailbox]]",
            "done = \"Archive\"\nseparator = \"-\"",
            false,
        ),
        ("[smtp]", "headers = { X-Keep = \"yes\" }", false),
        (
            "[smtp]",
            "user = \"u\"\npassword_file = \"smtp.password\"",
            false,
        ),
        ("[web]", "proxies = [\"127.0.0.1/32\", \"::1\"]", false),
        (
            "[turnstile]",
            "site_key = \"k\"\nsecret_file = \"smtp.password\"",
            true,
        ),
        (
            "[trust]",
            "confirm = \"none\"\nstaff_proof = \"any\"",
            false,
        ),
        ("[trust]", "authserv_id = \"mx.desk.example\"", true),
        (
            "[trust]",
            "topmost_without_id = false\nweb_forms = []",
            false,
        ),
        ("[retention]", "tickets = 3650", true),
        ("[retention]", "tickets = \"forever\"\nsessions = 3", false),
        ("[policy]", "providers = []\nanswer_days = 30", false),
        (
            "[policy]",
            "providers = [{ name = \"A\", purpose = \"m\", data = \"d\", url = \"https://a.example\" }]",
            true,
        ),
        ("[probe]", "every_minutes = 0", false),
        ("[probe]", "every_minutes = 5", true),
        ("[alarm]", "command = []\nto = []", false),
        ("[alarm.smtp]", "host = \"relay.example\"", true),
        (
            "[[route]]",
            "mailbox = \"support\"\nstaff = [\"b@x.example\"]",
            false,
        ),
        ("[limits]", "mail_bytes_max = 52428800", false),
        ("[dns]", "server = \"127.0.0.1:5353\"", true),
    ] {
        let got = load_in(dir.path(), &with(section, lines)).expect(lines);
        let warned = got.warnings.iter().any(|w| w.contains("no effect yet"));
        assert_eq!(warned, later, "{lines}: {:?}", got.warnings);
    }
}

#[test]
fn the_shipped_files_load() {
    let dir = folder();
    let manual = include_str!("../../config/maildesk.toml");
    let others = [
        include_str!("../../config/dargo.toml"),
        include_str!("../../config/dukasystem.toml"),
    ];
    load_in(dir.path(), manual).unwrap();
    for text in others {
        let config = load_in(dir.path(), text).unwrap();
        assert!(config.mailboxes[0].plus_addressing, "{}", config.desk.name);
    }
    // Whatever the manual shows as a setting that is off must be one that can be switched on.
    let one_way = [
        "maildir",
        "password =",
        "secret =",
        "password_credential",
        "secret_credential",
    ];
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
    let manual = include_str!("../../config/maildesk.toml");
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
    let like_smtp = |k: &str| k.starts_with("[alarm.smtp]");
    let missing: Vec<_> = asked
        .iter()
        .filter(|k| !like_smtp(k) && !shown.contains(k))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Every key that is read, as `[section] key`.
fn keys_asked(file: &Path) -> Vec<String> {
    let text = format!("{GOOD}[[staff]]\n[[route]]\n");
    let table = toml::de::DeTable::parse(&text).unwrap();
    let report = Report::new(&text, file, None);
    read(&Section::root(table.get_ref(), &report), file);
    let asked = report.asked.borrow().clone();
    let values = asked.into_iter().filter(|k| !k.starts_with("the file"));
    values
        .filter(|k| !k.ends_with("oauth2") && !k.ends_with("] smtp"))
        .collect()
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
    answers.smtp = InitServer {
        user: None,
        password_file: None,
        port: Some(2525),
        ..server("::1", Tls::None)
    };
    load_in(dir.path(), &template(&answers)).unwrap();
}

#[test]
fn a_missing_file_is_named_with_advice() {
    let error = load(Path::new("/nowhere/no-such.toml")).unwrap_err().0;
    assert!(
        error.contains("/nowhere/no-such.toml") && error.contains("maildesk init"),
        "{error}"
    );
    assert_eq!(locate(Some("a.toml".into())), Path::new("a.toml"));
}
