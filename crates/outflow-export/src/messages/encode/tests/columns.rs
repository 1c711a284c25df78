//! Random columns of every type that messages hold.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array,
    Float64Array, Int8Array, Int32Array, Int64Array, LargeStringArray, ListArray, MapArray, NullArray, StringArray,
    StringViewArray, StructArray, TimestampMicrosecondArray, TimestampMillisecondArray, UInt64Array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Fields, Int32Type};

use super::*;

/// A mapping with the columns of a batch.
pub(super) struct Case {
    pub mapping: Vec<FieldPath>,
    /// One for each path, then the identity map.
    pub columns: Vec<ArrayRef>,
    pub rows: usize,
}

/// Paths of which none holds another, in groups below one field.
const PATHS: [&str; 9] =
    ["a", "b.c", "b.d.`e.\"f`", "b.d.g[2].i", "b.d.g[0].h", "l[1].v", "l[0].u", "l[4].x.y", "`\u{1F600}`"];

impl Case {
    pub fn new(random: &mut Random) -> Case {
        let rows = random.below(12) as usize;
        let mut mapping: Vec<FieldPath> = paths(&PATHS).into_iter().filter(|_| random.below(3) > 0).collect();
        for place in (1..mapping.len()).rev() {
            mapping.swap(place, random.below(place as u64 + 1) as usize);
        }
        let mut columns: Vec<ArrayRef> = mapping.iter().map(|_| array(random, rows, 3)).collect();
        columns.push(identity_maps(random, rows));
        Case { mapping, columns, rows }
    }

    /// The schema of profiles that have such columns.
    pub fn schema(&self) -> Schema {
        let mut root = Vec::new();
        for (path, column) in self.mapping.iter().zip(&self.columns) {
            let mut at = &mut root;
            let steps = path.elements();
            let mut rest = steps.iter().peekable();
            // A list's items are one struct, to which each path adds.
            while let Some(step) = rest.next() {
                let Some(name) = step.name() else { continue };
                let indexes = rest.clone().take_while(|step| step.name().is_none()).count();
                let is_leaf = rest.clone().nth(indexes).is_none();
                let place = at.iter().position(|field: &ProfileField| field.name == name).unwrap_or_else(|| {
                    let inner = if is_leaf { field_type(column.data_type()) } else { FieldType::Struct(Vec::new()) };
                    let listed = (0..indexes).fold(inner, |inner, _| FieldType::List(Box::new(inner)));
                    at.push(ProfileField { name: name.into(), field_type: listed });
                    at.len() - 1
                });
                let mut inner = &mut at[place].field_type;
                while let FieldType::List(item) = inner {
                    inner = item;
                }
                match inner {
                    FieldType::Struct(fields) if !is_leaf => at = fields,
                    _ => break,
                }
            }
        }
        let identities = self.columns.last().map(|column| field_type(column.data_type())).unwrap();
        root.push(ProfileField { name: "identityMap".into(), field_type: identities });
        Schema { fields: root }
    }
}

fn nulls(random: &mut Random, rows: usize) -> Option<NullBuffer> {
    (random.below(4) > 0).then(|| (0..rows).map(|_| random.below(3) > 0).collect())
}

fn text(random: &mut Random) -> String {
    let nasty =
        ["", "a", "\"", "\\", "\u{0}", "\u{1f}", "\n\r\t", "é", "\u{2028}", "\u{1F600}", "</script>", "\u{7f}", "null"];
    (0..random.below(4)).map(|_| nasty[random.below(nasty.len() as u64) as usize]).collect()
}

fn some<T>(random: &mut Random, rows: usize, mut value: impl FnMut(&mut Random) -> T) -> Vec<Option<T>> {
    (0..rows).map(|_| if random.below(3) > 0 { Some(value(random)) } else { None }).collect()
}

