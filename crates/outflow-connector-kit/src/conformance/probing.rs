//! A probe tells good accounts from bad ones and leaves nothing behind.

use std::sync::Arc;

use outflow_model::FaultClass;

use super::{TestBed, TestJournal, context, must_fail, session};
use crate::probe::StepOutcome;
use crate::retry::RetryPolicy;

pub(super) async fn probe_passes_and_leaves_nothing(bed: &dyn TestBed) {
    let journal = Arc::new(TestJournal::default());
    let context = context(bed, 30, journal.clone());
    let report = bed.connector().probe(&bed.account(), &bed.target(), &context).await;
    assert_eq!(report.failure(), None, "{report:#?}");
    assert!(report.steps.len() >= 3, "a probe of {} steps tries too little", report.steps.len());
    assert_eq!(journal.open_entries(), 0, "a probe leaves journal entries open");
    assert_eq!(bed.leftovers().await, Vec::<String>::new(), "a probe leaves something behind");
    let (session, journal) = session(bed).await;
    assert_eq!(super::must("listing", session.list("").await), [], "a probe leaves something visible");
    super::finish(bed, session, &journal).await;
}

pub(super) async fn broken_credentials_make_the_probe_fail(bed: &dyn TestBed) {
    let Some(broken) = bed.broken_account() else { return };
    let mut context = context(bed, 31, Arc::new(TestJournal::default()));
    context.retry = RetryPolicy::none();
    let report = bed.connector().probe(&broken, &bed.target(), &context).await;
    assert_eq!(report.failure(), Some(FaultClass::Credentials), "{report:#?}");
    let Some(StepOutcome::Failed { message, hint, .. }) = report.steps.last().map(|step| &step.outcome) else {
        panic!("the failed step is not the last: {report:#?}");
    };
    assert!(!message.is_empty() && !hint.is_empty(), "{report:#?}");
    let fault =
        must_fail("opening with broken credentials", bed.connector().open(&broken, &bed.target(), context).await);
    assert_eq!(fault.class, FaultClass::Credentials, "{fault}");
}
