//! What lies in a Maildir, and what becomes of it: old mail, odd files, odd names, full disks.

use super::*;
use crate::app::testing::{address, bound_pages, clock, desk, letters};
use std::path::Path;

fn place(folder: &Path, start_all: bool, runtime: &tokio::runtime::Runtime) -> Place {
    for part in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(folder.join(part)).expect("a Maildir");
    }
    let names = Names::new(Some(([127, 0, 0, 1], 9).into()), runtime.handle().clone());
    Place {
        mailbox: "support".into(),
        folder: folder.to_owned(),
        start_all,
        bytes_max: 1 << 20,
        desk: desk(&[]).1,
        names: Arc::new(names),
        memory: Mutex::default(),
    }
}

fn put(folder: &Path, name: &str, from: &str) -> PathBuf {
    let path = folder.join(name);
    let mail = format!(
        "From: {from}\nTo: {}\nMessage-ID: <{}.{from}>\nSubject: x\n\nHello\n",
        address("support@desk.example"),
        name.replace(['/', ':', ','], "")
    );
    std::fs::write(&path, mail).expect("a mail");
    path
}

fn with(start_all: bool, check: impl FnOnce(Place, &Path)) {
    let dir = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    check(place(dir.path(), start_all, &runtime), dir.path());
}

/// A look at which nothing stands in the way.
fn look(place: &Place) {
    assert_eq!(place.look(Instant::now()), "");
}

fn tickets(place: &Place) -> usize {
    place.desk.operator().tickets(None).expect("tickets").len()
}

/// 30 read mails of years ago were taken in and confirmed.
#[test]
fn mail_that_was_there_before_is_left_alone() {
    with(false, |place, folder| {
        let old = put(folder, "cur/1.old:2,S", "a@far.example");
        put(folder, "new/2.old", "b@far.example");
        look(&place);
        let new = put(folder, "new/3.new", "c@far.example");
        look(&place);
        let tickets = place.desk.operator().tickets(None).expect("tickets");
        assert_eq!(tickets.len(), 1, "only what came later");
        assert!(old.exists() && folder.join("new/2.old").exists(), "the old stay where they were");
        assert!(!new.exists() && folder.join("cur/3.new:2,S").exists());
        assert_eq!(letters(&place.desk).len(), 1);
    });
    with(true, |place, folder| {
        put(folder, "cur/1.old:2,S", "a@far.example");
        look(&place);
        assert_eq!(place.desk.operator().tickets(None).expect("tickets").len(), 1);
        assert!(letters(&place.desk).is_empty(), "what was there before is never answered");
        put(folder, "new/2.new", "b@far.example");
        look(&place);
        assert_eq!(letters(&place.desk).len(), 1);
    });
}

/// One that could not be read was moved to the read ones, and nobody ever heard of it.
#[test]
fn a_file_that_cannot_be_read_is_told_and_stays() {
    with(false, |place, folder| {
        look(&place);
        let odd = folder.join("new/1.odd");
        std::os::unix::fs::symlink("1.odd", &odd).expect("a link to itself");
        put(folder, "new/2.good", "a@far.example");
        let why = place.look(Instant::now());
        assert!(why.contains("1.odd"), "{why}");
        assert_eq!(place.desk.operator().tickets(None).expect("tickets").len(), 1, "its neighbour");
        std::fs::remove_file(&odd).expect("removed");
        put(folder, "new/1.odd", "b@far.example");
        look(&place);
        assert_eq!(place.desk.operator().tickets(None).expect("tickets").len(), 2);
    });
}

#[test]
fn the_time_of_a_file_is_its_arrival() {
    with(false, |place, folder| {
        look(&place);
        let path = put(folder, "new/1.x", "a@far.example");
        let written = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let file = std::fs::File::options().write(true).open(&path).expect("the file");
        file.set_modified(written).expect("a time");
        drop(file);
        let window = place.beside().window([true; 2], None).expect("a window");
        match place.position(&window.files[0].file, None, false) {
            Position::Maildir { arrived_at: at, .. } => assert!(at == 1_700_000_000 && at < clock()),
            other => panic!("{other:?}"),
        }
    });
}

