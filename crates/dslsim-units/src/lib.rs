//! Physical dimensions and the table of units, as data.
//!
//! A [`Dim`] is seven small rational exponents. A unit is a line of the table in `table.rs`; every name that a model
//! may use (`mV`, `umetre2`, `Gohm`) follows from a line by rule: prefix × unit × power. The value of each of the
//! 1710 names that Brian2 knows has the same bits as there; dslsim's own abbreviations ([`is_extension`]) come on top.
//!
//! Invariants: looking a name up allocates nothing; every scale is a power of ten, rounded once; the one-letter names
//! `s V A S F M m g` are never units, since models use them as variables.
//!
//! Not here: texts and places of models, the grammar of unit declarations, the words of messages.

mod describe;
mod dim;
mod lookup;
mod suggest;
mod table;

pub use describe::{describe, format_quantity, round_digits};
pub use dim::Dim;
pub use lookup::{
    Declaration, Unit, base_unit, declare, instead_of, is_common, is_extension, lookup, names,
};
pub use suggest::suggest;
