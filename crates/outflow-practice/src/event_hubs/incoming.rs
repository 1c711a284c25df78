//! What a session checks of the transfers that come, and how it answers them: deliveries in a row at once.

use super::codec::performative::{Disposition, Outcome, RECEIVER};

/// Frames that a session may have on their way to us.
pub(crate) const WINDOW_FRAMES: u32 = 5000;

/// What a peer must not do: the condition of AMQP, and a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) condition: &'static str,
    pub(crate) sentence: String,
}

/// The transfers of a session, in the order in which they come.
#[derive(Debug)]
pub(crate) struct Incoming {
    next_id: u32,
    /// Frames that the peer may still send, by what it was told.
    window: u32,
    /// Number of the last delivery.
    last_delivery: Option<u32>,
}

impl Incoming {
    /// Of a session whose first transfer has the number `next_id`, and which is told the whole window.
    pub(crate) fn new(next_id: u32) -> Incoming {
        Incoming { next_id, window: WINDOW_FRAMES, last_delivery: None }
    }

    /// Number of the next transfer.
    pub(crate) fn next_id(&self) -> u32 {
        self.next_id
    }

    /// Whether the peer had better be told of a new window.
    pub(crate) fn is_narrow(&self) -> bool {
        self.window <= WINDOW_FRAMES / 2
    }

    /// The window that the peer is told, which counts from now on.
    pub(crate) fn open_window(&mut self) -> u32 {
        self.window = WINDOW_FRAMES;
        self.window
    }

    /// Counts a frame with a transfer.
    pub(crate) fn count_frame(&mut self) -> Result<(), Violation> {
        let sentence = "The transfer is beyond the incoming window of the session.";
        let violation = || Violation { condition: "amqp:session:window-violation", sentence: sentence.to_owned() };
        self.window = self.window.checked_sub(1).ok_or_else(violation)?;
        self.next_id = self.next_id.wrapping_add(1);
        Ok(())
    }

    /// Checks a transfer's number: that of the delivery that it continues, or the one after the last. The first may be any.
    pub(crate) fn number(&mut self, id: Option<u32>, continued: Option<u32>) -> Result<(), Violation> {
        let Some(id) = id else { return Ok(()) };
        let next = self.last_delivery.map(|last| last.wrapping_add(1));
        let expected = continued.or(next).unwrap_or(id);
        if id != expected {
            let sentence = format!("The delivery id {id} is out of sequence: {expected} was expected.");
            return Err(Violation { condition: "amqp:not-allowed", sentence });
        }
        if continued.is_none() {
            self.last_delivery = Some(id);
        }
        Ok(())
    }

    /// Checks a transfer over a link that is gone: whether it begins a delivery or goes on with one is not known.
    pub(crate) fn number_of_lost(&mut self, id: Option<u32>) -> Result<(), Violation> {
        let continued = self.last_delivery.filter(|last| id == Some(*last));
        self.number(id, continued)
    }
}

/// What became of deliveries and was not said yet: deliveries in a row that came to the same.
#[derive(Debug, Default)]
pub(crate) struct Answers(Option<Disposition>);

impl Answers {
    /// Takes what became of a delivery. Answers what must be said before, where this one does not go with it.
    pub(crate) fn add(&mut self, answer: Disposition) -> Option<Disposition> {
        if let Some(before) = &mut self.0
            && before.state == answer.state
            && before.last.is_some_and(|last| last.wrapping_add(1) == answer.first)
        {
            before.last = answer.last;
            return None;
        }
        self.0.replace(answer)
    }

    /// What is left to be said.
    pub(crate) fn take(&mut self) -> Option<Disposition> {
        self.0.take()
    }
}

/// The answer to one delivery.
pub(crate) fn answer(delivery: u32, state: Outcome) -> Disposition {
    Disposition { role: RECEIVER, first: delivery, last: Some(delivery), settled: true, state: Some(state) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_frame_comes_beyond_the_window_that_was_told() {
        let mut incoming = Incoming::new(u32::MAX);
        for _ in 0..WINDOW_FRAMES {
            incoming.count_frame().unwrap();
        }
        assert!(incoming.is_narrow());
        assert_eq!(incoming.count_frame().unwrap_err().condition, "amqp:session:window-violation");
        assert_eq!(incoming.next_id(), WINDOW_FRAMES - 1);
        assert_eq!(incoming.open_window(), WINDOW_FRAMES);
        incoming.count_frame().unwrap();
        assert!(!incoming.is_narrow());
    }

    #[test]
    fn deliveries_are_numbered_without_a_gap() {
        let mut incoming = Incoming::new(0);
        incoming.number(Some(u32::MAX), None).unwrap();
        incoming.number(Some(u32::MAX), Some(u32::MAX)).unwrap();
        incoming.number(None, Some(u32::MAX)).unwrap();
        incoming.number(Some(0), None).unwrap();
        // A gap, a repeat, one that goes on with another.
        for (id, continued) in [(2, None), (0, None), (1, Some(0))] {
            assert_eq!(incoming.number(Some(id), continued).unwrap_err().condition, "amqp:not-allowed", "{id}");
        }
        incoming.number(Some(1), None).unwrap();
        // Over a link that is gone.
        incoming.number_of_lost(Some(1)).unwrap();
        incoming.number_of_lost(None).unwrap();
        incoming.number_of_lost(Some(2)).unwrap();
        assert!(incoming.number_of_lost(Some(4)).is_err());
    }

    #[test]
    fn deliveries_in_a_row_that_come_to_the_same_are_answered_at_once() {
        let mut answers = Answers::default();
        let mut said = Vec::new();
        for (delivery, state) in [
            (u32::MAX, Outcome::Accepted),
            (0, Outcome::Accepted),
            (1, Outcome::Released),
            (2, Outcome::Accepted),
            (4, Outcome::Accepted),
            (5, Outcome::Accepted),
        ] {
            said.extend(answers.add(answer(delivery, state)));
        }
        said.extend(answers.take());
        let ranges: Vec<_> = said.iter().map(|said| (said.first, said.last.unwrap())).collect();
        assert_eq!(ranges, [(u32::MAX, 0), (1, 1), (2, 2), (4, 5)]);
        assert_eq!(answers.take(), None);
    }
}
