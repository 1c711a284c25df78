//! What changed about a profile since the far end was told of it.

use super::super::outbox::SetCounts;
use super::super::told::{EXIT_REFUSED, ToldRow};
use super::Triggers;

/// A profile as it is.
#[derive(Clone, Copy)]
pub(super) struct Now<'a> {
    /// Fingerprints of its attributes and its identities.
    pub attributes: u128,
    pub identities: u128,
    /// The time of its newest record, in microseconds since 1970.
    pub time: Option<i64>,
    /// The mapped segments that it is in, in ascending order, and since when.
    pub memberships: &'a [(u32, i64)],
}

/// Why there is a message; each that applies and is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reasons {
    pub entered: bool,
    pub left: bool,
    pub attributes: bool,
    pub identities: bool,
    pub rewritten: bool,
    /// Nothing of that, but it is to be sent.
    pub resent: bool,
}

impl Reasons {
    /// The reasons to tell of a profile. Who was not told of before has entered, and nothing else. Who is nowhere, and
    /// whose leaving the target refused, has none of its own.
    pub fn of(told: Option<&ToldRow<'_>>, now: Now<'_>, triggers: Triggers, is_due: bool) -> Reasons {
        let before = told.map_or(&[][..], |told| told.memberships);
        let is_left = |segment: u32| now.memberships.iter().all(|(other, _)| *other != segment);
        let has_left = before.iter().any(|(segment, since)| *since != EXIT_REFUSED && is_left(*segment));
        let has_entered = now.memberships.iter().any(|membership| !before.contains(membership));
        let (mut attributes, mut identities, mut rewritten) = (false, false, false);
        if let Some(told) = told.filter(|_| has_left || !now.memberships.is_empty()) {
            attributes = told.attributes != now.attributes;
            identities = told.identities != now.identities;
            rewritten = !attributes && !identities && now.time > told.time;
        }
        let mut reasons = Reasons {
            entered: has_entered && triggers.segmentation,
            left: has_left && triggers.segmentation,
            attributes: attributes && triggers.attributes,
            identities: identities && triggers.identities,
            rewritten: rewritten && triggers.rewrites,
            resent: false,
        };
        reasons.resent = is_due && !reasons.is_any();
        reasons
    }

    /// Whether there is a reason.
    pub fn is_any(self) -> bool {
        self != Reasons::default()
    }

    /// Counts them.
    pub fn count(self, counts: &mut SetCounts) {
        counts.entered += u64::from(self.entered);
        counts.left += u64::from(self.left);
        counts.attributes += u64::from(self.attributes);
        counts.identities += u64::from(self.identities);
        counts.rewrites += u64::from(self.rewritten);
        counts.resent += u64::from(self.resent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Triggers = Triggers { segmentation: true, attributes: true, identities: true, rewrites: true };
    const NONE: Triggers = Triggers { segmentation: false, attributes: false, identities: false, rewrites: false };

    fn told<'a>(memberships: &'a [(u32, i64)]) -> ToldRow<'a> {
        ToldRow { hash: 0, id: "", attributes: 1, identities: 2, time: Some(3), memberships, due: false, last: None }
    }

    fn now<'a>(memberships: &'a [(u32, i64)]) -> Now<'a> {
        Now { attributes: 1, identities: 2, time: Some(3), memberships }
    }

    #[test]
    fn each_change_is_a_reason_if_it_is_looked_for() {
        let none = Reasons::default();
        let before = told(&[(0, 5), (2, 6)]);
        let same = now(&[(0, 5), (2, 6)]);
        let changed = Now { attributes: 8, identities: 9, ..same };
        let rewritten = Now { time: Some(4), ..same };
        let cases = [
            (Some(&before), same, none),
            (Some(&before), now(&[(0, 5)]), Reasons { left: true, ..none }),
            (Some(&before), now(&[]), Reasons { left: true, ..none }),
            (Some(&before), now(&[(0, 5), (1, 9), (2, 6)]), Reasons { entered: true, ..none }),
            // Left and came back.
            (Some(&before), now(&[(0, 7), (2, 6)]), Reasons { entered: true, ..none }),
            (Some(&before), now(&[(0, 5), (3, 6)]), Reasons { entered: true, left: true, ..none }),
            (Some(&before), changed, Reasons { attributes: true, identities: true, ..none }),
            (Some(&before), Now { time: Some(4), ..changed }, Reasons { attributes: true, identities: true, ..none }),
            (Some(&before), rewritten, Reasons { rewritten: true, ..none }),
            (Some(&before), Now { time: Some(2), ..same }, none),
            (Some(&before), Now { time: None, ..same }, none),
            (None, same, Reasons { entered: true, ..none }),
        ];
        for (number, (told, now, expected)) in cases.into_iter().enumerate() {
            assert_eq!(Reasons::of(told, now, ALL, false), expected, "case {number}");
            assert_eq!(Reasons::of(told, now, NONE, false), none, "case {number}");
            let due = Reasons::of(told, now, NONE, true);
            assert_eq!(due, Reasons { resent: true, ..none });
            let both = Reasons::of(told, now, ALL, true);
            assert!(both.is_any() && (both == expected || both.resent));
        }
        let without_time = ToldRow { time: None, ..before };
        assert!(Reasons::of(Some(&without_time), same, ALL, false).rewritten);
    }

    #[test]
    fn leaving_that_was_refused_is_no_reason_again() {
        let none = Reasons::default();
        let before = told(&[(0, EXIT_REFUSED), (2, 6)]);
        let nowhere = told(&[(0, EXIT_REFUSED)]);
        let changed = Now { attributes: 8, identities: 9, time: Some(7), memberships: &[] };
        let cases = [
            (&before, now(&[(2, 6)]), none),
            (&before, now(&[]), Reasons { left: true, ..none }),
            (&before, now(&[(0, 9), (2, 6)]), Reasons { entered: true, ..none }),
            (&nowhere, changed, none),
            (&nowhere, now(&[(0, 9)]), Reasons { entered: true, ..none }),
        ];
        for (number, (told, now, expected)) in cases.into_iter().enumerate() {
            assert_eq!(Reasons::of(Some(told), now, ALL, false), expected, "case {number}");
        }
        assert_eq!(Reasons::of(Some(&nowhere), changed, ALL, true), Reasons { resent: true, ..none });
    }

    #[test]
    fn reasons_are_counted_each() {
        let mut counts = SetCounts::default();
        Reasons { entered: true, left: true, ..Reasons::default() }.count(&mut counts);
        Reasons { entered: true, rewritten: true, ..Reasons::default() }.count(&mut counts);
        assert_eq!(counts, SetCounts { entered: 2, left: 1, rewrites: 1, ..SetCounts::default() });
    }
}
