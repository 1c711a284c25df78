//! Random columns: values from small pools, in every encoding that a source may give.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, BooleanArray, Date32Array, Date64Array, Decimal32Array,
    Decimal64Array, Decimal128Array, Decimal256Array, DictionaryArray, FixedSizeListBuilder, Float32Array,
    Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, LargeBinaryArray, LargeListBuilder, LargeStringArray,
    ListBuilder, NullArray, PrimitiveArray, StringArray, StringBuilder, StringViewArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt8Array, UInt16Array, UInt32Array,
    UInt64Array, new_null_array,
};
use arrow::compute::{cast, concat};
use arrow::datatypes::{ArrowDictionaryKeyType, DataType, Int8Type, Int32Type, UInt16Type, i256};
use proptest::prelude::*;

use super::reference::Cell;

/// How a column will be built: an encoding, and for each row null or a place in the field's pool.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    encoding: usize,
    picks: Vec<Option<usize>>,
}

/// More rows than this add nothing but time.
pub(super) const MAX_ROWS: usize = 70;

pub(super) fn raw() -> impl Strategy<Value = Raw> {
    let pick = prop_oneof![1 => Just(None), 4 => (0usize..64).prop_map(Some)];
    (0usize..64, prop::collection::vec(pick, MAX_ROWS)).prop_map(|(encoding, picks)| Raw { encoding, picks })
}

/// A column and its values.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) array: ArrayRef,
    pub(super) cells: Vec<Cell>,
}

const INTS: [i128; 12] = [0, 1, -1, 2, 3, 5, 7, 127, 200, (1 << 53) + 1, i64::MAX as i128, u64::MAX as i128];
const FLOATS: [f64; 12] =
    [0.0, -0.0, 0.1, 1.0, 1.5, -1.5, 2.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 9_007_199_254_740_992.0, 1e30];
const CENTS: [i128; 8] = [0, 10, 100, 150, -150, 200, 410, 99_999];
pub(super) const TEXTS: [&str; 10] = ["", "a", "ab", "abc", "B", "aB", "a_c", "ÄÖ", "äöx", "100%"];
const SECONDS: [i64; 7] = [0, -1, 86_400, 1_795_305_600, 1_795_329_000, 1_795_329_001, -86_400];

/// Builds a column for a field of the tests' schema.
pub(super) fn build(field: &str, raw: &Raw, rows: usize) -> Column {
    let picks: Vec<Option<usize>> = raw.picks[..rows].to_vec();
    if raw.encoding == 63 {
        return Column { array: Arc::new(NullArray::new(rows)), cells: vec![Cell::Null; rows] };
    }
    let mut column = match field {
        "b" | "c" => booleans(&picks),
        "i" | "j" => integers(&picks, raw.encoding % 8),
        "f" | "g" => floats(&picks, raw.encoding % 2),
        "d" | "e" => decimals(&picks, raw.encoding % 4),
        "s" | "r" => texts(&picks, raw.encoding % 3),
        "t" => instants(&picks, raw.encoding % 5),
        "u" => days(&picks, raw.encoding % 2),
        "l" => lists(&picks, raw.encoding % 4),
        _ => bytes(&picks, raw.encoding % 3),
    };
    let nested = field == "l";
    column.array = match (raw.encoding / 8) % 4 {
        1 if !nested => dictionary::<Int32Type>(&column.array),
        2 if !nested => dictionary::<UInt16Type>(&column.array),
        3 if !nested => dictionary::<Int8Type>(&column.array),
        _ => column.array,
    };
    if raw.encoding % 3 == 1 {
        column.array = sliced(&column.array);
    }
    column
}

/// The same values behind an offset.
fn sliced(array: &ArrayRef) -> ArrayRef {
    let before = array.slice(0, array.len().min(3));
    let all = concat(&[before.as_ref(), array.as_ref()]).unwrap();
    all.slice(before.len(), array.len())
}

