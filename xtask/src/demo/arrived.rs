//! What lies at the far end of a stream, read without the product's help.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::steps::{capture, command};

/// Problems that are kept; one is enough to say no.
const PROBLEMS_MAX: usize = 10;

/// A segment as the product shows it.
pub(super) struct Segment {
    id: String,
    pub(super) name: String,
    pub(super) members: u64,
}

impl Segment {
    /// None where it was not evaluated.
    pub(super) fn of(shown: &Value) -> Option<Segment> {
        let counts = &shown["counts"];
        Some(Segment {
            id: shown["id"].as_str()?.to_owned(),
            name: shown["name"].as_str()?.to_owned(),
            members: counts["realized"].as_u64()? + counts["existing"].as_u64().unwrap_or(0),
        })
    }
}

/// A line of a shard's file or a partition's. A body that is no text is no message, and stays away.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    partition_key: String,
    #[serde(alias = "text")]
    body: String,
}

/// What of a message is looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    event_id: String,
    identity_map: BTreeMap<String, Vec<Identity>>,
    segment_membership: Memberships,
}

#[derive(Deserialize)]
struct Identity {
    id: String,
}

#[derive(Deserialize)]
struct Memberships {
    ups: BTreeMap<String, Membership>,
}

#[derive(Deserialize)]
struct Membership {
    status: String,
}

/// A message that was read.
struct Kept {
    body: String,
    segments: BTreeSet<String>,
}

/// All messages by their profiles, and what is wrong with them.
pub(super) struct Arrived {
    messages: BTreeMap<String, Kept>,
    events: BTreeSet<String>,
    problems: Vec<String>,
}

/// What was told of a segment.
pub(super) struct Told {
    pub(super) profiles: u64,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl Arrived {
    /// Reads the files of a stream's shards, or of a hub's partitions.
    pub(super) fn read(folder: &Path, segments: &[Segment]) -> Result<Arrived> {
        let mut arrived = Arrived { messages: BTreeMap::new(), events: BTreeSet::new(), problems: Vec::new() };
        let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "jsonl") {
                continue;
            }
            let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
            for (number, line) in BufReader::new(file).lines().enumerate() {
                if let Err(problem) = arrived.take(&line?, segments) {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    arrived.problem(format!("line {} of {name}: {problem:#}", number + 1));
                }
            }
        }
        Ok(arrived)
    }

    /// How many profiles have a message.
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// What is wrong with the messages, each for itself.
    pub(super) fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The profiles that are in the segment, whose messages are written to `file` in the order of their keys.
    pub(super) fn of(&self, segment: &Segment, file: &Path) -> Result<Told> {
        let cannot = || format!("cannot write {}", file.display());
        let mut out = BufWriter::new(File::create(file).with_context(cannot)?);
        let (mut profiles, mut bytes) = (0, 0);
        for message in self.messages.values().filter(|message| message.segments.contains(&segment.id)) {
            writeln!(out, "{}", message.body).with_context(cannot)?;
            profiles += 1;
            bytes += message.body.len() as u64 + 1;
        }
        out.into_inner().with_context(cannot)?;
        let mut hash = command(file.parent().unwrap_or(file), "sha256sum", &["--"]);
        hash.arg(file);
        let sha256 = capture(hash)?.split_whitespace().next().unwrap_or_default().to_owned();
        Ok(Told { profiles, bytes, sha256 })
    }

    fn problem(&mut self, problem: String) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }

    /// Takes a line. The first messages of a flow are one for each profile, of who is in a segment and of nobody else.
    fn take(&mut self, line: &str, segments: &[Segment]) -> Result<()> {
        let Line { partition_key: key, body } = serde_json::from_str(line).context("it has no key or no text")?;
        let message: Message = serde_json::from_str(&body).context("it is no message")?;
        let is_of = |(namespace, ids): (&String, &Vec<Identity>)| {
            ids.iter().any(|identity| key.strip_prefix(namespace.as_str()) == Some(&format!(":{}", identity.id)))
        };
        anyhow::ensure!(message.identity_map.iter().any(is_of), "its key is no identity of the profile");
        let mut told = BTreeSet::new();
        for (segment, membership) in message.segment_membership.ups {
            anyhow::ensure!(membership.status == "realized", "it tells of an exit, and nobody has left");
            anyhow::ensure!(segments.iter().any(|one| one.id == segment), "it tells of another segment");
            told.insert(segment);
        }
        anyhow::ensure!(!told.is_empty(), "it is about nobody in a segment");
        anyhow::ensure!(self.events.insert(message.event_id), "its event id was there before");
        let before = self.messages.insert(key, Kept { body, segments: told });
        anyhow::ensure!(before.is_none(), "its profile had a message before");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(member: &str, id: &str, event: &str, segment: &str, status: &str) -> String {
        let body = json!({"identityMap": {"CRMID": [{"id": id}]}, "eventId": event,
            "segmentMembership": {"ups": {segment: {"status": status}}}});
        json!({"partitionKey": "CRMID:1", member: body.to_string()}).to_string()
    }

    fn problems(lines: &[String]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("0.jsonl"), lines.join("\n")).unwrap();
        let gold = Segment::of(&json!({"id": "s1", "name": "gold", "counts": {"realized": 1}})).unwrap();
        Arrived::read(folder.path(), &[gold]).unwrap().problems
    }

    #[test]
    fn one_message_about_each_member_is_right() {
        for member in ["text", "body"] {
            assert_eq!(problems(&[line(member, "1", "e1", "s1", "realized")]), [""; 0]);
        }
    }

    #[test]
    fn whatever_else_arrives_is_wrong() {
        let good = || line("text", "1", "e1", "s1", "realized");
        for (bad, said) in [
            (line("base64", "1", "e2", "s1", "realized"), "no text"),
            (line("text", "2", "e2", "s1", "realized"), "no identity"),
            (line("text", "1", "e2", "s2", "realized"), "another segment"),
            (line("text", "1", "e2", "s1", "exited"), "an exit"),
            (line("text", "1", "e1", "s1", "realized"), "event id was there"),
            (line("text", "1", "e2", "s1", "realized"), "had a message"),
        ] {
            let found = problems(&[good(), bad]);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].starts_with("line 2 of 0.jsonl: ") && found[0].contains(said), "{found:?}");
        }
    }

    #[test]
    fn a_segment_has_its_messages_in_the_order_of_their_keys() {
        let folder = tempfile::tempdir().unwrap();
        let lines =
            ["b", "a"].map(|id| line("text", id, id, "s1", "realized").replacen("CRMID:1", &format!("CRMID:{id}"), 1));
        std::fs::write(folder.path().join("0.jsonl"), lines.join("\n")).unwrap();
        let gold = Segment { id: "s1".into(), name: "gold".into(), members: 2 };
        let arrived = Arrived::read(folder.path(), std::slice::from_ref(&gold)).unwrap();
        assert_eq!((arrived.len(), arrived.problems().len()), (2, 0));
        let file = folder.path().join("gold.ndjson");
        let told = arrived.of(&gold, &file).unwrap();
        let written = std::fs::read_to_string(&file).unwrap();
        assert!(written.find("\"a\"").unwrap() < written.find("\"b\"").unwrap(), "{written}");
        assert_eq!((told.profiles, told.bytes, told.sha256.len()), (2, written.len() as u64, 64));
    }
}
