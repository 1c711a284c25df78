//! Dictionary-encoded columns: one answer for each entry, mapped by key.

use std::fmt;
use std::sync::{Arc, Mutex};

use arrow::array::{AnyDictionaryArray, Array, ArrayData, ArrayRef, AsArray, BooleanArray, new_null_array};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::take;

use arrow::datatypes::{
    ArrowNativeType, DataType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use outflow_model::Fault;

use super::bits::pack;
use super::condition::{kernel, unexpected};

/// How many times more entries than rows a dictionary may have and still be answered entry by entry: beyond that the entries
/// that no row uses cost more than looking at the rows.
const ENTRIES_PER_ROW: usize = 4;

/// Whether answering for each entry beats answering for each row.
pub(super) fn worth_it(column: &dyn AnyDictionaryArray) -> bool {
    column.values().len() <= column.len().saturating_mul(ENTRIES_PER_ROW)
}

/// The column without its dictionary.
pub(super) fn decoded(column: ArrayRef) -> Result<ArrayRef, Fault> {
    match column.as_any_dictionary_opt() {
        Some(dictionary) => take(dictionary.values(), dictionary.keys(), None).map_err(|e| kernel(&e)),
        None => Ok(column),
    }
}

/// What an entry answers: false, true or unknown.
pub(super) const NO: u8 = 0;
pub(super) const YES: u8 = 1;
const UNKNOWN: u8 = 2;

/// The answers for a dictionary's entries.
#[derive(Debug)]
struct Answers {
    of_entries: Vec<u8>,
    of_null: u8,
    any_unknown: bool,
}

/// The answers for the dictionary that was seen last: the batches of a Parquet row group share theirs.
#[derive(Default)]
pub(super) struct Memo(Mutex<Option<(ArrayData, Arc<Answers>)>>);

impl Clone for Memo {
    fn clone(&self) -> Memo {
        Memo::default()
    }
}

impl fmt::Debug for Memo {
    // The dictionary holds profiles' values, which no message shows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}

impl Memo {
    /// The answers for a column, from those that `answer` gives for its entries and for a null.
    pub(super) fn mapped(
        &self,
        column: &dyn AnyDictionaryArray,
        answer: impl Fn(&ArrayRef) -> Result<BooleanArray, Fault>,
    ) -> Result<BooleanArray, Fault> {
        let data = column.values().to_data();
        // Held by another thread, the memo is of no use now, and waiting for it would cost more than the answers.
        let remembered = self.0.try_lock().ok().and_then(|memo| {
            memo.as_ref().filter(|(seen, _)| seen.ptr_eq(&data)).map(|(_, answers)| Arc::clone(answers))
        });
        let answers = match remembered {
            Some(answers) => answers,
            None => {
                let answers = Arc::new(answers(column.values(), answer)?);
                if let Ok(mut memo) = self.0.try_lock() {
                    *memo = Some((data, Arc::clone(&answers)));
                }
                answers
            }
        };
        by_key(column.keys(), &answers)
    }
}

fn answers(entries: &ArrayRef, answer: impl Fn(&ArrayRef) -> Result<BooleanArray, Fault>) -> Result<Answers, Fault> {
    let of_null = code(&answer(&new_null_array(entries.data_type(), 1))?, 0);
    let answered = answer(entries)?;
    let of_entries: Vec<u8> = (0..answered.len()).map(|i| code(&answered, i)).collect();
    let any_unknown = of_entries.contains(&UNKNOWN);
    Ok(Answers { of_entries, of_null, any_unknown })
}

/// The answer in a row.
pub(super) fn code(answers: &BooleanArray, row: usize) -> u8 {
    match (answers.is_null(row), answers.value(row)) {
        (true, _) => UNKNOWN,
        (false, yes) => u8::from(yes),
    }
}

fn by_key(keys: &dyn Array, answers: &Answers) -> Result<BooleanArray, Fault> {
    macro_rules! map {
        ($($data_type:ident => $key:ty),*) => {
            match keys.data_type() {
                $(DataType::$data_type => map_keys(keys.as_primitive::<$key>().values(), keys.nulls(), answers),)*
                other => return Err(unexpected("a dictionary with integer keys", other)),
            }
        };
    }
    Ok(map!(Int8 => Int8Type, Int16 => Int16Type, Int32 => Int32Type, Int64 => Int64Type,
        UInt8 => UInt8Type, UInt16 => UInt16Type, UInt32 => UInt32Type, UInt64 => UInt64Type))
}

fn map_keys<K: ArrowNativeType>(keys: &[K], nulls: Option<&NullBuffer>, answers: &Answers) -> BooleanArray {
    // The key under a null may be anything, so that every look-up is checked.
    let look_up = |key: K| answers.of_entries.get(key.as_usize()).copied().unwrap_or(NO);
    let mut yes = pack(keys, |key| look_up(key) == YES);
    let mut known: Option<BooleanBuffer> = answers.any_unknown.then(|| pack(keys, |key| look_up(key) != UNKNOWN));
    if let Some(nulls) = nulls.filter(|n| n.null_count() > 0) {
        let present = nulls.inner();
        match answers.of_null {
            UNKNOWN => known = Some(known.map_or_else(|| present.clone(), |known| &known & present)),
            of_null => {
                known = known.map(|known| &known | &!present);
                yes = if of_null == YES { &yes | &!present } else { &yes & present };
            }
        }
    }
    BooleanArray::new(yes, known.map(NullBuffer::new))
}
