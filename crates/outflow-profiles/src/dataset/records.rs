//! Records of a dataset's files, batch by batch, in the form in which they are stored.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, MapArray, RecordBatch, StringArray, UInt64Array,
};
use arrow::array::{StringBuilder, TimestampMicrosecondArray, new_null_array};
use arrow::compute::filter;
use arrow::compute::kernels::cast_utils::string_to_datetime;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema as ArrowSchema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use chrono::Utc;
use outflow_model::{Fault, FieldPath, PathElement};

use super::DatasetSpec;
use crate::scan::Profiles;
use crate::scan::project::project;
use crate::schema::{exactly, stored_field};
use crate::snapshot::{
    IDENTITY_MAP, declared_map, hash_of, identity_map_type, internal_fields, item_fields, own_maps, union,
};

/// The column behind all others, in spill files only, that holds a record's place in the order of the files.
const PLACE_COLUMN: &str = "_outflow_place";

/// How the records of a dataset are read and stored.
pub(super) struct Records<'a> {
    spec: &'a DatasetSpec,
    /// The top-level fields that are read.
    roots: Vec<FieldPath>,
    /// The fields that are stored.
    fields: Vec<FieldRef>,
    /// The members of an identity.
    items: Fields,
    /// Internal columns and fields.
    pub stored_schema: SchemaRef,
    /// The same, and the place.
    pub spill_schema: SchemaRef,
}

/// A batch in the form in which it is stored.
pub(super) struct Keyed {
    /// Columns of the spill schema.
    pub batch: RecordBatch,
    /// Records that have no primary identity, and are not in the batch.
    pub without_identity: u64,
}

