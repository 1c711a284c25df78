//! What a store turned out not to do, learned from its refusals, so that each is met once.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use super::errors::Failure;

/// What this store turned out not to do.
#[derive(Debug, Default)]
pub(super) struct Learned {
    /// It refuses checksum headers.
    no_checksums: AtomicBool,
    /// It refuses `If-None-Match: *` on writes.
    no_conditions: AtomicBool,
    /// What it makes of payloads that are not signed: one of the three below.
    unsigned: AtomicU8,
    /// Its entity tags are the MD5 of the content: one was seen.
    pub md5_etags: AtomicBool,
}

const UNSIGNED_UNTRIED: u8 = 0;
const UNSIGNED_TAKEN: u8 = 1;
const UNSIGNED_REFUSED: u8 = 2;

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

    /// Whether payloads may go unsigned: no policy of this store is known to refuse them.
    pub(super) fn takes_unsigned(&self) -> bool {
        self.unsigned.load(Ordering::Relaxed) != UNSIGNED_REFUSED
    }

    /// Whether `failure`, of a request whose payload went unsigned, may be over within a signature: a policy that asks for
    /// one (`s3:x-amz-content-sha256`) is answered like a right that is missing. Once such a payload was taken, it is not.
    pub(super) fn may_want_signature(&self, failure: &Failure) -> bool {
        let is_denied = failure.status == 403 && matches!(failure.code.as_str(), "AccessDenied" | "Forbidden" | "");
        let is_named = matches!(failure.status, 400 | 403 | 501)
            && ["content-sha256", "unsigned", "contentsha256"].iter().any(|word| says(failure, word));
        self.unsigned.load(Ordering::Relaxed) != UNSIGNED_TAKEN && (is_denied || is_named)
    }

    /// Notes that a payload was taken, unsigned or only with its signature.
    pub(super) fn took(&self, unsigned: bool) {
        let found = if unsigned { UNSIGNED_TAKEN } else { UNSIGNED_REFUSED };
        // The first finding stands: requests that are under way at once may differ.
        let _ = self.unsigned.compare_exchange(UNSIGNED_UNTRIED, found, Ordering::Relaxed, Ordering::Relaxed);
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
    fn a_payload_is_signed_where_that_may_be_what_is_asked_for() {
        let denied = failure(403, "AccessDenied", "Access Denied");
        let named = failure(400, "InvalidRequest", "x-amz-content-sha256 must not be UNSIGNED-PAYLOAD");
        let learned = Learned::default();
        assert!(learned.takes_unsigned() && learned.may_want_signature(&denied) && learned.may_want_signature(&named));
        for (status, code) in [(403, "SignatureDoesNotMatch"), (403, "InvalidAccessKeyId"), (404, "NoSuchBucket")] {
            assert!(!learned.may_want_signature(&failure(status, code, "no")), "{code}");
        }
        assert!(!learned.may_want_signature(&failure(503, "SlowDown", "unsigned")));
        learned.took(false);
        assert!(!learned.takes_unsigned());
        let learned = Learned::default();
        learned.took(true);
        assert!(learned.takes_unsigned() && !learned.may_want_signature(&denied));
    }

    #[test]
    fn damage_and_other_failures_refuse_nothing() {
        for code in ["BadDigest", "XAmzContentChecksumMismatch", "InvalidDigest"] {
            assert_eq!(left(&failure(400, code, "the checksum did not match")), []);
        }
        assert_eq!(left(&failure(403, "AccessDenied", "checksum")), []);
    }
}
