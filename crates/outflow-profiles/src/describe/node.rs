//! One field of the tree that a description counts.

use std::cmp::Reverse;

use ahash::AHashMap;
use arrow::array::{Array, ArrayRef, AsArray, OffsetSizeTrait, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef};
use outflow_model::{Fault, FieldPath, PathElement};

use super::FieldCount;
use super::types::{is_scalar, type_name};

/// Longer keys are not counted: a key is a name, and 10,000 of them must fit in memory.
const KEY_BYTES_MAX: usize = 256;

/// How many fields and keys may still be counted.
pub(super) struct Budget {
    left: usize,
    keys_of_a_map: usize,
    exceeded: bool,
}

impl Budget {
    pub(super) fn new(fields: usize, keys_of_a_map: usize) -> Budget {
        Budget { left: fields, keys_of_a_map, exceeded: false }
    }

    /// Whether something was not counted.
    pub(super) fn is_exceeded(&self) -> bool {
        self.exceeded
    }

    fn take(&mut self) -> Option<()> {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Some(())
            }
            None => {
                self.exceeded = true;
                None
            }
        }
    }
}

/// Positions in an array, each belonging to another profile.
pub(super) enum Rows {
    All(usize),
    Some(Vec<usize>),
}

impl Rows {
    fn each(&self, mut f: impl FnMut(usize)) {
        match self {
            Rows::All(length) => (0..*length).for_each(f),
            Rows::Some(rows) => rows.iter().for_each(|row| f(*row)),
        }
    }

    fn count(&self) -> usize {
        match self {
            Rows::All(length) => *length,
            Rows::Some(rows) => rows.len(),
        }
    }
}

/// A field: its type, how many profiles fill it, and what is in it.
pub(super) struct Node {
    type_name: String,
    is_scalar: bool,
    filled: u64,
    inside: Inside,
}

enum Inside {
    Nothing,
    Fields(Vec<(String, Node)>),
    /// The first element, unless the budget was spent.
    First(Option<Box<Node>>),
    Keys(Keys),
}

#[derive(Default)]
struct Keys {
    places: AHashMap<String, usize>,
    /// In the order of `places`.
    nodes: Vec<Node>,
}

impl Node {
    /// A field of type `data_type` that nobody has filled yet; `None` when nothing more is counted.
    pub(super) fn new(data_type: &DataType, budget: &mut Budget) -> Option<Node> {
        budget.take()?;
        let inside = match data_type {
            DataType::Struct(fields) => Inside::Fields(
                fields.iter().filter_map(|f| Some((f.name().clone(), Node::new(f.data_type(), budget)?))).collect(),
            ),
            DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
                Inside::First(Node::new(item.data_type(), budget).map(Box::new))
            }
            DataType::Map(entries, _) if has_text_keys(entries) => Inside::Keys(Keys::default()),
            _ => Inside::Nothing,
        };
        Some(Node { type_name: type_name(data_type), is_scalar: is_scalar(data_type), filled: 0, inside })
    }

    /// Makes sure that a field that was seen before has the type it had.
    pub(super) fn check_type(&self, path: &str, data_type: &DataType) -> Result<(), Fault> {
        let found = type_name(data_type);
        if found == self.type_name {
            return Ok(());
        }
        Err(Fault::input(format!("`{path}` has the type {found} here and {} before", self.type_name))
            .hint("describe files with different schemas one at a time"))
    }

    /// Counts the profiles at `rows` of `array`.
    pub(super) fn visit(
        &mut self,
        path: &str,
        array: &ArrayRef,
        rows: &Rows,
        budget: &mut Budget,
    ) -> Result<(), Fault> {
        self.check_type(path, array.data_type())?;
        let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0);
        if let Inside::Nothing = self.inside {
            self.filled += match (&nulls, rows) {
                (None, rows) => rows.count(),
                (Some(nulls), Rows::All(length)) => length - nulls.null_count(),
                (Some(nulls), Rows::Some(rows)) => rows.iter().filter(|row| nulls.is_valid(**row)).count(),
            } as u64;
            return Ok(());
        }
        let filtered;
        let present = match &nulls {
            None => rows,
            Some(nulls) => {
                let mut valid = Vec::with_capacity(rows.count());
                rows.each(|row| {
                    if nulls.is_valid(row) {
                        valid.push(row);
                    }
                });
                filtered = Rows::Some(valid);
                &filtered
            }
        };
        self.filled += match &mut self.inside {
            Inside::Nothing => 0,
            Inside::Fields(fields) => {
                visit_struct(fields, path, array, present, budget)?;
                present.count()
            }
            Inside::First(first) => visit_list(first.as_deref_mut(), path, array, present, budget)?,
            Inside::Keys(keys) => keys.visit(path, array, present, budget)?,
        } as u64;
        Ok(())
    }

    /// Adds this field and all in it to `fields`.
    pub(super) fn tell(&self, path: &mut Vec<PathElement>, keys_shown_max: usize, fields: &mut Vec<FieldCount>) {
        let Some(own_path) = FieldPath::new(path.clone()) else { return };
        let keys_left_out = match &self.inside {
            Inside::Keys(keys) => keys.nodes.len().saturating_sub(keys_shown_max) as u64,
            _ => 0,
        };
        fields.push(FieldCount {
            path: own_path,
            type_name: self.type_name.clone(),
            is_scalar: self.is_scalar,
            filled: self.filled,
            keys_left_out,
        });
        let mut tell = |element: PathElement, node: &Node| {
            path.push(element);
            node.tell(path, keys_shown_max, fields);
            path.pop();
        };
        match &self.inside {
            Inside::Nothing | Inside::First(None) => {}
            Inside::Fields(inner) => inner.iter().for_each(|(name, node)| tell(PathElement::Name(name.clone()), node)),
            Inside::First(Some(first)) => tell(PathElement::Index(0), first),
            Inside::Keys(keys) => {
                let mut shown: Vec<(&String, &Node)> =
                    keys.places.iter().map(|(k, at)| (k, &keys.nodes[*at])).collect();
                shown.sort_by_key(|(key, node)| (Reverse(node.filled), *key));
                for (key, node) in shown.into_iter().take(keys_shown_max) {
                    tell(PathElement::Name(key.clone()), node);
                }
            }
        }
    }
}

