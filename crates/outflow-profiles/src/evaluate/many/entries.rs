//! Conditions on a column of few distinct values: one answer for each value, and the rows of those that satisfy it.

use std::sync::Arc;

use ahash::AHashMap;
use arrow::array::{
    AnyDictionaryArray, Array, ArrayData, ArrayRef, AsArray, StringArray, StringArrayType, new_null_array,
};
use arrow::datatypes::DataType;
use outflow_model::Fault;

use super::plan::{Group, Plan};
use crate::evaluate::condition::Batch;
use crate::evaluate::dictionary::{NO, YES, code};

/// Dictionaries with more entries are left to the conditions one by one: answers for each entry and condition are kept.
const ENTRIES_MAX: usize = 4_096;

/// How many rows each distinct value of plain text must have on average, so that finding them is worth it.
const ROWS_PER_VALUE: usize = 8;

/// The rows that a value must have to get a bitmap of its own.
const FREQUENT_ROWS: u32 = 64;

/// The distinct values of a column in a batch, and which rows have which.
pub(super) struct Coded {
    values: ArrayRef,
    /// The codes that occur; the number of values stands for null.
    present: Vec<u32>,
    /// For each code the last of its rows, and for each row the one before it with the same code.
    last: Vec<u32>,
    before: Vec<u32>,
    counts: Vec<u32>,
    /// The rows of frequent codes, made when they are first asked for.
    bitmaps: Vec<Option<Box<[u64]>>>,
    words: usize,
}

/// What the conditions of a column answer for the values of the dictionary that was seen last.
#[derive(Default)]
pub(super) struct Answers {
    seen: Option<ArrayData>,
    /// For each condition of the group, if it was asked: the answer for each value, then the one for null.
    of_leaves: Vec<Option<Vec<u8>>>,
}

const NOBODY: u32 = u32::MAX;

impl Coded {
    /// The column by its distinct values, if it has few of them. `leaves` is how many conditions it has.
    pub fn new(column: &ArrayRef, leaves: usize, plain_text_min: usize) -> Option<Coded> {
        if let Some(dictionary) = column.as_any_dictionary_opt() {
            return Coded::of_dictionary(dictionary);
        }
        if leaves < plain_text_min {
            return None;
        }
        let (codes, values) = match column.data_type() {
            DataType::Utf8 => distinct(&column.as_string::<i32>())?,
            DataType::LargeUtf8 => distinct(&column.as_string::<i64>())?,
            DataType::Utf8View => distinct(&column.as_string_view())?,
            _ => return None,
        };
        Some(Coded::of_codes(&codes, values))
    }

    fn of_dictionary(dictionary: &dyn AnyDictionaryArray) -> Option<Coded> {
        let values = dictionary.values();
        if values.len() > ENTRIES_MAX || values.is_empty() {
            return None;
        }
        let keys = dictionary.keys();
        let null = values.len() as u32;
        let mut codes: Vec<u32> = dictionary.normalized_keys().into_iter().map(|key| key as u32).collect();
        if let Some(nulls) = keys.nulls().filter(|nulls| nulls.null_count() > 0) {
            for (row, code) in codes.iter_mut().enumerate() {
                *code = if nulls.is_valid(row) { *code } else { null };
            }
        }
        Some(Coded::of_codes(&codes, Arc::clone(values)))
    }

    fn of_codes(codes: &[u32], values: ArrayRef) -> Coded {
        let mut last = vec![NOBODY; values.len() + 1];
        let mut counts = vec![0u32; values.len() + 1];
        let mut before = vec![NOBODY; codes.len()];
        let mut present = Vec::new();
        for (row, code) in codes.iter().enumerate() {
            let at = *code as usize;
            before[row] = std::mem::replace(&mut last[at], row as u32);
            if before[row] == NOBODY {
                present.push(*code);
            }
            counts[at] += 1;
        }
        let bitmaps = vec![None; values.len() + 1];
        Coded { values, present, last, before, counts, bitmaps, words: codes.len().div_ceil(64) }
    }

    /// The rows for which a condition is `wanted`. `number` is that of the condition in its group.
    pub fn rows(
        &mut self,
        plan: &Plan,
        group: &Group,
        number: usize,
        wanted: bool,
        answers: &mut Answers,
    ) -> Result<Vec<u64>, Fault> {
        let of_values = answers.of(plan, group, number, &self.values)?;
        let wanted = if wanted { YES } else { NO };
        let mut rows = vec![0u64; self.words];
        for code in &self.present {
            let at = *code as usize;
            if of_values[at] != wanted {
                continue;
            }
            if self.counts[at] < FREQUENT_ROWS {
                chain(self.last[at], &self.before, &mut rows);
                continue;
            }
            let (last, before, words) = (self.last[at], &self.before, self.words);
            let bitmap = self.bitmaps[at].get_or_insert_with(|| {
                let mut bitmap = vec![0u64; words];
                chain(last, before, &mut bitmap);
                bitmap.into_boxed_slice()
            });
            rows.iter_mut().zip(bitmap.iter()).for_each(|(row, bit)| *row |= bit);
        }
        Ok(rows)
    }
}

/// Sets the bits of the rows of a chain.
fn chain(last: u32, before: &[u32], rows: &mut [u64]) {
    let mut row = last;
    while row != NOBODY {
        rows[row as usize / 64] |= 1 << (row % 64);
        row = before[row as usize];
    }
}

/// Each row's number among the distinct texts, null after all of them, and these texts; `None` if there are too many.
fn distinct<'a, S: StringArrayType<'a>>(texts: &S) -> Option<(Vec<u32>, ArrayRef)> {
    let values_max = (texts.len() / ROWS_PER_VALUE).max(1);
    let mut numbers: AHashMap<&str, u32> = AHashMap::new();
    let mut values: Vec<&str> = Vec::new();
    let mut codes = Vec::with_capacity(texts.len());
    for row in 0..texts.len() {
        if texts.is_null(row) {
            codes.push(NOBODY);
            continue;
        }
        let text = texts.value(row);
        let number = *numbers.entry(text).or_insert_with(|| {
            values.push(text);
            values.len() as u32 - 1
        });
        if values.len() > values_max {
            return None;
        }
        codes.push(number);
    }
    codes.iter_mut().filter(|code| **code == NOBODY).for_each(|code| *code = values.len() as u32);
    Some((codes, Arc::new(StringArray::from_iter_values(values))))
}

impl Answers {
    /// The answers of condition `number` of the group for each of `values`, and for null.
    fn of(&mut self, plan: &Plan, group: &Group, number: usize, values: &ArrayRef) -> Result<&[u8], Fault> {
        let data = values.to_data();
        if !self.seen.as_ref().is_some_and(|seen| seen.ptr_eq(&data)) {
            self.seen = Some(data);
            self.of_leaves.clear();
            self.of_leaves.resize(group.leaves.len(), None);
        }
        let slot = &mut self.of_leaves[number];
        if slot.is_none() {
            let node = &plan.leaves[group.leaves[number]].node;
            let mut codes = Vec::with_capacity(values.len() + 1);
            for entries in [Arc::clone(values), new_null_array(values.data_type(), 1)] {
                let fetch = |_: usize| Ok(Arc::clone(&entries));
                let answered = Batch::new(&fetch, group.column + 1, entries.len()).plain(node)?;
                codes.extend((0..answered.len()).map(|row| code(&answered, row)));
            }
            *slot = Some(codes);
        }
        Ok(slot.as_deref().unwrap_or(&[]))
    }
}
