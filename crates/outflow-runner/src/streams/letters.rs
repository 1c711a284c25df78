//! Messages that targets refused for good: listed, and chosen to be told anew.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use outflow_export::messages::{Acks, Letter, LetterPlace, OpenSet, Repairs, read_letters, visit_letters};
use outflow_model::{Fault, FaultClass};
use outflow_profiles::membership::ProfileKeys;
use outflow_profiles::snapshot::hash_of;
use serde::{Deserialize, Serialize};

use super::{Folders, LetterFolder, Numbers, StreamState};

/// Letters that are read at once.
const AT_ONCE: usize = 1_000;

/// Letters whose profiles one derivation tells anew: they are held in memory.
const REDELIVERED_AT_ONCE: u64 = 100_000;

/// A message that a target refused for good.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FlowLetter {
    /// Its event id.
    pub event_id: String,
    /// Its sequence.
    pub sequence: u64,
    /// The run that it is of.
    pub run_id: String,
    /// The profile that it is about.
    pub profile_id: String,
    /// The fault's class.
    pub class: FaultClass,
    /// What the target said.
    pub message: String,
    /// Bytes of its body.
    pub bytes: u64,
    /// When it was refused.
    pub at: DateTime<Utc>,
}

/// Some of a flow's letters.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LetterPage {
    /// They, oldest set first.
    pub letters: Vec<FlowLetter>,
    /// Where to go on; `None` at the end.
    pub next: Option<String>,
    /// How many letters the flow has.
    pub total: u64,
}

/// Where a page begins: a folder's number, and the place among its letters.
type Place = (u64, LetterPlace);

fn place_of(text: &str) -> Option<Place> {
    let mut numbers = text.split('.').map(|number| number.parse().ok());
    let mut next = || numbers.next().flatten();
    let place = (next()?, LetterPlace { byte: next()?, passed: next()? });
    numbers.next().is_none().then_some(place)
}

/// Up to `limit` letters from `start`, a page's `next`. `None` for a start that no page gave.
///
/// # Errors
/// `Input` for a file that is damaged or not on this server's disk.
pub(crate) fn page(
    folders: &Folders,
    state: &StreamState,
    start: Option<&str>,
    limit: usize,
) -> Result<Option<LetterPage>, Fault> {
    let Some(start) = start.map_or(Some(Place::default()), place_of) else { return Ok(None) };
    let total = state.kept_letters();
    let mut letters = Vec::new();
    for of in state.letters.iter().filter(|of| of.folder >= start.0) {
        let mut place = Some(if of.folder == start.0 { start.1 } else { LetterPlace::default() });
        while let Some(from) = place {
            // What is left over tells where the next page begins.
            if letters.len() >= limit {
                let next = format!("{}.{}.{}", of.folder, from.byte, from.passed);
                return Ok(Some(LetterPage { letters, next: Some(next), total }));
            }
            let (read, next) = read_letters(&folders.set(of.folder), from, (limit - letters.len()).min(AT_ONCE))?;
            place = next;
            let kept = read.into_iter().filter(|letter| !of.redelivered.contains(letter.number));
            letters.extend(kept.map(|letter| shown(of, letter)));
        }
    }
    Ok(Some(LetterPage { letters, next: None, total }))
}

fn shown(of: &LetterFolder, letter: Letter) -> FlowLetter {
    FlowLetter {
        event_id: letter.event_id,
        sequence: of.sequence,
        run_id: of.run_id.clone(),
        profile_id: letter.profile_id,
        class: letter.class,
        message: letter.message,
        bytes: letter.bytes,
        at: letter.at,
    }
}

/// Calls `each` with every letter of a folder that was not told anew.
fn for_each(folders: &Folders, of: &LetterFolder, mut each: impl FnMut(Letter)) -> Result<(), Fault> {
    visit_letters(&folders.set(of.folder), |letter| {
        if !of.redelivered.contains(letter.number) {
            each(letter);
        }
        Ok(())
    })
}

/// Those of `event_ids` that are no letter's.
///
/// # Errors
/// As [`page`].
pub(crate) fn unknown_events(
    folders: &Folders,
    state: &StreamState,
    event_ids: &[String],
) -> Result<Vec<String>, Fault> {
    let mut unknown: HashSet<&str> = event_ids.iter().map(String::as_str).collect();
    for of in &state.letters {
        for_each(folders, of, |letter| {
            unknown.remove(letter.event_id.as_str());
        })?;
    }
    let mut unknown: Vec<String> = unknown.into_iter().map(str::to_owned).collect();
    unknown.sort();
    Ok(unknown)
}

/// Letters that are none any more: their profiles are told anew, or were.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Redelivered {
    /// Folders all of whose letters are among them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub whole: BTreeSet<u64>,
    /// Of other folders, their numbers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub some: BTreeMap<u64, Numbers>,
}

impl Redelivered {
    /// Notes in `state` that they are none any more.
    pub fn settle(&self, state: &mut StreamState) {
        for of in &mut state.letters {
            if let Some(numbers) = self.some.get(&of.folder) {
                of.redelivered.extend(numbers);
            }
        }
        state.letters.retain(|of| !self.whole.contains(&of.folder) && of.kept() > 0);
    }
}

