//! Who is withheld from a segment, and why.

use std::sync::Arc;

use outflow_model::Fault;
use outflow_model::balance::ExclusionReason;
use outflow_model::rule::BoundRule;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Evaluation;
use super::file::{MembershipFile, WITHHELD_FILE};
use super::{bitmap, pass};
use crate::Work;
use crate::evaluate::ManyEvaluator;
use crate::folder::Folder;
use crate::snapshot::{IdentityKeys, Part, rows_of};

/// Profiles that are not to be exported.
#[derive(Clone, Debug)]
pub struct Exclusion {
    /// Why.
    pub reason: ExclusionReason,
    /// The policy that says so, where there is one.
    pub policy: Option<String>,
    /// The segments that they are withheld from.
    pub segments: Vec<String>,
    /// Who they are.
    pub rule: ExclusionRule,
}

/// Who is withheld.
#[derive(Clone, Debug)]
pub enum ExclusionRule {
    /// Those for whom the rule is true.
    Where(BoundRule),
    /// Those who have any of these identities.
    Identities(Arc<IdentityKeys>),
}

/// How many members of a segment are withheld for one reason. Who is for several counts with the first of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WithheldCounts {
    /// The segment.
    pub segment: String,
    /// Why.
    pub reason: ExclusionReason,
    /// The policy that says so, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Profiles that would be members.
    pub profiles: u64,
    /// Of them, those that entered the segment after what this was compared with: changes since would have them. All of
    /// them where it was not compared.
    pub entered: u64,
}

/// What an evaluation without withheld profiles was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Permitted {
    /// The evaluation with all members.
    pub of: String,
    /// What it was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// A hash of segments and exclusions.
    pub rules: String,
    /// The segments of each exclusion.
    pub segments: Vec<Vec<String>>,
    /// For each row group of the file of withheld rows, the number of the part.
    pub groups: Vec<usize>,
}

/// Stands for exclusions: who is withheld follows from the snapshot and this.
pub(super) fn text_of(exclusions: &[Exclusion]) -> Value {
    let one = |exclusion: &Exclusion| {
        let rule = match &exclusion.rule {
            ExclusionRule::Where(rule) => json!(["where", rule.text()]),
            ExclusionRule::Identities(keys) => json!(["identities", keys.digest()]),
        };
        json!([exclusion.reason, exclusion.policy, exclusion.segments, rule])
    };
    exclusions.iter().map(one).collect()
}

/// The number of an exclusion as the file of withheld rows has it in the place of a segment.
pub(super) fn label(number: usize) -> String {
    format!("{number:06}")
}

/// Exclusions ready to be asked about parts.
pub(super) struct Excluder<'a> {
    exclusions: &'a [Exclusion],
    rules: ManyEvaluator,
}

impl<'a> Excluder<'a> {
    pub fn new(exclusions: &'a [Exclusion]) -> Result<Excluder<'a>, Fault> {
        let rules = exclusions.iter().filter_map(|exclusion| match &exclusion.rule {
            ExclusionRule::Where(rule) => Some(rule.clone()),
            ExclusionRule::Identities(_) => None,
        });
        Ok(Excluder { exclusions, rules: ManyEvaluator::new(&rules.collect::<Vec<_>>())? })
    }

    /// The rules, for a thread of its own.
    pub fn rules(&self) -> ManyEvaluator {
        self.rules.clone()
    }

    /// For each exclusion, the rows of a part that it is about.
    pub fn of_part(
        &self,
        rules: &mut ManyEvaluator,
        scanned: &pass::Scanned<'_>,
        (number, part): (usize, &Part),
        folder: &Folder,
        work: &Work<'_>,
    ) -> Result<Vec<RoaringBitmap>, Fault> {
        let count = self.exclusions.iter().filter(|e| matches!(e.rule, ExclusionRule::Where(_))).count();
        let mut selected = match count {
            0 => Vec::new(),
            count => scanned.selected(rules, number, count)?,
        }
        .into_iter();
        let rows = |exclusion: &Exclusion| match &exclusion.rule {
            ExclusionRule::Where(_) => Ok(bitmap::of_words(selected.next().unwrap_or_default())),
            ExclusionRule::Identities(keys) => rows_of(folder, part, keys, work.check),
        };
        self.exclusions.iter().map(rows).collect()
    }
}

impl Evaluation {
    /// Whether it is one without the profiles that exclusions are about, as [`permit`](super::permit) makes them.
    pub fn is_permitted(&self) -> bool {
        self.permitted.is_some()
    }

    /// The evaluation that it is a part of, where it is one without withheld profiles.
    pub fn permitted_of(&self) -> Option<&str> {
        self.permitted.as_ref().map(|permitted| permitted.of.as_str())
    }

    /// Whether members of the segment are withheld.
    pub fn withholds(&self, segment: &str) -> bool {
        self.withheld.iter().any(|counts| counts.segment == segment && counts.profiles > 0)
    }

    /// The rows of part number `part` that are withheld from any of `segments`.
    pub(super) fn withheld_rows(
        &self,
        file: &MembershipFile,
        part: usize,
        segments: &[String],
    ) -> Result<RoaringBitmap, Fault> {
        let Some(permitted) = &self.permitted else { return Ok(RoaringBitmap::new()) };
        let is_about = |own: &Vec<String>| own.iter().any(|segment| segments.contains(segment));
        let labels: Vec<String> =
            (0..permitted.segments.len()).filter(|number| is_about(&permitted.segments[*number])).map(label).collect();
        let mut withheld = RoaringBitmap::new();
        if !labels.is_empty() {
            file.visit(part, None, &mut |label, _, _, rows| {
                if labels.iter().any(|own| own == label) {
                    withheld |= bitmap::from_bytes(rows)?;
                }
                Some(())
            })?;
        }
        Ok(withheld)
    }

    /// The file of withheld rows, if there is one.
    pub(super) fn withheld_file(&self) -> Result<Option<MembershipFile>, Fault> {
        let open = |permitted: &Permitted| MembershipFile::open_named(self, WITHHELD_FILE, &permitted.groups);
        self.permitted.as_ref().map(open).transpose()
    }
}