/// A name server that never answers keeps mail waiting that needs it, and no other.
#[test]
fn a_silent_name_server_holds_no_other_mail() {
    with(false, |mut place, folder| {
        let silent = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
        let server = silent.local_addr().ok();
        place.names = Arc::new(Names::new(server, tokio::runtime::Handle::current()));
        look(&place);
        let signed = put(folder, "new/1.signed", "a@far.example");
        let mail = std::fs::read_to_string(&signed).expect("the mail");
        let hash = "A".repeat(43);
        let signature = format!(
            "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=far.example; s=s1;\n \
             h=from:to:subject:message-id; bh={hash}=; b={}==\n",
            "A".repeat(86)
        );
        std::fs::write(&signed, signature + &mail).expect("a signed mail");
        put(folder, "new/2.plain", "b@far.example");
        look(&place);
        let tickets = place.desk.operator().tickets(None).expect("tickets");
        let first = tickets.iter().find(|t| t.ticket.number == 1).expect("a ticket");
        assert_eq!(first.requester.address, "b@far.example", "what needs no names comes first");
        assert_eq!(tickets.len(), 2);
        assert!(!signed.exists() && folder.join("cur/1.signed:2,S").exists());
        let mut asked = [0; 1500];
        silent.set_nonblocking(true).expect("a socket");
        assert!(silent.recv_from(&mut asked).is_ok(), "the server was asked");
    });
}

/// A stop in the middle of the first look: the rest was taken in as if it were new, and customers of years
/// ago were answered.
#[test]
fn old_mail_stays_old_when_its_intake_is_interrupted() {
    with(true, |place, folder| {
        (0..250)
            .for_each(|n| drop(put(folder, &format!("cur/{n:03}.old:2,S"), &format!("a{n}@far.example"))));
        place.begin().expect("begun");
        let window = place.beside().window([true; 2], None).expect("a window");
        place.take_window(&window.files[..100], &mut Default::default()).expect("taken");
        put(folder, "new/999.new", "new@far.example");
        look(&place);
        assert_eq!(tickets(&place), 251);
        let to: Vec<String> = letters(&place.desk).into_iter().map(|l| l.to).collect();
        assert_eq!(to, ["new@far.example"], "only what came later is answered");
    });
}

/// A pipe in `new` held intake for ever.
#[test]
fn what_is_no_file_is_told_and_passed_over() {
    with(false, |place, folder| {
        look(&place);
        let pipe = folder.join("new/1.pipe");
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
        let socket = std::os::unix::net::UnixListener::bind(folder.join("new/2.socket")).expect("a socket");
        std::fs::create_dir(folder.join("cur/3.folder")).expect("a folder");
        std::os::unix::fs::symlink("/dev/zero", folder.join("new/4.device")).expect("a link");
        put(folder, "new/5.good", "a@far.example");
        let why = place.look(Instant::now());
        assert_eq!(why.split(':').next(), Some("4 entries are no files, and are passed over"), "{why}");
        assert_eq!(tickets(&place), 1, "its neighbour");
        assert!(folder::read(&pipe, 9).is_err(), "it came after the folder was listed");
        drop(socket);
        for odd in ["new/1.pipe", "new/2.socket", "new/4.device"] {
            std::fs::remove_file(folder.join(odd)).expect("removed");
        }
        std::fs::remove_dir(folder.join("cur/3.folder")).expect("removed");
        look(&place);
    });
}

/// Each file that was ever taken in cost a stat and a question at each look.
#[test]
fn an_idle_folder_costs_the_same_whatever_was_taken_in() {
    with(false, |place, folder| {
        let begin = Instant::now();
        let at = |secs| begin + Duration::from_secs(secs);
        let asked = |secs| place.take_new(at(secs)).expect("a look");
        asked(0);
        (0..300).for_each(|n| drop(put(folder, &format!("new/{n:03}.x"), &format!("a{n}@far.example"))));
        assert_eq!(asked(1), 300);
        assert_eq!(tickets(&place), 300);
        assert!(asked(2) >= 300 && asked(4) >= 300, "it may have changed in the same second");
        assert_eq!((5..600).map(asked).sum::<usize>(), 0, "nothing changed");
        put(folder, "new/999.x", "b@far.example");
        assert_eq!(asked(601), 1, "only what changed is listed");
        assert_eq!(tickets(&place), 301);
    });
}

