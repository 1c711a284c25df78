//! Identity maps: one form for all sources, and the union of several.

use std::sync::Arc;

use ahash::AHashSet;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, ListArray, MapArray, StringArray, StructArray, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{filter, interleave};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema as ArrowSchema};
use arrow::error::ArrowError;

use crate::schema::{exactly, list_item, list_of, map_of, stored, unite};

/// The member of an identity that holds its value.
const ID: &str = "id";

/// Identities of one profile up to which each is compared with all others; of more, a set is made.
const COMPARED_MAX: usize = 16;

/// Why a field called `identityMap` is none.
#[derive(Debug, thiserror::Error)]
#[error("`identityMap` is {0}, not a map of lists of identities with an `id`")]
pub(crate) struct NoIdentityMap(pub String);

/// The members that identities have: `id`, which is text, then those of the source. Maps, and structs with a member for
/// each namespace, may hold lists of structs, structs, lists of texts, or texts.
///
/// # Errors
/// A type that is none of these.
pub(crate) fn item_fields(source: Option<&DataType>) -> Result<Fields, NoIdentityMap> {
    let mut members: Vec<FieldRef> = vec![Arc::new(Field::new(ID, DataType::Utf8, true))];
    let Some(source) = source else { return Ok(members.into()) };
    let no_map = || NoIdentityMap(source.to_string());
    let values: Vec<&DataType> = match source {
        DataType::Struct(namespaces) => namespaces.iter().map(|namespace| namespace.data_type()).collect(),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(pair) if pair.len() == 2 && is_id(pair[0].data_type()) => vec![pair[1].data_type()],
            _ => return Err(no_map()),
        },
        // A column of nulls, which is text in text files.
        DataType::Null | DataType::Utf8 => Vec::new(),
        _ => return Err(no_map()),
    };
    let mut schemas = Vec::new();
    for value in values {
        let item = list_item(value).map_or(value, |item| item.data_type());
        match item {
            DataType::Struct(fields) => {
                let id = fields.iter().find(|field| field.name() == ID);
                if !id.is_some_and(|id| is_id(id.data_type())) && !fields.is_empty() {
                    return Err(no_map());
                }
                schemas.push(ArrowSchema::new(fields.clone()));
            }
            scalar if is_id(scalar) => {}
            _ => return Err(no_map()),
        }
    }
    for field in unite(&schemas).fields() {
        if let (true, Some(data_type)) = (field.name() != ID, stored(field.data_type())) {
            members.push(Arc::new(Field::new(field.name(), data_type, true)));
        }
    }
    Ok(members.into())
}

/// Whether values of a type can be ids.
fn is_id(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, value) => is_id(value),
        DataType::RunEndEncoded(_, values) => is_id(values.data_type()),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => true,
        DataType::Decimal128(_, 0) => true,
        other => other.is_integer(),
    }
}

/// The type of an identity map whose identities have `items` as members.
pub(crate) fn identity_map_type(items: &Fields) -> DataType {
    map_of(DataType::Utf8, list_of(DataType::Struct(items.clone())))
}

/// A source's own field as identity maps: one, or one for each namespace, whose union holds all.
pub(crate) fn own_maps(array: &ArrayRef, items: &Fields) -> Result<Vec<MapArray>, ArrowError> {
    match array.data_type() {
        DataType::Map(_, _) => {
            let map = array.as_map();
            let keys = exactly(map.keys(), &DataType::Utf8)?;
            let lists = identity_lists(map.values(), items)?;
            Ok(vec![assemble(map.offsets().clone(), keys, lists, map.nulls().cloned(), items)?])
        }
        DataType::Struct(namespaces) => {
            let each = namespaces.iter().zip(array.as_struct().columns());
            each.map(|(namespace, values)| {
                let values = crate::scan::project::with_parent_nulls(values, array.nulls());
                one_namespace(namespace.name(), &identity_lists(&values, items)?, items)
            })
            .collect()
        }
        other if array.null_count() < array.len() && *other != DataType::Null => {
            Err(ArrowError::SchemaError(NoIdentityMap(other.to_string()).to_string()))
        }
        _ => Ok(Vec::new()),
    }
}

/// Identity maps with the one identity that each of `ids` is, in `namespace`; empty where it is null.
pub(crate) fn declared_map(namespace: &str, ids: &StringArray, items: &Fields) -> Result<MapArray, ArrowError> {
    let ids: ArrayRef = Arc::new(ids.clone());
    one_namespace(namespace, &identity_lists(&ids, items)?, items)
}