/// The same values by key: a dictionary with duplicates, a null entry and an entry that no row uses.
fn dictionary<K: ArrowDictionaryKeyType>(array: &ArrayRef) -> ArrayRef
where
    K::Native: TryFrom<usize>,
{
    let null = new_null_array(array.data_type(), 1);
    let first = array.slice(0, array.len().min(1));
    let values = concat(&[null.as_ref(), first.as_ref(), array.as_ref()]).unwrap();
    let keys: PrimitiveArray<K> = (0..array.len())
        .map(|row| match (array.is_null(row), row % 2) {
            (true, 0) => None,
            (true, _) => K::Native::try_from(0).ok(),
            (false, _) => K::Native::try_from(row + 1 + first.len()).ok(),
        })
        .collect();
    Arc::new(DictionaryArray::<K>::try_new(keys, values).unwrap())
}

fn column<T: Clone>(picks: &[Option<usize>], pool: &[T], cell: impl Fn(T) -> Cell) -> (Vec<Option<T>>, Vec<Cell>) {
    let values: Vec<Option<T>> = picks.iter().map(|p| p.map(|p| pool[p % pool.len()].clone())).collect();
    let cells = values.iter().map(|v| v.clone().map_or(Cell::Null, &cell)).collect();
    (values, cells)
}

fn booleans(picks: &[Option<usize>]) -> Column {
    let (values, cells) = column(picks, &[true, false], Cell::Bool);
    Column { array: Arc::new(BooleanArray::from(values)), cells }
}

fn integers(picks: &[Option<usize>], encoding: usize) -> Column {
    macro_rules! narrow {
        ($native:ty, $array:ty) => {{
            let pool: Vec<$native> =
                INTS.iter().map(|n| (*n).clamp(<$native>::MIN as i128, <$native>::MAX as i128) as $native).collect();
            let (values, cells) = column(picks, &pool, |n| Cell::Int(n.into()));
            Column { array: Arc::new(<$array>::from(values)), cells }
        }};
    }
    match encoding {
        0 => narrow!(i8, Int8Array),
        1 => narrow!(i16, Int16Array),
        2 => narrow!(i32, Int32Array),
        3 => narrow!(i64, Int64Array),
        4 => narrow!(u8, UInt8Array),
        5 => narrow!(u16, UInt16Array),
        6 => narrow!(u32, UInt32Array),
        _ => narrow!(u64, UInt64Array),
    }
}

fn floats(picks: &[Option<usize>], encoding: usize) -> Column {
    if encoding == 0 {
        let (values, cells) = column(picks, &FLOATS, Cell::Float);
        return Column { array: Arc::new(Float64Array::from(values)), cells };
    }
    let pool: Vec<f32> = FLOATS.iter().map(|f| *f as f32).collect();
    let (values, cells) = column(picks, &pool, |f| Cell::Float(f.into()));
    Column { array: Arc::new(Float32Array::from(values)), cells }
}

fn decimals(picks: &[Option<usize>], encoding: usize) -> Column {
    let (values, cells) = column(picks, &CENTS, |n| Cell::Dec(i256::from_i128(n), 2));
    macro_rules! array {
        ($array:ty, $convert:expr) => {
            Arc::new(values.iter().map(|v| v.map($convert)).collect::<$array>().with_precision_and_scale(9, 2).unwrap())
        };
    }
    let array: ArrayRef = match encoding {
        0 => array!(Decimal32Array, |n| i32::try_from(n).unwrap()),
        1 => array!(Decimal64Array, |n| i64::try_from(n).unwrap()),
        2 => array!(Decimal128Array, |n| n),
        _ => array!(Decimal256Array, i256::from_i128),
    };
    Column { array, cells }
}

