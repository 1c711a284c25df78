//! Which columns a plan scans, stores and writes, and what they are.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use outflow_model::manifest::ManifestColumn;
use outflow_model::membership::{STATUS, member_path};
use outflow_model::schema::FieldType;
use outflow_model::{Fault, FieldPath, PathElement};
use outflow_profiles::scan::{Profiles, RowSelection};
use outflow_profiles::schema::field_type;
use outflow_profiles::snapshot::HASH_COLUMN;

use crate::dedup::Layout;
use crate::encode::is_writable;
use crate::plan::{DedupKey, ExportPlan, FileFormat};

/// The columns of a run.
pub(crate) struct Columns {
    /// What is scanned: the mapped paths first.
    pub scanned: Vec<FieldPath>,
    /// How rows are deduplicated.
    pub dedup: Option<Layout>,
    /// Headers and types of the files, a namespace's column first.
    pub schema: SchemaRef,
    /// The number of the scanned column with the profiles' hashes, where it is kept who leaves. Deduplication stores it
    /// behind all others.
    pub hash: Option<usize>,
}

impl Columns {
    /// The columns of `plan` over `profiles`, and over the columns that `rows` bring; `with_hash` where it is kept who
    /// leaves.
    ///
    /// # Errors
    /// `Input` for paths that lead nowhere or to values the format cannot hold, with every such path; `Internal` for hashes
    /// of profiles that are not a snapshot's.
    pub fn of(
        plan: &ExportPlan,
        profiles: &Profiles,
        rows: Option<&RowSelection>,
        with_hash: bool,
    ) -> Result<Columns, Fault> {
        let profiles = Typed { profiles, rows };
        let mut problems = Vec::new();
        let mut scanned: Vec<FieldPath> = plan.mapping.iter().map(|m| m.path.clone()).collect();
        let mut types = Vec::new();
        for field in &plan.mapping {
            match profiles.typed(&field.path) {
                Ok(data_type) => {
                    if matches!(plan.format, FileFormat::Csv(_)) && !field_type(&data_type).is_scalar() {
                        problems.push(structured(&field.path, &data_type));
                    }
                    if plan.format != FileFormat::Parquet
                        && let Err(unknown) = is_writable(&data_type)
                    {
                        problems
                            .push(format!("`{}` holds values of type {unknown}, which text cannot hold", field.path));
                    }
                    if plan.format == FileFormat::Parquet
                        && let Some(path) = empty_struct(&field.path.to_string(), &data_type)
                    {
                        problems.push(format!("`{path}` is a struct without fields, which Parquet cannot hold"));
                    }
                    types.push(data_type);
                }
                Err(text) => problems.push(text),
            }
        }
        for path in plan.require.iter().chain(&plan.newest_by) {
            problems.extend(profiles.typed(path).err());
        }
        let dedup = match &plan.dedup {
            Some(key) => layout(plan, key, &profiles, &types, &mut scanned).map_err(|text| problems.push(text)).ok(),
            None => None,
        };
        if let Some(DedupKey::Namespace(namespace)) = &plan.dedup
            && plan.mapping.iter().any(|m| m.header == *namespace)
        {
            problems.push(format!("the column of the namespace and a mapped one have the same header `{namespace}`"));
        }
        if !problems.is_empty() {
            problems.dedup();
            return Err(Fault::input(problems.join("; "))
                .hint("`outflow profiles show` prints the fields that the profiles have"));
        }
        let mut fields: Vec<Field> = Vec::new();
        if let Some(DedupKey::Namespace(namespace)) = &plan.dedup {
            fields.push(Field::new(namespace, DataType::Utf8, true));
        }
        fields.extend(plan.mapping.iter().zip(&types).map(|(m, t)| Field::new(&m.header, written(t), true)));
        let schema = Arc::new(Schema::new(fields));
        let mut columns = Columns { scanned, dedup, schema, hash: None };
        if with_hash {
            columns.add_hash(profiles.profiles)?;
        }
        Ok(columns)
    }

    fn add_hash(&mut self, profiles: &Profiles) -> Result<(), Fault> {
        let path = FieldPath::new(vec![PathElement::Name(HASH_COLUMN.into())]);
        let path = path.filter(|path| profiles.arrow_type(path) == Some(DataType::Int64));
        let path =
            path.ok_or_else(|| Fault::internal("these profiles have no hashes, and who leaves is to be kept"))?;
        let hash = number(&mut self.scanned, &path);
        if let Some(layout) = &mut self.dedup {
            layout.stored.push(hash);
        }
        self.hash = Some(hash);
        Ok(())
    }

    /// The headers of the files.
    pub fn headers(&self) -> Vec<String> {
        self.schema.fields().iter().map(|f| f.name().clone()).collect()
    }

    /// The manifest's list of columns.
    pub fn manifest_schema(&self) -> Vec<ManifestColumn> {
        let column =
            |f: &Arc<Field>| ManifestColumn { name: f.name().clone(), column_type: field_type(f.data_type()).name() };
        self.schema.fields().iter().map(column).collect()
    }
}

