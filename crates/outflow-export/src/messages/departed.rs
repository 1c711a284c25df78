//! Who left with the messages of a set: those whose messages the target accepted.

use std::path::Path;

use outflow_model::Fault;
use outflow_profiles::snapshot::hash_of;

use super::acks::Acks;
use super::hashes;
use super::outbox::OpenSet;
use crate::departures::{DeparturesFile, Writer, keep};

/// Messages between which the work is asked whether it goes on.
const CHECKED_MESSAGES: usize = 4_096;

/// Writes the file `path` with the profiles whose messages of `set` the target accepted; `None` where it accepted none.
/// What was sent and not acknowledged is not among them.
///
/// # Errors
/// `Input` for files that are not there or damaged, `Refused` where the disk does not take what is written; and whatever
/// `check` answers.
pub fn departed(
    set: &OpenSet,
    acks: &Acks,
    path: &Path,
    check: &dyn Fn() -> Result<(), Fault>,
) -> Result<Option<DeparturesFile>, Fault> {
    if acks.accepted().is_empty() {
        return Ok(None);
    }
    let mut writer = Writer::new(path);
    let mut accepted = acks.accepted().iter().peekable();
    let mut first = 0;
    for part in &set.parts {
        check()?;
        let end = first + part.messages;
        let of_part = std::iter::from_fn(|| accepted.next_if(|number| *number < end));
        match hashes::read(&set.folder, part.part, part.messages) {
            Some(hashes) => {
                let left: Vec<i64> = of_part.map(|number| hashes[(number - first) as usize]).collect();
                writer.add(&left)?;
            }
            None => from_messages(set, of_part, &mut writer, check)?,
        }
        first = end;
    }
    Ok(keep(vec![writer.finish()?])?.pop())
}

/// Adds the profiles of these messages, which follow each other.
fn from_messages(
    set: &OpenSet,
    numbers: impl Iterator<Item = u64>,
    writer: &mut Writer,
    check: &dyn Fn() -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut numbers = numbers.peekable();
    let Some(first) = numbers.peek().copied() else { return Ok(()) };
    for (count, message) in set.reader(first).enumerate() {
        if count % CHECKED_MESSAGES == 0 {
            check()?;
        }
        let (number, message) = message?;
        if numbers.next_if_eq(&number).is_some() {
            let id = std::str::from_utf8(&message.key);
            writer.add(&[hash_of(id.map_err(|_| Fault::internal("a profile id is no text"))?)])?;
        }
        if numbers.peek().is_none() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::departures::Departures;
    use crate::messages::{PartOfSet, SetCounts, SetWriter};

    fn id(number: u64) -> String {
        format!("CRMID:c{number}")
    }

    /// A set about profiles in the order of their hashes, in parts of so many.
    fn set(folder: &Path, parts: &[u64]) -> (OpenSet, Vec<String>) {
        let mut ids: Vec<String> = (0..parts.iter().sum()).map(id).collect();
        ids.sort_by_key(|id| hash_of(id));
        let mut of_sets: Vec<PartOfSet> = Vec::new();
        let mut next = ids.iter();
        for (part, messages) in parts.iter().enumerate() {
            let mut writer = SetWriter::create(folder, part as u32);
            for id in next.by_ref().take(*messages as usize) {
                writer.add(hash_of(id), id, &[b'e'; 32], b"{}").unwrap();
            }
            of_sets.extend(writer.finish().unwrap());
        }
        let set = OpenSet {
            folder: folder.to_path_buf(),
            sequence: 1,
            run_id: "r".into(),
            messages: ids.len() as u64,
            parts: of_sets,
            counts: SetCounts::default(),
        };
        (set, ids)
    }

    #[test]
    fn they_are_those_whose_messages_were_accepted() {
        let dir = tempfile::tempdir().unwrap();
        let (set, ids) = set(dir.path(), &[3_000, 0, 5_000, 1]);
        let mut acks = Acks::open(dir.path()).unwrap();
        let path = dir.path().join("f.departures");
        let made = |acks: &Acks| departed(&set, acks, &path, &|| Ok(())).unwrap();
        assert_eq!(made(&acks), None);
        acks.attempt(8_001).unwrap();
        // One in three is accepted, one in three refused; the others may have arrived.
        let is_accepted = |number: u64| number % 3 == 1 || number > 7_990;
        for number in 0..set.messages {
            if is_accepted(number) {
                acks.accept(number, 2).unwrap();
            } else if number % 3 == 0 {
                acks.refuse(number);
            }
        }
        let file = made(&acks).unwrap();
        assert_eq!(file.profiles, acks.accepted().len());
        let opened = Departures::open(&file.path).unwrap();
        for (number, id) in ids.iter().enumerate() {
            assert_eq!(opened.contains(hash_of(id)).unwrap(), is_accepted(number as u64), "{number}");
        }
        // The same from the messages themselves.
        let first = std::fs::read(&file.path).unwrap();
        std::fs::write(dir.path().join("0000.hashes"), "x").unwrap();
        std::fs::remove_file(dir.path().join("0002.hashes")).unwrap();
        assert_eq!(made(&acks).as_ref(), Some(&file));
        assert_eq!(std::fs::read(&file.path).unwrap(), first);
        let stopped = departed(&set, &acks, &path, &|| Err(Fault::internal("stopped")));
        assert_eq!(stopped.unwrap_err().message, "stopped");
        std::fs::write(dir.path().join("0002.set"), "x").unwrap();
        let fault = departed(&set, &acks, &path, &|| Ok(())).unwrap_err();
        assert_eq!(fault.class, outflow_model::FaultClass::Input);
    }
}
