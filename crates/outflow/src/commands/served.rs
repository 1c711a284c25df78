//! What all commands that ask a server have in common.

use std::process::ExitCode;

use outflow_model::{Fault, FaultClass};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::client::{Client, ServerArgs};
use crate::output;
use crate::table::{one_line, text};

/// What such a command has to say.
pub struct Answer {
    /// For machines.
    pub json: Value,
    /// For people.
    pub lines: Vec<String>,
    /// What was asked for was done, but not what it was about: a run that was watched failed.
    pub fault: Option<Fault>,
    /// Whether everything was printed as it came.
    pub is_printed: bool,
}

impl Answer {
    /// An answer to a question.
    pub fn new(json: Value, lines: Vec<String>) -> Answer {
        Answer { json, lines, fault: None, is_printed: false }
    }

    /// What was found is not as it should be.
    pub fn failed(json: Value, lines: Vec<String>, fault: Fault) -> Answer {
        Answer { fault: Some(fault), ..Answer::new(json, lines) }
    }

    /// An answer that is printed already.
    pub fn printed() -> Answer {
        Answer { is_printed: true, ..Answer::new(Value::Null, Vec::new()) }
    }

    /// Several objects.
    pub fn list(items: Vec<Value>, lines: Vec<String>) -> Answer {
        Answer::new(Value::Object([("items".to_owned(), Value::Array(items))].into_iter().collect()), lines)
    }

    /// One sentence.
    pub fn line(json: Value, line: impl Into<String>) -> Answer {
        Answer::new(json, vec![line.into()])
    }
}

/// What the server found odd and took all the same, as lines.
pub fn warnings(answer: &Value) -> Vec<String> {
    notes(answer["warnings"].as_array().map_or(&[][..], Vec::as_slice)).collect()
}

/// Each warning of an answer as a line.
pub fn notes(warnings: &[Value]) -> impl Iterator<Item = String> {
    let message = |warning: &Value| warning["message"].as_str().map_or_else(|| text(warning), str::to_owned);
    warnings.iter().map(move |warning| format!("note: {}", one_line(&message(warning))))
}

/// Asks the server, and tells what it answers. An interrupt ends the asking, not what the server does.
pub fn ask(
    server: &ServerArgs,
    runtime: &Runtime,
    asking: impl AsyncFnOnce(&Client) -> Result<Answer, Fault>,
) -> ExitCode {
    // Names of members are the API's own here.
    output::keep_names();
    let answer = runtime.block_on(async {
        let client = Client::new(server)?;
        tokio::select! {
            answer = asking(&client) => answer,
            () = super::interrupted() => Err(Fault::new(FaultClass::Interrupted, "interrupted")
                .hint("what the server had begun goes on; `outflow runs list` shows exports")),
        }
    });
    tell(answer, server.json)
}

/// As [`ask`], of what `read` gives, such as what a person types. That comes first, while an interrupt still ends the
/// process: a reader that waits for a person hears of none.
pub fn ask_of<T>(
    server: &ServerArgs,
    runtime: &Runtime,
    read: impl FnOnce() -> Result<T, Fault>,
    asking: impl AsyncFnOnce(&Client, T) -> Result<Answer, Fault>,
) -> ExitCode {
    output::keep_names();
    match read() {
        Ok(given) => ask(server, runtime, async |client| asking(client, given).await),
        Err(fault) => tell(Err(fault), server.json),
    }
}

/// Tells an answer, and gives the exit status.
pub fn tell(answer: Result<Answer, Fault>, as_json: bool) -> ExitCode {
    match answer {
        Err(fault) => output::fail(&fault, as_json),
        Ok(mut answer) => {
            if answer.is_printed {
                return ExitCode::SUCCESS;
            }
            if as_json {
                if let (Some(fault), Some(members)) = (&answer.fault, answer.json.as_object_mut())
                    && !members.contains_key("error")
                {
                    members.insert("error".into(), output::error_json(fault));
                }
                output::say_json(&answer.json);
            } else {
                answer.lines.iter().for_each(|line| output::say(line));
            }
            match &answer.fault {
                None => ExitCode::SUCCESS,
                Some(fault) => {
                    output::tell(fault);
                    output::exit(fault)
                }
            }
        }
    }
}
