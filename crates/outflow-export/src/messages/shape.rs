//! What the messages of a flow hold: the mapped fields as a tree, and the mapped segments.

use arrow::datatypes::DataType;
use outflow_model::membership::MEMBERSHIP_FIELD;
use outflow_model::{Fault, FieldPath};
use outflow_profiles::scan::Profiles;
use outflow_profiles::schema::field_type;
use outflow_profiles::snapshot::IDENTITY_MAP;
use serde::{Deserialize, Serialize};

use super::tree::Tree;
use crate::encode::{is_writable, write_string};

/// Members that every message has besides the mapped fields.
pub(crate) const OWN_MEMBERS: [&str; 6] = [IDENTITY_MAP, MEMBERSHIP_FIELD, "profileId", "eventId", "sequence", "runId"];

/// A mapped segment, as messages tell of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentTold {
    /// Its id.
    pub id: String,
    /// Its name, where the target wants names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its times, where the target wants them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamps: Option<SegmentTimes>,
}

/// When a segment and its mapping were made and changed, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentTimes {
    /// The segment was made.
    pub created_at_millis: i64,
    /// The segment was changed last.
    pub updated_at_millis: i64,
    /// The segment was mapped in the flow.
    pub mapping_created_at_millis: i64,
    /// Its mapping was changed last.
    pub mapping_updated_at_millis: i64,
}

/// What the messages of a flow hold.
pub struct MessageShape {
    pub(crate) tree: Tree,
    /// The tree's paths, then the identity map.
    columns: Vec<FieldPath>,
    segments: Vec<SegmentTold>,
    pub(crate) frames: Vec<SegmentFrame>,
}

/// The bytes of a segment's membership around its time and its status.
pub(crate) struct SegmentFrame {
    /// `"<id>":{"lastQualificationTime":"`.
    pub before: Vec<u8>,
    /// `,"name":…` and so on, with the closing brace.
    pub after: Vec<u8>,
}

impl MessageShape {
    /// The shape of messages with the fields of `mapping` and the membership in `segments`.
    ///
    /// # Errors
    /// `Input` for paths that lead nowhere, to what no message can hold, or to members that messages have anyway; with
    /// every such path.
    pub fn new(mapping: &[FieldPath], profiles: &Profiles, segments: Vec<SegmentTold>) -> Result<MessageShape, Fault> {
        let mut problems: Vec<String> = mapping.iter().filter_map(|path| problem(path, profiles)).collect();
        let identities = FieldPath::of_names(IDENTITY_MAP, &[]);
        if !profiles.arrow_type(&identities).is_some_and(|found| is_identity_map(&found)) {
            problems.push(format!("profiles have no `{IDENTITY_MAP}` with lists of identities"));
        }
        if !problems.is_empty() {
            problems.dedup();
            return Err(Fault::input(problems.join("; "))
                .hint("`outflow profiles show` prints the fields that the profiles have"));
        }
        MessageShape::of_tree(Tree::of(mapping)?, segments)
    }

    pub(crate) fn of_tree(tree: Tree, segments: Vec<SegmentTold>) -> Result<MessageShape, Fault> {
        let identities = FieldPath::of_names(IDENTITY_MAP, &[]);
        let columns = tree.paths.iter().cloned().chain([identities]).collect();
        let frames = segments.iter().map(SegmentFrame::of).collect();
        Ok(MessageShape { tree, columns, segments, frames })
    }

    /// What is to be scanned: the mapped paths that no other one holds, then the identity map.
    pub fn columns(&self) -> &[FieldPath] {
        &self.columns
    }

    /// The mapped paths that no other one holds, as text.
    pub(crate) fn mapping(&self) -> Vec<String> {
        self.tree.paths.iter().map(ToString::to_string).collect()
    }

    /// Whether all that messages by `mapping` have is mapped here too. Of a mapping that is not known nobody can tell.
    pub(crate) fn has_all_of(&self, mapping: Option<&[String]>) -> bool {
        let own = self.mapping();
        mapping.is_some_and(|mapping| mapping.iter().all(|path| own.contains(path)))
    }

    /// The mapped segments; memberships name them by their place here.
    pub fn segments(&self) -> &[SegmentTold] {
        &self.segments
    }
}

impl SegmentFrame {
    fn of(segment: &SegmentTold) -> SegmentFrame {
        let mut before = Vec::new();
        write_string(&segment.id, &mut before);
        before.extend_from_slice(b":{\"lastQualificationTime\":\"");
        let mut after = Vec::new();
        if let Some(name) = &segment.name {
            after.extend_from_slice(b",\"name\":");
            write_string(name, &mut after);
        }
        if let Some(times) = &segment.timestamps {
            let members = [
                ("createdAt", times.created_at_millis),
                ("updatedAt", times.updated_at_millis),
                ("mappingCreatedAt", times.mapping_created_at_millis),
                ("mappingUpdatedAt", times.mapping_updated_at_millis),
            ];
            for (member, millis) in members {
                after.extend_from_slice(format!(",\"{member}\":{millis}").as_bytes());
            }
        }
        after.push(b'}');
        SegmentFrame { before, after }
    }
}

