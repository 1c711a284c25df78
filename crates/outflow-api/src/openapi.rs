//! The OpenAPI document, made of the operations.
//!
//! What all of them share is added here once: the token, the headers of the modelled services, and the answers of a
//! request that is wrong, not allowed or too early.

use outflow_model::access::AccessScope;
use utoipa::openapi::path::{Operation as Document, Parameter, ParameterBuilder, ParameterIn, PathsBuilder};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, Info, License, ObjectBuilder, OpenApi, OpenApiBuilder, Paths, Ref, RefOr,
    Required, Response, ResponseBuilder, Type,
};
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::app;
use crate::auth::{cookie, origin};
use crate::error::{PROBLEM_JSON, ProblemBody};
use crate::operation::{Access, Operation};

const TOKEN: &str = "token";
const SESSION: &str = "session";

/// The document as it is committed: indented, with a newline at its end.
pub fn openapi_json() -> String {
    // Serialising maps and texts into a string cannot fail.
    let mut text = document().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

fn document() -> OpenApi {
    let mut components = ComponentsBuilder::new()
        .schema(ProblemBody::name(), ProblemBody::schema())
        .security_scheme(TOKEN, SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()))
        .security_scheme(SESSION, session());
    let mut problem_schemas = Vec::new();
    ProblemBody::schemas(&mut problem_schemas);
    components = components.schemas_from_iter(problem_schemas);
    let mut paths = PathsBuilder::new().build();
    for operation in app::operations() {
        components = components.schemas_from_iter(operation.schemas.clone());
        add(&mut paths, operation);
    }
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".into());
    let mut info = Info::new("Outflow", "1.0");
    info.description = Some(
        "Accounts, destinations, flows, runs, datasets and segments. Bodies may have members beyond those shown: they \
         are kept and shown again."
            .into(),
    );
    info.license = Some(license);
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components.build())).build()
}

/// The cookie of the console's sessions.
fn session() -> SecurityScheme {
    let text = format!(
        "A session that `POST /console/session` began. What is not got needs the header `{}: 1`, and must not come from a \
         page of another origin. Over TLS the name begins with `__Host-`.",
        origin::MARK
    );
    SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(cookie::NAME, &text)))
}

/// Either of the two ways to say who calls.
fn token_or_session(scopes: &[&str]) -> Vec<SecurityRequirement> {
    vec![
        SecurityRequirement::new(TOKEN, scopes.iter().copied()),
        SecurityRequirement::new(SESSION, scopes.iter().copied()),
    ]
}

fn add(paths: &mut Paths, operation: Operation) {
    let mut document = operation.document;
    let tag = document.tags.as_ref().and_then(|tags| tags.first()).cloned().unwrap_or_default();
    let name = document.operation_id.take().unwrap_or_default();
    // Several nouns have a `create`: a generated client needs one name for each operation.
    document.operation_id = Some(format!("{}_{name}", tag.replace(' ', "_").to_lowercase()));
    if let Some(scope) = operation.access.scope(false) {
        add_access(&mut document, scope);
    }
    if operation.access == Access::Anywhere {
        document.security = Some(token_or_session(&[]));
        add_problem(&mut document, "401", "The token is not valid.");
        add_problem(&mut document, "403", "The token is missing.");
    }
    describe_problems(&mut document);
    add_problem(&mut document, "default", "The server could not complete the request; nothing was changed.");
    paths.add_path_operation(operation.path, operation.methods, document);
}

fn add_access(document: &mut Document, scope: AccessScope) {
    document.security = Some(token_or_session(&[scope.name()]));
    document.parameters.get_or_insert_default().extend(common_headers().map(RefOr::T));
    add_problem(document, "400", "The request is wrong: every problem by field.");
    add_problem(document, "401", "The token is not valid.");
    let needs = format!("The token is missing, lacks the scope `{scope}`, or its client may not use the sandbox.");
    add_problem(document, "403", &needs);
    let if_match = parameters(document).find(|parameter| parameter.name == "If-Match");
    let is_required = if_match.map(|parameter| matches!(parameter.required, Required::True));
    if is_required.is_some() {
        add_problem(document, "412", "It has changed since.");
    }
    if is_required == Some(true) {
        add_problem(document, "428", "If-Match is missing.");
    }
    if parameters(document).any(|parameter| parameter.parameter_in == ParameterIn::Path) {
        add_problem(document, "404", "There is no such object in the sandbox.");
    }
}

/// The parameters of an operation. All of them stand in it; none is a reference.
fn parameters(document: &Document) -> impl Iterator<Item = &Parameter> {
    document.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    })
}

/// Headers that clients of the modelled services send with every request.
fn common_headers() -> impl Iterator<Item = Parameter> {
    [
        ("x-sandbox-name", "The sandbox that the request is about; `prod` without it."),
        ("x-api-key", "Accepted and not looked at."),
        ("x-gw-ims-org-id", "Accepted and not looked at."),
    ]
    .into_iter()
    .map(|(name, description)| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(description))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .build()
    })
}

/// Gives the operation's own errors the body that every error has, but for those that have one of their own.
fn describe_problems(document: &mut Document) {
    for (status, answer) in &mut document.responses.responses {
        if let RefOr::T(answer) = answer
            && status.starts_with(['4', '5'])
            && answer.content.is_empty()
        {
            *answer = problem(&answer.description);
        }
    }
}

fn add_problem(document: &mut Document, status: &str, description: &str) {
    document.responses.responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(description)));
}

fn problem(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemBody::name()))).build();
    ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build()
}

#[cfg(test)]
mod tests;
