//! What the store could not do, and whether waiting may help. Each text says what to do about it.

use rusqlite::ErrorCode;

/// What the store could not do, and whether waiting may help.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else writes, or holds the folder: try again.
    #[error("{0}")]
    Busy(String),
    /// The disk is full or cannot be written: it goes on by itself once there is room.
    #[error("{0}")]
    Full(String),
    /// The file is damaged: a backup helps.
    #[error("{0}")]
    Damaged(String),
    /// A wrong or missing key, a plaintext file, loose file modes: something to set right (T80, T81).
    #[error("{0}")]
    Setup(String),
    /// The database refused a statement, or the program failed: a bug. Waiting does not help.
    #[error("{0}")]
    Sql(String),
}

/// What everything in this room answers.
pub type Result<T> = std::result::Result<T, Error>;

impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Self {
        let failure = match &e {
            rusqlite::Error::SqliteFailure(failure, _) => Some(failure),
            _ => None,
        };
        match failure.map(|f| f.code) {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Error::Busy("the database is busy with another writer; try again".into())
            }
            Some(ErrorCode::DiskFull) => {
                Error::Full("the disk is full; make room, the daemon goes on by itself".into())
            }
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly) => Error::Full(
                "the database cannot be written; look at the disk and at the rights of the data folder"
                    .into(),
            ),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::Damaged(
                "the database is damaged; restore a backup with `maildesk restore FILE`".into(),
            ),
            // No SQL value in the text: it could be a customer's.
            _ => Error::Sql(format!(
                "the database refused a statement ({})",
                failure.map_or("misuse".into(), |f| format!("SQLite error {}", f.extended_code))
            )),
        }
    }
}
