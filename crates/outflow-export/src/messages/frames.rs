//! A file that only grows, a frame at a time: each is written by one write and is on the disk before more depends on it.
//!
//! A frame is `OFFR`, the length (u32) and the CRC-32 of its content, and the content. A crash tears the last frame at
//! most: one that is not whole and has no whole one behind it was never answered for, and is cut off. Anything else that
//! is not as it was written is damage, and is told.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use outflow_model::{Fault, FaultClass};

use super::disk::{damaged, sync_folder, unreadable, unwritable};

const MARK: [u8; 4] = *b"OFFR";

/// Mark, length, checksum.
const HEAD_BYTES: usize = 12;

/// Bytes of a frame's content.
pub(crate) const FRAME_BYTES_MAX: usize = 32 << 20;

/// A file of frames that this process appends to, and nobody else.
#[derive(Debug)]
pub(crate) struct FrameFile {
    path: PathBuf,
    file: File,
    /// Bytes of whole frames.
    whole_bytes: u64,
    /// There may be part of a frame behind them.
    is_torn: bool,
}

impl FrameFile {
    /// Opens the file `path`, made if it is not there, and shows `visit` each frame with the place where it begins. Where
    /// `visit` says `false` the file is cut, that frame and all behind it.
    ///
    /// # Errors
    /// `Unavailable` while another one has it open, `Input` naming a damaged file, `Refused` where the disk does not take
    /// it, and those of `visit`.
    pub fn open(
        path: &Path,
        kind: &[u8; 8],
        visit: impl FnMut(&[u8]) -> Result<bool, Fault>,
    ) -> Result<FrameFile, Fault> {
        let file = OpenOptions::new().create(true).read(true).append(true).open(path);
        let file = file.map_err(|e| unwritable(path, e))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(Fault::new(FaultClass::Unavailable, "the messages are being sent by another worker")
                    .tried(format!("lock {}", path.display())));
            }
            Err(TryLockError::Error(e)) if e.kind() != ErrorKind::Unsupported => return Err(unwritable(path, e)),
            _ => {}
        }
        let length = file.metadata().map_err(|e| unreadable(path, e))?.len();
        let whole_bytes = if length < kind.len() as u64 {
            // Made, and cut off by a crash before anything was kept.
            file.set_len(0).map_err(|e| unwritable(path, e))?;
            (&file).write_all(kind).and_then(|()| file.sync_all()).map_err(|e| unwritable(path, e))?;
            path.parent().map_or(Ok(()), sync_folder)?;
            kind.len() as u64
        } else {
            read(path, kind, visit)?
        };
        let mut frames = FrameFile { path: path.to_path_buf(), file, whole_bytes, is_torn: length > whole_bytes };
        frames.mend()?;
        Ok(frames)
    }

    /// Adds a frame; when this answers it is on the disk.
    ///
    /// # Errors
    /// `Refused` where the disk does not take it; the frame is then not there.
    pub fn append(&mut self, content: &[u8]) -> Result<(), Fault> {
        if content.is_empty() || content.len() > FRAME_BYTES_MAX {
            return Err(Fault::internal(format!("a frame cannot have {} bytes", content.len())));
        }
        self.mend()?;
        let mut frame = Vec::with_capacity(HEAD_BYTES + content.len());
        frame.extend_from_slice(&MARK);
        frame.extend_from_slice(&(content.len() as u32).to_le_bytes());
        frame.extend_from_slice(&crc32fast::hash(content).to_le_bytes());
        frame.extend_from_slice(content);
        self.is_torn = true;
        let written = (&self.file).write_all(&frame).and_then(|()| self.file.sync_data());
        written.map_err(|e| unwritable(&self.path, e))?;
        self.whole_bytes += frame.len() as u64;
        self.is_torn = false;
        Ok(())
    }

    /// Cuts off what is behind the whole frames.
    fn mend(&mut self) -> Result<(), Fault> {
        if self.is_torn {
            let cut = self.file.set_len(self.whole_bytes).and_then(|()| self.file.sync_all());
            cut.map_err(|e| unwritable(&self.path, e))?;
            self.is_torn = false;
        }
        Ok(())
    }
}

