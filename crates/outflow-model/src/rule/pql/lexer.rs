//! From the text of a rule to its words.

use std::ops::Range;

use super::super::error::RuleError;

/// A word of the language.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A bare name or a word of the language, as written.
    Word(String),
    /// A name in backticks, without them.
    Quoted(String),
    /// Digits.
    Integer(i128),
    /// A number with a point or an exponent; finite.
    Float(f64),
    /// A string, its escapes resolved.
    Text(String),
    /// A sign.
    Sign(&'static str),
    /// The end of the text.
    End,
}

/// The signs, longer ones before those they start with.
const SIGNS: [&str; 18] =
    ["!=", "<>", "<=", ">=", "<", ">", "=", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/", "%"];

/// Words that cannot be a path's first name without backticks, in lower case.
const RESERVED: [&str; 15] = [
    "and",
    "or",
    "not",
    "in",
    "notin",
    "like",
    "is",
    "occurs",
    "null",
    "true",
    "false",
    "now",
    "today",
    "yesterday",
    "tomorrow",
];

/// Whether a path that starts with `name` needs backticks in a rule.
pub(in crate::rule) fn is_reserved(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    RESERVED.contains(&lower.as_str())
}

/// The words of `text` with their places, an [`Token::End`] last.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, RuleError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.at += lexer.rest().len() - lexer.rest().trim_start().len();
        let start = lexer.at;
        let token = lexer.token()?;
        let last = token == Token::End;
        tokens.push((token, start..lexer.at));
        if last {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn token(&mut self) -> Result<Token, RuleError> {
        let Some(first) = self.rest().chars().next() else { return Ok(Token::End) };
        match first {
            'a'..='z' | 'A'..='Z' | '_' => Ok(Token::Word(self.word().to_string())),
            '0'..='9' => self.number(),
            '"' => self.string(),
            '`' => self.quoted(),
            _ => match SIGNS.into_iter().find(|sign| self.rest().starts_with(sign)) {
                Some(sign) => self.sign(sign),
                None => Err(self.stray(first)),
            },
        }
    }

    fn sign(&mut self, sign: &'static str) -> Result<Token, RuleError> {
        let start = self.at;
        self.at += sign.len();
        if sign == "=" && self.rest().starts_with('=') {
            return Err(RuleError::new("`==` is not a comparison", start..self.at + 1).hint("equality is written `=`"));
        }
        Ok(Token::Sign(sign))
    }

    fn word(&mut self) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn digits(&mut self) -> usize {
        let length = self.rest().len() - self.rest().trim_start_matches(|c: char| c.is_ascii_digit()).len();
        self.at += length;
        length
    }

    fn number(&mut self) -> Result<Token, RuleError> {
        let start = self.at;
        self.digits();
        let mut whole = true;
        let mut ahead = self.rest().chars();
        if ahead.next() == Some('.') && ahead.next().is_some_and(|c| c.is_ascii_digit()) {
            whole = false;
            self.at += 1;
            self.digits();
        }
        let mut ahead = self.rest().chars().skip_while(|c| matches!(c, 'e' | 'E'));
        if self.rest().starts_with(['e', 'E']) && ahead.next().is_some_and(|c| matches!(c, '0'..='9' | '+' | '-')) {
            whole = false;
            self.at += 1;
            self.at += usize::from(self.rest().starts_with(['+', '-']));
            self.digits();
        }
        let written = &self.text[start..self.at];
        if self.rest().starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            self.word();
            return Err(RuleError::new(
                format!("`{}` is neither a number nor a name", &self.text[start..self.at]),
                start..self.at,
            )
            .hint("a name that starts with a digit goes in backticks; a number and a word need a blank between them"));
        }
        let number = if whole { integer(written) } else { float(written) };
        number.map_err(|(message, hint)| RuleError::new(message, start..self.at).hint(hint))
    }

    fn string(&mut self) -> Result<Token, RuleError> {
        let start = self.at;
        self.at += 1;
        let mut value = String::new();
        loop {
            let Some(c) = self.rest().chars().next() else {
                return Err(
                    RuleError::new("the string is never closed", start..start + 1).hint("a string ends with `\"`")
                );
            };
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(Token::Text(value)),
                '\\' => value.push(self.escape()?),
                other => value.push(other),
            }
        }
    }

    /// The character that an escape means; the backslash is read already.
    fn escape(&mut self) -> Result<char, RuleError> {
        let start = self.at - 1;
        let escaped = self.rest().chars().next();
        self.at += escaped.map_or(0, char::len_utf8);
        match escaped {
            Some('"') => Ok('"'),
            Some('\\') => Ok('\\'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => self.unicode(start),
            _ => Err(RuleError::new("this escape means nothing", start..self.at)
                .expected(&["`\\\"`", "`\\\\`", "`\\n`", "`\\r`", "`\\t`", "`\\uXXXX`"])
                .hint("a backslash itself is written twice")),
        }
    }

    fn unicode(&mut self, start: usize) -> Result<char, RuleError> {
        let mut units = vec![self.four_hex(start)?];
        if (0xD800..0xDC00).contains(&units[0]) && self.rest().starts_with("\\u") {
            self.at += 2;
            units.push(self.four_hex(start)?);
        }
        match char::decode_utf16(units).next() {
            Some(Ok(c)) => Ok(c),
            _ => Err(RuleError::new("half a surrogate pair is not a character", start..self.at)),
        }
    }

    fn four_hex(&mut self, start: usize) -> Result<u16, RuleError> {
        let hex = self.rest().get(..4).filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()));
        match hex.and_then(|h| u16::from_str_radix(h, 16).ok()) {
            Some(unit) => {
                self.at += 4;
                Ok(unit)
            }
            None => Err(RuleError::new("`\\u` needs four hexadecimal digits", start..self.at)),
        }
    }

    fn quoted(&mut self) -> Result<Token, RuleError> {
        let start = self.at;
        self.at += 1;
        let mut name = String::new();
        loop {
            let rest = self.rest();
            let Some(end) = rest.find('`') else {
                return Err(RuleError::new("the backtick is never closed", start..start + 1));
            };
            name.push_str(&rest[..end]);
            self.at += end + 1;
            if !self.rest().starts_with('`') {
                break;
            }
            name.push('`');
            self.at += 1;
        }
        if name.is_empty() {
            return Err(RuleError::new("a field name cannot be empty", start..self.at));
        }
        Ok(Token::Quoted(name))
    }

    fn stray(&self, c: char) -> RuleError {
        let hint = match c {
            '\'' => "strings go in double quotes",
            '&' => "write `and`",
            '|' => "write `or`",
            '!' => "write `not`, or `!=` for a comparison",
            '{' | '}' => "lists go in square brackets",
            c if c.is_alphabetic() => "field names other than letters a-z, digits and _ go in backticks",
            _ => "",
        };
        RuleError::new(format!("unexpected character `{}`", c.escape_default()), self.at..self.at + c.len_utf8())
            .hint(hint)
    }
}

