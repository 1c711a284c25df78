//! The balance of a run: what was read equals what went somewhere, by reason.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Why a selected profile was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ExclusionReason {
    /// A mandatory attribute is null.
    MissingMandatory,
    /// A consent policy forbids it.
    NoConsent,
    /// The person is on the suppression list.
    Suppressed,
    /// The record is larger than the target takes.
    Oversize,
}

/// Counts of profiles, in profiles. `rows_written` is in rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Balance {
    /// Profiles in the sources.
    pub profiles_read: u64,
    /// Profiles for which the rule is false or unknown.
    pub not_selected: u64,
    /// Profiles for which the rule is true.
    pub profiles_selected: u64,
    /// Selected profiles left out, by reason; reasons that did not occur are absent.
    pub excluded: BTreeMap<ExclusionReason, u64>,
    /// Selected profiles that another one with the same key stands for.
    pub duplicates: u64,
    /// Profiles that are in a file.
    pub profiles_written: u64,
    /// Selected profiles that could not be written.
    pub failed: u64,
    /// Rows in the files: one per profile, or one per identity when an identity namespace deduplicates.
    pub rows_written: u64,
}

impl Balance {
    /// Adds `count` profiles excluded for `reason`.
    pub fn exclude(&mut self, reason: ExclusionReason, count: u64) {
        if count > 0 {
            *self.excluded.entry(reason).or_default() += count;
        }
    }

    /// Adds the counts of another part of the same run.
    pub fn add(&mut self, other: &Balance) {
        self.profiles_read += other.profiles_read;
        self.not_selected += other.not_selected;
        self.profiles_selected += other.profiles_selected;
        for (reason, count) in &other.excluded {
            self.exclude(*reason, *count);
        }
        self.duplicates += other.duplicates;
        self.profiles_written += other.profiles_written;
        self.failed += other.failed;
        self.rows_written += other.rows_written;
    }

    /// The equations that do not hold, in words; empty when the run balances.
    pub fn discrepancies(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.profiles_read != self.not_selected + self.profiles_selected {
            found.push(format!(
                "read {} but not selected {} + selected {}",
                self.profiles_read, self.not_selected, self.profiles_selected
            ));
        }
        let excluded: u64 = self.excluded.values().sum();
        if self.profiles_selected != excluded + self.duplicates + self.profiles_written + self.failed {
            found.push(format!(
                "selected {} but excluded {excluded} + duplicates {} + written {} + failed {}",
                self.profiles_selected, self.duplicates, self.profiles_written, self.failed
            ));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_profile_shows() {
        let mut balance = Balance {
            profiles_read: 10,
            not_selected: 4,
            profiles_selected: 6,
            profiles_written: 4,
            ..Balance::default()
        };
        balance.exclude(ExclusionReason::MissingMandatory, 1);
        assert_eq!(balance.discrepancies().len(), 1);
        balance.duplicates = 1;
        assert!(balance.discrepancies().is_empty());
    }
}
