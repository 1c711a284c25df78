//! Data governance: what data may be used for what.
//!
//! Labels say what is special about a dataset or a field of it. Marketing actions say what a flow's data will be used for.
//! Policies deny actions where labels meet. [`judge`] puts the three together: which policies a flow violates, why, the way
//! of the data that leads there, and what would resolve it. Consent policies forbid nothing; they leave out the profiles
//! that have not agreed.
//!
//! This crate is pure, as the model is. Who calls it brings the facts (labels, policies, the flow, the rules of its
//! segments) and stores what it says.

pub mod action;
pub mod consent;
pub mod expression;
pub mod judge;
pub mod label;
pub mod labels;
pub mod policy;
pub mod suggest;
pub mod usage;

pub use action::MarketingActionDefinition;
pub use consent::ConsentPolicy;
pub use expression::{PolicyExpression, Tree};
pub use judge::{Breach, Facts, Verdict, Violation, judge};
pub use label::{Label, LabelDefinition};
pub use labels::{DatasetLabels, LabelledDataset, SchemaPath};
pub use policy::{Policy, PolicyStatus};