fn texts(picks: &[Option<usize>], encoding: usize) -> Column {
    let (values, cells) = column(picks, &TEXTS, |t| Cell::Text(t.into()));
    let array: ArrayRef = match encoding {
        0 => Arc::new(StringArray::from(values)),
        1 => Arc::new(LargeStringArray::from(values)),
        _ => Arc::new(StringViewArray::from(values)),
    };
    Column { array, cells }
}

fn bytes(picks: &[Option<usize>], encoding: usize) -> Column {
    let pool: [&[u8]; 3] = [b"", b"\xff", b"ab"];
    let (values, cells) = column(picks, &pool, |b| Cell::Bytes(b.into()));
    let array: ArrayRef = match encoding {
        0 => Arc::new(BinaryArray::from(values)),
        1 => Arc::new(LargeBinaryArray::from(values)),
        _ => Arc::new(BinaryViewArray::from(values)),
    };
    Column { array, cells }
}

fn instants(picks: &[Option<usize>], encoding: usize) -> Column {
    let (values, cells) = column(picks, &SECONDS, |s| Cell::Time(i128::from(s) * 1_000_000_000));
    let by = |unit: i64| values.iter().map(move |v| v.map(|v| v * unit));
    let array: ArrayRef = match encoding {
        0 => Arc::new(by(1).collect::<TimestampSecondArray>()),
        1 => Arc::new(by(1_000).collect::<TimestampMillisecondArray>().with_timezone("UTC")),
        2 => Arc::new(by(1_000_000).collect::<TimestampMicrosecondArray>()),
        3 => Arc::new(by(1_000_000_000).collect::<TimestampNanosecondArray>().with_timezone("+02:00")),
        _ => {
            // A nanosecond more than the second.
            let array: TimestampNanosecondArray = by(1_000_000_000).map(|v| v.map(|v| v + 1)).collect();
            let cells = values.iter().map(|v| v.map_or(Cell::Null, |s| Cell::Time(i128::from(s) * 1_000_000_000 + 1)));
            return Column { cells: cells.collect(), array: Arc::new(array) };
        }
    };
    Column { array, cells }
}

fn days(picks: &[Option<usize>], encoding: usize) -> Column {
    let pool = [0i32, -1, 1, 20_779, 20_780];
    let (values, cells) = column(picks, &pool, |d| Cell::Time(i128::from(d) * 86_400_000_000_000));
    let array: ArrayRef = match encoding {
        0 => Arc::new(Date32Array::from(values)),
        _ => Arc::new(values.iter().map(|v| v.map(|v| i64::from(v) * 86_400_000)).collect::<Date64Array>()),
    };
    Column { array, cells }
}

fn lists(picks: &[Option<usize>], encoding: usize) -> Column {
    let pool: [&[Option<&str>]; 5] = [
        &[Some("a"), None],
        &[Some("ab"), Some("B")],
        &[None, None],
        &[Some("ÄÖ"), Some("")],
        &[Some("b"), Some("abc")],
    ];
    let to_cell = |items: &[Option<&str>]| Cell::List(items.iter().map(|i| i.map(String::from)).collect());
    let (values, cells) = column(picks, &pool, to_cell);
    macro_rules! fill {
        ($builder:expr) => {{
            let mut builder = $builder;
            for value in &values {
                for item in value.unwrap_or(&[None, Some("under a null")]) {
                    builder.values().append_option(*item);
                }
                builder.append(value.is_some());
            }
            Arc::new(builder.finish())
        }};
    }
    let array: ArrayRef = match encoding {
        0 => fill!(ListBuilder::new(StringBuilder::new())),
        1 => fill!(LargeListBuilder::new(StringBuilder::new())),
        2 => fill!(FixedSizeListBuilder::new(StringBuilder::new(), 2)),
        _ => {
            let plain: ArrayRef = fill!(ListBuilder::new(StringBuilder::new()));
            let item = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            cast(&plain, &DataType::List(Arc::new(arrow::datatypes::Field::new_list_field(item, true)))).unwrap()
        }
    };
    Column { array, cells }
}
