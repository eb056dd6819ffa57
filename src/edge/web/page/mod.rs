//! One file a page: what its template shows, the form that it takes, and the function that answers. The
//! template lies beside it.

pub mod files;
pub mod held;
pub mod participation;
pub mod public;
pub mod sign_in;
pub mod tickets;
pub mod unsubscribe;
