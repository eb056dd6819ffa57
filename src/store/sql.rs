//! The few shapes in which every file here asks the database: one place to look at for a second engine.

use super::error::Result;
use rusqlite::{Connection, OptionalExtension, Params, Row};

/// Runs a statement; the number of rows that it changed.
pub fn run(c: &Connection, sql: &str, values: impl Params) -> Result<usize> {
    Ok(c.prepare_cached(sql)?.execute(values)?)
}

/// All rows of an answer, as values.
pub fn all<T>(
    c: &Connection,
    sql: &str,
    values: impl Params,
    value: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map(values, value)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Hands on the rows of an answer one by one, so that a long one is never in memory whole.
pub fn each(
    c: &Connection,
    sql: &str,
    values: impl Params,
    mut value: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> Result<()> {
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        value(row)?;
    }
    Ok(())
}

/// The first row of an answer as a value; `None`: there is none.
pub fn first<T>(
    c: &Connection,
    sql: &str,
    values: impl Params,
    value: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>> {
    Ok(c.prepare_cached(sql)?.query_row(values, value).optional()?)
}

/// The one row of an answer that always has one.
pub fn one<T>(
    c: &Connection,
    sql: &str,
    values: impl Params,
    value: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<T> {
    Ok(c.prepare_cached(sql)?.query_row(values, value)?)
}

/// Has the answer a row?
pub fn exists(c: &Connection, sql: &str, values: impl Params) -> Result<bool> {
    Ok(c.prepare_cached(sql)?.exists(values)?)
}

/// A count or a size as the database takes numbers.
pub fn count(n: impl TryInto<i64>) -> i64 {
    n.try_into().unwrap_or(i64::MAX)
}
