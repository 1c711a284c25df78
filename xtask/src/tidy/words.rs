//! Words that no file of the project holds: notes about unfinished work, and paths of somebody's machine.

use super::Problem;

/// Marks of unfinished work, as whole words. Written in two halves, for this file is checked too.
const UNFINISHED: [&str; 4] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("HA", "CK"), concat!("X", "XX")];

/// Texts that say a thing is not done, is switched off, or was made on one machine.
const TEXTS: [(&str, &str); 7] = [
    (concat!("unimple", "mented!("), "not finished"),
    (concat!("to", "do!("), "not finished"),
    (concat!("for ", "now"), "not finished; say what holds and until when, or finish it"),
    (concat!("#[", "ignore"), "a test that is switched off"),
    (concat!("/ro", "ot/"), "a path of one machine"),
    (concat!("/ho", "me/"), "a path of one machine"),
    (concat!("/Us", "ers/"), "a path of one machine"),
];

pub(super) fn check(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for word in UNFINISHED {
            if has_word(line, word) {
                problems.push(Problem::at(path, number + 1, format!("{word}: not finished")));
            }
        }
        for (text, why) in TEXTS {
            if line.contains(text) {
                problems.push(Problem::at(path, number + 1, format!("{text}: {why}")));
            }
        }
    }
    problems
}

/// Lines that Git leaves where two sides of a merge differ, in any text.
pub(super) fn conflicts(path: &str, text: &str) -> Vec<Problem> {
    let is_mark = |line: &str| {
        let line = line.trim_end_matches('\r');
        line == "=".repeat(7) || ["<", "|", ">"].iter().any(|mark| is_side(line, mark))
    };
    let marked = text.lines().enumerate().filter(|(_, line)| is_mark(line));
    marked.map(|(number, _)| Problem::at(path, number + 1, "a merge was not finished")).collect()
}

/// Whether a line is seven of a character, and the name of a side behind a blank.
fn is_side(line: &str, mark: &str) -> bool {
    line.strip_prefix(&mark.repeat(7)).is_some_and(|side| side.is_empty() || side.starts_with(' '))
}

fn has_word(line: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, _)| {
        let (before, after) = (&line[..start], &line[start + word.len()..]);
        !before.ends_with(part_of_word) && !after.starts_with(part_of_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_work_and_machine_paths_are_found_with_their_line() {
        let text = format!("fine\n// {}: later\nlet p = \"{}me\";\n", UNFINISHED[0], TEXTS[4].0);
        let lines: Vec<_> = check("a.rs", &text).iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [Some(2), Some(3)]);
    }

    #[test]
    fn what_a_merge_left_is_found_and_a_rule_of_a_table_is_not() {
        let [ours, base, theirs] = ["<", "|", ">"].map(|mark| mark.repeat(7));
        let middle = "=".repeat(7);
        let text =
            format!("a\n{ours} HEAD\nb\n{base}\nc\n{middle}\nd\n{theirs} topic\n={middle}\n {ours} x\n{ours}<\n");
        let lines: Vec<_> = conflicts("a.json", &text).iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [Some(2), Some(4), Some(6), Some(8)]);
    }

    #[test]
    fn a_mark_inside_a_longer_word_is_none() {
        assert!(check("a.rs", "MASTODONS, HACKNEY and XXXL\n").is_empty());
    }
}
