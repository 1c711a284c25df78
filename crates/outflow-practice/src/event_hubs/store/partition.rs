//! The file of one partition.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::Event;
use super::line::Line;

/// Every so many-th line's place is known.
pub(crate) const STRIDE: u64 = 256;

/// What is known of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Number of the last event; -1 where there is none.
    pub(crate) last_sequence_number: i64,
    /// Offset of the last event.
    pub(crate) last_offset: Option<u64>,
    /// When it came in, in milliseconds since 1970.
    pub(crate) last_enqueued_millis: Option<i64>,
}

/// A partition that is written.
pub(crate) struct Partition {
    pub(crate) path: PathBuf,
    file: File,
    /// Length of what is whole, in bytes.
    pub(crate) bytes: u64,
    lines: u64,
    /// Where each [`STRIDE`]th line begins.
    pub(crate) marks: Vec<u64>,
    last: Summary,
}

impl Partition {
    /// Reads the file once; a last line that was not finished is cut off.
    pub(crate) fn open(path: PathBuf) -> io::Result<Partition> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path)?;
        let (mut bytes, mut lines, mut marks) = (0_u64, 0_u64, Vec::new());
        let (mut text, mut last_offset) = (Vec::new(), None);
        let mut reader = BufReader::new(File::open(&path)?);
        loop {
            text.clear();
            let read = reader.read_until(b'\n', &mut text)?;
            if read == 0 || text.last() != Some(&b'\n') {
                break;
            }
            if lines.is_multiple_of(STRIDE) {
                marks.push(bytes);
            }
            last_offset = Some(bytes);
            bytes += read as u64;
            lines += 1;
        }
        file.set_len(bytes)?;
        let mut last = Summary { last_sequence_number: -1, last_offset, last_enqueued_millis: None };
        if let Some(offset) = last_offset {
            text.clear();
            reader.seek(SeekFrom::Start(offset))?;
            reader.read_until(b'\n', &mut text)?;
            let line = Line::parse(&text)?;
            last.last_sequence_number = line.sequence_number;
            last.last_enqueued_millis = Some(line.enqueued_millis());
        }
        Ok(Partition { path, file, bytes, lines, marks, last })
    }

    pub(crate) fn summary(&self) -> Summary {
        self.last
    }

    /// Appends events with one write.
    pub(crate) fn append(&mut self, events: &[Event], now_millis: i64) -> io::Result<()> {
        let mut text = Vec::new();
        let (mut marks, mut last) = (Vec::new(), self.last);
        for (number, event) in (self.lines..).zip(events) {
            let offset = self.bytes + text.len() as u64;
            if number.is_multiple_of(STRIDE) {
                marks.push(offset);
            }
            last = Summary {
                last_sequence_number: last.last_sequence_number + 1,
                last_offset: Some(offset),
                last_enqueued_millis: Some(now_millis),
            };
            serde_json::to_writer(&mut text, &Line::new(event, last.last_sequence_number, now_millis))?;
            text.push(b'\n');
        }
        if let Err(error) = self.file.write_all(&text) {
            // What was written of it must not stand before the next.
            self.file.set_len(self.bytes)?;
            return Err(error);
        }
        self.bytes += text.len() as u64;
        self.lines += events.len() as u64;
        self.marks.extend(marks);
        self.last = last;
        Ok(())
    }
}