type NumberProblem = (String, &'static str);

/// The integer that `digits` spell, within the range of integer fields.
pub(in crate::rule) fn integer_in_range(digits: &str) -> Option<i128> {
    digits.parse::<i128>().ok().filter(|n| (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(n))
}

fn integer(digits: &str) -> Result<Token, NumberProblem> {
    integer_in_range(digits).map(Token::Integer).ok_or_else(|| {
        (format!("integers end at {}", u64::MAX), "a larger number is written with an exponent, as in 1e20")
    })
}

fn float(written: &str) -> Result<Token, NumberProblem> {
    exact_float(written).map(Token::Float)
}

/// The float that `written` spells. A number whose digits a float does not hold is refused: it would be compared with
/// decimals as another number than the one written.
pub(in crate::rule) fn exact_float(written: &str) -> Result<f64, NumberProblem> {
    let value: f64 = written.parse().map_err(|_| ("this is not a number".to_string(), ""))?;
    if !value.is_finite() {
        return Err(("this number is too large".to_string(), "numbers end near 1.8e308"));
    }
    if significant(written) != significant(&format!("{value:e}")) {
        return Err((
            "this number has more digits than a rule keeps exactly".to_string(),
            "fifteen significant digits are always kept",
        ));
    }
    Ok(value)
}

/// The digits of the mantissa without leading and trailing zeros.
fn significant(number: &str) -> String {
    let mantissa = number.split(['e', 'E']).next().unwrap_or(number);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Result<Token, String> {
        let mut tokens = tokens(text).map_err(|e| e.message)?;
        assert_eq!(tokens.len(), 2, "{tokens:?}");
        Ok(tokens.remove(0).0)
    }

    #[test]
    fn numbers_keep_every_digit_or_are_refused() {
        assert_eq!(only("18446744073709551615").unwrap(), Token::Integer(i128::from(u64::MAX)));
        assert!(only("18446744073709551616").is_err());
        assert_eq!(only("1e20").unwrap(), Token::Float(1e20));
        assert_eq!(only("0.10").unwrap(), Token::Float(0.1));
        assert_eq!(only("4.5E-3").unwrap(), Token::Float(0.0045));
        assert_eq!(only("100.000").unwrap(), Token::Float(100.0));
        assert!(only("12345678901234567.89").is_err());
        assert!(only("1e999").is_err());
        assert!(only("1e-999").is_err());
        assert!(only("30days").is_err());
    }

    #[test]
    fn strings_resolve_their_escapes() {
        assert_eq!(only(r#""a\"b\\c\nd\té€\ud83d\ude00""#).unwrap(), Token::Text("a\"b\\c\nd\té€😀".into()));
        for bad in [r#""\d""#, r#""\u12""#, r#""\ud83d""#, r#""open"#, r#""\"#, "``", "`open", "'a'", "a == 1"] {
            assert!(tokens(bad).is_err(), "{bad}");
        }
        assert_eq!(only("`a``b`").unwrap(), Token::Quoted("a`b".into()));
    }
}
