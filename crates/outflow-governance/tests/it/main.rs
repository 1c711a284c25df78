//! Conditions of policies against an evaluator in Python that shares no code with ours. Run through `make test`.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the right answer to what should not fail")]

mod truth;
