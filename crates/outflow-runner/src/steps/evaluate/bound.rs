//! A segment's rule, bound to the profiles' fields and to the evaluation's clock.

use chrono::{DateTime, Utc};
use outflow_model::rule::BoundRule;
use outflow_model::schema::Schema;
use outflow_model::segment::SegmentDefinition;
use outflow_store::Document;

/// Binds a segment's rule; answers what is wrong with it otherwise.
pub(super) fn rule(segment: &Document, schema: &Schema, time: DateTime<Utc>) -> Result<BoundRule, String> {
    SegmentDefinition::parse(&segment.body)
        .and_then(|definition| definition.expression.bind(schema, time))
        .map_err(|problems| problems.to_string())
}
