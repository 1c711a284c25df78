//! The governance of a sandbox: what labels its data has, what its policies say, and what its segments read.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use outflow_governance::labels::EntityName;
use outflow_governance::policy::{core_policies, enabled_core_policies};
use outflow_governance::usage::SegmentRule;
use outflow_governance::{ConsentPolicy, DatasetLabels, Policy};
use outflow_model::Fault;
use outflow_model::problem::Problems;
use outflow_model::rule::{Expr, Literal};
use outflow_model::segment::SegmentDefinition;
use outflow_store as store;
use outflow_store::{Document, Reader, Scope};

use super::known::{Known, weight_bytes};

/// Others write while is read; after this many times what is read is read in a transaction that they wait for.
const ROUNDS_MAX: usize = 5;

/// The governance of a sandbox, of one revision.
pub(crate) struct Rules {
    /// Counts the changes of all that is here.
    pub revision: i64,
    /// Counts the changes of the suppression list.
    pub suppression_revision: i64,
    /// Every segment.
    pub segments: Vec<SegmentRule>,
    /// Where each is, by id.
    pub places: HashMap<String, usize>,
    /// Every policy; core ones with their status.
    pub policies: Vec<Policy>,
    /// Every consent policy.
    pub consent: Vec<ConsentPolicy>,
    /// Every dataset that is attached, by id.
    pub datasets: BTreeMap<String, Arc<Document>>,
    /// The labels of those that have some.
    pub labels: BTreeMap<String, Arc<DatasetLabels>>,
    weight_bytes: usize,
}

impl Rules {
    /// The governance as `reader` sees it: in a transaction, with what it has written.
    ///
    /// # Errors
    /// `Internal` for a policy or for labels that cannot be read: who does not know what is forbidden allows nothing. Those
    /// of the store.
    pub async fn load(known: &Known, reader: &mut Reader, sandbox: &str) -> Result<Rules, Fault> {
        let mut rules = Rules::look(known, reader, sandbox).await?;
        // Outside of a transaction others may have written meanwhile.
        for _ in 0..ROUNDS_MAX {
            if reader.governance(sandbox).await?.revision == rules.revision {
                return Ok(rules);
            }
            rules = Rules::look(known, reader, sandbox).await?;
        }
        Err(Fault::new(
            outflow_model::FaultClass::Unavailable,
            "what governs the sandbox's data changed each time while it was read",
        ))
    }

    async fn look(known: &Known, reader: &mut Reader, sandbox: &str) -> Result<Rules, Fault> {
        let governance = reader.governance(sandbox).await?;
        let scope = Scope::Sandbox(sandbox);
        let mut policies = policies(reader, sandbox).await?;
        for document in reader.all::<store::Policy>(scope, Vec::new()).await? {
            policies.push(Policy::parse(&document.id, &document.body).map_err(|p| unreadable(&document, &p))?);
        }
        let mut consent = Vec::new();
        for document in reader.all::<store::ConsentPolicy>(scope, Vec::new()).await? {
            consent.push(ConsentPolicy::parse(&document.id, &document.body).map_err(|p| unreadable(&document, &p))?);
        }
        let mut labels = BTreeMap::new();
        for document in reader.all::<store::DatasetLabels>(scope, Vec::new()).await? {
            let read = || DatasetLabels::parse(&document.body);
            let of = known.labels.of(&[Some(&document)], read).map_err(|p| unreadable(&document, &p))?;
            if !of.labels.is_empty() || of.fields.iter().any(|field| !field.labels.is_empty()) {
                labels.insert(document.id.clone(), of);
            }
        }
        let documents = reader.all::<store::Segment>(scope, Vec::new()).await?;
        let segments: Vec<SegmentRule> = documents.iter().map(|segment| segment_rule(known, segment)).collect();
        let datasets = reader.all::<store::Dataset>(scope, Vec::new()).await?;
        let weight_bytes = documents.iter().chain(&datasets).map(|document| weight_bytes(&document.body)).sum();
        Ok(Rules {
            weight_bytes,
            revision: governance.revision,
            suppression_revision: governance.suppression_revision,
            places: segments.iter().enumerate().map(|(place, of)| (of.segment.id.clone(), place)).collect(),
            segments,
            policies,
            consent,
            datasets: datasets.into_iter().map(|dataset| (dataset.id.clone(), dataset)).collect(),
            labels,
        })
    }

    /// About what it takes in memory.
    pub fn weight_bytes(&self) -> usize {
        self.weight_bytes
    }

    /// A segment.
    pub fn segment(&self, id: &str) -> Option<&SegmentRule> {
        self.segments.get(*self.places.get(id)?)
    }
}

/// The core policies with their status.
async fn policies(reader: &mut Reader, sandbox: &str) -> Result<Vec<Policy>, Fault> {
    let mut enabled = Vec::new();
    for document in reader.all::<store::EnabledCorePolicies>(Scope::Sandbox(sandbox), Vec::new()).await? {
        enabled.extend(enabled_core_policies(&document.body).map_err(|p| unreadable(&document, &p))?);
    }
    Ok(core_policies(&enabled))
}

fn segment_rule(known: &Known, segment: &Arc<Document>) -> SegmentRule {
    let read = known.segments.of_one(segment, || SegmentRule {
        segment: EntityName { id: segment.id.clone(), name: segment.name.clone() },
        // One that cannot be read finds nobody. What is mapped beside it counts all the same.
        rule: SegmentDefinition::parse(&segment.body)
            .and_then(|definition| definition.expression.rule())
            .unwrap_or_else(|_| no_rule()),
    });
    (*read).clone()
}

/// A rule that reads nothing.
pub(super) fn no_rule() -> Expr {
    Expr::literal(Literal::Boolean(true), 0..0)
}

fn unreadable(document: &Document, problems: &Problems) -> Fault {
    Fault::internal(format!("{} {}, which governs exports, cannot be read", document.name, document.id))
        .because(problems.clone())
        .hint("save it anew, or use the same release on every server")
}
