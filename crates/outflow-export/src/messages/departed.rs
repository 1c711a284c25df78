//! Who left with the messages of a set: those whose messages the target accepted.

use std::path::Path;

use outflow_model::Fault;
use outflow_profiles::snapshot::hash_of;

use super::acks::Acks;
use super::outbox::OpenSet;
use crate::departures::{DeparturesFile, Writer, keep};

/// Profiles that are added at once; between them the work is asked whether it goes on.
const PROFILES_AT_ONCE: usize = 4_096;

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
    let accepted = acks.accepted();
    let (Some(first), Some(last)) = (accepted.min(), accepted.max()) else { return Ok(None) };
    let mut writer = Writer::new(path);
    let mut hashes = Vec::with_capacity(PROFILES_AT_ONCE);
    for message in set.reader(first) {
        let (number, message) = message?;
        if number > last {
            break;
        }
        if !accepted.contains(number) {
            continue;
        }
        let id = std::str::from_utf8(&message.key);
        hashes.push(hash_of(id.map_err(|_| Fault::internal("a profile id is no text"))?));
        if hashes.len() == PROFILES_AT_ONCE {
            check()?;
            writer.add(&hashes)?;
            hashes.clear();
        }
    }
    writer.add(&hashes)?;
    Ok(keep(vec![writer.finish()?])?.pop())
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
        let stopped = departed(&set, &acks, &path, &|| Err(Fault::internal("stopped")));
        // Fewer than are asked about at once.
        assert!(stopped.is_ok());
        (0..set.messages).for_each(|number| acks.accept(number, 2).unwrap());
        let stopped = departed(&set, &acks, &path, &|| Err(Fault::internal("stopped")));
        assert_eq!(stopped.unwrap_err().message, "stopped");
        std::fs::write(dir.path().join("0002.set"), "x").unwrap();
        let fault = departed(&set, &acks, &path, &|| Ok(())).unwrap_err();
        assert_eq!(fault.class, outflow_model::FaultClass::Input);
    }
}
