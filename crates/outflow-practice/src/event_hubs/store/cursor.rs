//! Reading a partition from where a reader asks for.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::sync::Arc;

use super::Hub;
use super::line::Line;
use crate::event_hubs::codec::message::Message;

/// Where a reader begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// At the first event that is there.
    First,
    /// With what comes in from now on.
    Latest,
    /// After an offset, or at it.
    Offset { offset: i64, inclusive: bool },
    /// After a sequence number, or at it.
    Sequence { number: i64, inclusive: bool },
    /// After a time in milliseconds since 1970, or at it.
    Enqueued { millis: i64, inclusive: bool },
}

impl Start {
    /// Reads a selector such as `amqp.annotation.x-opt-offset > '12'`.
    pub(crate) fn parse(selector: &str) -> Option<Start> {
        let mut words = selector.strip_prefix("amqp.annotation.x-opt-")?.split_whitespace();
        let (name, operator) = (words.next()?, words.next()?);
        let value = words.next()?.trim_matches('\'');
        let inclusive = match operator {
            ">" => false,
            ">=" => true,
            _ => return None,
        };
        match name {
            "offset" if value == "@latest" => Some(Start::Latest),
            "offset" => Some(Start::Offset { offset: value.parse().ok()?, inclusive }),
            "sequence-number" => Some(Start::Sequence { number: value.parse().ok()?, inclusive }),
            "enqueued-time" => Some(Start::Enqueued { millis: value.parse().ok()?, inclusive }),
            _ => None,
        }
    }

    /// Whether the event at `offset` comes before the start.
    fn is_after(self, offset: u64, line: &Line) -> bool {
        let before = |value: i64, limit: i64, inclusive: bool| value < limit || (value == limit && !inclusive);
        match self {
            Start::First | Start::Latest => false,
            Start::Offset { offset: limit, inclusive } => {
                before(i64::try_from(offset).unwrap_or(i64::MAX), limit, inclusive)
            }
            Start::Sequence { number, inclusive } => before(line.sequence_number, number, inclusive),
            Start::Enqueued { millis, inclusive } => before(line.enqueued_millis(), millis, inclusive),
        }
    }
}

/// A place in a partition.
pub(crate) struct Cursor {
    hub: Arc<Hub>,
    partition: usize,
    reader: BufReader<File>,
    /// Where the next line begins.
    position: u64,
}

impl Cursor {
    /// A cursor at `start`.
    pub(crate) fn open(hub: Arc<Hub>, partition: usize, start: Start) -> io::Result<Cursor> {
        let (path, bytes, marks) = {
            let locked = hub.locked(partition).ok_or(io::ErrorKind::NotFound)?;
            (locked.path.clone(), locked.bytes, locked.marks.clone())
        };
        let mut cursor = Cursor { hub, partition, reader: BufReader::new(File::open(path)?), position: 0 };
        if start == Start::Latest {
            cursor.seek(bytes)?;
            return Ok(cursor);
        }
        // The last mark that is before the start, found by halving, and from there line by line.
        let (mut low, mut high) = (0, marks.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            cursor.seek(marks[middle])?;
            match cursor.next_line()? {
                Some((offset, line)) if start.is_after(offset, &line) => low = middle + 1,
                _ => high = middle,
            }
        }
        cursor.seek(if low == 0 { 0 } else { marks[low - 1] })?;
        while let Some((offset, line)) = cursor.next_line()? {
            if !start.is_after(offset, &line) {
                cursor.seek(offset)?;
                break;
            }
        }
        Ok(cursor)
    }

    fn seek(&mut self, position: u64) -> io::Result<()> {
        self.reader.seek(SeekFrom::Start(position))?;
        self.position = position;
        Ok(())
    }

    /// The next event; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Message>> {
        match self.next_line()? {
            Some((offset, line)) => line.message(offset).map(Some),
            None => Ok(None),
        }
    }

    fn next_line(&mut self) -> io::Result<Option<(u64, Line)>> {
        let whole = self.hub.locked(self.partition).map_or(0, |locked| locked.bytes);
        if self.position >= whole {
            return Ok(None);
        }
        let mut text = Vec::new();
        let read = self.reader.read_until(b'\n', &mut text)?;
        let offset = self.position;
        self.position += read as u64;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some((offset, Line::parse(&text)?)))
    }
}
