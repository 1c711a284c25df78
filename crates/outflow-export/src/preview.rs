//! A look at what would be in files: the first rows, encoded by what encodes those of a run.
//!
//! Nothing is deduplicated, for which everybody would have to be read; and nothing is compressed or encrypted.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, UInt64Array};
use arrow::datatypes::UInt64Type;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use outflow_model::Fault;
use outflow_profiles::scan::{Profiles, RowSelection, ScanRequest};

use crate::dedup::explode;
use crate::encode::{CsvEncoder, JsonEncoder, Node, RowEncoder, is_writable, plain, rows_of};
use crate::plan::{ExportPlan, FileFormat};
use crate::run::Columns;

/// Bytes of text that a look shows at most.
const TEXT_BYTES_MAX: usize = 1 << 20;

/// The first rows of a flow's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePreview {
    /// What a file of them is, uncompressed and in clear.
    pub content_type: &'static str,
    /// The headers, in order.
    pub columns: Vec<String>,
    /// Of each row the values as text, without quotes or escapes; lists and objects as JSON. `None` where there is none.
    pub rows: Vec<Vec<Option<String>>>,
    /// The beginning of a file, head and rows; `None` of a format that is no text.
    pub text: Option<String>,
    /// Profiles that the rows are of.
    pub profiles: u64,
    /// Whether there are more rows than are shown.
    pub is_truncated: bool,
}

/// The first rows that `plan` would write of the members in `rows`: those of `profiles_max` profiles that have all that is
/// mandatory, and a MiB at most.
///
/// # Errors
/// `Input` for paths that lead nowhere and for values that the format cannot hold; for files that are not there or
/// damaged; and whatever `check` answers.
pub fn preview_files(
    plan: &ExportPlan,
    profiles: &Profiles,
    rows: &Arc<RowSelection>,
    profiles_max: u64,
    check: &dyn Fn() -> Result<(), Fault>,
) -> Result<FilePreview, Fault> {
    let columns = Columns::of(plan, profiles, Some(rows.as_ref()), false)?;
    let mut shown = Shown::new(plan, &columns)?;
    let request = ScanRequest {
        rows: Some(Arc::clone(rows)),
        require: plan.require.clone(),
        columns: columns.scanned.clone(),
        ..ScanRequest::default()
    };
    'all: for morsel in profiles.morsels() {
        let mut scan = profiles.scan(*morsel, &request)?;
        while let Some(batch) = scan.next_batch()? {
            check()?;
            let count = rows_of(&batch.columns) as u64;
            let room = profiles_max - shown.preview.profiles;
            shown.preview.is_truncated |= count > room;
            let count = count.min(room);
            let wanted = |column: &ArrayRef| column.slice(0, usize::try_from(count).unwrap_or(usize::MAX));
            let batch: Vec<ArrayRef> = batch.columns.iter().map(wanted).collect();
            let (columns, of) = of_files(&batch, plan, &columns)?;
            shown.add(&columns, &of)?;
            if shown.preview.is_truncated {
                break 'all;
            }
        }
    }
    Ok(shown.finish())
}

/// The columns of files, where an identity makes a row, a row for each; and of each row the number of its profile.
fn of_files(scanned: &[ArrayRef], plan: &ExportPlan, columns: &Columns) -> Result<(Vec<ArrayRef>, UInt64Array), Fault> {
    let numbers = UInt64Array::from_iter_values(0..rows_of(scanned) as u64);
    let (mut of_files, of) = match &columns.dedup {
        Some(layout) if layout.is_namespace => {
            let mut stored: Vec<ArrayRef> = layout.stored.iter().map(|number| Arc::clone(&scanned[*number])).collect();
            stored.push(Arc::new(numbers));
            let mut exploded = explode(&stored, plan.mapping.len())?;
            let of = exploded.pop().ok_or_else(|| Fault::internal("identities made no columns"))?;
            (exploded, of.as_primitive::<UInt64Type>().clone())
        }
        _ => (scanned.to_vec(), numbers),
    };
    of_files.truncate(columns.schema.fields().len());
    Ok((of_files, of))
}

