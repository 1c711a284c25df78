//! Keys of profiles, side by side in little memory.

/// Profile ids with their hashes, in the global order: ascending by hash, then by the id's bytes.
#[derive(Clone, Debug, Default)]
pub struct ProfileKeys {
    hashes: Vec<i64>,
    /// Where each id ends in `ids`.
    ends: Vec<usize>,
    ids: String,
}

impl ProfileKeys {
    /// Adds a profile behind all others.
    pub fn push(&mut self, hash: i64, id: &str) {
        debug_assert!(self.len().checked_sub(1).is_none_or(|last| self.at(last) < (hash, id)), "keys are in order");
        self.hashes.push(hash);
        self.ids.push_str(id);
        self.ends.push(self.ids.len());
    }

    /// Profiles.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Hash and id of profile number `number`, which is below [`len`](Self::len).
    pub fn at(&self, number: usize) -> (i64, &str) {
        let from = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        (self.hashes[number], &self.ids[from..self.ends[number]])
    }

    /// Hash of profile number `number`, which is below [`len`](Self::len).
    pub fn hash(&self, number: usize) -> i64 {
        self.hashes[number]
    }

    /// The number of a profile, if it is there.
    pub fn find(&self, hash: i64, id: &str) -> Option<usize> {
        let first = self.hashes.partition_point(|other| *other < hash);
        let equal = (first..self.len()).take_while(|number| self.hashes[*number] == hash);
        equal.into_iter().find(|number| self.at(*number).1 == id)
    }

    /// Takes all profiles out; their memory is kept for others.
    pub fn clear(&mut self) {
        self.hashes.clear();
        self.ends.clear();
        self.ids.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_found_by_hash_and_id() {
        let mut keys = ProfileKeys::default();
        assert!(keys.is_empty() && keys.find(1, "a").is_none());
        for (hash, id) in [(-5, "x"), (7, ""), (7, "b"), (7, "ü"), (9, "a")] {
            keys.push(hash, id);
        }
        assert_eq!(keys.len(), 5);
        assert_eq!((keys.at(0), keys.at(1), keys.at(3), keys.hash(4)), ((-5, "x"), (7, ""), (7, "ü"), 9));
        assert_eq!(
            (keys.find(7, "ü"), keys.find(7, ""), keys.find(9, "b"), keys.find(8, "a")),
            (Some(3), Some(1), None, None)
        );
        keys.clear();
        keys.push(i64::MIN, "z");
        assert_eq!((keys.len(), keys.at(0)), (1, (i64::MIN, "z")));
    }
}