/// Shows `visit` the frames of a file, one at a time, until it says `false`; answers where the last one that it took
/// ends. A file that is not there has none.
///
/// # Errors
/// `Input` naming a damaged file, and those of `visit`.
pub(crate) fn read(
    path: &Path,
    kind: &[u8; 8],
    mut visit: impl FnMut(&[u8]) -> Result<bool, Fault>,
) -> Result<u64, Fault> {
    read_from(path, kind, 0, |frame, _| visit(frame))
}

/// As [`read`], from the frame on that begins at byte `from` of the file, or the first; `visit` is told where each begins.
///
/// # Errors
/// As [`read`], and `Input` where no frame begins there.
pub(crate) fn read_from(
    path: &Path,
    kind: &[u8; 8],
    from: u64,
    mut visit: impl FnMut(&[u8], u64) -> Result<bool, Fault>,
) -> Result<u64, Fault> {
    let file = match File::open(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(0),
        opened => opened.map_err(|e| unreadable(path, e))?,
    };
    let mut reader = BufReader::new(file);
    let mut head = Vec::new();
    fill(&mut reader, &mut head, kind.len()).map_err(|e| unreadable(path, e))?;
    if head.len() < kind.len() {
        return Ok(0);
    }
    if head != kind {
        return Err(damaged(path, "it is of another kind or version"));
    }
    let begin = from.max(kind.len() as u64);
    reader.seek(SeekFrom::Start(begin)).map_err(|e| unreadable(path, e))?;
    let (mut at, mut frame) = (begin, Vec::new());
    loop {
        frame.clear();
        if !next_frame(&mut reader, &mut frame).map_err(|e| unreadable(path, e))? {
            break;
        }
        if !visit(&frame[HEAD_BYTES..], at)? {
            return Ok(at);
        }
        at += frame.len() as u64;
    }
    if from > 0 && at == begin && !frame.is_empty() {
        return Err(no_frame(path, from));
    }
    // What is left is no frame. Were it torn, it would be the last thing in the file.
    let mut rest = frame;
    reader.take(2 * FRAME_BYTES_MAX as u64).read_to_end(&mut rest).map_err(|e| unreadable(path, e))?;
    match has_frame(&rest) {
        true => Err(damaged(path, "a frame within it is not whole")),
        false => Ok(at),
    }
}

fn no_frame(path: &Path, at: u64) -> Fault {
    Fault::input(format!("the file {} cannot be read on from byte {at}", path.display()))
        .tried(format!("read {}", path.display()))
        .hint("begin with the first page")
}

/// Reads a frame into `frame`; `false` when what was read is none.
fn next_frame(reader: &mut impl Read, frame: &mut Vec<u8>) -> std::io::Result<bool> {
    fill(reader, frame, HEAD_BYTES)?;
    let Some((length, _)) = head(frame) else { return Ok(false) };
    fill(reader, frame, length)?;
    Ok(is_whole(frame))
}

/// Length and checksum that the head of a frame tells.
fn head(bytes: &[u8]) -> Option<(usize, u32)> {
    let number = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let (length, checksum) = (number(4)? as usize, number(8)?);
    (bytes[..4] == MARK && (1..=FRAME_BYTES_MAX).contains(&length)).then_some((length, checksum))
}

/// Whether `bytes` begin with a whole frame.
fn is_whole(bytes: &[u8]) -> bool {
    let Some((length, checksum)) = head(bytes) else { return false };
    bytes.get(HEAD_BYTES..HEAD_BYTES + length).is_some_and(|content| crc32fast::hash(content) == checksum)
}

/// Whether there is a whole frame behind the first byte.
fn has_frame(bytes: &[u8]) -> bool {
    let places = bytes.windows(MARK.len()).enumerate().skip(1);
    places.filter(|(_, window)| **window == MARK).any(|(at, _)| is_whole(&bytes[at..]))
}

