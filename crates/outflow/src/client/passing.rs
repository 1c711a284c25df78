//! What a server probes, with the step that goes on shown meanwhile.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::ProgressBar;
use outflow_model::Fault;
use reqwest::header::{ACCEPT, CONTENT_TYPE, IF_MATCH};
use reqwest::{Method, Response};
use serde_json::Value;

use super::wait::Events;
use super::{At, Client, answered, problem, unexpected, unreachable};

/// Between two pictures of a line that shows that something goes on.
const TICK: Duration = Duration::from_millis(100);

impl Client {
    /// Sends what the server probes before it answers. On a terminal the step is shown that goes on.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn probed(&self, method: Method, at: At, body: Option<&Value>, etag: &str) -> Result<Value, Fault> {
        let (mut request, tried) = self.request(method, &at)?;
        request = request.header(ACCEPT, "text/event-stream, application/json, application/problem+json");
        if !etag.is_empty() {
            request = request.header(IF_MATCH, etag);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let response = request.send().await.map_err(|e| unreachable(e, &tried))?;
        if !is_stream(&response) {
            // What is wrong before the first step, and a server of an earlier release.
            return answered(response, &tried).await;
        }
        let result = result(&mut Events::of(response, tried.clone())).await?;
        let status = result["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        match status {
            Some(200..300) => Ok(result["body"].clone()),
            Some(status) => {
                let secs = result["headers"]["retry-after"].as_str().and_then(|secs| secs.parse().ok());
                let body = result["body"].to_string();
                Err(problem::fault(status, body.as_bytes(), &tried, secs.map(Duration::from_secs)))
            }
            None => Err(unexpected("a result").tried(tried)),
        }
    }
}

fn is_stream(response: &Response) -> bool {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|name| name.starts_with("text/event-stream"))
}

/// Shows steps until there is a result.
async fn result(events: &mut Events) -> Result<Value, Fault> {
    let line = std::io::stderr().is_terminal().then(ProgressBar::new_spinner);
    if let Some(line) = &line {
        line.enable_steady_tick(TICK);
    }
    let outcome = loop {
        match events.next().await {
            Ok(Some(event)) if event.name == "result" => break Ok(event.data),
            Ok(Some(event)) => {
                if let (Some(line), Some(name)) = (&line, event.data["name"].as_str()) {
                    line.set_message(name.to_owned());
                }
            }
            Ok(None) => break Err(unexpected("the end of a probe")),
            Err(fault) => break Err(fault),
        }
    };
    if let Some(line) = line {
        line.finish_and_clear();
    }
    outcome
}
