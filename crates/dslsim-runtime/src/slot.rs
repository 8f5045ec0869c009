//! The slots of a step, in Brian2's order: `start groups thresholds synapses resets end`, each with a `before_` and an `after_`.

use std::fmt;
use std::str::FromStr;

/// A place in the schedule of a step; earlier slots are less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Slot {
    /// Subexpressions that are constant over the step.
    BeforeStart,
    /// State monitors, regular operations.
    Start,
    /// After `start`.
    AfterStart,
    /// Before `groups`.
    BeforeGroups,
    /// Summed variables and state updates.
    Groups,
    /// After `groups`.
    AfterGroups,
    /// Before `thresholds`.
    BeforeThresholds,
    /// Thresholds, Poisson and given spikes; spike monitors.
    Thresholds,
    /// Conditions of custom events.
    AfterThresholds,
    /// Before `synapses`.
    BeforeSynapses,
    /// Pathways.
    Synapses,
    /// After `synapses`.
    AfterSynapses,
    /// Before `resets`.
    BeforeResets,
    /// Resets.
    Resets,
    /// Statements executed on custom events.
    AfterResets,
    /// Before `end`.
    BeforeEnd,
    /// Rate monitors.
    End,
    /// After `end`.
    AfterEnd,
}

const NAMES: [(Slot, &str); 18] = [
    (Slot::BeforeStart, "before_start"),
    (Slot::Start, "start"),
    (Slot::AfterStart, "after_start"),
    (Slot::BeforeGroups, "before_groups"),
    (Slot::Groups, "groups"),
    (Slot::AfterGroups, "after_groups"),
    (Slot::BeforeThresholds, "before_thresholds"),
    (Slot::Thresholds, "thresholds"),
    (Slot::AfterThresholds, "after_thresholds"),
    (Slot::BeforeSynapses, "before_synapses"),
    (Slot::Synapses, "synapses"),
    (Slot::AfterSynapses, "after_synapses"),
    (Slot::BeforeResets, "before_resets"),
    (Slot::Resets, "resets"),
    (Slot::AfterResets, "after_resets"),
    (Slot::BeforeEnd, "before_end"),
    (Slot::End, "end"),
    (Slot::AfterEnd, "after_end"),
];

impl Slot {
    /// All slots, the earliest first.
    pub fn all() -> impl Iterator<Item = Slot> {
        NAMES.iter().map(|(slot, _)| *slot)
    }

    /// The place in a step, from 0 to 17.
    #[must_use]
    pub const fn rank(self) -> u8 {
        self as u8
    }

    /// The name that a model file uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.get(self as usize).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text is not the name of a slot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no slot of the schedule is called '{0}'")]
pub struct ParseSlotError(pub String);

impl FromStr for Slot {
    type Err = ParseSlotError;

    fn from_str(text: &str) -> Result<Slot, ParseSlotError> {
        let found = NAMES.iter().find(|(_, name)| *name == text);
        found
            .map(|(slot, _)| *slot)
            .ok_or_else(|| ParseSlotError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ranks_and_order_agree() {
        for (rank, slot) in Slot::all().enumerate() {
            assert_eq!(usize::from(slot.rank()), rank);
            assert_eq!(slot.to_string().parse(), Ok(slot));
        }
        assert!(Slot::BeforeResets < Slot::Resets && Slot::Synapses < Slot::BeforeResets);
        assert!("reset".parse::<Slot>().is_err());
    }
}
