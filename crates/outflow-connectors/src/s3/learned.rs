//! What a store turned out not to do, learned from its refusals, so that each is met once.

use std::sync::atomic::{AtomicBool, Ordering};

use super::errors::Failure;

/// What this store turned out not to do.
#[derive(Debug, Default)]
pub(super) struct Learned {
    /// It refuses checksum headers.
    no_checksums: AtomicBool,
    /// It refuses `If-None-Match: *` on writes.
    no_conditions: AtomicBool,
    /// Its entity tags are the MD5 of the content: one was seen.
    pub md5_etags: AtomicBool,
}

/// What a request asks for that some stores do not offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extras {
    pub checksum: bool,
    pub condition: bool,
    /// The condition was left out for this very request, because a refusal did not say what it was about.
    condition_suspected: bool,
}

impl Learned {
    /// Of what a request would ask for, what this store is not known to refuse.
    pub(super) fn extras(&self, checksum: bool, condition: bool) -> Extras {
        Extras {
            checksum: checksum && self.has_checksums(),
            condition: condition && self.has_conditions(),
            condition_suspected: false,
        }
    }

    /// Whether checksum headers are not known to be refused.
    pub(super) fn has_checksums(&self) -> bool {
        !self.no_checksums.load(Ordering::Relaxed)
    }

    /// Whether conditions of writes are not known to be refused.
    pub(super) fn has_conditions(&self) -> bool {
        !self.no_conditions.load(Ordering::Relaxed)
    }

    /// Whether `failure` refuses one of `extras`: it is noted, and the request is to be sent again with what is left.
    ///
    /// A refusal that names nothing is put down to the condition first. Where that does not help it was the checksum, and
    /// the condition is asked for again; at last both are left out.
    pub(super) fn refused(&self, failure: &Failure, extras: &mut Extras) -> bool {
        let was = *extras;
        if was.checksum && names_checksums(failure) {
            extras.checksum = false;
        } else if was.condition && names_conditions(failure) {
            extras.condition = false;
        } else if !is_not_implemented(failure) {
            return false;
        } else if was.condition {
            *extras = Extras { condition: false, condition_suspected: was.checksum, ..was };
        } else if was.checksum {
            *extras = Extras { checksum: false, condition: was.condition_suspected, condition_suspected: false };
        } else {
            return false;
        }
        if was.checksum != extras.checksum {
            self.no_checksums.store(true, Ordering::Relaxed);
        }
        if was.condition != extras.condition {
            self.no_conditions.store(!extras.condition, Ordering::Relaxed);
        }
        true
    }
}

/// Damage is told with the same words and is no refusal of checksums.
fn names_checksums(failure: &Failure) -> bool {
    matches!(failure.status, 400 | 501) && !failure.is_damage() && says(failure, "checksum")
}

fn names_conditions(failure: &Failure) -> bool {
    is_not_implemented(failure) && says(failure, "if-none-match")
}

fn is_not_implemented(failure: &Failure) -> bool {
    failure.status == 501 || failure.code == "NotImplemented"
}

fn says(failure: &Failure, word: &str) -> bool {
    failure.fault.message.to_ascii_lowercase().contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use outflow_connector_kit::{Fault, FaultClass};

    fn failure(status: u16, code: &str, message: &str) -> Failure {
        Failure { status, code: code.into(), ..Failure::local(Fault::new(FaultClass::Config, message)) }
    }

    /// What is left of a write's extras after each refusal, until nothing is left to leave out.
    fn left(failure: &Failure) -> Vec<(bool, bool)> {
        let learned = Learned::default();
        let mut extras = learned.extras(true, true);
        let mut steps = Vec::new();
        while learned.refused(failure, &mut extras) {
            steps.push((extras.checksum, extras.condition));
            assert_eq!((learned.has_checksums(), learned.has_conditions()), (extras.checksum, extras.condition));
        }
        steps
    }

    #[test]
    fn what_a_refusal_names_is_left_out() {
        assert_eq!(left(&failure(400, "InvalidRequest", "Unsupported checksum header")), [(false, true)]);
        assert_eq!(
            left(&failure(501, "NotImplemented", "the store does not know the header If-None-Match"))[0],
            (true, false)
        );
    }

    #[test]
    fn a_bare_refusal_is_tried_with_either_left_out_and_then_with_both() {
        assert_eq!(left(&failure(501, "", "")), [(true, false), (false, true), (false, false)]);
    }

    #[test]
    fn damage_and_other_failures_refuse_nothing() {
        for code in ["BadDigest", "XAmzContentChecksumMismatch", "InvalidDigest"] {
            assert_eq!(left(&failure(400, code, "the checksum did not match")), []);
        }
        assert_eq!(left(&failure(403, "AccessDenied", "checksum")), []);
    }
}
