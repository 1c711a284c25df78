//! Messages that were not accepted and go out again, each when its time comes.

use std::collections::BTreeMap;
use std::time::Duration;

use outflow_connector_kit::Message;

/// What keeping a message takes besides its bytes.
const OVERHEAD_BYTES: u64 = 128;

/// The longest wait that a target may ask for.
const ASKED_MAX: Duration = Duration::from_secs(60);

/// A message that goes out again. It has a buffer of its own.
pub(super) struct Again {
    pub message: Message,
    /// How often it was sent, at least once.
    pub attempts: u32,
}

/// The waiting messages by their times and numbers.
#[derive(Default)]
pub(super) struct Waiting {
    messages: BTreeMap<(Duration, u64), Again>,
    bytes: u64,
}

impl Waiting {
    pub fn push(&mut self, due: Duration, number: u64, again: Again) {
        self.bytes += weight(&again.message);
        self.messages.insert((due, number), again);
    }

    /// The first message, if its time has come.
    pub fn peek(&self, now: Duration) -> Option<&Again> {
        self.messages.first_key_value().filter(|((due, _), _)| *due <= now).map(|(_, again)| again)
    }

    /// Takes the first message with its number.
    pub fn pop(&mut self) -> Option<(u64, Again)> {
        let ((_, number), again) = self.messages.pop_first()?;
        self.bytes -= weight(&again.message);
        Some((number, again))
    }

    /// When the first message is due.
    pub fn next_due(&self) -> Option<Duration> {
        self.messages.first_key_value().map(|((due, _), _)| *due)
    }

    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Bytes that the messages take.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

fn weight(message: &Message) -> u64 {
    (message.key.len() + message.event_id.len() + message.body.len()) as u64 + OVERHEAD_BYTES
}

/// Waits that double, spread at random so that not all come back at once.
pub(super) struct Backoff {
    pub initial: Duration,
    pub max: Duration,
    /// State of SplitMix64.
    pub random: u64,
}

impl Backoff {
    /// A number in 0..1.
    pub fn jitter(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// How long to wait after attempt `attempts`, the first being 1; what the target asked for wins.
    pub fn wait(&self, attempts: u32, asked: Option<Duration>, jitter: f64) -> Duration {
        if let Some(asked) = asked {
            return asked.min(ASKED_MAX);
        }
        let doubled = self.initial.saturating_mul(1 << attempts.saturating_sub(1).min(16));
        doubled.min(self.max).mul_f64(0.5 + jitter / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_the_target_may_ask_for_more() {
        let (initial, max) = (Duration::from_millis(100), Duration::from_secs(3));
        let mut backoff = Backoff { initial, max, random: 7 };
        assert_eq!(backoff.wait(1, None, 1.0), initial);
        assert_eq!(backoff.wait(3, None, 0.0), Duration::from_millis(200));
        assert_eq!(backoff.wait(u32::MAX, None, 1.0), max);
        assert_eq!(backoff.wait(1, Some(Duration::from_secs(9)), 0.1), Duration::from_secs(9));
        assert_eq!(backoff.wait(1, Some(Duration::from_secs(900)), 0.1), ASKED_MAX);
        let jitters: Vec<f64> = (0..100).map(|_| backoff.jitter()).collect();
        assert!(jitters.iter().all(|jitter| (0.0..1.0).contains(jitter)));
        assert!(jitters.iter().any(|jitter| *jitter < 0.2) && jitters.iter().any(|jitter| *jitter > 0.8));
    }

    #[test]
    fn messages_come_back_when_they_are_due() {
        let again = || {
            let message = Message { key: "k".into(), event_id: "e".into(), body: "{}".into() };
            Again { message, attempts: 1 }
        };
        let mut waiting = Waiting::default();
        let second = Duration::from_secs(1);
        waiting.push(2 * second, 1, again());
        waiting.push(second, 9, again());
        waiting.push(second, 4, again());
        assert_eq!(waiting.bytes(), 3 * (4 + OVERHEAD_BYTES));
        assert!(waiting.peek(second / 2).is_none());
        assert_eq!(waiting.next_due(), Some(second));
        let mut order = Vec::new();
        while waiting.peek(second).is_some() {
            order.extend(waiting.pop().map(|(number, _)| number));
        }
        assert_eq!(order, [4, 9]);
        assert!(!waiting.is_empty());
        assert_eq!(waiting.bytes(), 4 + OVERHEAD_BYTES);
    }
}
