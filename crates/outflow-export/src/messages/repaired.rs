//! Letters that a later message has repaired: a message is the whole state of its profile, so once one is accepted, what an
//! earlier one that was refused would have said is known to the far end.

use std::collections::BTreeMap;

use outflow_model::Fault;
use roaring::RoaringTreemap;

use super::acks::Acks;
use super::outbox::OpenSet;
use super::told::fingerprint;

/// Letters that are looked up at once, 32 bytes each. With more of them the set is read again.
const AT_ONCE: usize = 262_144;

/// Messages between which is asked whether the work goes on.
const CHECKED_MESSAGES: usize = 4_096;

/// Looks letters of earlier sets up in a set. It is read once for each quarter million of them, and never without one.
pub struct Repairs<'a> {
    set: &'a OpenSet,
    acks: &'a Acks,
    check: &'a dyn Fn() -> Result<(), Fault>,
    at_once: usize,
    /// Fingerprint of the profile's id, the letter's folder, its number there.
    asked: Vec<(u128, u64, u64)>,
    found: BTreeMap<u64, RoaringTreemap>,
}

impl<'a> Repairs<'a> {
    /// Looks in `set`, of which `acks` say what was accepted. `check` is asked now and then whether this goes on.
    pub fn new(set: &'a OpenSet, acks: &'a Acks, check: &'a dyn Fn() -> Result<(), Fault>) -> Repairs<'a> {
        Repairs { set, acks, check, at_once: AT_ONCE, asked: Vec::new(), found: BTreeMap::new() }
    }

    /// Takes a letter: whose it is, the number of its folder, and its number there.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn ask(&mut self, profile_id: &str, folder: u64, number: u64) -> Result<(), Fault> {
        self.asked.push((fingerprint(profile_id.as_bytes()), folder, number));
        if self.asked.len() >= self.at_once { self.look() } else { Ok(()) }
    }

    /// The letters that are repaired: numbers by folder.
    ///
    /// # Errors
    /// `Input` for a set that is damaged or not there; what `check` answers.
    pub fn finish(mut self) -> Result<BTreeMap<u64, RoaringTreemap>, Fault> {
        self.look()?;
        Ok(self.found)
    }

    fn look(&mut self) -> Result<(), Fault> {
        let accepted = self.acks.accepted();
        let (Some(first), Some(last), false) = (accepted.min(), accepted.max(), self.asked.is_empty()) else {
            self.asked.clear();
            return Ok(());
        };
        self.asked.sort_unstable();
        for (count, message) in self.set.reader(first).enumerate() {
            if count % CHECKED_MESSAGES == 0 {
                (self.check)()?;
            }
            let (number, message) = message?;
            if number > last {
                break;
            }
            if !accepted.contains(number) {
                continue;
            }
            let profile = fingerprint(&message.key);
            let from = self.asked.partition_point(|(other, ..)| *other < profile);
            for (_, folder, letter) in self.asked[from..].iter().take_while(|(other, ..)| *other == profile) {
                self.found.entry(*folder).or_default().insert(*letter);
            }
        }
        self.asked.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::outbox::{SetCounts, SetWriter};
    use super::*;

    /// Messages about `p0` to `p99`, of which the even ones were accepted and the others refused.
    fn set(folder: &std::path::Path) -> (OpenSet, Acks) {
        let mut parts = Vec::new();
        for part in 0..4_u32 {
            let mut writer = SetWriter::create(folder, part);
            for order in 0..25 {
                let key = format!("p{}", part * 25 + order);
                writer.add(i64::from(order), &key, &[b'0'; 32], b"{}").unwrap();
            }
            parts.extend(writer.finish().unwrap());
        }
        let counts = SetCounts::default();
        let set = OpenSet { folder: folder.into(), sequence: 1, run_id: "r".into(), messages: 100, parts, counts };
        let mut acks = Acks::open(folder).unwrap();
        for number in 0..100 {
            if number % 2 == 0 { acks.accept(number, 1).unwrap() } else { acks.refuse(number) }
        }
        (set, acks)
    }

    #[test]
    fn letters_of_profiles_with_a_later_accepted_message_are_found_however_many_are_looked_up_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let (set, acks) = set(dir.path());
        let go_on = || Ok(());
        for at_once in [1, 7, 1_000] {
            let mut repairs = Repairs { at_once, ..Repairs::new(&set, &acks, &go_on) };
            // One profile has letters in both folders, one was refused again, one is not told of at all.
            for (profile, folder, number) in [("p4", 1, 0), ("p4", 2, 9), ("p7", 2, 3), ("p98", 2, 4), ("x", 1, 5)] {
                repairs.ask(profile, folder, number).unwrap();
            }
            let found = repairs.finish().unwrap();
            let found: Vec<(u64, Vec<u64>)> =
                found.into_iter().map(|(of, numbers)| (of, numbers.iter().collect())).collect();
            assert_eq!(found, [(1, vec![0]), (2, vec![4, 9])], "{at_once}");
        }
    }

    #[test]
    fn without_letters_nothing_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let (set, acks) = set(dir.path());
        std::fs::remove_file(dir.path().join("0000.set")).unwrap();
        let go_on = || Ok(());
        assert!(Repairs::new(&set, &acks, &go_on).finish().unwrap().is_empty());
        let mut repairs = Repairs::new(&set, &acks, &go_on);
        repairs.ask("p4", 1, 0).unwrap();
        assert_eq!(repairs.finish().unwrap_err().class, outflow_model::FaultClass::Input);
    }
}
