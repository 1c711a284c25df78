//! The folder of a target, with the segment at its end: `acme/2021/%SEGMENT_NAME%/%SEGMENT_ID%`.

use std::fmt;

use super::lex::{Token, escaped, lex, unknown_macro};
use super::parts::NAME_BYTES_MAX;
use super::{TemplateProblem, is_no_name, is_unsafe, safe_value};

const MACROS: [&str; 2] = ["SEGMENT_ID", "SEGMENT_NAME"];

/// A folder path with macros. A leading `/` is kept and told by [`is_absolute`](Self::is_absolute), a trailing one is
/// dropped; the empty path is the target's root. After the first macro only macros and `/` may follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderTemplate {
    absolute: bool,
    segments: Vec<Vec<Piece>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    SegmentId,
    SegmentName,
}

impl FolderTemplate {
    /// Reads a folder path.
    ///
    /// # Errors
    /// Every problem of the text, in order of place.
    pub fn parse(text: &str) -> Result<FolderTemplate, Vec<TemplateProblem>> {
        let mut problems = Vec::new();
        let mut segments: Vec<Vec<Piece>> = vec![Vec::new()];
        let mut macro_seen = false;
        for token in lex(text, &mut problems) {
            match token {
                Token::Text { at, text } => {
                    check_text(at, &text, macro_seen, &mut problems);
                    push_text(&text, &mut segments);
                }
                Token::Macro { at, name, argument } => {
                    macro_seen = true;
                    let piece = match (name.as_str(), argument) {
                        ("SEGMENT_ID", None) => Piece::SegmentId,
                        ("SEGMENT_NAME", None) => Piece::SegmentName,
                        _ => {
                            problems.push(unknown_folder_macro(at, &name));
                            continue;
                        }
                    };
                    if let Some(segment) = segments.last_mut() {
                        segment.push(piece);
                    }
                }
            }
        }
        let absolute = segments.len() > 1 && segments[0].is_empty();
        if absolute {
            segments.remove(0);
        }
        if segments.last().is_some_and(Vec::is_empty) {
            segments.pop();
        }
        let template = FolderTemplate { absolute, segments };
        // With a problem already said, what is left of the text is not judged on top.
        if problems.is_empty() {
            template.check_segments(&mut problems);
        }
        if problems.is_empty() { Ok(template) } else { Err(problems) }
    }

    /// Whether the path starts with `/`.
    pub fn is_absolute(&self) -> bool {
        self.absolute
    }

    /// The path in one run, without a trailing `/`: as many steps as the template has, none of them empty, `.` or `..`.
    ///
    /// # Errors
    /// Steps that come out as no folder of their own or longer than 255 bytes.
    pub fn render(&self, segment_id: &str, segment_name: &str) -> Result<String, Vec<TemplateProblem>> {
        let mut problems = Vec::new();
        let mut steps = Vec::new();
        for segment in &self.segments {
            let step: String = segment
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text.clone(),
                    Piece::SegmentId => safe_value(segment_id),
                    Piece::SegmentName => safe_value(segment_name),
                })
                .collect();
            if is_no_name(&step) {
                problems.push(TemplateProblem::whole(
                    format!("a folder comes out as {step:?}, which names no folder"),
                    "rename the segment, or add some literal text before the macro",
                ));
            } else if step.len() > NAME_BYTES_MAX {
                problems.push(TemplateProblem::whole(
                    format!("a folder name comes out {} bytes long; the limit is {NAME_BYTES_MAX}", step.len()),
                    "shorten the path's text or the segment's name",
                ));
            }
            steps.push(step);
        }
        let path = format!("{}{}", if self.absolute { "/" } else { "" }, steps.join("/"));
        if problems.is_empty() { Ok(path) } else { Err(problems) }
    }

    fn check_segments(&self, problems: &mut Vec<TemplateProblem>) {
        for segment in &self.segments {
            match segment.as_slice() {
                [] => problems.push(TemplateProblem::whole(
                    "the folder path has two slashes in a row",
                    "write one slash between folders",
                )),
                [Piece::Text(text)] if is_no_name(text) => problems.push(TemplateProblem::whole(
                    format!("{text:?} names no folder"),
                    "write the path without blank, `.` and `..` steps",
                )),
                _ => {}
            }
        }
    }
}

impl fmt::Display for FolderTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.segments.iter().enumerate() {
            if i > 0 || self.absolute {
                f.write_str("/")?;
            }
            for piece in segment {
                match piece {
                    Piece::Text(text) => f.write_str(&escaped(text))?,
                    Piece::SegmentId => f.write_str("%SEGMENT_ID%")?,
                    Piece::SegmentName => f.write_str("%SEGMENT_NAME%")?,
                }
            }
        }
        if self.absolute && self.segments.is_empty() { f.write_str("/") } else { Ok(()) }
    }
}