/// An array of some type, nested up to `depth` deep.
pub(super) fn array(random: &mut Random, rows: usize, depth: u32) -> ArrayRef {
    if depth > 0 && random.below(3) == 0 {
        return nested(random, rows, depth - 1);
    }
    match random.below(15) {
        0 => Arc::new(BooleanArray::from(some(random, rows, |r| r.below(2) == 0))),
        1 => Arc::new(Int8Array::from(some(random, rows, |r| r.bits() as i8))),
        2 => Arc::new(Int64Array::from(some(random, rows, |r| r.bits() as i64))),
        3 => Arc::new(UInt64Array::from(some(random, rows, |r| r.bits() >> r.below(64)))),
        4 => Arc::new(Float32Array::from(some(random, rows, |r| f32::from_bits(r.bits() as u32)))),
        5 => Arc::new(Float64Array::from(some(random, rows, float))),
        6 => {
            let decimals = Decimal128Array::from(some(random, rows, |r| i128::from(r.bits() as i32)));
            Arc::new(decimals.with_precision_and_scale(20, 3).unwrap())
        }
        7 => Arc::new(Date32Array::from(some(random, rows, |r| r.below(60_000) as i32 - 10_000))),
        8 => Arc::new(
            TimestampMicrosecondArray::from(some(random, rows, |r| (r.bits() as i64) >> 12)).with_timezone("UTC"),
        ),
        9 => Arc::new(TimestampMillisecondArray::from(some(random, rows, |r| r.below(1 << 41) as i64))),
        10 => Arc::new(BinaryArray::from_iter(some(random, rows, |r| r.bits().to_le_bytes()))),
        11 => Arc::new(LargeStringArray::from(some(random, rows, text))),
        12 => Arc::new(StringViewArray::from_iter(some(random, rows, text))),
        13 if random.below(3) == 0 => Arc::new(NullArray::new(rows)),
        13 => {
            let values = StringArray::from(some(random, 4, text));
            let keys = Int32Array::from(some(random, rows, |r| r.below(4) as i32));
            Arc::new(DictionaryArray::<Int32Type>::new(keys, Arc::new(values)))
        }
        _ => Arc::new(StringArray::from(some(random, rows, text))),
    }
}

fn float(random: &mut Random) -> f64 {
    let odd = [0.0, -0.0, 1.0, -3.0, 0.1, 1e16, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE];
    match random.below(2) {
        0 => odd[random.below(odd.len() as u64) as usize],
        _ => f64::from_bits(random.bits()),
    }
}

fn nested(random: &mut Random, rows: usize, depth: u32) -> ArrayRef {
    match random.below(3) {
        0 => {
            let count = random.below(4) as usize;
            let children: Vec<ArrayRef> = (0..count).map(|_| array(random, rows, depth)).collect();
            let fields = children.iter().enumerate();
            let fields: Fields =
                fields.map(|(n, child)| Field::new(format!("m\"{n}"), child.data_type().clone(), true)).collect();
            let nulls = nulls(random, rows);
            match children.is_empty() {
                true => Arc::new(StructArray::new_empty_fields(rows, nulls)),
                false => Arc::new(StructArray::new(fields, children, nulls)),
            }
        }
        1 => {
            let offsets = OffsetBuffer::from_lengths((0..rows).map(|_| random.below(4) as usize));
            let items = array(random, offsets.last().map_or(0, |last| *last as usize), depth);
            let field = Arc::new(Field::new("item", items.data_type().clone(), true));
            Arc::new(ListArray::new(field, offsets, items, nulls(random, rows)))
        }
        _ => {
            let lengths: Vec<usize> = (0..rows).map(|_| random.below(4) as usize).collect();
            let keys = lengths.iter().flat_map(|length| (0..*length).map(|n| format!("k\n{n}")));
            let keys: ArrayRef = Arc::new(StringArray::from(keys.collect::<Vec<String>>()));
            let values = array(random, keys.len(), depth);
            Arc::new(map(&lengths, keys, values, nulls(random, rows)))
        }
    }
}

fn map(lengths: &[usize], keys: ArrayRef, values: ArrayRef, nulls: Option<NullBuffer>) -> MapArray {
    let value = Field::new("value", values.data_type().clone(), true);
    let pair: Fields = vec![Field::new("key", DataType::Utf8, false), value].into();
    let entries = StructArray::new(pair.clone(), vec![keys, values], None);
    let field = Arc::new(Field::new("key_value", DataType::Struct(pair), false));
    MapArray::new(field, OffsetBuffer::from_lengths(lengths.iter().copied()), entries, nulls, false)
}

fn identity_maps(random: &mut Random, rows: usize) -> ArrayRef {
    let lengths: Vec<usize> = (0..rows).map(|_| random.below(4) as usize).collect();
    let names = ["z", "Email", "a\"b"];
    let keys = lengths.iter().flat_map(|length| names[..*length].iter());
    let keys: ArrayRef = Arc::new(StringArray::from(keys.copied().collect::<Vec<&str>>()));
    let offsets = OffsetBuffer::from_lengths((0..keys.len()).map(|_| random.below(3) as usize));
    let count = offsets.last().map_or(0, |last| *last as usize);
    let ids: ArrayRef = Arc::new(StringArray::from_iter_values((0..count).map(|n| format!("{n}{}", text(random)))));
    let others = array(random, count, 1);
    let members: Fields =
        vec![Field::new("id", DataType::Utf8, true), Field::new("other", others.data_type().clone(), true)].into();
    let items = StructArray::new(members.clone(), vec![ids, others], None);
    let element = Arc::new(Field::new("element", DataType::Struct(members), true));
    let lists = ListArray::new(element, offsets, Arc::new(items), None);
    Arc::new(map(&lengths, keys, Arc::new(lists), nulls(random, rows)))
}
