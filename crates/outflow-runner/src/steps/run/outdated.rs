//! Files that earlier plans of a run may have left at the target.
//!
//! A plan that is made anew has other names, so that nobody takes its files for those of the plan before, of which some may
//! be visible by then. Nothing is ever removed at a target; whoever reads it is told.

use std::collections::HashSet;

use outflow_model::Fault;
use outflow_model::run::RunFile;
use outflow_model::template::PARTS_MAX;
use outflow_store::{Job, Reader};

/// So many names are told; more would drown other advice.
const NAMES_TOLD_MAX: usize = 10;

/// Names that are looked at: those of several plans.
const NAMES_MAX: usize = 4 * PARTS_MAX as usize;

/// What to know of files with which somebody may have left by earlier plans of a run, and which are not among `own`.
///
/// # Errors
/// Those of the store.
pub(super) async fn advice(reader: &mut Reader, job: &Job, own: &[RunFile]) -> Result<Option<String>, Fault> {
    let names = reader.departure_files(&job.sandbox, &job.subject, NAMES_MAX).await?;
    let own: HashSet<&str> = own.iter().map(|file| file.name.as_str()).collect();
    let left: Vec<&str> = names.iter().map(String::as_str).filter(|name| !own.contains(name)).collect();
    Ok(told(&left))
}

fn told(left: &[&str]) -> Option<String> {
    let (first, more) = left.split_at(left.len().min(NAMES_TOLD_MAX));
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    let them = if left.len() == 1 { "it" } else { "them" };
    (!first.is_empty()).then(|| {
        format!(
            "{}{more} may have become visible before the run was planned anew, as others are withheld by now; its files do \
             not replace {them}, so remove what readers should not take for this run's",
            first.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_names_are_told_as_can_be_read() {
        assert_eq!(told(&[]), None);
        let one = told(&["a.csv"]).unwrap();
        assert!(one.starts_with("a.csv may have") && one.contains("replace it,"), "{one}");
        let many = told(&["a.csv"; NAMES_TOLD_MAX + 2]).unwrap();
        assert!(many.contains("a.csv and 2 more may have") && many.contains("replace them,"), "{many}");
    }
}