fn push_text(text: &str, segments: &mut Vec<Vec<Piece>>) {
    for (i, step) in text.split('/').enumerate() {
        if i > 0 {
            segments.push(Vec::new());
        }
        if let (false, Some(segment)) = (step.is_empty(), segments.last_mut()) {
            segment.push(Piece::Text(step.to_string()));
        }
    }
}

fn check_text(at: usize, text: &str, macro_seen: bool, problems: &mut Vec<TemplateProblem>) {
    if let Some((i, found)) = text.chars().enumerate().find(|(_, c)| *c != '/' && is_unsafe(*c)) {
        problems.push(TemplateProblem::at(
            at + i,
            format!("{found:?} cannot stand in a folder path"),
            "folders are separated by /; leave backslashes, control characters and line breaks out",
        ));
    }
    if let (true, Some(i)) = (macro_seen, text.chars().position(|c| c != '/')) {
        problems.push(TemplateProblem::at(
            at + i,
            "macros stand only at the end of a folder path",
            "put the fixed folders first, as in acme/2021/%SEGMENT_NAME%",
        ));
    }
}

fn unknown_folder_macro(at: usize, name: &str) -> TemplateProblem {
    let mut problem = unknown_macro(at, name, &MACROS);
    problem.message = format!("there is no macro %{}% for folders", name.escape_debug());
    problem
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "25768be6-ebd5-45cc-8913-12fb3f348615";

    fn rendered(template: &str) -> String {
        FolderTemplate::parse(template).unwrap().render(ID, "Luxury Audience").unwrap()
    }

    #[test]
    fn golden_folders() {
        for (template, path) in [
            ("", ""),
            ("/", "/"),
            ("acme", "acme"),
            ("acme/2021/", "acme/2021"),
            ("/upload/daily", "/upload/daily"),
            ("acme/2021/%SEGMENT_NAME%", "acme/2021/Luxury Audience"),
            ("acme/2021/%SEGMENT_NAME%/%SEGMENT_ID%", "acme/2021/Luxury Audience/25768be6-ebd5-45cc-8913-12fb3f348615"),
            ("acme/seg-%SEGMENT_ID%/", "acme/seg-25768be6-ebd5-45cc-8913-12fb3f348615"),
            ("100%%/a", "100%/a"),
        ] {
            assert_eq!(rendered(template), path, "{template}");
        }
    }

    #[test]
    fn what_is_refused() {
        for (template, message) in [
            ("a//b", "two slashes in a row"),
            ("//a", "two slashes in a row"),
            ("a//", "two slashes in a row"),
            ("../a", "\"..\" names no folder"),
            ("a/./b", "\".\" names no folder"),
            ("a/ /b", "\" \" names no folder"),
            ("a\\b", "cannot stand"),
            ("a\0", "cannot stand"),
            ("%SEGMENT_ID%/2021", "only at the end"),
            ("a/%SEGMENT_ID%-x", "only at the end"),
            ("%DESTINATION_NAME%", "no macro %DESTINATION_NAME% for folders"),
            ("a/%DATETIME(YYYY)%", "no macro %DATETIME% for folders"),
            ("%SEGMENT_ID(x)%", "no macro"),
            ("a/50%", "does not end"),
        ] {
            let problems = FolderTemplate::parse(template).unwrap_err();
            assert!(problems[0].message.contains(message), "{template}: {problems:?}");
        }
    }

    #[test]
    fn a_segment_name_cannot_climb() {
        let template = FolderTemplate::parse("a/%SEGMENT_NAME%").unwrap();
        assert_eq!(template.render(ID, "../../etc").unwrap(), "a/.._.._etc");
        assert!(template.render(ID, "..").is_err());
        assert!(template.render(ID, "").is_err());
        assert!(template.render(ID, &"x".repeat(256)).unwrap_err()[0].message.contains("256 bytes"));
    }

    proptest! {
        #[test]
        fn folders_stay_where_they_are_and_survive_printing(
            text in prop_oneof![any::<String>(), "[a./%]{0,8}", "([a-c./]{0,6}/)?%SEGMENT_NAME%(/%SEGMENT_ID%)?"],
            name in prop_oneof![any::<String>(), "[a./\\\\]{0,6}"],
        ) {
            let Ok(template) = FolderTemplate::parse(&text) else { return Ok(()) };
            prop_assert_eq!(&FolderTemplate::parse(&template.to_string()).unwrap(), &template);
            let Ok(path) = template.render(ID, &name) else { return Ok(()) };
            prop_assert_eq!(path.starts_with('/'), template.is_absolute());
            let steps: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
            prop_assert_eq!(steps.len(), template.segments.len());
            prop_assert!(!steps.contains(&"..") && !steps.contains(&"."));
            prop_assert!(!path.contains('\\') && !path.chars().any(char::is_control) && !path.contains("//"));
        }
    }
}