/// Where the types of columns come from.
struct Typed<'a> {
    profiles: &'a Profiles,
    rows: Option<&'a RowSelection>,
}

impl Typed<'_> {
    /// The type of what is scanned for `path`.
    fn typed(&self, path: &FieldPath) -> Result<DataType, String> {
        if let Some(data_type) = self.rows.and_then(|rows| rows.arrow_type(path)) {
            return Ok(data_type);
        }
        match path.resolve(self.profiles.schema()) {
            Ok(_) => self.profiles.arrow_type(path).ok_or_else(|| format!("`{path}` is in no file")),
            Err(e) if e.near.is_empty() => Err(e.message),
            Err(e) => Err(format!("{} (did you mean `{}`?)", e.message, e.near.join("` or `"))),
        }
    }
}

fn structured(path: &FieldPath, data_type: &DataType) -> String {
    let pick = match data_type {
        DataType::List(_) => format!("`{path}[0]`"),
        DataType::Struct(fields) => match fields.first() {
            Some(field) => format!("`{path}.{}`", field.name()),
            None => "another field".into(),
        },
        _ => format!("the value of one key, as in `{path}.KEY`"),
    };
    format!(
        "`{path}` is a {}, which does not fit a CSV cell: pick an element such as {pick}",
        field_type(data_type).name()
    )
}

/// The first struct without fields at `path` or below it. What is below a list or a map is told by its own place there:
/// `[…]` and `{…}` are any element and any value.
fn empty_struct(path: &str, data_type: &DataType) -> Option<String> {
    match data_type {
        DataType::Struct(fields) if fields.is_empty() => Some(path.to_owned()),
        DataType::Struct(fields) => {
            fields.iter().find_map(|field| empty_struct(&format!("{path}.{}", field.name()), field.data_type()))
        }
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            empty_struct(&format!("{path}[…]"), item.data_type())
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(pair) => empty_struct(&format!("{path}.{{…}}"), pair.get(1)?.data_type()),
            _ => None,
        },
        _ => None,
    }
}

/// The type a Parquet file has for a column.
fn written(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8View => DataType::Utf8,
        other => other.clone(),
    }
}

/// The path of a namespace's identities.
fn identities(namespace: &str) -> Option<FieldPath> {
    FieldPath::new(vec![PathElement::Name("identityMap".into()), PathElement::Name(namespace.into())])
}

/// The number of `path` among the scanned columns, added if need be.
fn number(scanned: &mut Vec<FieldPath>, path: &FieldPath) -> usize {
    scanned.iter().position(|p| p == path).unwrap_or_else(|| {
        scanned.push(path.clone());
        scanned.len() - 1
    })
}

/// Whether items of this type are identities.
fn has_id(item: &DataType) -> bool {
    let FieldType::Struct(members) = field_type(item) else { return false };
    members.iter().any(|member| member.name == "id" && member.field_type.is_scalar())
}

fn layout(
    plan: &ExportPlan,
    key: &DedupKey,
    profiles: &Typed<'_>,
    types: &[DataType],
    scanned: &mut Vec<FieldPath>,
) -> Result<Layout, String> {
    let mapped = plan.mapping.len();
    let mut stored: Vec<usize> = (0..mapped).collect();
    let (key_paths, is_namespace) = match key {
        DedupKey::Attributes(paths) => (paths.clone(), false),
        DedupKey::Namespace(namespace) => {
            let path = identities(namespace).ok_or("a namespace has a name")?;
            (vec![path], true)
        }
    };
    let mut keys = Vec::new();
    for path in &key_paths {
        let data_type = profiles.typed(path)?;
        let scalar = field_type(&data_type).is_scalar();
        if !is_namespace && !scalar {
            return Err(format!("`{path}` is a {} and cannot be a deduplication key", field_type(&data_type).name()));
        }
        // A scan gives every kind of list as this one.
        if is_namespace && !matches!(&data_type, DataType::List(item) if has_id(item.data_type())) {
            return Err(format!("`{path}` is no list of identities with an `id` each"));
        }
        keys.push(number(scanned, path));
    }
    if is_namespace {
        stored.push(keys[0]);
    }
    let time = match &plan.newest_by {
        None => None,
        Some(path) => {
            let data_type = profiles.typed(path)?;
            if !matches!(data_type, DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64)
                && !data_type.is_integer()
            {
                return Err(format!(
                    "`{path}` is a {}: the reference time must be a timestamp, a date or an integer",
                    field_type(&data_type).name()
                ));
            }
            Some((number(scanned, path), data_type))
        }
    };
    let status = match &plan.members {
        Some(members) if members.exits => {
            let path = member_path(&members.segment, STATUS);
            profiles.typed(&path)?;
            Some(number(scanned, &path))
        }
        _ => None,
    };
    let ties = (0..mapped)
        .filter(|i| !keys.contains(i) && field_type(&types[*i]).is_scalar() && types[*i] != DataType::Null)
        .map(|i| (i, written(&types[i])))
        .collect();
    Ok(Layout { key: keys, is_namespace, time, status, stored, ties })
}