/// Why a message cannot hold the field at `path`.
fn problem(path: &FieldPath, profiles: &Profiles) -> Option<String> {
    let root = path.root();
    if root == IDENTITY_MAP || root == MEMBERSHIP_FIELD {
        return Some(format!("`{path}` cannot be mapped: every message has the whole `{root}`"));
    }
    if OWN_MEMBERS.contains(&root) {
        return Some(format!("`{path}` cannot be mapped: messages have a `{root}` of their own"));
    }
    if let Err(e) = path.resolve(profiles.schema()) {
        return Some(match e.near.is_empty() {
            true => e.message,
            false => format!("{} (did you mean `{}`?)", e.message, e.near.join("` or `")),
        });
    }
    let Some(data_type) = profiles.arrow_type(path) else { return Some(format!("`{path}` is in no file")) };
    let unknown = is_writable(&data_type).err()?;
    Some(format!("`{path}` holds values of type {unknown}, which text cannot hold"))
}

/// Whether values of this type are lists of identities by namespace.
fn is_identity_map(data_type: &DataType) -> bool {
    let DataType::Map(entries, _) = data_type else { return false };
    let DataType::Struct(pair) = entries.data_type() else { return false };
    pair.len() == 2
        && pair[0].data_type() == &DataType::Utf8
        && matches!(pair[1].data_type(), DataType::List(item) if !field_type(item.data_type()).is_scalar())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, ListBuilder, MapBuilder, RecordBatch, StringArray, StringBuilder, StructBuilder, Time32SecondArray,
    };
    use arrow::datatypes::Field;
    use outflow_profiles::source::{LocalStorage, pin};
    use parquet::arrow::ArrowWriter;

    use super::*;

    fn identity_map() -> ArrayRef {
        let id = vec![Field::new("id", DataType::Utf8, true)];
        let items = ListBuilder::new(StructBuilder::from_fields(id, 0));
        let mut maps = MapBuilder::new(None, StringBuilder::new(), items);
        maps.append(true).unwrap();
        Arc::new(maps.finish())
    }

    /// Profiles with these columns beside `name`, `sequence` and `at`, a time of the day.
    fn profiles(folder: &std::path::Path, others: Vec<(&str, ArrayRef)>) -> Profiles {
        let text: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
        let time: ArrayRef = Arc::new(Time32SecondArray::from(vec![7]));
        let columns = vec![("name", Arc::clone(&text)), ("sequence", text), ("at", time)];
        let batch = RecordBatch::try_from_iter(columns.into_iter().chain(others)).unwrap();
        let path = folder.join("p.parquet");
        let mut writer = ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        Profiles::open(pin(&[path.display().to_string()], &[Arc::new(LocalStorage)]).unwrap()).unwrap()
    }

    fn shape(mapping: &[&str], profiles: &Profiles) -> Result<MessageShape, Fault> {
        let mapping: Vec<FieldPath> = mapping.iter().map(|path| FieldPath::parse(path).unwrap()).collect();
        MessageShape::new(&mapping, profiles, Vec::new())
    }

    #[test]
    fn every_path_that_no_message_can_hold_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let profiles = profiles(dir.path(), vec![("identityMap", identity_map())]);
        let told =
            shape(&["nme", "identityMap.Email[0].id", "segmentMembership.status", "sequence", "at", "name"], &profiles);
        let fault = told.err().unwrap();
        assert_eq!(fault.class, outflow_model::FaultClass::Input);
        for part in
            ["did you mean `name`", "whole `identityMap`", "whole `segmentMembership`", "a `sequence`", "`at` holds"]
        {
            assert!(fault.message.contains(part), "{part} in {}", fault.message);
        }
    }

    #[test]
    fn what_is_scanned_is_the_mapping_and_the_identities() {
        let dir = tempfile::tempdir().unwrap();
        let with = profiles(dir.path(), vec![("identityMap", identity_map())]);
        let columns: Vec<String> =
            shape(&["name", "name"], &with).unwrap().columns().iter().map(ToString::to_string).collect();
        assert_eq!(columns, ["name", "identityMap"]);
        let without = profiles(dir.path(), Vec::new());
        assert!(shape(&["name"], &without).err().unwrap().message.contains("no `identityMap`"));
    }
}
