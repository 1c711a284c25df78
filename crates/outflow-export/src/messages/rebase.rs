//! Folding a set that was sent in part back into the state before it.
//!
//! The result is what the far end knows as far as it said so: where a message was accepted, what the next told state has;
//! where it was never sent, what the state before has. A message that was sent and not acknowledged may have arrived, so
//! that its profile is in the segments of both for the far end, and is due: the next derivation sends it, whatever it finds,
//! and so an exit is never lost. Where a message was refused, what it says counts as told, but for the segments that the
//! profile left: in those it still is for the far end, which is told with the next message about it, and sooner only if
//! somebody asks for that.
//!
//! What the next told state is over is what the result is over. Who vanished there, and was not told so, has its last known
//! values in its message; they are kept in its row.

use std::iter::Peekable;
use std::ops::Range;
use std::path::Path;

use outflow_connector_kit::Message;
use outflow_model::{Fault, FaultClass};
use outflow_profiles::Work;
use outflow_profiles::membership::Standings;
use outflow_profiles::snapshot::hash_of;

use super::acks::Acks;
use super::derive::within_memory;
use super::disk::{make_folder, unwritable};
use super::outbox::{OpenSet, SetReader};
use super::told::{EXIT_REFUSED, Lasts, ToldPart, ToldRow, ToldRows, ToldState, ToldWriter};

/// Folds `set`, which leads from the state `before` to the state `after`, back as far as `acks` do not say that its messages
/// are settled. The folder `into` gets the result as `told`; what an earlier attempt left there is removed.
///
/// # Errors
/// `Internal` where set and state are not of one derivation, `Input` for files that are not there or damaged, `Refused`
/// where the disk does not take what is written; and whatever `work.check` answers.
pub fn rebase(
    before: Option<&ToldState>,
    after: &ToldState,
    set: &OpenSet,
    acks: &Acks,
    into: &Path,
    work: &Work<'_>,
) -> Result<ToldState, Fault> {
    (work.check)()?;
    let pieces = after.parts.len();
    if set.sequence != after.sequence || set.parts.iter().any(|part| part.part as usize >= pieces) {
        return Err(Fault::internal("the set and the told state are not of one derivation"));
    }
    let folder = into.join("told");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|e| unwritable(&folder, e))?;
    }
    make_folder(&folder)?;
    let fold = Fold { before, after, set, acks, folder: &folder, work };
    let folded = within_memory(work).spread(
        pieces,
        || Ok((Vec::new(), Rows::new(after))),
        |(parts, rows), piece| {
            parts.push((piece, fold.piece(piece, rows)?));
            Ok(())
        },
        |(parts, _)| Ok(parts),
    )?;
    let mut parts: Vec<(usize, ToldPart)> = folded.into_iter().flatten().collect();
    parts.sort_by_key(|(piece, _)| *piece);
    let parts: Vec<ToldPart> = parts.into_iter().map(|(_, part)| part).collect();
    let profiles = parts.iter().map(|part| part.profiles).sum();
    let state = ToldState { folder: folder.clone(), profiles, parts, ..after.clone() };
    state.save()?;
    Ok(state)
}

struct Fold<'a> {
    before: Option<&'a ToldState>,
    after: &'a ToldState,
    set: &'a OpenSet,
    acks: &'a Acks,
    folder: &'a Path,
    work: &'a Work<'a>,
}

struct Rows<'a> {
    before: ToldRows,
    after: ToldRows,
    /// Of those after.
    lasts: Lasts<'a>,
    memberships: Vec<(u32, i64)>,
}

