//! THREATS.md, what operators do: another configuration beside the daemon, and calls of `deliver`.

use crate::letters::{Draft, Letter, canary, person};
use crate::world::{PROGRAM, Setup, World};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The configuration without its staff, in another file.
fn without_staff(world: &World) -> PathBuf {
    let text = fs::read_to_string(&world.config).expect("the configuration");
    let kept: Vec<&str> = text.split("\n[[").filter(|part| !part.starts_with("staff]]")).collect();
    let other = world.dir.join("unfinished.toml");
    fs::write(&other, kept.join("\n[[")).expect("the other configuration");
    other
}

fn run(world: &World, config: &Path, words: &str) -> (Option<i32>, String) {
    let out = world
        .program()
        .args(words.split(' '))
        .arg("--config")
        .arg(config)
        .stdin(std::process::Stdio::null())
        .output()
        .expect("the program starts");
    (out.status.code(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
}

/// `check` with an unfinished configuration removed the live desk's staff, and who had which ticket.
#[test]
fn t121_a_command_that_looks_changes_nothing() {
    let mut world = World::with_sink();
    let opened = world.open(&person("alice"), "lamp", "It is dark.");
    let number = opened.number.to_string();
    assert!(world.run(&["ticket", "set", &number, "--assign", &world.bob.address]).status.success());
    let seen = |world: &World| (world.list(&["staff", "list"]), world.ticket(opened.number));
    let before = seen(&world);
    let other = without_staff(&world);
    let mail = world.dir.join("a.eml");
    fs::write(&mail, "From: x@far.example\nTo: y@far.example\nSubject: x\n\nHello\n").expect("a mail");
    let explain = format!("explain {}", mail.display());
    let looks =
        ["check", "status", "audit", "ticket list", "ticket search lamp", "staff list", "outbox list"];
    for words in looks.iter().copied().chain(["held list", "keys list", &explain]) {
        let (code, said) = run(&world, &other, words);
        assert!(matches!(code, Some(0 | 1)), "{words}: {code:?} {said}");
        assert_eq!(seen(&world), before, "{words}");
    }
    let (_, said) = run(&world, &other, "check");
    assert!(said.contains(&world.bob.address) && said.contains("stay"), "it says what would come: {said}");
    // A section that is missing removes nobody; one person who left the list leaves, and the log says so.
    assert_eq!(world.stop(), Some(0));
    let good = fs::read_to_string(&world.config).expect("the configuration");
    fs::copy(&other, &world.config).expect("the unfinished configuration");
    world.start();
    assert_eq!(world.list(&["staff", "list"]).len(), 2);
    assert_eq!(world.ticket(opened.number), before.1);
    assert_eq!(world.stop(), Some(0));
    fs::write(&world.config, good.replace("name = \"Eve Engineer\"", "name = \"Ann Archer\"")).expect("edit");
    world.edit(|text| text.replace(&world.eve.address, "ann@other.example"));
    let (_, said) = run(&world, &world.config.clone(), "check");
    assert!(said.contains("ann@other.example"), "{said}");
    world.start();
    let all = world.list(&["staff", "list"]);
    assert!(all.iter().any(|s| s["address"] == "ann@other.example"), "{all:?}");
}

/// Calls that ended with 64, or died: a mail server bounces a customer's mail on anything but 0 and 75.
#[test]
fn deliver_ends_with_0_or_75() {
    let world = World::with_sink();
    let call = |before: &str, bytes: usize, args: &[&OsStr]| {
        let id = canary("id");
        let mail =
            format!("From: a@far.example\nTo: {}\nMessage-ID: <{id}@far.example>\n\nHello\n", world.desk);
        // The shell bounds the memory of what it starts.
        let mut child = Command::new("sh")
            .args(["-c", &format!("{before} exec \"$0\" \"$@\"")])
            .args([
                OsStr::new(PROGRAM),
                OsStr::new("--config"),
                world.config.as_os_str(),
                OsStr::new("deliver"),
            ])
            .args(args)
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        // One that ends early reads nothing.
        let mail = [mail.as_bytes(), &vec![b'x'; bytes]].concat();
        let _ = child.stdin.take().expect("a pipe").write_all(&mail);
        child.wait().expect("it ends").code()
    };
    let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
    let plain = |text: &str| call("", 0, &words(text).iter().map(OsString::as_os_str).collect::<Vec<_>>());
    assert_eq!(plain("--recipient support@x.example info@x.example --sender a@far.example"), Some(0));
    assert_eq!(plain("--sender -a@far.example --recipient -x@x.example"), Some(0));
    assert_eq!(plain("--sender a@far.example --sender b@far.example --recipient"), Some(0));
    assert_eq!(call("", 0, &[OsStr::new("--recipient"), OsStr::from_bytes(b"\xff\xfe@x.example")]), Some(0));
    assert_eq!(plain("--nonsense"), Some(75));
    assert_eq!(plain("support@x.example"), Some(75));
    let recipient = [OsStr::new("--recipient"), OsStr::new("support@x.example")];
    assert_eq!(call("ulimit -v 110000;", 40_000_000, &recipient), Some(75), "too little memory");
    assert!(world.run(&["deliver", "--help"]).status.success());
}

/// A call whose second recipient is called `-h` printed the help, ended with 0, and the mail was lost. And
/// ways to end: a mail server that ignores the ends of its children, closed files, a signal in the middle.
#[test]
fn deliver_ends_with_0_only_where_the_mail_is_kept() {
    let world = World::with_sink();
    let kept = || world.json(&["ticket", "list"]).as_array().expect("tickets").len();
    // `way` is what a mail server does around the call, in words of the shell.
    let start = |way: &str, words: &str| {
        Command::new("sh")
            .args(["-c", &way.replace("CALL", "\"$@\""), "sh", PROGRAM, "--config"])
            .arg(&world.config)
            .args(words.split(' '))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts")
    };
    let mail = || {
        let id = canary("id");
        format!("From: {id}@far.example\nTo: {}\nMessage-ID: <{id}@far.example>\n\nHello\n", world.desk)
    };
    let call = |way: &str, words: &str| {
        let before = kept();
        let mut child = start(way, words);
        let _ = child.stdin.take().expect("a pipe").write_all(mail().as_bytes());
        let code = child.wait().expect("it ends").code();
        assert!(matches!(code, Some(0 | 75)), "{way} {words}: {code:?}");
        assert_eq!(kept() - before, usize::from(code == Some(0)), "{way} {words}: {code:?}");
        code
    };
    let good = "deliver --recipient support@x.example";
    for words in
        ["deliver --recipient a -h", "deliver --recipient a --help --config=/x", "deliver --recipient -h"]
    {
        assert_eq!(call("exec CALL", words), Some(0), "{words}");
    }
    for words in ["deliver --nonsense --help", "deliver --help -h", "deliver -h a", "--nonsense deliver -h"] {
        assert_eq!(call("exec CALL", words), Some(75), "{words}");
    }
    assert_eq!(call("trap '' CHLD; exec CALL", good), Some(0), "its children are waited for all the same");
    assert_eq!(call("exec CALL >&- 2>&-", good), Some(0), "nobody hears it");
    assert_eq!(call("exec CALL >/dev/full 2>/dev/full", "deliver --nonsense"), Some(75));
    assert_eq!(call("exec CALL <&-", good), Some(75), "no mail");
    assert_eq!(call("exec CALL </", good), Some(75), "a file that cannot be read");
    assert_eq!(call("ulimit -n 6; exec CALL", good), Some(75), "no files can be opened");
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut child = start("exec CALL", good);
        let pipe = child.stdin.as_mut().expect("a pipe");
        // More than a pipe holds, so the program reads when this returns.
        pipe.write_all(&[mail().as_bytes(), &vec![b'x'; 200_000]].concat()).expect("it is read");
        let before = kept();
        let id = Pid::from_child(&child);
        kill_process(id, signal).expect("it lives");
        assert_eq!(child.wait().expect("it ends").code(), Some(75), "{signal:?}");
        assert_eq!(kept(), before, "half a mail is none");
    }
}

/// T83: a log at the finest level that there is holds no secret, no words, no subject, no name of a file, no
/// sealed address and no whole address of a customer.
#[test]
fn t83_at_no_level_does_the_log_tell_of_a_mail_or_a_secret() {
    let mut world = World::with(Setup::default());
    world.launch(&[("RUST_LOG", "trace")]);
    world.ready();
    let alice = person("alice");
    let [subject, words, file, answer] = ["SUBJECT", "WORDS", "FILE", "ANSWER"].map(canary);
    let parts = format!(
        "--edge\n\n{words}\n--edge\nContent-Type: text/plain; name={file}.txt\n\
         Content-Disposition: attachment; filename={file}.txt\n\nx\n--edge--\n"
    );
    let mail = Draft { text: parts, ..Draft::new(&alice, &world.desk, &subject, "") };
    let mail = mail.with("MIME-Version", "1.0").with("Content-Type", "multipart/mixed; boundary=edge");
    world.send(&mail);
    let notice = world.letter(&world.bob, "the notice", |l| l.text().contains(&words));
    world.send(&Draft::answer(&world.bob, &notice, &answer));
    let reply = world.letter(&alice, "the answer", |l| l.text().contains(&answer));
    assert_eq!(world.get(&format!("/links/{subject}")).0, 404);
    assert_eq!(world.stop(), Some(0));
    let log = fs::read_to_string(world.dir.join("log")).expect("the log");
    assert!(log.contains("\"TRACE\"") || log.contains("\"DEBUG\""), "the level was heeded");
    let sealed = |letter: &Letter| letter.field("Reply-To").expect("a reply address");
    let seals = [sealed(&notice), sealed(&reply)].map(|to| to.split(['+', '@']).nth(1).map(str::to_owned));
    let seals = seals.map(|tag| tag.expect("a sealed address"));
    let password = data_encoding::BASE64.encode(format!("\0{}\0secret", world.desk).as_bytes());
    let told = [subject, words, file, answer, alice.address];
    for secret in told.into_iter().chain([password]).chain(seals) {
        let line = log.lines().find(|l| l.contains(&secret));
        assert_eq!(line, None, "{secret} stands in the log");
    }
}
