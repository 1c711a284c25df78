//! What is last known of profiles that vanished from the data.

use std::borrow::Cow;
use std::ops::Range;

use arrow::array::Array;
use outflow_model::Fault;
use outflow_profiles::membership::{ExclusionRule, Picked, Picker, ProfileKeys};
use outflow_profiles::snapshot::Snapshot;

use super::super::concerned::has_any;
use super::super::encode::Encoder;
use super::super::shape::MessageShape;
use crate::encode::write_string;

/// Vanished profiles looked up at once: a page or two of values.
pub(super) const LOOKED_UP_MAX: usize = 2_048;

/// The last known attributes and identities of some profiles, as messages have them.
pub(super) struct LastKnown<'a> {
    picker: Option<Picker<'a>>,
    encoder: Encoder<'a>,
    fragments: Vec<u8>,
    /// For each profile found, its number, its attributes and its identities.
    found: Vec<(u32, Range<usize>, Range<usize>)>,
}

impl<'a> LastKnown<'a> {
    /// What `over` knows; nothing but identities of those that are `withheld`.
    pub fn new(
        over: Option<&'a Snapshot>,
        shape: &'a MessageShape,
        withheld: &'a [ExclusionRule],
    ) -> Result<LastKnown<'a>, Fault> {
        let picker = over.map(|snapshot| snapshot.picker(shape.columns())?.withholding(withheld)).transpose()?;
        Ok(LastKnown { picker, encoder: Encoder::new(shape), fragments: Vec::new(), found: Vec::new() })
    }

    /// Looks up profiles by their numbers in `keys`, which rise.
    pub fn look_up(
        &mut self,
        keys: &ProfileKeys,
        wanted: &[u32],
        check: &dyn Fn() -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.fragments.clear();
        self.found.clear();
        let Some(picker) = self.picker.as_mut().filter(|_| !wanted.is_empty()) else { return Ok(()) };
        for Picked { known, columns, withheld } in picker.pick(keys, wanted, check)? {
            // A snapshot whose identities have another form tells nothing of them.
            if columns.last().is_some_and(|identities| identities.as_any().is::<arrow::array::NullArray>()) {
                continue;
            }
            self.encoder.batch(&columns)?;
            for (row, number) in known.into_iter().enumerate() {
                let begin = self.fragments.len();
                if !withheld[row] {
                    self.encoder.attributes(row, &mut self.fragments)?;
                }
                let middle = self.fragments.len();
                self.encoder.identities(row, &mut self.fragments)?;
                self.found.push((number, begin..middle, middle..self.fragments.len()));
            }
        }
        Ok(())
    }

    /// Attributes and identities of profile number `number`, if it was found.
    pub fn of(&self, number: u32) -> Option<(&[u8], &[u8])> {
        let at = self.found.binary_search_by_key(&number, |(found, ..)| *found).ok()?;
        let (_, attributes, identities) = &self.found[at];
        Some((&self.fragments[attributes.clone()], &self.fragments[identities.clone()]))
    }
}

/// Whether a profile is withheld of which nothing is known any more but what was kept to be told: its `identities` as
/// messages have them. What it agreed to cannot be asked any more.
pub(super) fn is_withheld(rules: &[ExclusionRule], identities: &[u8]) -> bool {
    rules.iter().any(|rule| match rule {
        ExclusionRule::Where(_) => true,
        ExclusionRule::Identities(keys) => has_any(keys, identities),
    })
}

/// The identities of which nothing but the profile id is known, `namespace:value`.
pub(super) fn of_id(id: &str) -> Cow<'static, [u8]> {
    let Some((namespace, value)) = id.split_once(':') else { return Cow::Borrowed(b"{}") };
    let mut identities = vec![b'{'];
    write_string(namespace, &mut identities);
    identities.extend_from_slice(b":[{\"id\":");
    write_string(value, &mut identities);
    identities.extend_from_slice(b"}]}");
    Cow::Owned(identities)
}

#[cfg(test)]
mod tests {
    use outflow_profiles::snapshot::{IdentityKeys, identity_key};

    use super::*;

    #[test]
    fn what_was_kept_is_looked_at_by_its_identities() {
        let keys = IdentityKeys::new(vec![identity_key("Email", "a\"b")]);
        let rules = [ExclusionRule::Identities(std::sync::Arc::new(keys))];
        assert!(is_withheld(&rules, br#"{"CRM":[{"id":"1"}],"Email":[{"id":"x"},{"id":"a\"b"}]}"#));
        assert!(!is_withheld(&rules, br#"{"CRM":[{"id":"a\"b"}],"Email":[{"id":null}]}"#));
        assert!(is_withheld(&rules, b"{") && !is_withheld(&[], b"{"));
    }

    #[test]
    fn an_id_is_an_identity() {
        assert_eq!(of_id("Email:a\"b:c").as_ref(), b"{\"Email\":[{\"id\":\"a\\\"b:c\"}]}");
        assert_eq!(of_id("none").as_ref(), b"{}");
    }
}
