//! Who is withheld from what a flow exports.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use outflow_governance::consent::ConsentRule;
use outflow_model::Fault;
use outflow_model::balance::ExclusionReason;
use outflow_model::rule::{BoundRule, Expr, ExprKind, Literal, bind};
use outflow_model::schema::Schema;
use outflow_profiles::membership::{Evaluation, Exclusion, ExclusionRule};
use outflow_profiles::snapshot::IdentityKeys;
use outflow_store::Tx;

use super::Allowed;
use super::suppressed::{read, suppressed};
use crate::context::Inner;

/// Who is withheld, as it was when it was looked whether something may leave.
#[derive(Clone, Debug)]
pub(crate) struct Withholding {
    consent: BTreeMap<String, Vec<ConsentRule>>,
    suppressed: Arc<IdentityKeys>,
}

impl Withholding {
    /// What `consent` asks of the profiles of segments, and who is suppressed.
    pub(super) fn new(consent: BTreeMap<String, Vec<ConsentRule>>, suppressed: Arc<IdentityKeys>) -> Withholding {
        Withholding { consent, suppressed }
    }

    /// What was `allowed` withholds. `None` where the suppression list is another one by now.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn of(inner: &Inner, sandbox: &str, allowed: &Allowed) -> Result<Option<Withholding>, Fault> {
        let suppressed = suppressed(inner, sandbox, allowed.suppression_revision).await?;
        Ok(suppressed.map(|suppressed| Withholding { consent: allowed.consent.clone(), suppressed }))
    }

    /// The same in a transaction that has the governance locked, as it was when it was decided.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn within(
        inner: &Inner,
        tx: &mut Tx,
        sandbox: &str,
        allowed: &Allowed,
    ) -> Result<Option<Withholding>, Fault> {
        let suppressed = read(inner, tx, sandbox, allowed.suppression_revision).await?;
        Ok(suppressed.map(|suppressed| Withholding { consent: allowed.consent.clone(), suppressed }))
    }

    /// Who is on the suppression list, whatever consent policies ask.
    pub fn suppressed_alone(self) -> Withholding {
        Withholding { consent: BTreeMap::new(), ..self }
    }

    /// Who is withheld from `segments` of an evaluation. Those on the suppression list come first: whoever is on it counts
    /// as such. Where profiles do not have an attribute that a policy asks for, nobody has agreed.
    pub fn exclusions(&self, segments: &[String], evaluation: &Evaluation) -> Vec<Exclusion> {
        self.exclusions_over(segments, &evaluation.snapshot.schema, evaluation.time)
    }

    /// The same of profiles of a schema, at a time.
    pub fn exclusions_over(&self, segments: &[String], schema: &Schema, time: DateTime<Utc>) -> Vec<Exclusion> {
        let mut exclusions = Vec::new();
        if !self.suppressed.is_empty() {
            exclusions.push(Exclusion {
                reason: ExclusionReason::Suppressed,
                policy: None,
                segments: segments.to_vec(),
                rule: ExclusionRule::Identities(Arc::clone(&self.suppressed)),
            });
        }
        let first = exclusions.len();
        for (segment, rule) in self.asked(segments) {
            let policy = Some(&rule.policy_id);
            if let Some(known) = exclusions[first..].iter_mut().find(|of| of.policy.as_ref() == policy) {
                known.segments.push(segment.clone());
                continue;
            }
            exclusions.push(Exclusion {
                reason: ExclusionReason::NoConsent,
                policy: policy.cloned(),
                segments: vec![segment.clone()],
                rule: ExclusionRule::Where(excluded(rule, schema, time)),
            });
        }
        exclusions
    }

    fn asked<'a>(&'a self, segments: &'a [String]) -> impl Iterator<Item = (&'a String, &'a ConsentRule)> {
        let of = |segment: &'a String| self.consent.get(segment).into_iter().flatten().map(move |rule| (segment, rule));
        segments.iter().flat_map(of)
    }
}

fn excluded(rule: &ConsentRule, schema: &Schema, time: DateTime<Utc>) -> BoundRule {
    bind(&rule.excluded, schema, time).unwrap_or_else(|errors| {
        tracing::warn!(policy = %rule.policy_id, %errors, "profiles cannot be asked what a consent policy asks; all are withheld");
        BoundRule { expr: Expr::new(ExprKind::Literal(Literal::Boolean(true)), 0..0) }
    })
}