fn one_namespace(namespace: &str, lists: &ListArray, items: &Fields) -> Result<MapArray, ArrowError> {
    let present: BooleanArray = (0..lists.len()).map(|row| Some(lists.value_length(row) > 0)).collect();
    let offsets = OffsetBuffer::from_lengths(present.values().iter().map(usize::from));
    let filled = filter(lists, &present)?;
    let keys = StringArray::from_iter_values(std::iter::repeat_n(namespace, filled.len()));
    assemble(offsets, Arc::new(keys), filled.as_list::<i32>().clone(), None, items)
}

fn assemble(
    offsets: OffsetBuffer<i32>,
    keys: ArrayRef,
    lists: ListArray,
    nulls: Option<NullBuffer>,
    items: &Fields,
) -> Result<MapArray, ArrowError> {
    let DataType::Map(entries, sorted) = identity_map_type(items) else {
        return Err(ArrowError::SchemaError("an identity map is a map".into()));
    };
    let DataType::Struct(pair) = entries.data_type() else {
        return Err(ArrowError::SchemaError("a map's entries are a key and a value".into()));
    };
    let pairs = StructArray::try_new(pair.clone(), vec![keys, Arc::new(lists)], None)?;
    MapArray::try_new(entries, offsets, pairs, nulls, sorted)
}

/// Values of whatever form as lists of identities.
fn identity_lists(values: &ArrayRef, items: &Fields) -> Result<ListArray, ArrowError> {
    let list = list_of(DataType::Struct(items.clone()));
    if let (Some(item), DataType::List(element)) = (list_item(values.data_type()), &list) {
        let plain = DataType::List(Arc::new(Field::new("element", item.data_type().clone(), true)));
        let values = exactly(values, &plain)?;
        let values = values.as_list::<i32>();
        let inner = identities(values.values(), items)?;
        return ListArray::try_new(Arc::clone(element), values.offsets().clone(), inner, values.nulls().cloned());
    }
    let present: Vec<bool> = match values.logical_nulls() {
        Some(nulls) => nulls.iter().collect(),
        None => vec![true; values.len()],
    };
    let offsets = OffsetBuffer::from_lengths(present.iter().map(|is_there| usize::from(*is_there)));
    let inner = filter(&identities(values, items)?, &BooleanArray::from(present))?;
    let DataType::List(element) = list else {
        return Err(ArrowError::SchemaError("a list is a list".into()));
    };
    ListArray::try_new(element, offsets, inner, None)
}

/// Structs as identities by the names of their members, scalars as identities that have nothing but their id.
fn identities(values: &ArrayRef, items: &Fields) -> Result<ArrayRef, ArrowError> {
    if matches!(values.data_type(), DataType::Struct(_) | DataType::Null) {
        return exactly(values, &DataType::Struct(items.clone()));
    }
    let nulls = values.logical_nulls();
    let members = items.iter().map(|field| match field.name().as_str() {
        ID => exactly(values, &DataType::Utf8),
        _ => Ok(new_null_array(field.data_type(), values.len())),
    });
    let members = members.collect::<Result<Vec<ArrayRef>, ArrowError>>()?;
    Ok(Arc::new(StructArray::try_new(items.clone(), members, nulls)?))
}

/// Row by row the union of identity maps of equal length and type: namespaces and ids in the order in which they come,
/// each id of a namespace once, as it came first. Identities without an id, and namespaces without identities, are left
/// out. No row is null.
pub(crate) fn union(maps: &[MapArray], rows: usize, items: &Fields) -> Result<MapArray, ArrowError> {
    let sources = maps.iter().map(Source::new).collect::<Result<Vec<Source<'_>>, ArrowError>>()?;
    let mut out = Union::default();
    let mut row_items = RowItems::default();
    for row in 0..rows {
        row_items.clear();
        for (number, source) in sources.iter().enumerate() {
            source.visit(row, |namespace, id, item| row_items.add(namespace, id, (number, item)));
        }
        out.push(&row_items);
    }
    let arrays: Vec<&dyn Array> = sources.iter().map(|source| source.items as &dyn Array).collect();
    let inner = if arrays.is_empty() {
        new_null_array(&DataType::Struct(items.clone()), 0)
    } else {
        interleave(&arrays, &out.picked)?
    };
    let DataType::List(element) = list_of(DataType::Struct(items.clone())) else {
        return Err(ArrowError::SchemaError("a list is a list".into()));
    };
    let lists = ListArray::try_new(element, OffsetBuffer::from_lengths(out.list_lengths), inner, None)?;
    let keys: StringArray = StringArray::from_iter_values(out.keys);
    assemble(OffsetBuffer::from_lengths(out.map_lengths), Arc::new(keys), lists, None, items)
}

