//! THREATS.md, what lies on the disk: encryption, a full disk, two daemons.

use crate::browser::Browser;
use crate::letters::{Draft, Person, canary, person};
use crate::stage::{stage, until};
use crate::world::{Setup, World};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files_of(&entry.path())),
            Ok(kind) if kind.is_file() => found.push(entry.path()),
            _ => {}
        }
    }
    found
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|w| w == word.as_bytes())
}

#[test]
fn t80_nothing_lies_in_clear() {
    let mut world = World::new();
    let words = [canary("SUBJECT"), canary("BODY"), canary("ANSWER")];
    let alice = person("secretive");
    let opened = world.open(&alice, &words[0], &words[1]);
    world.send(&Draft::answer(&world.bob, &opened.notice, &words[2]));
    world.letter(&alice, "the answer", |l| l.text().contains(&words[2]));
    let data = world.dir.join("data");
    let look = |when: &str| {
        let files = files_of(&data);
        assert!(files.iter().any(|f| f.ends_with("desk.db")), "{files:?}");
        for file in files {
            let bytes = fs::read(&file).unwrap_or_default();
            for word in words.iter().chain([&alice.address]) {
                assert!(!contains(&bytes, word), "{when}: {} holds {word} in clear", file.display());
            }
            assert!(!bytes.starts_with(b"SQLite format 3"), "{when}: {} is a plain database", file.display());
            let mode = fs::metadata(&file).map(|m| m.permissions().mode() & 0o077).unwrap_or(0);
            assert_eq!(mode, 0, "{} may be read by others", file.display());
        }
    };
    look("while it runs");
    assert_eq!(world.stop(), Some(0));
    look("after its end");
    // The wrong key, no key, and a plaintext database: refused in a sentence.
    let key =
        files_of(&data).into_iter().find(|f| f.ends_with("desk.key")).expect("the key beside the database");
    let refused = |world: &World, what: &str| {
        let out = world.run(&["ticket", "list"]);
        assert_eq!(out.status.code(), Some(78), "{what}: {}", String::from_utf8_lossy(&out.stderr));
        assert!(!out.stderr.is_empty());
    };
    let good = fs::read(&key).expect("the key");
    let mut bad = good.clone();
    for byte in bad.iter_mut().filter(|b| b.is_ascii_alphanumeric()).take(6) {
        *byte = if *byte == b'a' { b'b' } else { b'a' };
    }
    fs::write(&key, &bad).expect("another key");
    refused(&world, "a wrong key");
    fs::remove_file(&key).expect("no key");
    refused(&world, "a database without its key");
    fs::write(&key, &good).expect("the key again");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("chmod");
    refused(&world, "a key that others may read");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("chmod");
    let database = data.join("desk.db");
    let kept = fs::read(&database).expect("the database");
    fs::remove_file(&database).expect("away with it");
    rusqlite::Connection::open(&database)
        .and_then(|c| c.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1);"))
        .expect("a plain database");
    refused(&world, "a plaintext database");
    fs::write(&database, kept).expect("the database again");
    fs::set_permissions(&database, fs::Permissions::from_mode(0o600)).expect("chmod");
    assert_eq!(world.tickets_of(&alice).len(), 1);
}

/// A small file system for the data folder; none where this machine allows no mount.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: &Path) -> Option<SmallDisk> {
        fs::create_dir_all(folder).expect("the data folder");
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64m,mode=0700", "tmpfs"])
            .arg(folder)
            .output()
            .ok()?;
        done.status.success().then(|| SmallDisk(folder.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// A mail that no packer makes smaller.
fn heavy(who: &Person, world: &World, subject: &str) -> Draft {
    let mut seed = crate::letters::number() as u64 + 88_172_645_463_325_252;
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 24) as u8
    })
    .take(600_000)
    .collect();
    let file = data_encoding::BASE64_MIME.encode(&bytes);
    let text = format!(
        "--b\r\nContent-Type: text/plain\r\n\r\nheavy\r\n--b\r\nContent-Type: application/octet-stream\r\n\
         Content-Disposition: attachment; filename=heavy.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         {file}\r\n--b--"
    );
    Draft::new(who, &world.desk, subject, &text)
        .with("MIME-Version", "1.0")
        .with("Content-Type", "multipart/mixed; boundary=b")
}

#[test]
fn t86_full_disk_pauses_and_resumes() {
    let mut world = World::with(Setup::default());
    let disk = SmallDisk::mount(&world.dir.join("data"));
    let people: Vec<Person> = (0..8).map(|_| person("heavy")).collect();
    if disk.is_some() {
        world.start();
        world.open(&person("before"), "before", "x");
        // A filler takes all that is left, down to the last page.
        let filler = world.dir.join("data/filler");
        let mut left = fs::File::create(&filler).expect("a filler");
        while std::io::Write::write_all(&mut left, &[7; 65536]).is_ok() {}
        drop(left);
        for who in &people {
            world.send(&heavy(who, &world, "on a full disk"));
        }
        until("the daemon to say that it is full", || (world.get("/healthz").0 == 503).then_some(()));
        assert!(world.alive(), "a full disk ends no daemon");
        assert!(people.iter().all(|p| world.letters(&p.address).is_empty()));
        fs::remove_file(&filler).expect("space again");
    } else {
        // Without a mount: no file may grow beyond a size, which fails as a full disk does. The limit goes
        // with the process.
        let limit = format!(
            "trap '' XFSZ; ulimit -f 4000; exec \"{}\" --config \"{}\" run",
            crate::world::PROGRAM,
            world.config.display()
        );
        let mut limited = Command::new("bash").args(["-c", &limit]).spawn().expect("bash");
        stage().remember(limited.id());
        until("/healthz to answer 200", || (world.get("/healthz").0 == 200).then_some(()));
        for who in &people {
            world.send(&heavy(who, &world, "on a full disk"));
        }
        until("the daemon to say that it is full", || (world.get("/healthz").0 == 503).then_some(()));
        assert!(limited.try_wait().expect("wait").is_none(), "a full disk ends no daemon");
        limited.kill().expect("kill");
        limited.wait().expect("wait");
        world.start();
    }
    for who in &people {
        world.letter(who, "the confirmation once there is space again", |_| true);
    }
    world.settle();
    for who in &people {
        assert_eq!(world.tickets_of(who).len(), 1, "one whole ticket of {}", who.address);
        assert_eq!(world.letters(&who.address).len(), 1);
    }
    world.audit_is_clean();
    world.kill();
}

