//! One JSON text, exactly: numbers keep their digits, and what is wrong is said without showing a value.

use std::borrow::Cow;

/// Deeper nesting is refused: reading, building and comparing go one call deeper for each level.
const DEPTH_MAX: usize = 64;

/// A value that borrows from its text.
#[derive(Debug, PartialEq)]
pub(super) enum Json<'a> {
    Null,
    Boolean(bool),
    /// The literal as it stands.
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    /// Members in order; a name may be there twice.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// Why a text is not JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// Where, in bytes from 0.
    pub at: usize,
    pub what: &'static str,
    /// The names around the place, outermost first.
    pub names: Vec<String>,
}

/// Reads `text`, which holds one value and whitespace.
pub(super) fn parse(text: &str) -> Result<Json<'_>, Broken> {
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(0)?;
    parser.space();
    if parser.at < text.len() { Err(parser.broken("text after the end of the value")) } else { Ok(value) }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn broken(&self, what: &'static str) -> Broken {
        Broken { at: self.at, what, names: Vec::new() }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Moves past `byte` if it is next.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Json<'a>, Broken> {
        if depth > DEPTH_MAX {
            return Err(self.broken("values are nested more than 64 levels deep"));
        }
        self.space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Boolean(true)),
            Some(b'f') => self.word("false", Json::Boolean(false)),
            Some(b'n') => self.word("null", Json::Null),
            _ => Err(self.broken("expected a value")),
        }
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> Result<Json<'a>, Broken> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.broken("expected a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn object(&mut self, depth: usize) -> Result<Json<'a>, Broken> {
        self.at += 1;
        let mut members = Vec::new();
        self.space();
        if self.take(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.broken("expected a name in quotes"));
            }
            let name = self.string()?;
            self.space();
            let value = if self.take(b':') { self.value(depth + 1) } else { Err(self.broken("expected `:`")) };
            let value = value.map_err(|mut broken| {
                broken.names.insert(0, name.to_string());
                broken
            })?;
            members.push((name, value));
            self.space();
            if self.take(b'}') {
                return Ok(Json::Object(members));
            }
            if !self.take(b',') {
                return Err(self.broken("expected `,` or `}`"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json<'a>, Broken> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.take(b']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.take(b']') {
                return Ok(Json::List(items));
            }
            if !self.take(b',') {
                return Err(self.broken("expected `,` or `]`"));
            }
        }
    }

    fn number(&mut self) -> Result<Json<'a>, Broken> {
        let from = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        Ok(Json::Number(&self.text[from..self.at]))
    }

    fn digits(&mut self) -> Result<(), Broken> {
        let from = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == from { Err(self.broken("expected a digit")) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Broken> {
        self.at += 1;
        let mut whole: Option<String> = None;
        loop {
            let rest = &self.text[self.at..];
            let stop = rest.bytes().position(|b| b == b'"' || b == b'\\' || b < 0x20);
            let Some(stop) = stop else {
                self.at = self.text.len();
                return Err(self.broken("a string is never closed"));
            };
            let part = &rest[..stop];
            self.at += stop;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(match whole {
                        None => Cow::Borrowed(part),
                        Some(text) => Cow::Owned(text + part),
                    });
                }
                Some(b'\\') => {
                    let text = whole.get_or_insert_default();
                    text.push_str(part);
                    self.at += 1;
                    let c = self.escaped()?;
                    text.push(c);
                }
                _ => return Err(self.broken("a control character in a string")),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Broken> {
        let c = match self.peek() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.broken("an escape that JSON does not have")),
        };
        self.at += 1;
        Ok(c)
    }

    fn unicode(&mut self) -> Result<char, Broken> {
        let first = self.hex()?;
        let code = if (0xD800..0xDC00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            let second = self.hex()?;
            if !(0xDC00..0xE000).contains(&second) {
                return Err(self.broken("half a surrogate pair"));
            }
            0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| self.broken("half a surrogate pair"))
    }

    fn hex(&mut self) -> Result<u32, Broken> {
        let digits = self.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
        let code = code.ok_or_else(|| self.broken("expected four hexadecimal digits"))?;
        self.at += 4;
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn same(ours: &Json<'_>, theirs: &Value) -> bool {
        match (ours, theirs) {
            (Json::Null, Value::Null) => true,
            (Json::Boolean(a), Value::Bool(b)) => a == b,
            (Json::Number(a), Value::Number(b)) => {
                let (a, b) = (a.parse::<f64>().unwrap(), b.as_f64().unwrap());
                a == b || (a - b).abs() <= a.abs() * 1e-15
            }
            (Json::Text(a), Value::String(b)) => a == b,
            (Json::List(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
            (Json::Object(a), Value::Object(b)) => a.iter().all(|(name, value)| {
                // The library keeps the last of two members with one name.
                let last = a.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v);
                last != Some(value) || b.get(name.as_ref()).is_some_and(|b| same(value, b))
            }),
            _ => false,
        }
    }

    /// Agrees with serde_json on what is JSON and what it means, numbers beyond floats aside.
    fn agrees(text: &str) {
        match (parse(text), serde_json::from_str::<Value>(text)) {
            (Ok(ours), Ok(theirs)) => assert!(same(&ours, &theirs), "{text}"),
            (Err(_), Err(_)) => {}
            (Ok(_), Err(e)) if e.to_string().contains("out of range") => {}
            (ours, theirs) => panic!("{text}: {ours:?} {theirs:?}"),
        }
    }

    #[test]
    fn the_grammar_is_that_of_json() {
        for text in [
            "",
            " ",
            "nul",
            "truex",
            "01",
            "-",
            "-01",
            "1.",
            ".5",
            "1e",
            "1e+",
            "0x1",
            "[1,]",
            "[,]",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\ud800\"",
            "\"\\ud83d\\ude00\"",
            "\"\\udc00\"",
            "\"\\ud800\\u0041\"",
            "\"a\nb\"",
            "\"\\u00e9\\/\\b\"",
            "{\"a\":[{\"b\":null}],\"a\":2}",
            "[[]]",
            "{} {}",
            "-0.0e-7",
            "\"",
            "[",
            "{\"a\":1",
            "\u{feff}1",
        ] {
            agrees(text);
        }
        let broken = parse("{\"a\": {\"b\": [1, }").unwrap_err();
        assert_eq!((broken.at, broken.names), (16, vec!["a".to_string(), "b".to_string()]));
        assert!(parse(&"[".repeat(10_000)).unwrap_err().what.contains("64 levels"));
    }

    proptest! {
        #[test]
        fn pieces_of_json_mean_what_the_library_says(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "{", "}", "[", "]", ":", ",", "\"a\"", "\"é\\n\"", "1", "-2.5e3", "null", "true", " ", "\\", "\"", "0", ".",
            ]), 0..12)
        ) {
            agrees(&pieces.concat());
        }

        #[test]
        fn any_string_survives(text in any::<String>()) {
            let written = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(parse(&written), Ok(Json::Text(Cow::Owned(text))));
        }
    }
}