impl<'a> Records<'a> {
    /// Fits a specification to its files.
    ///
    /// # Errors
    /// `input` when they do not fit.
    pub fn new(spec: &'a DatasetSpec, profiles: &Profiles) -> Result<Records<'a>, Fault> {
        spec.demand(profiles.schema())?;
        let source = profiles.arrow_schema();
        let own_map = source.field_with_name(IDENTITY_MAP).ok().map(Field::data_type);
        let items = item_fields(own_map).map_err(|e| {
            Fault::input(format!("in the dataset {} {e}", spec.name))
                .hint("write identities as {\"Email\": [{\"id\": \"…\"}]}, or give the field another name")
        })?;
        let map: FieldRef = Arc::new(Field::new(IDENTITY_MAP, identity_map_type(&items), true));
        let mut fields: Vec<FieldRef> = Vec::new();
        for field in source.fields() {
            let as_stored = if field.name() == IDENTITY_MAP { Some(Arc::clone(&map)) } else { stored_field(field) };
            fields.extend(as_stored);
        }
        let roots = fields.iter().filter_map(|f| FieldPath::new(vec![PathElement::Name(f.name().clone())])).collect();
        if own_map.is_none() {
            fields.push(map);
        }
        let all: Vec<FieldRef> = internal_fields().into_iter().chain(fields.iter().cloned()).collect();
        let mut with_place = all.clone();
        with_place.push(Arc::new(Field::new(PLACE_COLUMN, DataType::UInt64, false)));
        Ok(Records {
            spec,
            roots,
            fields,
            items,
            stored_schema: Arc::new(ArrowSchema::new(all)),
            spill_schema: Arc::new(ArrowSchema::new(with_place)),
        })
    }

    /// The columns to scan.
    pub fn roots(&self) -> &[FieldPath] {
        &self.roots
    }

    /// Makes `columns`, the roots of a batch whose first record is number `place` of the dataset, ready to be stored.
    ///
    /// # Errors
    /// `input` when a value does not fit the type that all files share, or a text is no time.
    pub fn keyed(&self, columns: &[ArrayRef], rows: usize, place: u64) -> Result<Keyed, Fault> {
        let mut columns = columns.to_vec();
        let mut ids = self.ids(&columns)?;
        let primary = self
            .spec
            .primary()
            .and_then(|n| ids.get(n))
            .ok_or_else(|| Fault::internal("a dataset without a primary identity was not refused"))?;
        let present: BooleanArray = primary.iter().map(|id| Some(id.is_some_and(|id| !id.is_empty()))).collect();
        let kept = present.true_count();
        let mut places = UInt64Array::from_iter_values(place..place + rows as u64);
        if kept < rows {
            let keep = |array: &dyn Array| {
                filter(array, &present).map_err(|e| Fault::internal("records cannot be left out").because(e))
            };
            columns = columns.iter().map(|column| keep(column)).collect::<Result<_, _>>()?;
            let kept_ids = ids.iter().map(|ids| Ok(keep(ids)?.as_string::<i32>().clone()));
            ids = kept_ids.collect::<Result<Vec<StringArray>, Fault>>()?;
            places = keep(&places)?.as_primitive().clone();
        }
        let (hashes, profile_ids) = self.profile_ids(&ids);
        let mut stored: Vec<ArrayRef> = vec![Arc::new(hashes), Arc::new(profile_ids), self.times(&columns, kept)?];
        for field in &self.fields {
            stored.push(self.field(field, &columns, &ids, kept)?);
        }
        stored.push(Arc::new(places));
        let batch = RecordBatch::try_new(Arc::clone(&self.spill_schema), stored);
        let batch = batch.map_err(|e| Fault::internal("records do not have the dataset's form").because(e))?;
        Ok(Keyed { batch, without_identity: (rows - kept) as u64 })
    }

    /// The values of each declared identity, as texts.
    fn ids(&self, columns: &[ArrayRef]) -> Result<Vec<StringArray>, Fault> {
        let each = self.spec.identities.iter().map(|identity| {
            let values = self.at(&identity.path, columns)?;
            let texts = exactly(&values, &DataType::Utf8).map_err(|e| misfit(&identity.path, &e))?;
            Ok(texts.as_string::<i32>().clone())
        });
        each.collect()
    }

    /// The array at a path that was checked.
    fn at(&self, path: &FieldPath, columns: &[ArrayRef]) -> Result<ArrayRef, Fault> {
        let internal = || Fault::internal(format!("`{path}` was planned and is not in the batch"));
        let root = self.roots.iter().position(|root| root.root() == path.root()).ok_or_else(internal)?;
        project(&columns[root], &path.elements()[1..]).map_err(|_| internal())
    }

    fn profile_ids(&self, ids: &[StringArray]) -> (Int64Array, StringArray) {
        let primary = self.spec.primary().unwrap_or_default();
        let namespace = &self.spec.identities[primary].namespace;
        let mut hashes = Vec::with_capacity(ids[primary].len());
        let mut texts = StringBuilder::with_capacity(ids[primary].len(), ids[primary].len() * 24);
        let mut text = String::new();
        for id in ids[primary].iter().flatten() {
            text.clear();
            text.push_str(namespace);
            text.push(':');
            text.push_str(id);
            hashes.push(hash_of(&text));
            texts.append_value(&text);
        }
        (hashes.into(), texts.finish())
    }

    /// The times of records, in microseconds UTC.
    fn times(&self, columns: &[ArrayRef], rows: usize) -> Result<ArrayRef, Fault> {
        let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let Some(path) = &self.spec.timestamp else { return Ok(new_null_array(&utc, rows)) };
        let values = self.at(path, columns)?;
        let times = match values.data_type() {
            DataType::Timestamp(_, _) => exactly(&values, &utc),
            DataType::Date32 | DataType::Date64 => {
                let midnight = exactly(&values, &DataType::Timestamp(TimeUnit::Microsecond, None));
                midnight.and_then(|times| exactly(&times, &utc))
            }
            _ => return parsed(&values, path),
        };
        times.map_err(|e| misfit(path, &e))
    }

    fn field(
        &self,
        field: &FieldRef,
        columns: &[ArrayRef],
        ids: &[StringArray],
        rows: usize,
    ) -> Result<ArrayRef, Fault> {
        let root = self.roots.iter().position(|root| root.root() == field.name());
        let path = || FieldPath::new(vec![PathElement::Name(field.name().clone())]);
        let faulty = |e: ArrowError| match path() {
            Some(path) => misfit(&path, &e),
            None => Fault::internal("a field has no name").because(e),
        };
        if field.name() != IDENTITY_MAP {
            let column = root.map(|root| &columns[root]);
            let column = column.ok_or_else(|| Fault::internal("a field was planned and not read"))?;
            return exactly(column, field.data_type()).map_err(faulty);
        }
        let mut maps: Vec<MapArray> = match root {
            Some(root) => own_maps(&columns[root], &self.items).map_err(faulty)?,
            None => Vec::new(),
        };
        for (identity, ids) in self.spec.identities.iter().zip(ids) {
            maps.push(declared_map(&identity.namespace, ids, &self.items).map_err(faulty)?);
        }
        Ok(Arc::new(union(&maps, rows, &self.items).map_err(faulty)?))
    }
}

/// Texts in ISO 8601 as times; a text without a zone is in UTC, an empty one is no time.
fn parsed(values: &ArrayRef, path: &FieldPath) -> Result<ArrayRef, Fault> {
    let texts = exactly(values, &DataType::Utf8).map_err(|e| misfit(path, &e))?;
    let times = texts.as_string::<i32>().iter().map(|text| match text {
        None | Some("") => Ok(None),
        Some(text) => match string_to_datetime(&Utc, text) {
            Ok(time) => Ok(Some(time.timestamp_micros())),
            Err(_) => Err(Fault::input(format!("`{path}` holds a text that is no time in ISO 8601"))
                .hint("write times as 2026-01-31T12:00:00Z, or choose another field as timestamp")),
        },
    });
    let times = times.collect::<Result<TimestampMicrosecondArray, Fault>>()?;
    Ok(Arc::new(times.with_timezone("UTC")))
}

/// The fault for values that do not fit; the library's text may quote one, so it is left out.
fn misfit(path: &FieldPath, error: &ArrowError) -> Fault {
    let kind = match error {
        ArrowError::CastError(_) => "a value is outside the range of the type",
        _ => "a value does not fit the type",
    };
    Fault::input(format!("`{path}` cannot be stored: {kind} that all files share"))
        .hint("write the files with one type for the field, or leave it out")
}
