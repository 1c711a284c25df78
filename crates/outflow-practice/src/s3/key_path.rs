//! Object keys as file paths: readable, and one to one.

use std::path::PathBuf;

/// The path of `key` below its bucket's folder. Elements that a file system cannot hold, and `%`, are percent-encoded.
pub(crate) fn encode(key: &str) -> PathBuf {
    key.split('/').map(encode_element).collect()
}

fn encode_element(element: &str) -> String {
    match element {
        // No encoding of anything else is a lone percent sign.
        "" => return "%".into(),
        "." => return "%2E".into(),
        ".." => return "%2E%2E".into(),
        _ => {}
    }
    let mut out = String::with_capacity(element.len());
    for c in element.chars() {
        if c == '%' || c.is_ascii_control() {
            out.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// The key element that the file name `name` stands for; `None` for a name that no key has.
pub(crate) fn decode_element(name: &str) -> Option<String> {
    if name == "%" {
        return Some(String::new());
    }
    let mut pieces = name.split('%');
    let mut out = String::from(pieces.next()?);
    for piece in pieces {
        let code = u8::from_str_radix(piece.get(..2)?, 16).ok()?;
        out.push(char::from(code));
        out.push_str(piece.get(2..)?);
    }
    (encode_element(&out) == name).then_some(out)
}

/// Percent-encodes `text` as `encoding-type=url` listings do: all but letters, digits, `-_.~` and `/`.
pub(crate) fn url_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_paths_are_one_to_one() {
        for key in
            ["a.csv", "a b/ü+%&", "a//b", "a/", "/a", "../../etc/passwd", "./a", "%", "%25", "a\u{1}b", "100%.csv"]
        {
            let path = encode(key);
            assert!(path.is_relative(), "{key}");
            let elements: Option<Vec<_>> = path.iter().map(|e| decode_element(e.to_str().unwrap())).collect();
            assert_eq!(elements.unwrap().join("/"), key);
            assert!(path.components().all(|c| matches!(c, std::path::Component::Normal(_))), "{key} -> {path:?}");
        }
        assert_eq!(encode("a b/ü+&.csv"), PathBuf::from("a b/ü+&.csv"));
        assert_eq!(decode_element("100%.csv"), None);
    }
}
