//! Deciding whether something may leave, by what is so while nobody can change it.

use std::collections::BTreeMap;
use std::sync::Arc;

use outflow_governance::consent::ConsentRule;
use outflow_governance::judge::Verdict;
use outflow_governance::usage::UseKind;
use outflow_model::flow::MarketingAction;
use outflow_model::{Fault, FaultClass, FieldPath};
use outflow_store::{AuditEvent, Document, Flow, Reader, TargetConnection, Tx};
use serde_json::{Value, json};

use super::facts::FlowFacts;
use super::ground::Ground;
use super::judged::facts_of;
use super::known::Known;
use super::past::past_rules;
use super::pause::{pause, reason, told};
use super::rules::Rules;
use super::suppressed;
use super::target;
use crate::context::Inner;
use crate::details::set;
use crate::kinds::target_id;
use crate::ledger;

/// What the audit log calls flows.
pub(super) const FLOW: &str = "flow";

/// What is about to leave.
#[derive(Clone, Debug)]
pub(crate) struct Leaving {
    /// The flow that it is of.
    pub flow_id: String,
    /// Its segments.
    pub segments: Vec<String>,
    /// The fields that it holds or that decide what it holds.
    pub uses: Vec<(FieldPath, UseKind)>,
    /// What the flow was for when it was made; empty where that is now.
    pub actions: Vec<MarketingAction>,
    /// The evaluations whose profiles it tells of, the one by which it tells of members first.
    pub evaluations: Vec<String>,
    /// What the audit log says of it: members of a record's detail. The flow's `target` is added where it names none.
    pub about: Value,
}

/// That something may leave.
#[derive(Clone, Debug)]
pub(crate) struct Allowed {
    /// The record of the audit log; 0 where none was asked for.
    pub seq: i64,
    /// The revision of the governance that it was decided by.
    pub revision: i64,
    /// That of the suppression list.
    pub suppression_revision: i64,
    /// What the flow is for.
    pub actions: Vec<MarketingAction>,
    /// What consent policies ask of profiles, by segment.
    pub consent: BTreeMap<String, Vec<ConsentRule>>,
}

impl Allowed {
    /// What withholds profiles, as text: as long as it is the same, the same ones are.
    pub fn withholding(&self) -> String {
        withholding(self.suppression_revision, &self.consent)
    }

    /// Whether consent policies ask the same of the same profiles as where [`withholding`](Self::withholding) was `text`,
    /// whoever is on the suppression list.
    pub fn asks_consent_as(&self, text: &str) -> bool {
        is_same_consent(text, &self.withholding())
    }

    /// Whether the same profiles are withheld as where [`withholding`](Self::withholding) was `text`.
    pub fn withholds_as(&self, text: &str) -> bool {
        is_same_withholding(text, &self.withholding())
    }
}

/// What [`Allowed::withholding`] is where nobody is withheld but those on a suppression list of this revision.
pub(super) fn withholding_of_list(suppression_revision: i64) -> String {
    withholding(suppression_revision, &BTreeMap::new())
}

fn withholding(suppression_revision: i64, consent: &BTreeMap<String, Vec<ConsentRule>>) -> String {
    let rules = |rules: &Vec<ConsentRule>| -> Vec<String> {
        rules.iter().map(|rule| format!("{} {}", rule.policy_id, rule.allowed)).collect()
    };
    let consent: BTreeMap<&String, Vec<String>> = consent.iter().map(|(id, of)| (id, rules(of))).collect();
    json!([suppression_revision, consent]).to_string()
}

/// Whether two texts of [`Allowed::withholding`], an earlier one and that of now, withhold the same profiles. One that
/// cannot be read is the same as none.
pub(crate) fn is_same_withholding(then: &str, now: &str) -> bool {
    earlier(then).is_some_and(|then| Some(then) == parts(now))
}

/// Whether they ask the same of profiles, whoever is suppressed.
pub(crate) fn is_same_consent(then: &str, now: &str) -> bool {
    let consent = |(_, consent)| consent;
    earlier(then).map(consent).is_some_and(|then: Value| Some(then) == parts(now).map(consent))
}

fn parts(withholding: &str) -> Option<(i64, Value)> {
    serde_json::from_str(withholding).ok()
}

/// The parts of one that was kept. A release that withheld nobody kept an empty one.
fn earlier(withholding: &str) -> Option<(i64, Value)> {
    if withholding.is_empty() { Some((0, json!({}))) } else { parts(withholding) }
}

/// Why something may not leave.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// What it violates.
    pub verdict: Verdict,
    /// What the flow violates as it is now. What was made of it earlier may be refused where it is not.
    pub now: Verdict,
    flow: Arc<Document>,
    about: Value,
}

/// What was decided.
#[derive(Clone, Debug)]
pub(crate) enum Decision {
    /// It may leave.
    Allowed(Allowed),
    /// It may not.
    Refused(Box<Refusal>),
    /// The flow is not followed any more, for this reason.
    Off(String),
}

