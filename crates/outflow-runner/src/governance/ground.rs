//! What a judgement looks at.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use outflow_governance::consent::{ConsentRule, consent_rules};
use outflow_governance::judge::{Breach, Facts, Verdict, breaches, explain, judge, labels_in_use};
use outflow_governance::labels::EntityName;
use outflow_governance::usage::SegmentRule;
use outflow_governance::{ConsentPolicy, DatasetLabels, LabelledDataset, Policy};
use outflow_model::Fault;
use outflow_store::Reader;

use super::assumed::Assumed;
use super::data;
use super::facts::FlowFacts;
use super::known::Known;
use super::rules::{Rules, no_rule};
use super::screen::Screen;

/// What a judgement looks at: the governance of a sandbox, and the datasets whose records are exported.
pub struct Ground {
    rules: Arc<Rules>,
    /// Datasets without labels have no say, and are not here.
    datasets: Vec<LabelledDataset>,
    screen: OnceLock<Option<Screen>>,
}

impl Ground {
    /// What is so, as `reader` sees it: in a transaction, with what it has written. The records are those of the datasets'
    /// current versions.
    ///
    /// # Errors
    /// `Internal` for a policy or for labels that cannot be read; those of the store.
    pub(crate) async fn load(known: &Known, reader: &mut Reader, sandbox: &str) -> Result<Ground, Fault> {
        let rules = Rules::load(known, reader, sandbox).await?;
        Ground::with_current(known, reader, sandbox, Arc::new(rules)).await
    }

    /// The same as it would be, with what is assumed in place of what is.
    ///
    /// # Errors
    /// As [`Ground::load`].
    pub(crate) async fn assuming(
        known: &Known,
        reader: &mut Reader,
        sandbox: &str,
        assumed: &Assumed,
    ) -> Result<Ground, Fault> {
        let rules = Rules::load(known, reader, sandbox).await?.assuming(assumed);
        Ground::with_current(known, reader, sandbox, Arc::new(rules)).await
    }

