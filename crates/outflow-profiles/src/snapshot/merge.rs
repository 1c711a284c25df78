//! Merging the current versions of all datasets.
//!
//! All versions are in the global order, so merging is one pass over each, side by side. Threads take stretches of the
//! order, each with cursors of its own; what a part holds does not depend on where a stretch begins.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, FieldRef, Schema as ArrowSchema, SchemaRef};
use outflow_model::Fault;
use outflow_model::schema::Schema;

use super::identities::item_fields;
use super::part::{IDENTITY_MAP, INTERNAL_COLUMNS, Part, internal_fields, start_of};
use super::read::{Cursor, PartFile};
use super::rows::{Join, Joined};
use super::size::{Sketch, part_bits};
use super::write::PartWriter;
use super::{FORMAT, Snapshot, own_schema};
use crate::dataset::{DatasetVersion, touch_all};
use crate::folder::{Folder, name_of};
use crate::schema::{profiles_of, stored_field, unite, with_article};
use crate::work::Work;

/// Stretches of the order that each thread gets, on the average: few, because beginning one reads a part's hashes, and
/// enough that no thread waits long for the last.
const STRETCHES: usize = 4;

/// The snapshot of `versions`, which are in order of attachment. Profiles are the same where their primary identities
/// are; a field comes from the newest record that has a value, at equal times from the dataset that was attached first;
/// identities are those of all records.
///
/// Parts of `previous` whose inputs are the same are taken as they are. The snapshot's parts are in the folder when this
/// returns; its manifest is written by [`Snapshot::save`]. Without versions the snapshot is empty.
///
/// # Errors
/// `input` when a field has types in two datasets of which neither holds the other's values, or a part cannot be read;
/// `refused` when the disk does not take the parts; whatever the work's check says.
pub fn merge(versions: &[DatasetVersion], previous: Option<&Snapshot>, work: &Work<'_>) -> Result<Snapshot, Fault> {
    let folder = Folder::open(work.folder)?;
    let one = match versions {
        [] => return Ok(Snapshot::new(Schema::default(), Vec::new())),
        [one] => Some(one),
        _ => None,
    };
    if let Some(version) = one {
        if !touch_all(&folder, &version.parts)? {
            return Err(Fault::input(format!("a data file of the dataset {} is not there any more", version.name()))
                .hint("refresh the dataset"));
        }
        return Ok(Snapshot::new(version.schema.clone(), version.parts.clone()));
    }
    let inputs = Inputs::new(versions)?;
    let sketch = inputs.sketch()?;
    let bytes = versions.iter().flat_map(|v| &v.parts).map(|part| part.content_bytes).sum();
    let bits = part_bits(sketch.count(), bytes, previous.map(Snapshot::part_bits));
    let merging = Merging { inputs: &inputs, folder: &folder, work, bits, previous, done: AtomicU64::new(0) };
    let stretches = (1usize << bits).min(work.threads.max(1) * STRETCHES);
    let each = work.spread(
        stretches,
        || Ok(Vec::new()),
        |parts: &mut Vec<(usize, Part)>, stretch| {
            let bound = |stretch: usize| (stretch << bits) / stretches;
            parts.extend(merging.stretch(bound(stretch), bound(stretch + 1))?);
            Ok(())
        },
        Ok,
    )?;
    let mut parts: Vec<(usize, Part)> = each.into_iter().flatten().collect();
    parts.sort_by_key(|(number, _)| *number);
    let parts = parts.into_iter().map(|(_, part)| part).collect();
    Ok(Snapshot::new(own_schema(&inputs.join.schema), parts))
}

/// The versions in the types of the snapshot.
struct Inputs<'a> {
    versions: &'a [DatasetVersion],
    join: Join,
    /// For each version its own columns, in the snapshot's types.
    schemas: Vec<SchemaRef>,
}

impl<'a> Inputs<'a> {
    fn new(versions: &'a [DatasetVersion]) -> Result<Inputs<'a>, Fault> {
        let mut own: Vec<SchemaRef> = Vec::new();
        for version in versions {
            let first = version.parts.first();
            let first = first.ok_or_else(|| Fault::internal("a version of a dataset has no part"))?;
            own.push(Arc::clone(PartFile::open(first)?.schema()));
        }
        let known: Vec<ArrowSchema> = versions.iter().zip(&own).map(|(v, schema)| without_empty(v, schema)).collect();
        let each: Vec<&ArrowSchema> = known.iter().collect();
        let united = unite(each.iter().copied());
        profiles_of(&each, &united).map_err(|(one, two, found)| {
            let (path, types) = (found.path, [found.types.0, found.types.1].map(|name| with_article(&name)));
            let (one, two) = (versions[one].name(), versions[two].name());
            Fault::input(format!("`{path}` is {} in the dataset {one} and {} in the dataset {two}", types[0], types[1]))
                .hint("give the field one type in both sources, or another name in one of them")
        })?;
        let fields = united.fields().iter().skip(INTERNAL_COLUMNS.len()).filter_map(|field| stored_field(field));
        let schema: SchemaRef =
            Arc::new(ArrowSchema::new(internal_fields().into_iter().chain(fields).collect::<Vec<_>>()));
        let columns = schema.fields().iter().map(|field| own.iter().map(|s| s.index_of(field.name()).ok()).collect());
        let map = schema.field_with_name(IDENTITY_MAP).map(|field| field.data_type().clone());
        let items = item_fields(Some(&map.unwrap_or(DataType::Null)));
        let items = items.map_err(|e| Fault::internal("a part has no identity map").because(e))?;
        let schemas = own.iter().map(|own| {
            let in_common =
                |field: &FieldRef| schema.field_with_name(field.name()).cloned().map_or(Arc::clone(field), Arc::new);
            Arc::new(ArrowSchema::new(own.fields().iter().map(in_common).collect::<Vec<_>>()))
        });
        let (columns, schemas) = (columns.collect(), schemas.collect());
        Ok(Inputs { versions, join: Join { schema, columns, items }, schemas })
    }

    /// Counts the profiles by their least hashes, which are in the first parts.
    fn sketch(&self) -> Result<Sketch, Fault> {
        let mut sketch = Sketch::default();
        for version in self.versions {
            let mut wanted = Sketch::HASHES;
            for part in &version.parts {
                let hashes = PartFile::open(part)?.hashes(wanted)?;
                hashes.iter().for_each(|hash| sketch.add(*hash));
                wanted -= hashes.len().min(wanted);
                if wanted == 0 {
                    break;
                }
            }
        }
        Ok(sketch)
    }
}

/// The schema with fields that no profile has a value for typed as such: another dataset may say their type. What an
/// identity map is, is known.
fn without_empty(version: &DatasetVersion, schema: &ArrowSchema) -> ArrowSchema {
    let fields = schema.fields().iter().enumerate().map(|(number, field)| {
        let is_filled =
            |at: usize| version.parts.iter().any(|part| part.filled.get(at).is_none_or(|filled| *filled > 0));
        match number.checked_sub(INTERNAL_COLUMNS.len()) {
            Some(own) if !is_filled(own) && field.name() != IDENTITY_MAP => {
                Arc::new(field.as_ref().clone().with_data_type(DataType::Null))
            }
            _ => Arc::clone(field),
        }
    });
    ArrowSchema::new(fields.collect::<Vec<_>>())
}

struct Merging<'a> {
    inputs: &'a Inputs<'a>,
    folder: &'a Folder,
    work: &'a Work<'a>,
    bits: u32,
    previous: Option<&'a Snapshot>,
    /// Records read so far.
    done: AtomicU64,
}

