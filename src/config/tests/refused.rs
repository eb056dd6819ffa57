//! What is refused, and with which words.

use super::*;

/// Section, lines put there, and words of the error. Without words the fault is told at another line.
const FAULTS: &[(&str, &str, &[&str])] = &[
    ("[desk]", "prefx = \"A\"", &["\"prefx\" in [desk]", "did you mean \"prefix\"?"]),
    ("[[mailbox]]", "pol_seconds = 3", &["in [[mailbox]]", "\"poll_seconds\""]),
    ("[weeb]", "x = 1", &[]),
    ("[limits]", "mail_byte_max = 3", &["\"mail_bytes_max\""]),
    ("[[mailbox]]", "start = \"later\"", &["\"start\"", "now, all"]),
    ("[[mailbox]]", "separator = \"#\"", &["\"separator\"", "+, -"]),
    ("[[mailbox]]", "junk = 3", &["\"junk\"", "text", "not a number"]),
    ("[[mailbox]]", "port = \"many\"", &["\"port\"", "1 to 65535", "not a text"]),
    ("[[mailbox]]", "port = 70000", &["\"port\"", "not 70000"]),
    ("[[mailbox]]", "maildir = \"m\"", &[]),
    ("[[mailbox]]", "ca_file = \"no.crt\"", &["\"ca_file\"", "no.crt"]),
    ("[web]", "link_minutes = \"x\"", &["\"link_minutes\""]),
    ("[web]", "tls_cert_file = \"server.crt\"", &[]),
    ("[web]", "proxies = [\"10.0.0.0/33\"]", &["\"proxies\"", "10.0.0.0/33"]),
    ("[web]", "listen = \"8025\"", &["\"listen\"", "127.0.0.1:8025"]),
    ("[trust]", "staff_proof = \"none\"", &["\"staff_proof\""]),
    ("[trust]", "aliases = \"a@b.example\"", &["\"aliases\"", "list"]),
    ("[smtp]", "null_sender = 3", &["\"null_sender\"", "true or false"]),
    ("[smtp]", "headers = { Subject = \"x\" }", &["\"Subject\"", "writes itself"]),
    ("[smtp]", "headers = { precedence = \"bulk\" }", &["\"precedence\"", "no letter"]),
    ("[smtp]", "headers = { List-Id = \"<a.b>\" }", &["\"List-Id\"", "writes itself"]),
    ("[smtp]", "headers = { DKIM-Signature = \"x\" }", &["\"DKIM-Signature\"", "no letter"]),
    ("[smtp]", "headers = { Resent-To = \"a@b.example\" }", &["\"Resent-To\"", "no letter"]),
    ("[smtp]", "headers = { ARC-Seal = \"x\" }", &["\"ARC-Seal\"", "no letter"]),
    (
        "[smtp]",
        "headers = { X-123456789-123456789-123456789-123456789-123456789-123456789-123456789 = \"x\" }",
        &["too long"],
    ),
    ("[smtp]", "headers = { \"X Y\" = \"x\" }", &["\"X Y\"", "no name"]),
    ("[smtp]", "headers = { X-A = \"a\\r\\nB: c\" }", &["\"X-A\"", "one line"]),
    ("[smtp]", "password = \"s3cret\"", &[]),
    ("[limits]", "letters_per_address_day = \"many\"", &["\"letters_per_address_day\""]),
    ("[limits]", "letters_per_address_day = 0", &["from 1 to"]),
    ("[retention]", "tickets = \"never\"", &["\"tickets\"", "forever"]),
    ("[retention]", "sessions = \"forever\"", &["\"sessions\""]),
    ("[desk]", "zone = \"Mars/Olympus\"", &["\"zone\"", "Mars/Olympus"]),
    ("[desk]", "accent = \"blue\"", &["\"accent\""]),
    ("[desk]", "prefix = \"A-B\"", &["\"prefix\"", "letters and digits"]),
    ("[desk]", "account_url = \"https://a.example/\"", &["{account}"]),
    ("[targets]", "hours = \"always\"", &["\"hours\"", "Mon-Fri"]),
    ("[targets]", "high = { answer = \"soon\" }", &[]),
    ("[backup]", "recipient = \"ssh-rsa\"", &["\"recipient\"", "age1"]),
    ("[dns]", "server = \"localhost\"", &["\"server\""]),
    ("[[staff]]", "name = \"A\"\naddress = \"a@b\"\nalias = []", &[]),
    ("[[route]]", "category = \"Hardwear\"\nstaff = []", &[]),
    ("[desk]", "tagline = \"a\\nb\"", &["\"tagline\"", "one line"]),
];

