//! Whether selected rows are of somebody who is to be withheld.

use std::sync::atomic::AtomicU64;

use outflow_model::Fault;

use super::Evaluation;
use super::exclusion::{Excluder, Exclusion};
use super::pass::Scanned;
use super::space::RowSpace;
use crate::Work;
use crate::folder::Folder;
use crate::scan::RowSelection;

impl Evaluation {
    /// Whether any of `rows`, a selection of this evaluation, is of a profile that `exclusions` are about, whatever segments
    /// they are for: one that entered or one that left. Profiles are asked as the snapshot has them, which is how they are
    /// exported. Ghosts have identities alone, of which nothing is withheld.
    ///
    /// Exclusions by identities alone read indexes and no profiles; those that are not there are made. One thread is used.
    ///
    /// # Errors
    /// `Internal` for a selection of another evaluation, `Input` for files that are not there or damaged, and whatever
    /// `work.check` answers.
    pub fn would_withhold_of(
        &self,
        rows: &RowSelection,
        exclusions: &[Exclusion],
        work: &Work<'_>,
    ) -> Result<bool, Fault> {
        if rows.members().evaluation != self.id {
            return Err(Fault::internal("the selected rows are those of another evaluation"));
        }
        let (folder, space) = (Folder::open(work.folder)?, RowSpace::of_snapshot(&self.snapshot)?);
        let excluder = Excluder::new(exclusions)?;
        let (mut rules, read) = (excluder.rules(), AtomicU64::new(0));
        let scanned = Scanned { space: &space, work, read: &read };
        for (number, part) in self.snapshot.parts.iter().enumerate() {
            let Some(selected) = rows.of_file(number).filter(|selected| !selected.is_empty()) else { continue };
            (work.check)()?;
            let excluded = excluder.of_part(&mut rules, &scanned, (number, part), &folder, work)?;
            if excluded.iter().any(|of| !of.is_disjoint(selected)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