/// One of the maps, taken apart.
struct Source<'a> {
    map: &'a MapArray,
    keys: &'a StringArray,
    lists: &'a ListArray,
    items: &'a ArrayRef,
    ids: &'a StringArray,
}

impl<'a> Source<'a> {
    fn new(map: &'a MapArray) -> Result<Source<'a>, ArrowError> {
        let lists = map.values().as_list::<i32>();
        let items = lists.values();
        let ids = items.as_struct().column_by_name(ID);
        let ids = ids.ok_or_else(|| ArrowError::SchemaError("an identity has an id".into()))?.as_string::<i32>();
        Ok(Source { map, keys: map.keys().as_string::<i32>(), lists, items, ids })
    }

    /// Calls `found` with namespace, id and place of every identity of `row`.
    fn visit(&self, row: usize, mut found: impl FnMut(&'a str, &'a str, usize)) {
        if self.map.is_null(row) {
            return;
        }
        let entries = self.map.value_offsets();
        for entry in entries[row] as usize..entries[row + 1] as usize {
            if self.lists.is_null(entry) {
                continue;
            }
            let items = self.lists.value_offsets();
            for item in items[entry] as usize..items[entry + 1] as usize {
                if self.items.is_valid(item) && self.ids.is_valid(item) && !self.ids.value(item).is_empty() {
                    found(self.keys.value(entry), self.ids.value(item), item);
                }
            }
        }
    }
}

/// Calls `found` with row, namespace and id of every identity of a map that has the form of a part's.
pub(crate) fn visit_identities(map: &MapArray, mut found: impl FnMut(usize, &str, &str)) -> Result<(), ArrowError> {
    let source = Source::new(map)?;
    for row in 0..map.len() {
        source.visit(row, |namespace, id, _| found(row, namespace, id));
    }
    Ok(())
}

/// An id, and which item of which source it is from.
type Found<'a> = (&'a str, (usize, usize));

/// The identities of one row, by namespace.
#[derive(Default)]
struct RowItems<'a> {
    namespaces: Vec<(&'a str, Vec<Found<'a>>)>,
    /// Of `namespaces`, those in use: their vectors are used again.
    used: usize,
    count: usize,
    /// What there is, once there is much.
    seen: AHashSet<(&'a str, &'a str)>,
}

impl<'a> RowItems<'a> {
    fn clear(&mut self) {
        self.namespaces[..self.used].iter_mut().for_each(|(_, ids)| ids.clear());
        self.used = 0;
        self.count = 0;
        self.seen.clear();
    }

    fn add(&mut self, namespace: &'a str, id: &'a str, place: (usize, usize)) {
        let known = self.namespaces[..self.used].iter().position(|(known, _)| *known == namespace);
        let at = known.unwrap_or_else(|| {
            match self.namespaces.get_mut(self.used) {
                Some(free) => free.0 = namespace,
                None => self.namespaces.push((namespace, Vec::new())),
            }
            self.used += 1;
            self.used - 1
        });
        if self.is_there(at, namespace, id) {
            return;
        }
        self.namespaces[at].1.push((id, place));
        self.count += 1;
    }

    fn is_there(&mut self, at: usize, namespace: &'a str, id: &'a str) -> bool {
        if self.count < COMPARED_MAX {
            return self.namespaces[at].1.iter().any(|(known, _)| *known == id);
        }
        if self.seen.is_empty() {
            let all = self.namespaces[..self.used].iter();
            self.seen.extend(all.flat_map(|(namespace, ids)| ids.iter().map(|(id, _)| (*namespace, *id))));
        }
        !self.seen.insert((namespace, id))
    }
}

/// The union so far: lengths, keys, and which identities it is made of.
#[derive(Default)]
struct Union<'a> {
    map_lengths: Vec<usize>,
    keys: Vec<&'a str>,
    list_lengths: Vec<usize>,
    picked: Vec<(usize, usize)>,
}

impl<'a> Union<'a> {
    fn push(&mut self, row: &RowItems<'a>) {
        self.map_lengths.push(row.used);
        for (namespace, ids) in &row.namespaces[..row.used] {
            self.keys.push(namespace);
            self.list_lengths.push(ids.len());
            self.picked.extend(ids.iter().map(|(_, place)| *place));
        }
    }
}