/// On a full disk what can be read stays: the pages, the reading commands, and both after a restart.
#[test]
fn t86_a_restart_on_a_full_disk_serves_pages_and_commands() {
    let mut world = World::with(Setup::default());
    let Some(_disk) = SmallDisk::mount(&world.dir.join("data")) else {
        // No disk can be made full where this machine allows no mount.
        return;
    };
    world.start();
    let opened = world.open(&person("before"), "before", "x");
    assert_eq!(world.stop(), Some(0));
    let filler = world.dir.join("data/filler");
    let mut left = fs::File::create(&filler).expect("a filler");
    for size in [65_536, 4_096, 1] {
        while std::io::Write::write_all(&mut left, &vec![7; size]).is_ok() {}
    }
    // A file that is open keeps its room.
    drop(left);
    let list = |world: &World| {
        let out = world.run(&["ticket", "list"]);
        assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    assert!(list(&world).contains("before"), "while no daemon runs");
    world.launch(&[]);
    until("the pages to be served", || matches!(world.get("/healthz").0, 200 | 503).then_some(()));
    assert!(list(&world).contains("before"), "beside the daemon");
    assert_eq!(Browser::new(&world).get("/login").0, 200);
    assert!(world.alive());
    fs::remove_file(&filler).expect("space again");
    world.send(&Draft::answer(&world.bob, &opened.notice, "Done."));
    world.settle();
    world.audit_is_clean();
    world.kill();
}

/// A full store is told to the operator, too: 74 and what to do, in every command that would write. A mail
/// server that pipes a mail hears 75 and keeps the mail.
#[test]
fn t86_a_full_disk_is_told_to_the_operator() {
    let world = World::with(Setup::default());
    // No file may grow beyond a size, which fails as a full disk does.
    let with_room = |kib: &str, args: &str| {
        let program = crate::world::PROGRAM;
        let shell = format!(
            "trap '' XFSZ; ulimit -f {kib}; echo It burns. | \"{program}\" --config \"{}\" {args}",
            world.config.display()
        );
        let out = Command::new("bash").args(["-c", &shell]).output().expect("bash");
        (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let new = "ticket new --for ann@customer.example --subject Lamp";
    let (code, said) = with_room("unlimited", new);
    assert_eq!(code, Some(0), "{said}");
    for args in [
        new,
        "ticket reply 1",
        "ticket note 1",
        "ticket set 1 --priority high",
        "staff add ann@staff.example --name Ann",
        "keys rotate --yes",
    ] {
        let (code, said) = with_room("1", args);
        assert_eq!(code, Some(74), "{args}: {said}");
        assert!(said.contains("cannot be written; look at the disk"), "{args}: {said}");
    }
    let (code, said) = with_room("1", "deliver");
    assert_eq!(code, Some(75), "{said}");
    // Where standard error is full as well, only the code speaks.
    let lost = world.dir.join("stderr");
    let (code, _) = with_room("0", &format!("ticket note 1 2> \"{}\"", lost.display()));
    assert_eq!(code, Some(74));
    assert_eq!(
        world.run(&["ticket", "set", "1", "--priority", "high"]).status.code(),
        Some(0),
        "with room again"
    );
}

/// The unit that is shipped gives the daemon no more than it needs.
#[test]
fn t85_the_unit_is_closed() {
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/systemd/maildesk.service");
    let out = Command::new("systemd-analyze")
        // Ten times the score that may not be passed.
        .args(["security", "--offline=true", "--no-pager", "--threshold=12", unit])
        .output()
        .expect("systemd-analyze");
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success() && said.contains("Overall exposure level"), "{said}");
}

#[test]
fn t94_one_daemon_a_folder() {
    let mut world = World::new();
    let pid = world.daemon.as_ref().expect("a daemon").id().to_string();
    let second = world.run(&["run"]);
    assert_eq!(second.status.code(), Some(75));
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains(&pid), "it says who holds the folder: {said}");
    // The command line works beside the daemon all the same, and its changes count at once.
    let opened = world.open(&person("alice"), "A question", "How?");
    let number = opened.number.to_string();
    assert_eq!(world.run(&["ticket", "set", &number, "--priority", "urgent"]).status.code(), Some(0));
    assert_eq!(world.ticket(opened.number)["priority"], "urgent");
    // A killed daemon leaves no lock behind.
    world.kill();
    world.start();
    world.open(&person("bert"), "Another question", "How?");
}

/// Whatever the daemon makes is its owner's alone, whoever starts it.
#[test]
fn t84_the_umask_of_the_daemon_is_0077() {
    let mut world = World::with(Setup::default());
    world.launch(&[]);
    let pid = world.daemon.as_ref().expect("a daemon").id();
    until("the umask to be 0077", || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        status.lines().any(|line| line == "Umask:\t0077").then_some(())
    });
}
