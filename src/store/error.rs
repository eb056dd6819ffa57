//! What the store could not do, and whether waiting may help.

use rusqlite::ErrorCode;

/// What the store could not do, and whether waiting may help.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else writes, or holds the folder.
    #[error("{0}")]
    Busy(String),
    /// The disk is full or cannot be written.
    #[error("{0}")]
    Full(String),
    /// The file is damaged.
    #[error("{0}")]
    Damaged(String),
    /// A wrong or missing key, a plaintext file, loose file modes.
    #[error("{0}")]
    Setup(String),
    #[error("{0}")]
    Sql(String),
}

pub type Result<T> = std::result::Result<T, Error>;

impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Self {
        let code = match &e {
            rusqlite::Error::SqliteFailure(f, _) => Some(f.code),
            _ => None,
        };
        match code {
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
                code.map_or("misuse".into(), |c| format!("{c:?}"))
            )),
        }
    }
}