impl<'a> Rows<'a> {
    fn new(after: &'a ToldState) -> Rows<'a> {
        let (lasts, memberships) = (Lasts::new(after), Vec::new());
        Rows { before: ToldRows::default(), after: ToldRows::default(), lasts, memberships }
    }
}

/// Rows between which the work is asked whether it goes on.
const CHECKED_ROWS: usize = 4_096;

impl Fold<'_> {
    fn piece(&self, piece: usize, rows: &mut Rows<'_>) -> Result<ToldPart, Fault> {
        (self.work.check)()?;
        let hashes = Standings::hashes(piece, self.after.parts.len());
        let segments: Vec<&str> = self.after.segments.iter().map(String::as_str).collect();
        rows.before.clear();
        if let Some(before) = self.before {
            before.read(&hashes, &segments, &mut rows.before)?;
        }
        self.after.read(&hashes, &segments, &mut rows.after)?;
        let mut writer = ToldWriter::new(self.folder, piece, self.after.sequence);
        let mut messages = self.messages(piece);
        let (mut here, mut there) = (0, 0);
        let mut count = 0;
        while let Some(of) = least(&rows.before, here, &rows.after, there, &mut messages)? {
            count += 1;
            if count % CHECKED_ROWS == 0 {
                (self.work.check)()?;
            }
            let before = of.before.then(|| rows.before.at(here));
            let after = match of.after {
                true => Some(ToldRow { last: rows.lasts.of(&rows.after, there)?, ..rows.after.at(there) }),
                false => None,
            };
            let message = if of.message { messages.next().transpose()? } else { None };
            self.row((before, after), message, &mut rows.memberships, &mut writer)?;
            here += usize::from(of.before);
            there += usize::from(of.after);
        }
        writer.finish()
    }

    /// What is told of one profile.
    fn row(
        &self,
        (before, after): (Option<ToldRow<'_>>, Option<ToldRow<'_>>),
        message: Option<Numbered>,
        memberships: &mut Vec<(u32, i64)>,
        writer: &mut ToldWriter,
    ) -> Result<(), Fault> {
        let Some(message) = message.filter(|message| !self.acks.accepted().contains(message.number)) else {
            return after.map_or(Ok(()), |after| writer.add(&after));
        };
        let body = message.message.body;
        let last = match after {
            Some(_) => None,
            None => {
                let (attributes, identities) = fragments(&body).ok_or_else(|| self.no_message())?;
                Some((&body[attributes], &body[identities]))
            }
        };
        let is_refused = self.acks.refused().contains(message.number);
        if !is_refused && message.number >= self.acks.attempted() {
            return before.map_or(Ok(()), |before| writer.add(&ToldRow { last, ..before }));
        }
        let base = if is_refused { after.or(before) } else { before.or(after) };
        let base = base.ok_or_else(|| self.no_message())?;
        memberships.clear();
        memberships.extend_from_slice(after.map_or(&[], |after| after.memberships));
        for (segment, time) in before.map_or(&[][..], |before| before.memberships) {
            if memberships.iter().all(|(other, _)| other != segment) {
                memberships.push((*segment, if is_refused { EXIT_REFUSED } else { *time }));
            }
        }
        memberships.sort_unstable();
        writer.add(&ToldRow { memberships, due: !is_refused, last, ..base })
    }

    /// The messages about profiles of a piece.
    fn messages(&self, piece: usize) -> Peekable<Messages> {
        let before = self.set.parts.iter().take_while(|part| (part.part as usize) < piece);
        let first = before.map(|part| part.messages).sum();
        let own = self.set.parts.iter().find(|part| part.part as usize == piece).map_or(0, |part| part.messages);
        Messages { reader: (own > 0).then(|| self.set.reader(first)), end: first + own }.peekable()
    }

    fn no_message(&self) -> Fault {
        Fault::new(FaultClass::Input, format!("the set {} is not what was written", self.set.folder.display()))
            .tried(format!("read {}", self.set.folder.display()))
            .hint("restore the folder from a backup, or activate the flow anew; check the disk")
    }
}

/// Who has the profile that comes next.
struct Of {
    before: bool,
    after: bool,
    message: bool,
}