/// A mail that cannot be moved was forgotten where it was.
#[test]
fn a_mail_that_cannot_be_moved_is_told_and_taken_once() {
    with(false, |place, folder| {
        look(&place);
        let new = put(folder, "new/1.x", "a@far.example");
        let (cur, away) = (folder.join("cur"), folder.join("away"));
        // A folder that is mounted elsewhere, so that nothing is renamed into it, whoever runs the tests.
        std::fs::rename(&cur, &away).expect("renamed");
        let elsewhere = tempfile::tempdir_in("/dev/shm").expect("another file system");
        std::os::unix::fs::symlink(elsewhere.path(), &cur).expect("a link");
        for _ in 0..2 {
            let why = place.look(Instant::now());
            assert!(why.contains("cannot be moved to cur") && why.contains("new/1.x"), "{why}");
        }
        assert!(new.exists() && tickets(&place) == 1 && letters(&place.desk).len() == 1);
        std::fs::remove_file(&cur).expect("removed");
        std::fs::rename(&away, &cur).expect("renamed");
        look(&place);
        assert!(!new.exists() && folder.join("cur/1.x:2,S").exists(), "it is moved when it can be");
        assert_eq!(tickets(&place), 1);
    });
}

/// Names that are no UTF-8 were one name, and a mail under a known name was never taken in.
#[test]
fn names_are_exact_and_no_mail_is_overwritten() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    with(false, |place, folder| {
        look(&place);
        let odd = |part: &str, name: &[u8]| folder.join(part).join(OsStr::from_bytes(name));
        for (n, name) in [b"a\xff", b"a\xfe"].into_iter().enumerate() {
            let path = put(folder, &format!("new/{n}"), &format!("{n}@far.example"));
            std::fs::rename(path, odd("new", name)).expect("renamed");
        }
        look(&place);
        assert_eq!(tickets(&place), 2);
        assert!(odd("cur", b"a\xff:2,S").exists() && odd("cur", b"a\xfe:2,S").exists());
        for n in 1..4 {
            put(folder, "new/1.x", &format!("{}@far.example", "o".repeat(n)));
            look(&place);
            assert_eq!(tickets(&place), 2 + n, "another mail under a known name");
        }
        let files = std::fs::read_dir(folder.join("cur")).expect("the folder").count();
        assert_eq!(files, 5, "nothing was overwritten");
        put(folder, "new/1.x", "ooo@far.example");
        look(&place);
        assert_eq!((tickets(&place), letters(&place.desk).len()), (5, 5), "the same once more");
        *place.memory() = Memory::default();
        look(&place);
        assert_eq!(tickets(&place), 5);
    });
}

#[test]
fn a_panic_shows_in_health() {
    with(false, |place, _| {
        let (place, here) = (Arc::new(place), tokio::runtime::Handle::current());
        let health = || {
            let parts = place.desk.condition().parts();
            parts.into_iter().find(|h| h.part == "mailbox:support").expect("the part").good
        };
        here.block_on(look_once(&place, |place| place.look(Instant::now())));
        assert!(health());
        let why = here.block_on(look_once(&place, |_| panic!("in a look")));
        assert!(!health() && why.contains("bug"));
        here.block_on(look_once(&place, |place| place.look(Instant::now())));
        assert!(health());
    });
}

/// T86: nothing is moved on a full disk, health tells it, and all goes on by itself.
#[test]
fn t86_a_full_disk_shows_in_the_health_of_the_store() {
    with(false, |place, folder| {
        look(&place);
        let health = || place.desk.condition().parts().into_iter().find(|h| h.part == "store");
        let path = put(folder, "new/1.x", "a@far.example");
        let words: String = (0..60_000).map(|n| format!("{n} word\n")).collect();
        std::fs::write(&path, std::fs::read_to_string(&path).expect("the mail") + &words).expect("longer");
        bound_pages(&place.desk, 1);
        let why = place.look(Instant::now());
        assert!(why.contains("full"), "{why:?}");
        assert!(path.exists() && tickets(&place) == 0);
        assert!(health().is_some_and(|h| !h.good));
        bound_pages(&place.desk, 1_000_000);
        look(&place);
        assert!(!path.exists() && tickets(&place) == 1);
        assert!(health().is_some_and(|h| h.good));
    });
}
