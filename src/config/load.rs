//! Makes the [`Config`] of a file. A fault in one section does not stop the reading of the next, so that one
//! run tells all faults.

use super::reader::Reader;
use super::report::Report;
use super::types::{Config, ConfigError};
use super::{desk, limits, planned, retention, servers, targets, wiped};
use std::path::{Path, PathBuf};

/// Nobody's configuration is larger.
const CONFIG_BYTES_MAX: usize = 16 << 20;

/// Where the configuration is: the flag, else `MAILDESK_CONFIG`, else the place of a system service.
pub fn locate(flag: Option<PathBuf>) -> PathBuf {
    let named = std::env::var_os("MAILDESK_CONFIG").filter(|v| !v.is_empty());
    flag.or(named.map(PathBuf::from)).unwrap_or_else(|| "/etc/maildesk/maildesk.toml".into())
}

/// Reads and checks a configuration file, with the secrets that it names.
pub fn load(file: &Path) -> Result<Config, ConfigError> {
    let bytes = std::fs::File::open(file).and_then(|open| wiped::read(open, CONFIG_BYTES_MAX));
    let no_text = |e| std::io::Error::new(std::io::ErrorKind::InvalidData, e);
    let text = bytes.as_ref().map_err(|e| std::io::Error::new(e.kind(), e.to_string()));
    let text = text.and_then(|bytes| std::str::from_utf8(bytes).map_err(no_text)).map_err(|e| {
        let advice = match e.kind() {
            std::io::ErrorKind::NotFound => {
                "`maildesk init` writes one; --config or MAILDESK_CONFIG names another"
            }
            std::io::ErrorKind::InvalidData => "it must be text in UTF-8",
            _ => "let the user of the service read it",
        };
        ConfigError(format!("{}: the configuration cannot be read: {e}; {advice}", file.display()))
    })?;
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    load_text(text, file, credentials.as_deref())
}

/// As [`load`], from a text that stands in `file`. Nothing is asked of the environment: `credentials` is the
/// folder of systemd credentials, if there is one.
pub fn load_text(text: &str, file: &Path, credentials: Option<&Path>) -> Result<Config, ConfigError> {
    let report = Report::new(text, file, credentials);
    let (table, broken) = toml::de::DeTable::parse_recoverable(text);
    for error in &broken {
        // `message` alone: the error's own Display quotes the line, which may hold a secret (T83).
        let at = error.span().map_or(0, |s| s.start);
        report.fault(Some(at), format_args!("this is not TOML: {}; correct the line", error.message()));
    }
    // After a broken line the other lines may mean something else: nothing more is said about them.
    let config = match broken.is_empty() {
        true => sections(&Reader::root(table.get_ref(), &report), file),
        false => None,
    };
    let mut faults = report.faults.into_inner();
    faults.sort_by_key(|f| f.0);
    match config.filter(|_| faults.is_empty()) {
        Some(config) => Ok(Config { warnings: report.warnings.into_inner(), ..config }),
        None => {
            let lines: Vec<_> = faults.into_iter().map(|f| f.1).collect();
            Err(ConfigError(lines.join("\n")))
        }
    }
}

/// Reads every section; `None` where one that is required has a fault.
pub(super) fn sections(root: &Reader, file: &Path) -> Option<Config> {
    let desk = desk::desk(&root.table("desk"));
    let data = desk::data(&root.table("data"));
    let mailboxes = servers::mailboxes(root);
    let smtp = servers::smtp(&root.table("smtp"));
    let web = servers::web(&root.table("web"));
    let trust = desk::trust(&root.table("trust"));
    let own = desk::Own::new(desk.as_ref(), &mailboxes, &trust);
    let staff = desk::staff(root, &own);
    let routes = desk::routes(root, &own, &mailboxes, desk.as_ref());
    let limits = limits::limits(&root.table("limits"));
    let dns_server = servers::dns(&root.table("dns"));
    let retention = retention::retention(&root.table("retention"));
    let targets = targets::targets(&root.table("targets"), desk.as_ref().map_or("UTC", |d| &d.zone));
    let probe_minutes = servers::probe(&root.table("probe"));
    planned::check(root);
    root.done();
    Some(Config {
        file: file.to_owned(),
        desk: desk?,
        data,
        mailboxes,
        smtp: smtp?,
        web,
        staff,
        trust,
        routes,
        targets,
        limits,
        dns_server,
        retention,
        probe_minutes,
        warnings: Vec::new(),
    })
}
