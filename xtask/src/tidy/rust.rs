//! Rules about Rust files: every module says what it is for, and no function is too long.

use super::Problem;

/// A function longer than this, from its `fn` to its last brace, holds a second one.
const FUNCTION_LINES_MAX: usize = 70;

/// A file of a crate's sources begins with `//!`, test modules excepted.
pub(super) fn module_docs(path: &str, text: &str) -> Option<Problem> {
    let is_module = path.contains("/src/") && !path.ends_with("/tests.rs") && !path.contains("/tests/");
    let documented = text.lines().next().is_some_and(|line| line.starts_with("//! "));
    (is_module && !documented).then(|| Problem::at(path, 1, "begins without `//!` documentation"))
}

/// Functions that are too long.
pub(super) fn function_lengths(path: &str, text: &str) -> Vec<Problem> {
    let code = without_text(text);
    let mut problems = Vec::new();
    let mut line = 1;
    let mut last = 0;
    for (start, _) in code.match_indices("fn ") {
        line += newlines(&code[last..start]);
        last = start;
        let Some((name, length)) = function(&code, start) else { continue };
        if length > FUNCTION_LINES_MAX {
            problems.push(Problem::at(path, line, format!("{name} has {length} lines; at most {FUNCTION_LINES_MAX}")));
        }
    }
    problems
}

/// Name and lines of the function whose `fn` is at `start`; none where there is no body.
fn function(code: &str, start: usize) -> Option<(&str, usize)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if code[..start].ends_with(is_word) {
        return None;
    }
    let rest = &code[start + "fn ".len()..];
    let name = &rest[..rest.find(|c| !is_word(c))?];
    let mut brackets = 0_usize;
    let mut braces = 0_usize;
    for (at, c) in rest.char_indices() {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            // A declaration, as in a trait; `[u8; 4]` in a signature is inside brackets.
            ';' if brackets == 0 && braces == 0 => return None,
            '{' => braces += 1,
            '}' if braces <= 1 => return Some((name, newlines(&rest[..at]) + 1)),
            '}' => braces -= 1,
            _ => {}
        }
    }
    None
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|b| *b == b'\n').count()
}

/// The code with comments, strings and characters blanked out, so that the braces left are those of the syntax. Lines
/// stay where they are.
fn without_text(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = end_of_text(&chars, at);
        if end == at {
            code.push(chars[at]);
            at += 1;
        } else {
            code.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    code
}

/// Where the comment, string or character that begins at `at` ends; `at` itself where none begins there.
fn end_of_text(chars: &[char], at: usize) -> usize {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        '/' if next == Some('/') => find(chars, at, &['\n']),
        '/' if next == Some('*') => find(chars, at + 2, &['*', '/']) + 2,
        '"' => end_of_string(chars, at + 1),
        'r' if !after_word(chars, at) => end_of_raw_string(chars, at),
        '\'' if next == Some('\\') => find(chars, at + 3, &['\'']) + 1,
        // With a quote two further on it is a character; otherwise the name of a lifetime.
        '\'' if chars.get(at + 2) == Some(&'\'') => at + 3,
        _ => at,
    }
    .min(chars.len())
}

/// A `b` or `c` before the `r` is a prefix of the string; any other letter is the end of a word.
fn after_word(chars: &[char], at: usize) -> bool {
    let is_word = |c: &char| c.is_alphanumeric() || *c == '_';
    match at.checked_sub(1).and_then(|before| chars.get(before)) {
        Some('b' | 'c') => at.checked_sub(2).and_then(|before| chars.get(before)).is_some_and(is_word),
        before => before.is_some_and(is_word),
    }
}

fn end_of_string(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn end_of_raw_string(chars: &[char], at: usize) -> usize {
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    if chars.get(at + 1 + hashes) != Some(&'"') {
        return at;
    }
    let closing: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    find(chars, at + hashes + 2, &closing) + closing.len()
}

fn find(chars: &[char], from: usize, wanted: &[char]) -> usize {
    (from..chars.len()).find(|at| chars[*at..].starts_with(wanted)).unwrap_or(chars.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(text: &str) -> Vec<(String, usize)> {
        let code = without_text(text);
        code.match_indices("fn ").filter_map(|(at, _)| function(&code, at)).map(|(n, l)| (n.to_owned(), l)).collect()
    }

    #[test]
    fn braces_in_text_are_not_the_functions() {
        let text = r##"
            fn a<'a>(x: &'a [u8; 4]) -> char {
                let s = "} \" }"; // }
                let r = r#"fn no() { " } "#; /* { */
                if s == r { '}' } else { '\'' }
            }
            trait T { fn declared(&self); fn short() {} }
        "##;
        assert_eq!(lengths(text), [("a".to_owned(), 5), ("short".to_owned(), 1)]);
    }

    #[test]
    fn a_function_may_have_70_lines_and_no_more() {
        let function = |lines: usize| format!("//! x\nfn f() {{\n{}}}\n", "    g();\n".repeat(lines - 2));
        assert!(function_lengths("a.rs", &function(70)).is_empty());
        assert_eq!(function_lengths("a.rs", &function(71)), [Problem::at("a.rs", 2, "f has 71 lines; at most 70")]);
    }

    #[test]
    fn every_module_says_what_it_is_for() {
        assert!(module_docs("crates/a/src/b.rs", "use c;\n").is_some());
        assert!(module_docs("crates/a/src/b.rs", "//! Does c.\n").is_none());
        assert!(module_docs("crates/a/src/b/tests.rs", "use c;\n").is_none());
    }
}
