//! Why an order or a form was not carried out: a value; it becomes a sentence where a terminal or a page
//! shows it.

use super::fault::OrderFault;
use crate::mail::AddrSpec;

/// Nothing was changed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// There is no such ticket, or it is not theirs to see (T71).
    NoTicket(i64),
    /// Nobody on the staff has this address.
    NotStaff(AddrSpec),
    /// No mail is held under this number.
    NoHeldMail(i64),
    /// The link was used, has expired, or was never ours: all are alike (T61).
    DeadLink,
    /// There are no words to be said.
    NoWords,
    /// The desk does not write to itself (T27).
    IsTheDesk(AddrSpec),
    /// The desk's own address is nobody's (T27).
    OwnAddressAsStaff(AddrSpec),
    /// This address belongs to another member of the staff, who has that one.
    AddressTaken {
        /// The address.
        address: AddrSpec,
        /// The address of its owner.
        of: AddrSpec,
    },
    /// This member of the staff stands in the configuration.
    InConfiguration(AddrSpec),
    /// The desk has had as many generations of keys as it can have: this many.
    TooManyGenerations(u32),
    /// A command on a ticket that cannot be carried out.
    Command(OrderFault),
}

impl Refused {
    /// Something that was named is not there (exit code 66), instead of: something is wrong with what was
    /// given (65).
    pub fn is_missing(&self) -> bool {
        match self {
            Self::NoTicket(_) | Self::NotStaff(_) | Self::NoHeldMail(_) | Self::DeadLink => true,
            Self::NoWords
            | Self::IsTheDesk(_)
            | Self::OwnAddressAsStaff(_)
            | Self::AddressTaken { .. }
            | Self::InConfiguration(_)
            | Self::TooManyGenerations(_)
            | Self::Command(_) => false,
        }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoTicket(number) => write!(f, "there is no ticket {number}"),
            Self::NotStaff(address) => write!(f, "{address} is not staff; see maildesk staff list"),
            Self::NoHeldMail(id) => write!(f, "no mail {id} is held; see maildesk held list"),
            Self::DeadLink => write!(f, "this link is used up or has expired"),
            Self::NoWords => write!(f, "there are no words on standard input"),
            Self::IsTheDesk(address) => write!(f, "{address} is the desk itself"),
            Self::OwnAddressAsStaff(address) => {
                write!(f, "{address} is the desk's own address and cannot be staff")
            }
            Self::AddressTaken { address, of } => write!(f, "{address} belongs to {of} already"),
            Self::InConfiguration(address) => {
                write!(f, "{address} stands in the configuration; change it there")
            }
            Self::TooManyGenerations(most) => {
                write!(f, "this desk has had {most} generations of keys; it cannot have more")
            }
            Self::Command(fault) => fault.fmt(f),
        }
    }
}