impl<'a> Merging<'a> {
    /// The parts `from..to`, with their numbers.
    fn stretch(&self, from: usize, to: usize) -> Result<Vec<(usize, Part)>, Fault> {
        let mut parts = Vec::new();
        // Cursors that are before the next part, unless parts in between were taken as they were.
        let mut cursors: Option<Vec<Cursor<'_>>> = None;
        for number in from..to {
            (self.work.check)()?;
            let origin = self.origin(number);
            if let Some(part) = self.reused(number, &origin)? {
                (self.work.progress)(self.done.fetch_add(part.rows, Ordering::Relaxed) + part.rows);
                parts.push((number, part));
                cursors = None;
                continue;
            }
            let open = match &mut cursors {
                Some(open) => open,
                none => none.insert(self.cursors(number)?),
            };
            parts.push((number, self.part(number, open, origin)?));
        }
        Ok(parts)
    }

    /// What decides the content of a part: the parts of all versions that overlap it, and how they are joined.
    fn origin(&self, number: usize) -> String {
        let overlapping = self.inputs.versions.iter().map(|version| {
            let bits = version.part_bits();
            let (from, to) = match bits.checked_sub(self.bits) {
                Some(finer) => (number << finer, (number + 1) << finer),
                None => (number >> (self.bits - bits), (number >> (self.bits - bits)) + 1),
            };
            version.parts[from..to].iter().map(Part::name).collect::<Vec<_>>()
        });
        let overlapping: Vec<Vec<&str>> = overlapping.collect();
        let schema = format!("{:?}", self.inputs.join.schema.fields());
        let origin = serde_json::json!([FORMAT, self.bits, number, name_of(schema.as_bytes()), overlapping]);
        name_of(origin.to_string().as_bytes())
    }

    fn reused(&self, number: usize, origin: &str) -> Result<Option<Part>, Fault> {
        let Some(previous) = self.previous.filter(|previous| previous.part_bits() == self.bits) else {
            return Ok(None);
        };
        let part = previous.parts.get(number).filter(|part| part.made_from.as_deref() == Some(origin));
        match part {
            Some(part) if touch_all(self.folder, std::slice::from_ref(part))? => Ok(Some(part.clone())),
            _ => Ok(None),
        }
    }

    fn cursors(&self, number: usize) -> Result<Vec<Cursor<'a>>, Fault> {
        let from = start_of(number, self.bits).unwrap_or(i64::MAX);
        let versions = self.inputs.versions.iter().zip(&self.inputs.schemas);
        versions.map(|(version, schema)| Cursor::new(&version.parts, schema, from)).collect()
    }

    /// Merges one part's stretch of the order.
    fn part(&self, number: usize, cursors: &mut [Cursor<'_>], origin: String) -> Result<Part, Fault> {
        let mut writer = PartWriter::new(self.folder, &self.inputs.join.schema);
        let end = start_of(number + 1, self.bits);
        loop {
            (self.work.check)()?;
            for cursor in cursors.iter_mut() {
                cursor.fill()?;
            }
            // The slowest cursor says how far all of them are.
            let through = cursors.iter().filter_map(Cursor::complete_through);
            let through = through.min_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.as_bytes().cmp(b.1.as_bytes())));
            let counts: Vec<usize> = cursors.iter().map(|cursor| cursor.rows_until(end, through)).collect();
            let rows: usize = counts.iter().sum();
            if rows == 0 {
                break;
            }
            let batches = cursors.iter_mut().zip(&counts).map(|(cursor, count)| cursor.take(*count));
            let batches: Vec<RecordBatch> = batches.collect();
            writer.push(Joined::new(&batches).merged(&self.inputs.join)?)?;
            let rows = rows as u64;
            (self.work.progress)(self.done.fetch_add(rows, Ordering::Relaxed) + rows);
        }
        writer.finish(Some(origin))
    }
}
