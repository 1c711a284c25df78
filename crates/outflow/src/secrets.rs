//! Secrets that a person hands over: from the environment, a file or the terminal, never from an argument, which every
//! user of the machine can read.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;

use outflow_model::{Fault, FaultClass};
use secrecy::SecretString;

use crate::environment::variable;

/// Where a secret comes from, as options name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `env:NAME`.
    Variable(String),
    /// `file:PATH`, without the last line end.
    File(String),
    /// `prompt`: asked for on a terminal, else a line of stdin.
    Prompt,
}

impl Source {
    /// Reads `env:NAME`, `file:PATH` or `prompt`.
    ///
    /// # Errors
    /// A sentence, when it is none of them. It does not repeat the text, which may be the secret itself.
    pub fn parse(text: &str) -> Result<Source, String> {
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Source::Variable(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Source::File(path.to_owned())),
            None if text == "prompt" => Ok(Source::Prompt),
            _ => Err("a secret is named as env:VARIABLE, file:PATH or prompt".into()),
        }
    }

    /// The secret, called `name` where it is asked for. A relative path begins at `folder`.
    ///
    /// # Errors
    /// `Input` when the variable is not set, the file cannot be read or nobody answers.
    pub fn read(&self, name: &str, folder: &Path) -> Result<SecretString, Fault> {
        let text = match self {
            Source::Variable(variable_name) => variable(variable_name).ok_or_else(|| {
                Fault::input(format!("{variable_name} is not set")).tried(format!("read {name} from the environment"))
            })?,
            Source::File(path) => without_line_end(crate::settings::read(&folder.join(path))?),
            Source::Prompt => ask(name)?,
        };
        Ok(text.into())
    }
}

fn ask(name: &str) -> Result<String, Fault> {
    let failed = |e: std::io::Error| Fault::input(format!("{name} cannot be read")).tried("read stdin").because(e);
    if std::io::stdin().is_terminal() {
        let terminal = console::Term::stderr();
        terminal.write_str(&format!("{name}: ")).map_err(failed)?;
        let text = terminal.read_secure_line().map_err(failed)?;
        return if text.is_empty() {
            Err(Fault::new(FaultClass::Interrupted, format!("no {name} was given")))
        } else {
            Ok(text)
        };
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(failed)?;
    if line.is_empty() {
        return Err(Fault::input(format!("stdin ended before {name}"))
            .tried("read stdin")
            .hint("give one secret a line, in the order of the options"));
    }
    Ok(without_line_end(line))
}

fn without_line_end(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}

/// `text` with each `${NAME}` replaced by the variable's value; `$${` stands for `${`.
///
/// # Errors
/// `Input` when a variable is not set, or a brace is not closed.
pub fn expand(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, Fault> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            out.push_str(&rest[..at]);
            out.push('{');
            rest = &rest[at + 2..];
            continue;
        }
        out.push_str(&rest[..at]);
        let after = &rest[at + 2..];
        let end = after.find('}').ok_or_else(|| Fault::input("a ${ has no }").hint("write $${ for a plain ${"))?;
        let name = &after[..end];
        let value = variable(name).ok_or_else(|| {
            Fault::input(format!("{name} is not set")).tried("read the environment").hint("write $${ for a plain ${")
        })?;
        out.push_str(&value);
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn a_secret_in_place_of_its_source_is_refused_and_not_repeated() {
        assert_eq!(Source::parse("env:A"), Ok(Source::Variable("A".into())));
        assert_eq!(Source::parse("prompt"), Ok(Source::Prompt));
        for text in ["hush", "env:", "hush:hush", ""] {
            assert!(!Source::parse(text).unwrap_err().contains("hush"));
        }
    }

    #[test]
    fn a_file_gives_its_text_without_the_last_line_end() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::write(temp.path().join("s"), "a\nb\r\n").unwrap();
        let secret = Source::parse("file:s").unwrap().read("x", temp.path()).unwrap();
        assert_eq!(secret.expose_secret(), "a\nb");
    }

    #[test]
    fn variables_are_put_in_and_may_be_kept_out() {
        let known = |name: &str| (name == "A").then(|| "1".to_owned());
        assert_eq!(expand("x${A}y$${A}z$5", &known).unwrap(), "x1y${A}z$5");
        assert!(expand("${B}", &known).unwrap_err().message.contains("B is not set"));
        assert!(expand("${A", &known).is_err());
    }
}