fn visit_struct(
    fields: &mut Vec<(String, Node)>,
    path: &str,
    array: &ArrayRef,
    rows: &Rows,
    budget: &mut Budget,
) -> Result<(), Fault> {
    let array = array.as_struct();
    for (field, column) in array.fields().iter().zip(array.columns()) {
        let name = field.name();
        let at = match fields.iter().position(|(known, _)| known == name) {
            Some(at) => at,
            None => match Node::new(field.data_type(), budget) {
                Some(node) => {
                    fields.push((name.clone(), node));
                    fields.len() - 1
                }
                None => continue,
            },
        };
        fields[at].1.visit(&format!("{path}.{name}"), column, rows, budget)?;
    }
    Ok(())
}

/// Visits the first elements of the lists at `rows`; returns how many lists have one.
fn visit_list(
    first: Option<&mut Node>,
    path: &str,
    array: &ArrayRef,
    rows: &Rows,
    budget: &mut Budget,
) -> Result<usize, Fault> {
    let (values, firsts) = match array.data_type() {
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            (list.values(), first_elements(list.value_offsets(), rows))
        }
        DataType::FixedSizeList(_, _) => {
            let list = array.as_fixed_size_list();
            let length = list.value_length();
            let mut firsts = Vec::new();
            if length > 0 {
                rows.each(|row| firsts.push(list.value_offset(row) as usize));
            }
            (list.values(), firsts)
        }
        _ => {
            let list = array.as_list::<i32>();
            (list.values(), first_elements(list.value_offsets(), rows))
        }
    };
    let count = firsts.len();
    if let Some(first) = first {
        first.visit(&format!("{path}[0]"), values, &Rows::Some(firsts), budget)?;
    }
    Ok(count)
}

fn first_elements<O: OffsetSizeTrait>(offsets: &[O], rows: &Rows) -> Vec<usize> {
    let mut firsts = Vec::with_capacity(rows.count());
    rows.each(|row| {
        if offsets[row] < offsets[row + 1] {
            firsts.push(offsets[row].as_usize());
        }
    });
    firsts
}

impl Keys {
    /// Visits the entries of the maps at `rows`, key by key; returns how many maps have one.
    fn visit(&mut self, path: &str, array: &ArrayRef, rows: &Rows, budget: &mut Budget) -> Result<usize, Fault> {
        let map = array.as_map();
        let texts = cast(map.keys(), &DataType::Utf8).map_err(|error| {
            Fault::input(format!("the keys of `{path}` cannot be read")).hint("map keys must be text").because(error)
        })?;
        let texts: &StringArray = texts.as_string();
        let offsets = map.value_offsets();
        let value_type = map.values().data_type();
        // Per key, the entries at this batch's rows, and the row that had it last: a key given twice counts once.
        let mut entries: Vec<(Vec<usize>, Option<usize>)> = Vec::new();
        let mut filled = 0;
        rows.each(|row| {
            let range = offsets[row] as usize..offsets[row + 1] as usize;
            filled += usize::from(!range.is_empty());
            for entry in range {
                let Some(place) = self.place(texts.value(entry), value_type, budget) else { continue };
                if place >= entries.len() {
                    entries.resize_with(place + 1, Default::default);
                }
                let (of_key, last_row) = &mut entries[place];
                if last_row.replace(row) != Some(row) {
                    of_key.push(entry);
                }
            }
        });
        for (place, (of_key, _)) in entries.into_iter().enumerate() {
            if !of_key.is_empty() {
                // The path of a fault names the map: keys may be many, their types are one.
                self.nodes[place].visit(path, map.values(), &Rows::Some(of_key), budget)?;
            }
        }
        Ok(filled)
    }

    fn place(&mut self, key: &str, value_type: &DataType, budget: &mut Budget) -> Option<usize> {
        if let Some(place) = self.places.get(key) {
            return Some(*place);
        }
        if self.nodes.len() >= budget.keys_of_a_map || key.len() > KEY_BYTES_MAX {
            budget.exceeded = true;
            return None;
        }
        self.nodes.push(Node::new(value_type, budget)?);
        self.places.insert(key.to_string(), self.nodes.len() - 1);
        Some(self.nodes.len() - 1)
    }
}

fn has_text_keys(entries: &FieldRef) -> bool {
    match entries.data_type() {
        DataType::Struct(fields) => fields.first().is_some_and(|key| type_name(key.data_type()) == "string"),
        _ => false,
    }
}