/// Reads up to `count` bytes more.
fn fill(reader: &mut impl Read, into: &mut Vec<u8>, count: usize) -> std::io::Result<()> {
    reader.take(count as u64).read_to_end(into).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &[u8; 8] = b"OFTEST01";

    fn frames(path: &Path) -> Result<Vec<Vec<u8>>, Fault> {
        let mut found = Vec::new();
        read(path, KIND, |content| {
            found.push(content.to_vec());
            Ok(true)
        })?;
        Ok(found)
    }

    #[test]
    fn of_a_file_cut_anywhere_the_whole_frames_stay_and_more_can_follow() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let mut file = FrameFile::open(&path, KIND, |_| Ok(true)).unwrap();
        let all: Vec<Vec<u8>> = vec![b"one".to_vec(), b"OFFR".to_vec(), vec![0; 40]];
        all.iter().for_each(|content| file.append(content).unwrap());
        drop(file);
        let bytes = std::fs::read(&path).unwrap();
        let ends: Vec<usize> = all
            .iter()
            .scan(8, |at, c| {
                *at += 12 + c.len();
                Some(*at)
            })
            .collect();
        for cut in 0..=bytes.len() {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let whole = ends.iter().filter(|end| **end <= cut).count();
            assert_eq!(frames(&path).unwrap(), all[..whole], "cut at {cut}");
            let mut seen = 0;
            let mut file = FrameFile::open(&path, KIND, |_| {
                seen += 1;
                Ok(true)
            })
            .unwrap();
            file.append(b"more").unwrap();
            assert_eq!(seen, whole);
            assert_eq!(frames(&path).unwrap().len(), whole + 1);
        }
        // What a file system makes longer before it is written.
        std::fs::write(&path, [&bytes[..ends[1]], &[0; 100]].concat()).unwrap();
        assert_eq!(frames(&path).unwrap(), all[..2]);
    }

    #[test]
    fn damage_within_a_file_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let mut file = FrameFile::open(&path, KIND, |_| Ok(true)).unwrap();
        ["one", "two"].iter().for_each(|content| file.append(content.as_bytes()).unwrap());
        let bytes = std::fs::read(&path).unwrap();
        for at in 0..8 + 12 + 3 {
            let mut other = bytes.clone();
            other[at] ^= 0x40;
            std::fs::write(&path, &other).unwrap();
            let fault = frames(&path).unwrap_err();
            assert_eq!(fault.class, FaultClass::Input, "byte {at}");
        }
    }

    #[test]
    fn one_appends_and_the_file_is_cut_where_it_says() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let mut file = FrameFile::open(&path, KIND, |_| Ok(true)).unwrap();
        ["one", "two"].iter().for_each(|content| file.append(content.as_bytes()).unwrap());
        let busy = FrameFile::open(&path, KIND, |_| Ok(true)).unwrap_err();
        assert_eq!(busy.class, FaultClass::Unavailable);
        drop(file);
        drop(FrameFile::open(&path, KIND, |content| Ok(content != b"two")).unwrap());
        assert_eq!(frames(&path).unwrap(), [b"one"]);
        assert!(frames(&dir.path().join("none")).unwrap().is_empty());
    }

    #[test]
    fn frames_are_read_on_from_where_one_begins_and_from_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let mut file = FrameFile::open(&path, KIND, |_| Ok(true)).unwrap();
        ["one", "second", "3"].iter().for_each(|content| file.append(content.as_bytes()).unwrap());
        let found = |from: u64| {
            let mut found = Vec::new();
            read_from(&path, KIND, from, |content, at| {
                found.push((at, String::from_utf8(content.to_vec()).unwrap()));
                Ok(true)
            })
            .map(|_| found)
        };
        let all = found(0).unwrap();
        assert_eq!(
            all.iter().map(|(at, content)| (*at, content.as_str())).collect::<Vec<_>>(),
            [(8, "one"), (23, "second"), (41, "3")]
        );
        for (number, (at, _)) in all.iter().enumerate() {
            assert_eq!(found(*at).unwrap(), all[number..]);
        }
        // Behind the last one there is nothing yet.
        assert_eq!(found(54).unwrap(), []);
        for from in [9, 22, 24, 53] {
            assert_eq!(found(from).unwrap_err().class, FaultClass::Input, "from {from}");
        }
    }
}
