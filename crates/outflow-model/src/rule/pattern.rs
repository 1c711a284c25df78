//! What the patterns of text tests mean.

use regex::{Regex, RegexBuilder};

/// A `like` pattern in its simplest form.
#[derive(Clone, Debug)]
pub enum LikePattern {
    /// No wildcard: the whole text.
    Equals(String),
    /// `a%`.
    StartsWith(String),
    /// `%a`.
    EndsWith(String),
    /// `%a%`; `%` alone looks for the empty string.
    Contains(String),
    /// Anything else, as an anchored regular expression, and the text that every match starts with.
    Other(Regex, String),
}

/// The regular expression of a `matches` test.
///
/// # Errors
/// What is wrong with it, in one line.
pub fn matches_regex(pattern: &str, case_sensitive: bool) -> Result<Regex, String> {
    RegexBuilder::new(pattern).case_insensitive(!case_sensitive).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => format!("it needs more than {limit} bytes"),
        // The library draws the pattern over several lines; its last says what is wrong.
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or_default();
            last.strip_prefix("error: ").unwrap_or(last).to_string()
        }
    })
}

/// Takes a `like` pattern apart: `%` is any run of characters, `_` any one character, `\` takes the next one literally.
///
/// # Errors
/// What is wrong with it, in one line.
pub fn like_pattern(pattern: &str) -> Result<LikePattern, String> {
    let parts = parts(pattern)?;
    let text = |part: &Part| if let Part::Text(text) = part { text.clone() } else { String::new() };
    Ok(match parts.as_slice() {
        [] => LikePattern::Equals(String::new()),
        [Part::Run] => LikePattern::Contains(String::new()),
        [only @ Part::Text(_)] => LikePattern::Equals(text(only)),
        [start @ Part::Text(_), Part::Run] => LikePattern::StartsWith(text(start)),
        [Part::Run, end @ Part::Text(_)] => LikePattern::EndsWith(text(end)),
        [Part::Run, middle @ Part::Text(_), Part::Run] => LikePattern::Contains(text(middle)),
        _ => {
            let body: String = parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => regex::escape(text),
                    Part::One => ".".to_string(),
                    Part::Run => ".*".to_string(),
                })
                .collect();
            let regex = Regex::new(&format!(r"(?s)\A{body}\z")).map_err(|_| "it is too long".to_string())?;
            LikePattern::Other(regex, parts.first().map(text).unwrap_or_default())
        }
    })
}

enum Part {
    Text(String),
    One,
    Run,
}

fn parts(pattern: &str) -> Result<Vec<Part>, String> {
    let mut parts: Vec<Part> = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let literal = match c {
            '%' => {
                if !matches!(parts.last(), Some(Part::Run)) {
                    parts.push(Part::Run);
                }
                continue;
            }
            '_' => {
                parts.push(Part::One);
                continue;
            }
            '\\' => chars.next().ok_or("it ends in a backslash that takes nothing literally")?,
            c => c,
        };
        match parts.last_mut() {
            Some(Part::Text(text)) => text.push(literal),
            _ => parts.push(Part::Text(literal.to_string())),
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(pattern: &str, text: &str) -> bool {
        match like_pattern(pattern).unwrap() {
            LikePattern::Equals(p) => text == p,
            LikePattern::StartsWith(p) => text.starts_with(&p),
            LikePattern::EndsWith(p) => text.ends_with(&p),
            LikePattern::Contains(p) => text.contains(&p),
            LikePattern::Other(regex, start) => {
                assert!(!regex.is_match(text) || text.starts_with(&start));
                regex.is_match(text)
            }
        }
    }

    #[test]
    fn like_knows_its_wildcards_and_their_escapes() {
        for (pattern, yes, no) in [
            ("a%", "abc", "ba"),
            ("%a", "cba", "ab"),
            ("%a%", "bab", "bbb"),
            ("a", "a", "aa"),
            ("a_c", "a\nc", "ac"),
            ("_", "€", "ab"),
            ("a%c%e", "abcde", "abcd"),
            (r"100\%", "100%", "1000"),
            (r"a\_%", "a_b", "aab"),
            (r"a\\%", r"a\b", "ab"),
            ("a.%", "a.b", "abb"),
            ("a%%", "a", "b"),
            ("", "", "a"),
        ] {
            assert!(like(pattern, yes), "{pattern} {yes}");
            assert!(!like(pattern, no), "{pattern} {no}");
        }
        assert!(like("%", "") && like("%", "anything\nat all"));
        assert!(like_pattern("a\\").is_err());
    }

    #[test]
    fn a_bad_regex_is_explained_in_one_line() {
        assert_eq!(matches_regex("a(", true).unwrap_err(), "unclosed group");
        assert!(matches_regex("(?:a{1000}){1000}", true).unwrap_err().starts_with("it needs more than"));
    }
}
