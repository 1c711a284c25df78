//! People who change: the profiles of the tests of messages, as a text file of records.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use outflow_testkit::random::Random;
use serde_json::json;

/// Names that are hard to carry in JSON, text or Base64.
const NAMES: [&str; 8] =
    ["Ada", "O\"Neil\\", "Zoë\n", "\u{202e}mirror", "=SUM(1)", "日本", "\u{1f600}\u{7f}\u{1}", " "];

struct Person {
    first_name: Option<&'static str>,
    age: Option<u64>,
    email: String,
    points: Option<u64>,
    country: &'static str,
}

/// The people of one test.
pub struct People {
    random: Random,
    folder: tempfile::TempDir,
    people: BTreeMap<u64, Person>,
    next: u64,
}

impl People {
    /// So many people, written to a file.
    pub fn new(count: u64) -> People {
        let folder = outflow_testkit::temp_dir();
        let mut people = People { random: Random::new("people"), folder, people: BTreeMap::new(), next: 0 };
        people.join(count);
        people.write();
        people
    }

    /// The file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("people.ndjson")
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.people.len() as u64
    }

    /// A tenth changes, a fiftieth vanishes, and as many are new.
    pub fn change(&mut self) {
        let ids: Vec<u64> = self.people.keys().copied().collect();
        let few = ids.len() as u64 / 50 + 1;
        for id in ids {
            if self.random.below(10) == 0 {
                self.change_one(id);
            } else if self.random.below(50) == 0 {
                self.people.remove(&id);
            }
        }
        self.join(few);
        self.write();
    }

    /// Everybody's points change, and with them half the memberships.
    pub fn change_all(&mut self) {
        for person in self.people.values_mut() {
            person.points = Some(self.random.below(1_000));
        }
        self.write();
    }

    fn change_one(&mut self, id: u64) {
        let (what, points) = (self.random.below(4), self.random.below(1_000));
        let name = self.random.below(NAMES.len() as u64) as usize;
        let Some(person) = self.people.get_mut(&id) else { return };
        match what {
            0 => person.points = (points > 50).then_some(points),
            1 => person.country = if person.country == "US" { "DE" } else { "US" },
            2 => person.first_name = (name > 0).then_some(NAMES[name]),
            _ => person.email = format!("{points}.{}", person.email),
        }
    }

    fn join(&mut self, count: u64) {
        for _ in 0..count {
            let (id, random) = (self.next, &mut self.random);
            self.next += 1;
            let person = Person {
                first_name: (random.below(9) > 0).then(|| NAMES[random.below(NAMES.len() as u64) as usize]),
                age: (random.below(3) > 0).then(|| random.below(100)),
                email: format!("p{id}@example.org"),
                points: (random.below(9) > 0).then(|| random.below(1_000)),
                country: if random.below(2) == 0 { "US" } else { "DE" },
            };
            self.people.insert(id, person);
        }
    }

    fn write(&self) {
        let mut text = String::new();
        for (id, person) in &self.people {
            let record = json!({
                "id": format!("p{id}"),
                "person": {"name": {"firstName": person.first_name}, "age": person.age},
                "personalEmail": {"address": person.email},
                "loyalty": {"points": person.points},
                "homeAddress": {"country": person.country},
            });
            writeln!(text, "{record}").unwrap();
        }
        // Another file under the name: whoever reads the old one goes on reading it.
        let new = self.folder.path().join("new");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(new, self.file()).unwrap();
    }
}