/// Whether an allowed departure becomes a record of the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// It does.
    Yes,
    /// It does not: this is only a look, and the departure is decided later.
    No,
}

/// Decides, and holds what it was decided by until the transaction ends: nobody changes labels, policies, segments or flows
/// of the sandbox meanwhile. The transaction must not have written any of them; what else it locks, it locks afterwards.
///
/// # Errors
/// `Internal` for a policy or for labels that cannot be read; those of the store.
pub(crate) async fn decide(
    inner: &Inner,
    tx: &mut Tx,
    sandbox: &str,
    leaving: &Leaving,
    record: Record,
) -> Result<Decision, Fault> {
    let locked = tx.lock_governance(sandbox).await?;
    let rules = rules_at(&inner.known, tx, sandbox, locked.revision).await?;
    let Some(flow) = tx.find::<Flow>(sandbox, &leaving.flow_id).await? else {
        return Ok(Decision::Off("its flow was deleted".into()));
    };
    if let Some(why) = ledger::why_off(&flow) {
        return Ok(Decision::Off(why));
    }
    let judged = judge(inner, tx, sandbox, rules, &flow, leaving).await?;
    if !judged.verdict.is_allowed() {
        let Judgement { verdict, now, .. } = judged;
        return Ok(Decision::Refused(Box::new(Refusal { verdict, now, flow, about: leaving.about.clone() })));
    }
    let mut allowed = Allowed {
        seq: 0,
        revision: locked.revision,
        suppression_revision: locked.suppression_revision,
        actions: judged.facts.actions.clone(),
        consent: judged.consent,
    };
    if record == Record::Yes {
        let mut about = leaving.about.clone();
        if about.get("target").is_none() {
            set(&mut about, "target", target::told(inner, tx, &flow).await?);
        }
        allowed.seq = tell_allowed(tx, sandbox, &flow, &about, &allowed).await?;
    }
    Ok(Decision::Allowed(allowed))
}

/// Reads what a decision looks at: the rules of the sandbox, its suppression list, and the shapes of the records, which may
/// be in files. Whoever decides afterwards finds them known, and keeps nobody waiting while the governance is locked.
///
/// # Errors
/// As [`decide`].
pub(crate) async fn read_ahead(inner: &Inner, sandbox: &str, leaving: &Leaving) -> Result<(), Fault> {
    let mut reader = inner.store.read().await?;
    let now = reader.governance(sandbox).await?;
    let rules = rules_at(&inner.known, &mut reader, sandbox, now.revision).await?;
    suppressed::read(inner, &mut reader, sandbox, now.suppression_revision).await?;
    let evaluations: Vec<&str> = leaving.evaluations.iter().map(String::as_str).collect();
    Ground::over(&inner.known, &mut reader, sandbox, rules, &evaluations).await.map(drop)
}

/// Whether something may go on leaving, as it looks; where it may, what withholds profiles ([`Allowed::withholding`]).
/// Decided it is where the governance is locked.
///
/// # Errors
/// As [`decide`].
pub(crate) async fn may_go_on(
    inner: &Inner,
    reader: &mut Reader,
    flow: &Arc<Document>,
    leaving: &Leaving,
) -> Result<Option<String>, Fault> {
    let sandbox = &flow.sandbox;
    let revision = reader.governance(sandbox).await?.revision;
    let rules = rules_at(&inner.known, reader, sandbox, revision).await?;
    let suppression_revision = rules.suppression_revision;
    let judged = judge(inner, reader, sandbox, rules, flow, leaving).await?;
    Ok(judged.verdict.is_allowed().then(|| withholding(suppression_revision, &judged.consent)))
}

struct Judgement {
    facts: FlowFacts,
    verdict: Verdict,
    now: Verdict,
    consent: BTreeMap<String, Vec<ConsentRule>>,
}

async fn judge(
    inner: &Inner,
    reader: &mut Reader,
    sandbox: &str,
    rules: Arc<Rules>,
    flow: &Arc<Document>,
    leaving: &Leaving,
) -> Result<Judgement, Fault> {
    let target = match target_id(flow) {
        Some(id) => reader.find::<TargetConnection>(sandbox, id).await?,
        None => None,
    };
    let now = facts_of(&inner.known, &inner.connectors, flow, target.as_ref())
        .map_err(|problems| problems.fault(format!("read flow {}", flow.id)))?;
    let facts = now.of_earlier(leaving.segments.clone(), leaving.uses.iter().cloned(), &leaving.actions);
    let past = match leaving.evaluations.first() {
        Some(evaluation) => past_rules(reader, sandbox, &facts.segments, evaluation).await?,
        None => Vec::new(),
    };
    let evaluations: Vec<&str> = leaving.evaluations.iter().map(String::as_str).collect();
    let ground = Ground::over(&inner.known, reader, sandbox, rules, &evaluations).await?;
    let verdict = ground.judge_with(&facts, &past);
    let of_now = match verdict.is_allowed() {
        true => Verdict::default(),
        // The records of a dataset that is detached by now are not the flow's doing.
        false => Ground::with_current(&inner.known, reader, sandbox, ground.rules()).await?.judge(&now),
    };
    let consent = facts.segments.iter().map(|id| (id.clone(), ground.consent_with(&facts, id, &past)));
    let consent = consent.filter(|(_, rules)| !rules.is_empty()).collect();
    Ok(Judgement { facts, verdict, now: of_now, consent })
}

