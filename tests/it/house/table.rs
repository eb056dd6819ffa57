//! The law of the house as tables: which room may know which, the floors of desk/, who may name which crate.

/// A room, and the rooms that it may know beside itself (HOUSE §4).
pub const ROOMS: [(&str, &[&str]); 9] = [
    ("words", &[]),
    ("mail", &[]),
    ("desk", &["mail", "words"]),
    ("store", &["desk", "mail"]),
    ("config", &["desk", "mail", "words"]),
    ("app", &["store", "config", "desk", "mail", "words"]),
    ("edge", &["app", "config", "desk", "mail", "words"]),
    ("command", &["edge", "app", "store", "config", "desk", "mail", "words"]),
    ("top", &["command", "edge", "app", "store", "config", "desk", "mail", "words"]),
];

/// The room of a file.
pub fn room(path: &str) -> &str {
    let first = path.strip_prefix("src/").unwrap_or(path).split(['/', '.']).next().unwrap_or_default();
    match first {
        "main" | "lib" => "top",
        other => other,
    }
}

/// The floors of desk/, the upper ones first: a file knows those of its own floor and of those below it.
pub const FLOORS: [&[&str]; 14] = [
    &["decide"],
    &["event"],
    &["inbound", "visitor", "operator", "hour"],
    &["order"],
    &["notify", "hold", "delivery", "relay"],
    &["letter"],
    &["builder"],
    &["probe"],
    &["proof"],
    &["text"],
    &["rules", "right"],
    &["seal"],
    &["time"],
    &["model"],
];

/// The floor of a file of desk/, counted from above; `None`: none is named for it.
pub fn floor(path: &str) -> Option<usize> {
    let name = path.strip_prefix("src/desk/")?.split(['/', '.']).next()?;
    FLOORS.iter().position(|f| f.contains(&name))
}

/// What edges share; every other file of edge/ is a protocol, and no protocol knows another.
pub const SHARED_BY_EDGES: [&str; 6] = ["mod", "dns", "http", "systemd", "tls", "wake_socket"];

/// The protocol of a file of edge/.
pub fn protocol(path: &str) -> Option<&str> {
    path.strip_prefix("src/edge/")?.split(['/', '.']).next()
}

/// Who may name what comes from outside: the beginning of a path, and the beginnings of files. The longest
/// beginning counts; what no row names is anybody's.
pub const CRATES: [(&str, &[&str]); 46] = [
    ("ammonia", &["mail/"]),
    ("askama", &["edge/web/", "command/demo_page"]),
    ("axum", &["edge/web/", "edge/http", "edge/metrics", "command/demo_page"]),
    ("chardetng", &["mail/"]),
    ("clap", &["edge/cli/", "main"]),
    ("clap_complete", &["edge/cli/", "main"]),
    ("clap_mangen", &["edge/cli/"]),
    ("comfy_table", &["edge/cli/"]),
    ("encoding_rs", &["mail/"]),
    ("futures_util", &["edge/", "command/"]),
    // The names of files that nobody else has are drawn, too.
    ("getrandom", &["app/", "store/sqlite/key", "store/sqlite/backup", "store/sqlite/scratch", "command/"]),
    ("hmac", &["desk/seal", "store/sqlite/key"]),
    ("hyper", &["edge/http"]),
    ("hyper_util", &["edge/http"]),
    ("idna", &["mail/"]),
    ("indicatif", &["edge/cli/", "command/"]),
    // The clock is a value (HOUSE §1.1). What an edge measures is how long a peer takes.
    ("jiff::Timestamp::now", &["app/clock", "edge/", "command/"]),
    ("jiff::Zoned::now", &["app/clock", "edge/", "command/"]),
    ("lettre", &["edge/smtp"]),
    ("mail_auth", &["mail/", "edge/dns"]),
    ("mail_parser", &["mail/"]),
    ("memchr", &["mail/"]),
    ("refinery", &["store/"]),
    ("regex", &["mail/"]),
    ("rusqlite", &["store/"]),
    ("rustix", &["main", "edge/maildir"]),
    ("rustls", &["edge/", "main"]),
    ("rustls_platform_verifier", &["edge/"]),
    ("sd_notify", &["edge/systemd"]),
    ("secrecy", &["config/"]),
    ("serde_json", &["mail/", "edge/", "command/"]),
    ("socket2", &["edge/tls"]),
    ("std::env", &["config/", "edge/", "command/", "main", "app/poison_test", "store/crash_point"]),
    ("std::fs", &["config/", "store/", "app/", "edge/", "command/"]),
    ("std::net", &["config/", "edge/", "command/"]),
    ("std::process", &["edge/", "command/", "main", "app/poison_test", "store/crash_point"]),
    ("std::thread", &["edge/", "command/", "app/poison_test"]),
    ("std::time::Instant", &["app/", "edge/", "command/"]),
    ("std::time::SystemTime", &["app/", "edge/", "command/"]),
    ("tokio", &["edge/", "command/", "main"]),
    // How the sender of this process is woken; nothing in app/ waits.
    ("tokio::sync::Notify", &["app/desk", "edge/", "command/"]),
    ("tokio_rustls", &["edge/"]),
    ("toml", &["config/"]),
    ("tower", &["edge/http"]),
    ("tracing", &["app/", "edge/", "command/", "main"]),
    ("zstd", &["app/", "store/"]),
];

/// What may be put into a statement: constants and pieces of statements, names of tables that the database
/// itself gave, and, where a parameter cannot stand, numbers and the key of the file (T87).
pub const SQL_PIECES: &[&str] =
    &["OPEN", "order", "told", "parts", "text", "all", "which", "LEFT_OUT", "table", "cache", ""];