/// What is shown so far.
struct Shown {
    encoder: Option<Box<dyn RowEncoder>>,
    text: Vec<u8>,
    preview: FilePreview,
}

impl Shown {
    fn new(plan: &ExportPlan, columns: &Columns) -> Result<Shown, Fault> {
        let headers = columns.headers();
        let (content_type, encoder): (_, Option<Box<dyn RowEncoder>>) = match &plan.format {
            FileFormat::Csv(dialect) => {
                ("text/csv; charset=utf-8", Some(Box::new(CsvEncoder::new(dialect.clone(), headers.clone()))))
            }
            FileFormat::Json => ("application/x-ndjson", Some(Box::new(JsonEncoder::new(&headers)))),
            FileFormat::Parquet => ("application/vnd.apache.parquet", None),
        };
        let text = encoder.as_ref().map_or(Ok(Vec::new()), |encoder| encoder.header())?;
        let (rows, profiles) = (Vec::new(), 0);
        let preview = FilePreview { content_type, columns: headers, rows, text: None, profiles, is_truncated: false };
        Ok(Shown { encoder, text, preview })
    }

    /// Adds rows of a batch as long as there is room; `of` has the number of each one's profile, in order.
    fn add(&mut self, columns: &[ArrayRef], of: &UInt64Array) -> Result<(), Fault> {
        let rows = rows_of(columns);
        let columns: Vec<ArrayRef> = match self.encoder {
            Some(_) => columns.iter().map(plain).collect::<Result<_, _>>()?,
            None => columns.iter().map(shown_as).collect::<Result<_, _>>()?,
        };
        let nodes: Vec<Node<'_>> = columns.iter().map(Node::new).collect::<Result<_, _>>()?;
        let (mut row, mut cells_bytes) = (0, 0);
        while row < rows {
            let encoded = self.encoder.as_mut().map(|encoder| encoder.encode(&columns, row)).transpose()?;
            let ends = encoded.as_ref().map_or(&[0u32][..], |encoded| &encoded.row_ends);
            let mut from = 0;
            for end in ends {
                let bytes = encoded.as_ref().map_or(&[][..], |encoded| &encoded.bytes[from..*end as usize]);
                let cells: Vec<Option<String>> = columns.iter().zip(&nodes).map(|(c, n)| cell(c, n, row)).collect();
                cells_bytes += cells.iter().flatten().map(String::len).sum::<usize>();
                if self.text.len() + bytes.len() > TEXT_BYTES_MAX || cells_bytes > TEXT_BYTES_MAX {
                    self.preview.is_truncated = true;
                    return Ok(());
                }
                self.text.extend_from_slice(bytes);
                self.preview.rows.push(cells);
                self.preview.profiles += u64::from(row == 0 || of.value(row) != of.value(row - 1));
                (from, row) = (*end as usize, row + 1);
            }
        }
        Ok(())
    }

    fn finish(mut self) -> FilePreview {
        // What a dialect writes is text; a value in another encoding was refused when it was read.
        self.preview.text = self.encoder.as_ref().map(|_| String::from_utf8_lossy(&self.text).into_owned());
        self.preview
    }
}

/// A column of a format that is no text: what no text format holds is shown as Arrow shows it.
fn shown_as(column: &ArrayRef) -> Result<ArrayRef, Fault> {
    if is_writable(column.data_type()).is_ok() {
        return plain(column);
    }
    let unfit = |e| Fault::internal("values cannot be shown").because(e);
    let options = FormatOptions::default();
    let format = ArrayFormatter::try_new(column.as_ref(), &options).map_err(unfit)?;
    let text = |row| column.is_valid(row).then(|| format.value(row).to_string());
    Ok(Arc::new((0..column.len()).map(text).collect::<arrow::array::StringArray>()))
}

/// A value as text.
fn cell(column: &ArrayRef, node: &Node<'_>, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    let mut json = Vec::new();
    node.write(row, &mut json);
    match serde_json::from_slice(&json) {
        Ok(serde_json::Value::String(text)) => Some(text),
        Ok(serde_json::Value::Null) => None,
        _ => Some(String::from_utf8_lossy(&json).into_owned()),
    }
}
