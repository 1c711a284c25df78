//! What far ends have been told, as a stream's row keeps it.

use serde::{Deserialize, Serialize};

use super::{Open, StreamState};
use crate::governance::is_same_withholding;

/// Far ends beside the flow's that are remembered. The one that was told least lately is forgotten first.
const ELSEWHERE_MAX: usize = 4;

/// A told state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Told {
    /// The number of its folder.
    pub folder: u64,
    /// The evaluation that it was derived over; empty where that is not kept.
    pub evaluation_id: String,
    /// That evaluation without who is withheld, where anybody may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permitted: Option<String>,
    /// What withheld profiles; see [`crate::governance::Allowed::withholding`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub withholding: String,
    /// The revision of what governs exports at which that was the same at the last look; 0 before the first.
    pub governed: i64,
    /// Who was told, as [`StreamState::who`]; an earlier release does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
}

impl Told {
    /// What is told when a set is settled, or folded back, whose told state is in `folder`.
    pub fn with(open: &Open, folder: u64) -> Told {
        Told {
            folder,
            evaluation_id: open.evaluation_id.clone(),
            permitted: open.permitted.clone(),
            withholding: open.decision.withholding.clone(),
            governed: 0,
            who: open.who.clone(),
        }
    }

    /// Whether the same profiles are withheld as when it was made.
    pub fn is_withheld_by(&self, withholding: &str) -> bool {
        is_same_withholding(&self.withholding, withholding)
    }
}

/// The far end of who was told. Another account at the same URL tells the same one.
fn far_end(who: &str) -> &str {
    who.split_once(' ').map_or(who, |(_, url)| url)
}

impl StreamState {
    /// Makes what `who` was told the told state. Where that is of another far end, it is put aside: what that one knows is
    /// nobody's business here.
    pub fn turn_to(&mut self, who: &str) {
        let is_of = |told: &Told, end: &str| told.who.as_deref().is_some_and(|who| far_end(who) == end);
        if let Some(told) = &mut self.told {
            if told.who.is_none() {
                // Without a name it was the one that all were told of, where that is known.
                told.who = self.who.clone().filter(|who| !who.is_empty());
            }
            if told.who.is_none() || is_of(told, far_end(who)) {
                return;
            }
        }
        let back = self.elsewhere.iter().position(|told| is_of(told, far_end(who)));
        let back = back.map(|place| self.elsewhere.remove(place));
        // Its evaluations are kept no more, and may be gone by the time it is back.
        let aside = std::mem::replace(&mut self.told, back);
        self.elsewhere.extend(aside.map(|told| Told { evaluation_id: String::new(), permitted: None, ..told }));
        let many = self.elsewhere.len().saturating_sub(ELSEWHERE_MAX);
        self.elsewhere.drain(..many);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_flow_that_is_back_goes_on_from_what_it_told_there() {
        let told = |folder, who: &str| Some(Told { folder, who: Some(who.into()), ..Told::default() });
        let folders = |state: &StreamState| {
            let elsewhere: Vec<u64> = state.elsewhere.iter().map(|told| told.folder).collect();
            (state.told.as_ref().map(|told| told.folder), elsewhere)
        };
        let mut state = StreamState { told: told(1, "a far://s"), ..StreamState::default() };
        state.turn_to("a far://s");
        state.turn_to("b far://s");
        assert_eq!(folders(&state), (Some(1), vec![]), "another account is no other far end");
        state.turn_to("a far://t");
        assert_eq!(folders(&state), (None, vec![1]));
        state.turn_to("a far://s");
        assert_eq!(folders(&state), (Some(1), vec![]), "nothing was told in between");
        state.turn_to("a far://t");
        state.told = told(2, "a far://t");
        state.turn_to("b far://s");
        assert_eq!(folders(&state), (Some(1), vec![2]));
        for folder in 3..9 {
            state.turn_to(&format!("a far://{folder}"));
            state.told = told(folder, &format!("a far://{folder}"));
        }
        assert_eq!(folders(&state), (Some(8), vec![4, 5, 6, 7]));
        assert_eq!(state.named(), BTreeSet::from([4, 5, 6, 7, 8]));
        // An earlier release named nobody but who everybody was told of.
        let unnamed = Some(Told { folder: 1, ..Told::default() });
        let mut state = StreamState { told: unnamed, who: Some(String::new()), ..StreamState::default() };
        state.turn_to("a far://t");
        assert_eq!(folders(&state), (Some(1), vec![]));
        state.who = Some("a far://s".into());
        state.turn_to("a far://t");
        assert_eq!(folders(&state), (None, vec![1]));
        state.who = Some("a far://t".into());
        state.turn_to("a far://s");
        assert_eq!(folders(&state), (Some(1), vec![]), "it was of that one, whoever was told of since");
    }

    #[test]
    fn of_what_was_put_aside_no_evaluation_is_kept() {
        let (evaluation_id, permitted) = ("e".to_owned(), Some("p".to_owned()));
        let told = Told { evaluation_id, permitted, who: Some("a far://s".into()), ..Told::default() };
        let mut state = StreamState { told: Some(told), ..StreamState::default() };
        state.turn_to("b far://s");
        assert_eq!(state.evaluations(), ["e", "p"]);
        state.turn_to("a far://t");
        assert!(state.evaluations().is_empty());
        state.turn_to("a far://s");
        assert!(state.told.is_some() && state.evaluations().is_empty());
    }
}