/// Of `letters`, those about profiles of which the set in the folder of number `sent`, which came after them, has a message
/// that was accepted.
///
/// # Errors
/// `Input` for a file that is damaged or not there; what `check` answers.
pub(crate) fn repaired(
    folders: &Folders,
    letters: &[LetterFolder],
    sent: u64,
    check: &dyn Fn() -> Result<(), Fault>,
) -> Result<Redelivered, Fault> {
    let folder = folders.set(sent);
    let (set, acks) = (OpenSet::load(&folder)?, Acks::read(&folder)?);
    let mut repairs = Repairs::new(&set, &acks, check);
    for of in letters.iter().filter(|of| of.folder != sent) {
        visit_letters(&folders.set(of.folder), |letter| match of.redelivered.contains(letter.number) {
            true => Ok(()),
            false => repairs.ask(&letter.profile_id, of.folder, letter.number),
        })?;
    }
    let found = repairs.finish()?.into_iter().map(|(folder, numbers)| (folder, Numbers::of(numbers)));
    Ok(Redelivered { some: found.collect(), ..Redelivered::default() })
}

/// The letters with `event_ids`, or without them those of the folders up to the number `until`, as many as one derivation
/// takes.
///
/// # Errors
/// As [`page`].
pub(crate) fn keys_of(
    folders: &Folders,
    state: &StreamState,
    event_ids: Option<&BTreeSet<String>>,
    until: u64,
) -> Result<(ProfileKeys, Redelivered), Fault> {
    choose(state, event_ids, until, REDELIVERED_AT_ONCE, |of, each| for_each(folders, of, each))
}

/// Chooses `count_max` letters at most, unless they are named. `read` shows all of a folder that were not told anew.
fn choose(
    state: &StreamState,
    event_ids: Option<&BTreeSet<String>>,
    until: u64,
    count_max: u64,
    read: impl Fn(&LetterFolder, &mut dyn FnMut(Letter)) -> Result<(), Fault>,
) -> Result<(ProfileKeys, Redelivered), Fault> {
    let mut chosen = Redelivered::default();
    let (mut profiles, mut count) = (BTreeSet::new(), 0);
    for of in &state.letters {
        if event_ids.is_none() && (of.folder > until || count >= count_max) {
            break;
        }
        let (mut here, mut is_whole) = (Numbers::default(), true);
        read(of, &mut |letter| {
            let is_chosen = event_ids.map_or(count < count_max, |wanted| wanted.contains(&letter.event_id));
            if !is_chosen {
                is_whole = false;
            } else if here.insert(letter.number) {
                profiles.insert((hash_of(&letter.profile_id), letter.profile_id));
                count += 1;
            }
        })?;
        if is_whole {
            chosen.whole.insert(of.folder);
        } else if !here.is_empty() {
            chosen.some.insert(of.folder, here);
        }
    }
    let mut keys = ProfileKeys::default();
    for (hash, id) in &profiles {
        keys.push(*hash, id);
    }
    Ok((keys, chosen))
}

#[cfg(test)]
mod tests {
    use outflow_export::messages::LetterReason;
    use outflow_testkit::clock::fixed_now;

    use super::*;

    /// Shows five letters a folder.
    fn five(of: &LetterFolder, each: &mut dyn FnMut(Letter)) -> Result<(), Fault> {
        for number in (0..5).filter(|number| !of.redelivered.contains(*number)) {
            each(Letter {
                number,
                profile_id: format!("{}:{number}", of.folder),
                event_id: format!("{}-{number}", of.folder),
                reason: LetterReason::Refused,
                class: FaultClass::Refused,
                message: String::new(),
                bytes: 1,
                at: fixed_now(),
            });
        }
        Ok(())
    }

    #[test]
    fn many_letters_are_told_anew_one_part_after_the_other() {
        let mut state = StreamState::default();
        for folder in 1..=2 {
            state.keep_letters(LetterFolder { folder, count: 5, ..LetterFolder::default() });
        }
        let one: BTreeSet<String> = ["1-3".to_owned()].into();
        let (keys, chosen) = choose(&state, Some(&one), 2, 3, five).unwrap();
        assert_eq!((keys.len(), chosen.some[&1].len(), chosen.whole.len()), (1, 1, 0));
        chosen.settle(&mut state);
        let mut taken = Vec::new();
        while !state.letters.is_empty() {
            let (keys, chosen) = choose(&state, None, 2, 3, five).unwrap();
            chosen.settle(&mut state);
            taken.push((keys.len(), state.kept_letters()));
        }
        assert_eq!(taken, [(3, 6), (3, 3), (3, 0)]);
        // What came after the wish is not meant by it.
        state.keep_letters(LetterFolder { folder: 2, count: 5, ..LetterFolder::default() });
        assert_eq!(choose(&state, None, 1, 3, five).unwrap().1, Redelivered::default());
    }
}