/// The governance of a revision, which nobody can change meanwhile; without a lock, that of a later one where it changed. It
/// is put together once for each revision.
pub(super) async fn rules_at(
    known: &Known,
    reader: &mut Reader,
    sandbox: &str,
    revision: i64,
) -> Result<Arc<Rules>, Fault> {
    if let Some(rules) = known.rules.get(sandbox).filter(|rules| rules.revision == revision) {
        return Ok(rules);
    }
    // Nobody, a transaction that asks included, has changed it since: what is read is what is committed.
    let rules = Arc::new(Rules::load(known, reader, sandbox).await?);
    if rules.revision == revision {
        known.rules.put(sandbox.to_owned(), Arc::clone(&rules), rules.weight_bytes());
    }
    Ok(rules)
}

async fn tell_allowed(
    tx: &mut Tx,
    sandbox: &str,
    flow: &Document,
    about: &Value,
    allowed: &Allowed,
) -> Result<i64, Fault> {
    let mut detail = about.clone();
    let mut policies: Vec<&str> = allowed.consent.values().flatten().map(|rule| rule.policy_id.as_str()).collect();
    policies.sort_unstable();
    policies.dedup();
    set(&mut detail, "flow", json!(flow.id));
    set(&mut detail, "marketingActions", json!(allowed.actions.iter().map(ToString::to_string).collect::<Vec<_>>()));
    set(&mut detail, "governanceRevision", json!(allowed.revision));
    set(&mut detail, "suppressionRevision", json!(allowed.suppression_revision));
    set(&mut detail, "consentPolicies", json!(policies));
    Ok(tx.audit(sandbox, event("exportAllowed", flow, detail)).await?)
}

fn event<'a>(action: &'a str, flow: &'a Document, detail: Value) -> AuditEvent<'a> {
    AuditEvent { action, noun: FLOW, object_id: &flow.id, object_name: &flow.name, detail }
}

impl Refusal {
    /// Writes that it was refused. Where the flow violates it as it is now, the flow is paused; answers whether.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn write(&self, tx: &mut Tx, sandbox: &str) -> Result<bool, Fault> {
        let mut detail = self.about.clone();
        set(&mut detail, "flow", json!(self.flow.id));
        for (member, value) in told(&self.verdict).as_object().into_iter().flatten() {
            set(&mut detail, member, value.clone());
        }
        tx.audit(sandbox, event("exportRefused", &self.flow, detail)).await?;
        metrics::counter!("outflow_exports_refused_total").increment(1);
        if self.now.is_allowed() {
            return Ok(false);
        }
        Ok(pause(tx, sandbox, &self.flow.id, &self.now, ledger::SERVER).await?)
    }

    /// The version of the flow that it was decided for.
    pub fn flow_version(&self) -> i64 {
        self.flow.version
    }

    /// It as a fault.
    pub fn fault(&self) -> Fault {
        let hint = match self.now.is_allowed() {
            true => "the flow as it is now may export: evaluate its segments, then run it anew",
            false => "the flow is paused; resolve what it violates, then enable it",
        };
        Fault::new(FaultClass::Refused, format!("the export may not leave: it {}", reason(&self.verdict)))
            .tried(format!("export flow {}", self.flow.id))
            .hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_withholds_is_the_same_where_it_can_be_read_and_is() {
        for (then, now, is_same, is_same_consent) in [
            ("", "[0,{}]", true, true),
            ("", "[1,{}]", false, true),
            ("", r#"[0,{"s":["p a"]}]"#, false, false),
            (r#"[3,{"s":["p a"]}]"#, r#"[3,{"s":["p a"]}]"#, true, true),
            (r#"[3,{"s":["p a"]}]"#, r#"[4,{"s":["p a"]}]"#, false, true),
            (r#"[3,{"s":["p a"]}]"#, r#"[3,{"s":["p b"]}]"#, false, false),
            // Neither what was kept nor what is so now is a guess.
            ("x", "[0,{}]", false, false),
            ("x", "x", false, false),
            ("[0,{}]", "", false, false),
            ("", "", false, false),
        ] {
            let came_to = (is_same_withholding(then, now), super::is_same_consent(then, now));
            assert_eq!(came_to, (is_same, is_same_consent), "{then} {now}");
        }
    }
}
