//! Cutting a template into literal text and macros.

use super::TemplateProblem;

/// A stretch of a template. `at` is in characters from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Literal text, `%%` already turned into `%`.
    Text { at: usize, text: String },
    /// `%NAME%` or `%NAME(argument)%`.
    Macro { at: usize, name: String, argument: Option<String> },
}

/// Cuts `text` into tokens; what cannot be cut is added to `problems` and left out.
pub(super) fn lex(text: &str, problems: &mut Vec<TemplateProblem>) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut literal = String::new();
    let mut literal_at = 1;
    let mut i = 0;
    while i < chars.len() {
        if chars[i] != '%' || chars.get(i + 1) == Some(&'%') {
            if literal.is_empty() {
                literal_at = i + 1;
            }
            literal.push(chars[i]);
            i += if chars[i] == '%' { 2 } else { 1 };
            continue;
        }
        if !literal.is_empty() {
            tokens.push(Token::Text { at: literal_at, text: std::mem::take(&mut literal) });
        }
        let Some(length) = chars[i + 1..].iter().position(|c| *c == '%') else {
            problems.push(TemplateProblem::at(
                i + 1,
                "a macro begins and does not end",
                "a macro stands between two percent signs, as in %SEGMENT_ID%; write %% for a percent sign",
            ));
            break;
        };
        let inner: String = chars[i + 1..=i + length].iter().collect();
        tokens.push(macro_token(i + 1, &inner));
        i += length + 2;
    }
    if !literal.is_empty() {
        tokens.push(Token::Text { at: literal_at, text: literal });
    }
    tokens
}

fn macro_token(at: usize, inner: &str) -> Token {
    match inner.strip_suffix(')').and_then(|rest| rest.split_once('(')) {
        Some((name, argument)) => Token::Macro { at, name: name.to_string(), argument: Some(argument.to_string()) },
        None => Token::Macro { at, name: inner.to_string(), argument: None },
    }
}

/// The problem of a macro that is not one of `known`, with the nearest of them.
pub(super) fn unknown_macro(at: usize, name: &str, known: &[&str]) -> TemplateProblem {
    let near = known
        .iter()
        .map(|k| (strsim::damerau_levenshtein(&name.to_uppercase(), k), k))
        .min()
        .filter(|(distance, k)| *distance <= 1 + k.len() / 3);
    let hint = match near {
        Some((_, k)) => format!("did you mean %{k}%? Macros are written in capital letters"),
        None => format!("the macros are %{}%; write %% for a percent sign", known.join("%, %")),
    };
    TemplateProblem::at(at, format!("there is no macro %{}%", name.escape_debug()), hint)
}

/// `text` as it must be written in a template to mean itself.
pub(super) fn escaped(text: &str) -> String {
    text.replace('%', "%%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_macros_come_apart_with_their_places() {
        let mut problems = Vec::new();
        let tokens = lex("é%%-%A%%B(x y)%z", &mut problems);
        assert!(problems.is_empty());
        assert_eq!(
            tokens,
            [
                Token::Text { at: 1, text: "é%-".into() },
                Token::Macro { at: 5, name: "A".into(), argument: None },
                Token::Macro { at: 8, name: "B".into(), argument: Some("x y".into()) },
                Token::Text { at: 16, text: "z".into() },
            ]
        );
    }

    #[test]
    fn a_single_percent_sign_is_not_text() {
        let mut problems = Vec::new();
        lex("sale 20% off", &mut problems);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].at, Some(8));
        assert!(problems[0].hint.contains("%%"));
    }

    #[test]
    fn unknown_macros_name_the_nearest() {
        let known = ["SEGMENT_ID", "SEGMENT_NAME"];
        assert!(unknown_macro(1, "SEGMENTID", &known).hint.contains("%SEGMENT_ID%"));
        assert!(unknown_macro(1, "segment_name", &known).hint.contains("%SEGMENT_NAME%"));
        assert!(unknown_macro(1, "timestamp:micros", &known).hint.contains("the macros are"));
    }
}