/// Finds the profile that comes next; `None` behind the last.
fn least(
    before: &ToldRows,
    here: usize,
    after: &ToldRows,
    there: usize,
    messages: &mut Peekable<Messages>,
) -> Result<Option<Of>, Fault> {
    if messages.peek().is_some_and(Result::is_err) {
        return messages.next().transpose().map(|_| None);
    }
    let of_rows = |rows: &'_ ToldRows, at: usize| (at < rows.len()).then_some(at);
    let before = of_rows(before, here).map(|at| before.keys().at(at)).map(|(hash, id)| (hash, id.as_bytes()));
    let after = of_rows(after, there).map(|at| after.keys().at(at)).map(|(hash, id)| (hash, id.as_bytes()));
    let message = messages.peek().and_then(|next| next.as_ref().ok());
    let message = message.map(|next| (next.hash, next.message.key.as_ref()));
    let Some(least) = [before, after, message].into_iter().flatten().min() else { return Ok(None) };
    let is_least = |key: Option<(i64, &[u8])>| key == Some(least);
    Ok(Some(Of { before: is_least(before), after: is_least(after), message: is_least(message) }))
}

/// A message with its number and the hash of its profile.
struct Numbered {
    number: u64,
    hash: i64,
    message: Message,
}

/// The messages of a set up to a number.
struct Messages {
    reader: Option<SetReader>,
    end: u64,
}

impl Iterator for Messages {
    type Item = Result<Numbered, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let (number, message) = match self.reader.as_mut()?.next()? {
            Ok(next) => next,
            Err(fault) => return Some(Err(fault)),
        };
        if number >= self.end {
            self.reader = None;
            return None;
        }
        let hash = match std::str::from_utf8(&message.key) {
            Ok(id) => hash_of(id),
            Err(_) => return Some(Err(Fault::internal("a profile id is no text"))),
        };
        Some(Ok(Numbered { number, hash, message }))
    }
}

/// Where attributes and identities stand in a message; see [`write_message`](super::write_message).
pub(super) fn fragments(body: &[u8]) -> Option<(Range<usize>, Range<usize>)> {
    const IDENTITIES: &[u8] = b"\"identityMap\"";
    let mut at = 1;
    loop {
        let key = at..string_end(body, at)?;
        let value = key.end + 1..value_end(body, key.end + 1)?;
        if &body[key.clone()] == IDENTITIES {
            // Before it is a comma, if there are attributes.
            return Some((1..key.start.saturating_sub(1).max(1), value));
        }
        at = value.end + 1;
    }
}

/// Where the string that begins at `from` ends.
fn string_end(body: &[u8], from: usize) -> Option<usize> {
    (*body.get(from)? == b'"').then_some(())?;
    let mut at = from + 1;
    loop {
        match body.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Where the value that begins at `from` ends: before the comma or brace that belongs to what it is in.
fn value_end(body: &[u8], from: usize) -> Option<usize> {
    let (mut at, mut depth) = (from, 0_u32);
    loop {
        match body.get(at)? {
            b'"' => {
                at = string_end(body, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => return Some(at),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_and_identities_are_found_in_messages() {
        let found = |body: &str| {
            let (attributes, identities) = fragments(body.as_bytes())?;
            Some((body[attributes].to_string(), body[identities].to_string()))
        };
        let rest = ",\"segmentMembership\":{\"ups\":{}},\"eventId\":\"\",\"sequence\":1,\"runId\":\"\"}";
        for attributes in [
            "\"x\":1",
            "\"x\":-1.5e3,\"y\":true,\"z\":[1,{\"a\":\"]}\"},\"\\\"\"]",
            "\"a\":{\"identityMap\":{\"E\":1}},\"b\\\\\":\"\\\",\\\"identityMap\\\":{\"",
        ] {
            let identities = "{\"E,\":[{\"id\":\"a}\"}]}";
            let whole = format!("{{{attributes},\"identityMap\":{identities}{rest}");
            assert_eq!(found(&whole), Some((attributes.to_string(), identities.to_string())));
            for length in 0..whole.len() - rest.len() {
                if whole.is_char_boundary(length) {
                    assert_eq!(found(&whole[..length]), None);
                }
            }
        }
        assert_eq!(found(&format!("{{\"identityMap\":{{}}{rest}")), Some((String::new(), "{}".to_string())));
        assert_eq!(found("{}"), None);
        assert_eq!(found(""), None);
    }
}
