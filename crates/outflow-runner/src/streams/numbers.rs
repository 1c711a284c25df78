//! Numbers of messages, as a stream's row keeps them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use roaring::RoaringTreemap;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A set of numbers of messages; in JSON a Roaring bitmap in Base64, two bytes a number at most.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Numbers(RoaringTreemap);

impl Numbers {
    /// Takes a number. False where it is there.
    pub fn insert(&mut self, number: u64) -> bool {
        self.0.insert(number)
    }

    /// The set of these numbers.
    pub fn of(numbers: RoaringTreemap) -> Numbers {
        Numbers(numbers)
    }

    /// Takes all of another set.
    pub fn extend(&mut self, others: &Numbers) {
        self.0 |= &others.0;
    }

    /// Whether a number is there.
    pub fn contains(&self, number: u64) -> bool {
        self.0.contains(number)
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        self.0.serialize_into(&mut bytes).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&STANDARD_NO_PAD.encode(bytes))
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Numbers, D::Error> {
        let bytes = STANDARD_NO_PAD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)?;
        RoaringTreemap::deserialize_from(bytes.as_slice()).map(Numbers).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_kept_as_text() {
        let mut numbers = Numbers::default();
        assert!([3, 70_000, 1 << 40].into_iter().all(|number| numbers.insert(number)) && !numbers.insert(3));
        let text = serde_json::to_value(&numbers).unwrap();
        let read: Numbers = serde_json::from_value(text).unwrap();
        assert_eq!((read.len(), read.contains(70_000), read.contains(4)), (3, true, false));
        assert_eq!(read, numbers);
        for wrong in ["AAA", "no base64!"] {
            assert!(serde_json::from_value::<Numbers>(wrong.into()).is_err(), "{wrong}");
        }
    }
}
