//! The way of data from a dataset to a flow: dataset, field, rule or mapping, segment, flow. Segment and flow are those of
//! the violation.

use outflow_model::FieldPath;
use serde::Serialize;

use super::LabelledUse;
use crate::label::Label;
use crate::labels::LabelOrigin;
use crate::usage::FieldUse;

/// The most ways of one violation that are told. A thousand datasets with one label make a thousand ways for each column;
/// nobody reads more.
pub const LINEAGE_MAX: usize = 500;

/// One way of data that has a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Lineage {
    /// Where the label is: the dataset, what has the label in it, and the field of its records that is read.
    pub origin: LabelOrigin,
    /// The field of profiles, and what it is used for.
    #[serde(rename = "use")]
    pub used: FieldUse,
}

impl Lineage {
    /// The field of profiles on this way.
    pub fn field(&self) -> &FieldPath {
        &self.used.path
    }
}

/// The ways of data that has one of `labels`, in the order of the uses, and how many there are beside those.
pub(super) fn lineage(uses: &[LabelledUse<'_>], labels: &[Label]) -> (Vec<Lineage>, usize) {
    let ways = uses.iter().flat_map(|(used, origins)| {
        let has_label = origins.iter().filter(|origin| labels.contains(&origin.label));
        has_label.map(|origin| (*used, origin))
    });
    let mut told = Vec::new();
    let mut left_out = 0;
    for (used, origin) in ways {
        if told.len() < LINEAGE_MAX {
            told.push(Lineage { origin: origin.clone(), used: used.clone() });
        } else {
            left_out += 1;
        }
    }
    (told, left_out)
}