    /// The same by `rules`.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn with_current(
        known: &Known,
        reader: &mut Reader,
        sandbox: &str,
        rules: Arc<Rules>,
    ) -> Result<Ground, Fault> {
        let datasets = data::current(known, reader, sandbox, &rules).await?;
        Ok(Ground::of(rules, datasets))
    }

    /// The same of the records that evaluations are over, by `rules`.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn over(
        known: &Known,
        reader: &mut Reader,
        sandbox: &str,
        rules: Arc<Rules>,
        evaluations: &[&str],
    ) -> Result<Ground, Fault> {
        let datasets = data::of_evaluations(known, reader, sandbox, &rules, evaluations).await?;
        Ok(Ground::of(rules, datasets))
    }

    /// The same of the records that a snapshot is made of, by `rules`.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) async fn over_snapshot(
        known: &Known,
        reader: &mut Reader,
        sandbox: &str,
        rules: Arc<Rules>,
        snapshot: &str,
    ) -> Result<Ground, Fault> {
        let datasets = data::of_snapshot(known, reader, sandbox, &rules, snapshot).await?;
        Ok(Ground::of(rules, datasets))
    }

    pub(super) fn of(rules: Arc<Rules>, datasets: Vec<LabelledDataset>) -> Ground {
        Ground { rules, datasets, screen: OnceLock::new() }
    }

    pub(super) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules)
    }

    /// Counts the changes of all that governs the sandbox's exports.
    pub fn revision(&self) -> i64 {
        self.rules.revision
    }

    /// Counts the changes of its suppression list.
    pub fn suppression_revision(&self) -> i64 {
        self.rules.suppression_revision
    }

    /// Every policy, core ones with their status.
    pub fn policies(&self) -> &[Policy] {
        &self.rules.policies
    }

    /// Every consent policy.
    pub fn consent_policies(&self) -> &[ConsentPolicy] {
        &self.rules.consent
    }

    /// A dataset with its labels, where it is attached.
    pub fn dataset(&self, id: &str) -> Option<LabelledDataset> {
        let document = self.rules.datasets.get(id)?;
        let labelled = self.datasets.iter().find(|dataset| dataset.dataset.id == id).cloned();
        Some(labelled.unwrap_or_else(|| LabelledDataset {
            dataset: EntityName { id: id.to_owned(), name: document.name.clone() },
            labels: DatasetLabels::default(),
            schema: None,
            identities: Vec::new(),
        }))
    }

    /// Judges a flow.
    pub fn judge(&self, flow: &FlowFacts) -> Verdict {
        self.judge_with(flow, &[])
    }

    /// The same in few words, and all of it.
    pub fn breaches(&self, flow: &FlowFacts) -> Vec<Breach> {
        let segments = self.suspects(flow, &[]);
        if segments.is_empty() { Vec::new() } else { breaches(&self.facts(flow, &segments)) }
    }

    /// Tells `chosen` of a flow's breaches; only the first `explained` of them with lineage and ways out.
    pub fn explain(&self, flow: &FlowFacts, chosen: &[Breach], explained: usize) -> Verdict {
        let ids: BTreeSet<&str> = chosen.iter().map(|breach| breach.segment_id.as_str()).collect();
        let ids = flow.segments.iter().filter(|id| ids.contains(id.as_str()));
        let segments: Vec<SegmentRule> = ids.map(|id| self.segment(id, &[])).collect();
        explain(&self.facts(flow, &segments), chosen, explained)
    }

    /// Judges a flow of whose segments some were found by another rule than they have now. Both count.
    pub(crate) fn judge_with(&self, flow: &FlowFacts, past: &[SegmentRule]) -> Verdict {
        let segments = self.suspects(flow, past);
        if segments.is_empty() { Verdict::default() } else { judge(&self.facts(flow, &segments)) }
    }

    /// The segments of a flow whose export may violate something.
    fn suspects(&self, flow: &FlowFacts, past: &[SegmentRule]) -> Vec<SegmentRule> {
        let screen = self.screen.get_or_init(|| Screen::new(&self.rules, &self.datasets));
        let suspects = match screen {
            Some(screen) if past.is_empty() => screen.suspects(&self.rules, &self.datasets, flow),
            _ => (0..flow.segments.len()).collect(),
        };
        let ids = suspects.iter().filter_map(|place| flow.segments.get(*place));
        ids.map(|id| self.segment(id, past)).collect()
    }

    /// What consent policies ask of the profiles of a segment that a flow exports.
    pub fn consent(&self, flow: &FlowFacts, segment_id: &str) -> Vec<ConsentRule> {
        self.consent_with(flow, segment_id, &[])
    }

    /// The same where the segment was found by another rule.
    pub(crate) fn consent_with(&self, flow: &FlowFacts, segment_id: &str, past: &[SegmentRule]) -> Vec<ConsentRule> {
        if self.rules.consent.is_empty() {
            return Vec::new();
        }
        let segments = [self.segment(segment_id, past)];
        let labels = labels_in_use(&self.facts(flow, &segments), &segments[0]);
        consent_rules(&self.rules.consent, &flow.actions, &labels)
    }

    /// A segment with its rule. One that is not there any more reads nothing.
    fn segment(&self, id: &str, past: &[SegmentRule]) -> SegmentRule {
        let nobody = || SegmentRule { segment: EntityName { id: id.to_owned(), name: id.to_owned() }, rule: no_rule() };
        let mut now = self.rules.segment(id).cloned().unwrap_or_else(nobody);
        if let Some(past) = past.iter().find(|past| past.segment.id == id) {
            now.rule = outflow_model::rule::Expr::and(vec![now.rule, past.rule.clone()], 0..0);
        }
        now
    }

    fn facts<'f>(&'f self, flow: &'f FlowFacts, segments: &'f [SegmentRule]) -> Facts<'f> {
        Facts {
            flow: &flow.flow,
            actions: &flow.actions,
            segments,
            known_segments: &self.rules.segments,
            uses: &flow.uses,
            datasets: &self.datasets,
            policies: &self.rules.policies,
            include_drafts: false,
        }
    }
}