#[test]
fn faults_name_line_key_and_advice() {
    for (section, line, words) in FAULTS {
        // Where the fault is told at another line than the one given, the words alone are looked for.
        let at = if words.is_empty() { "" } else { line };
        check(&with(section, line), at, words);
    }
}

#[test]
fn faults_told_at_another_line_name_that() {
    check(&with("[weeb]", "x = 1"), "[weeb]", &["unknown section [weeb]", "[web]"]);
    check(&with("[[mailbox]]", "maildir = \"m\""), "host = \"127", &["\"host\"", "beside"]);
    check(&with("[web]", "tls_cert_file = \"server.crt\""), "[web]", &["\"tls_key_file\"", "both"]);
    check(&with("[smtp]", "password = \"s3cret\""), "[smtp]", &["\"user\"", "both or none"]);
    check(&with("[turnstile]", "site_key = \"k\""), "[turnstile]", &["\"secret_file\"", "missing"]);
    check(&with("[targets]", "high = { answer = \"soon\" }"), "soon", &["[targets.high]"]);
    check(&with("[[route]]", "category = \"Hardwear\"\nstaff = []"), "Hardwear", &["\"Hardware\""]);
    check(&format!("loose = 1\n{GOOD}"), "loose", &["unknown key \"loose\""]);
    check(&GOOD.replace("[smtp]", "[[smtp]]"), "[[smtp]]", &["must be a section", "[smtp]"]);
    check(&GOOD.replace("[[mailbox]]", "[mailbox]"), "[mailbox]", &["[[mailbox]]"]);
}

#[test]
fn faults_of_what_stands_there_are_told() {
    let text = GOOD.replacen("127.0.0.1", "imap.example.com", 1);
    check(&text, "tls = \"none\"", &["\"tls\"", "imap.example.com"]);
    let text = GOOD.replace("localhost", "smtp.example.com");
    check(&text, "", &["\"tls\" in [smtp]", "smtp.example.com"]);
    let text = GOOD.replace("8025\"", "8025/path\"");
    check(&text, "8025/path", &["\"url\"", "https://support.example.com"]);
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
    for words in ["\"name\" in [desk]", "\"host\" in [[mailbox]]", "\"host\" in [smtp]"] {
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
    for own in ["support@desk.example", "SUPPORT+x@desk.example", "help@desk.example"] {
        let text = with("[trust]", "aliases = [\"help@desk.example\"]");
        let lower = own.to_lowercase();
        let one = format!("{text}[[staff]]\nname = \"Loop\"\naddress = \"{own}\"\n");
        check(&one, "", &["\"address\" in [[staff]]", &lower]);
        let two =
            format!("{text}[[staff]]\nname = \"L\"\naddress = \"l@x.example\"\naliases = [\"{own}\"]\n");
        check(&two, "", &["\"aliases\"", &lower]);
    }
    let dir = folder();
    let near = format!("{GOOD}[[staff]]\nname = \"B\"\naddress = \"support-bob@desk.example\"\n");
    load_in(dir.path(), &near).expect("another person");
    let dash = near.replace("[[mailbox]]", "[[mailbox]]\nseparator = \"-\"\nplus_addressing = true");
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
        ("password_file = \"no-such\"", &["no-such", "cannot be read"]),
        ("password_file = \"loose\"", &["loose", "chmod 600"]),
        ("password_file = \"empty\"", &["\"password_file\"", "empty"]),
        ("password_file = \"two-lines\"", &["two-lines", "one line"]),
        ("password_credential = \"loose-credential\"", &["loose-credential", "chmod"]),
        ("password_credential = \"../imap\"", &["\"password_credential\"", "without /"]),
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
    let text = with("[web]", "tls_cert_file = \"server.crt\"\ntls_key_file = \"server.key\"");
    let error = load_in(dir.path(), &text).unwrap_err();
    assert!(error.0.contains("server.key"), "{error}");
}
