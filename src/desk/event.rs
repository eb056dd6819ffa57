//! Everything that may change something is one [`Event`] (HOUSE, principle 2). The edges make them, the
//! handle of the house brings them to [`super::decide`], and nothing else is decided anywhere.

use super::inbound::gather::Asked;
use super::model::{HourScope, Mailed, Settled};
use super::operator::OperatorOrder;
use super::visitor::Form;

/// What happened.
pub enum Event<'a> {
    /// A mail came, with what its writer asks for; or one that was held is let go (its facts say so).
    Mail(&'a Mailed<'a>, &'a Asked),
    /// A visitor pressed a button of a page.
    Form(&'a Form<'a>),
    /// An operator ordered something on the command line.
    Order(&'a OperatorOrder<'a>),
    /// Time passed.
    Hour(&'a HourScope),
    /// The relay answered for a letter.
    Settled(&'a Settled),
}
