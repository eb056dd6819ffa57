//! The handles of the desk, one for each purpose. Each borrows the desk; what it can do stands in the file of
//! its subject.

use super::desk::Desk;

/// Mail comes in.
#[derive(Clone, Copy)]
pub struct Intake<'d>(pub(super) &'d Desk);

/// What is remembered of mailboxes: every UID has exactly one outcome.
#[derive(Clone, Copy)]
pub struct Ledger<'d>(pub(super) &'d Desk);

/// Letters go out.
#[derive(Clone, Copy)]
pub struct Outbox<'d>(pub(super) &'d Desk);

/// What pages show and take.
#[derive(Clone, Copy)]
pub struct Visitors<'d>(pub(super) &'d Desk);

/// What the command line shows and orders.
#[derive(Clone, Copy)]
pub struct Operator<'d>(pub(super) &'d Desk);

/// Time passes.
#[derive(Clone, Copy)]
pub struct Hours<'d>(pub(super) &'d Desk);

/// How the desk is doing.
#[derive(Clone, Copy)]
pub struct Condition<'d>(pub(super) &'d Desk);

/// Mails of the desk to itself.
#[derive(Clone, Copy)]
pub struct Probes<'d>(pub(super) &'d Desk);

/// Mails that end or hang the program (T34).
#[derive(Clone, Copy)]
pub struct Poison<'d>(pub(super) &'d Desk);

impl Desk {
    /// Mail comes in.
    pub fn intake(&self) -> Intake<'_> {
        Intake(self)
    }

    /// What is remembered of mailboxes: every UID has exactly one outcome.
    pub fn ledger(&self) -> Ledger<'_> {
        Ledger(self)
    }

    /// Letters go out.
    pub fn outbox(&self) -> Outbox<'_> {
        Outbox(self)
    }

    /// What pages show and take.
    pub fn visitors(&self) -> Visitors<'_> {
        Visitors(self)
    }

    /// What the command line shows and orders.
    pub fn operator(&self) -> Operator<'_> {
        Operator(self)
    }

    /// Time passes.
    pub fn hours(&self) -> Hours<'_> {
        Hours(self)
    }

    /// How the desk is doing.
    pub fn condition(&self) -> Condition<'_> {
        Condition(self)
    }

    /// Mails of the desk to itself.
    pub fn probes(&self) -> Probes<'_> {
        Probes(self)
    }

    /// Mails that end or hang the program (T34).
    pub fn poison(&self) -> Poison<'_> {
        Poison(self)
    }
}
