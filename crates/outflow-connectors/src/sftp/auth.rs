//! Signing in: the key first, then the password, as the server asks.

use std::sync::Arc;

use outflow_model::{Fault, FaultClass};
use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg};
use russh::{MethodKind, MethodSet};
use secrecy::ExposeSecret as _;

use super::config::SftpAccount;
use super::connection::{Guard, Notes};
use super::{fault, host_key};

/// Rounds of questions that a server may ask. One holds the password; more than three is no password prompt.
const QUESTION_ROUNDS_MAX: usize = 3;

/// One attempt's answer.
enum Answer {
    In,
    /// The server accepted this step and wants another.
    More(MethodSet),
    No(MethodSet),
}

impl From<AuthResult> for Answer {
    fn from(result: AuthResult) -> Answer {
        match result {
            AuthResult::Success => Answer::In,
            AuthResult::Failure { remaining_methods, partial_success: true } => Answer::More(remaining_methods),
            AuthResult::Failure { remaining_methods, .. } => Answer::No(remaining_methods),
        }
    }
}

/// Signs in with all that the account has. Answers how, for the probe.
///
/// # Errors
/// `Credentials` when the server refuses; the hint names what the server accepts. `Unavailable` when it hangs up.
pub(super) async fn sign_in(
    handle: &mut Handle<Guard>,
    account: &SftpAccount,
    key: Option<&Arc<PrivateKey>>,
    notes: &Notes,
) -> Result<&'static str, Fault> {
    let mut door = Door { handle, account, notes };
    let mut key_refused = None;
    let mut wants_more = false;
    if let Some(key) = key {
        match door.with_key(key).await? {
            Answer::In => return Ok("with the SSH key"),
            Answer::More(_) => wants_more = true,
            Answer::No(methods) => {
                key_refused = Some(refused_key(account, key, &methods));
            }
        }
    }
    let password = account.password.as_ref().filter(|p| !p.expose_secret().is_empty());
    match (password, key_refused) {
        (None, Some(refused)) => Err(refused),
        (None, None) => Err(refuse(account, "the server wants a second proof besides the SSH key".into())
            .hint("set password too, or ask the server's administrator to accept the key alone")
            .about(["password"])),
        (Some(password), refused) => match door.with_password(password.expose_secret()).await? {
            Answer::In if wants_more => Ok("with SSH key and password"),
            Answer::In => Ok("with the password"),
            Answer::More(methods) => {
                Err(refuse(account, "the server wants a second proof besides the password".into())
                    .hint(format!("it asks for: {}", names(&methods))))
            }
            Answer::No(methods) => Err(refused.unwrap_or_else(|| refused_password(account, &methods))),
        },
    }
}

/// Where one signs in.
struct Door<'a> {
    handle: &'a mut Handle<Guard>,
    account: &'a SftpAccount,
    notes: &'a Notes,
}

impl Door<'_> {
    async fn with_key(&mut self, key: &Arc<PrivateKey>) -> Result<Answer, Fault> {
        let hash = if key.algorithm().is_rsa() { self.rsa_hash().await? } else { None };
        let key = PrivateKeyWithHashAlg::new(key.clone(), hash);
        let result = self.handle.authenticate_publickey(&self.account.username, key).await;
        self.answered(result)
    }

    /// SHA-1 signatures (`None`) only where the account allows old algorithms and the server has no others.
    async fn rsa_hash(&self) -> Result<Option<HashAlg>, Fault> {
        match self.handle.best_supported_rsa_hash().await {
            Ok(Some(Some(hash))) => Ok(Some(hash)),
            Ok(Some(None)) if self.account.legacy_algorithms => Ok(None),
            Ok(_) => Ok(Some(HashAlg::Sha256)),
            Err(_) => Err(self.hung_up()),
        }
    }

    async fn with_password(&mut self, password: &str) -> Result<Answer, Fault> {
        let result = self.handle.authenticate_password(&self.account.username, password).await;
        match self.answered(result)? {
            // The same password in another form; where the server takes plain passwords, this one was wrong.
            Answer::No(methods)
                if !methods.contains(&MethodKind::Password) && methods.contains(&MethodKind::KeyboardInteractive) =>
            {
                self.with_questions(password).await
            }
            other => Ok(other),
        }
    }

    async fn with_questions(&mut self, password: &str) -> Result<Answer, Fault> {
        use KeyboardInteractiveAuthResponse as Response;
        let mut response = self.handle.authenticate_keyboard_interactive_start(&self.account.username, None).await;
        for _ in 0..=QUESTION_ROUNDS_MAX {
            let prompts = match response {
                Err(_) => return Err(self.hung_up()),
                Ok(Response::Success) => return Ok(Answer::In),
                Ok(Response::Failure { remaining_methods, partial_success: true }) => {
                    return Ok(Answer::More(remaining_methods));
                }
                Ok(Response::Failure { remaining_methods, .. }) => return Ok(Answer::No(remaining_methods)),
                Ok(Response::InfoRequest { prompts, .. }) => prompts,
            };
            if prompts.len() > 1 || prompts.iter().any(|p| p.echo) {
                break;
            }
            let answers = prompts.iter().map(|_| password.to_owned()).collect();
            response = self.handle.authenticate_keyboard_interactive_respond(answers).await;
        }
        Err(refuse(self.account, "the server asks for more than a password".into())
            .hint("one-time codes cannot be given by a program: ask the server's administrator for sign-in by SSH key"))
    }

    /// The library answers a lost connection like a refusal without any method left.
    fn answered(&self, result: Result<AuthResult, russh::Error>) -> Result<Answer, Fault> {
        match result {
            Ok(AuthResult::Failure { remaining_methods, .. })
                if remaining_methods.is_empty() && self.handle.is_closed() =>
            {
                Err(self.hung_up())
            }
            Ok(result) => Ok(result.into()),
            Err(_) => Err(self.hung_up()),
        }
    }

    fn hung_up(&self) -> Fault {
        let reason = self.notes.reason();
        if reason.as_deref().is_some_and(|r| r.to_lowercase().contains("authentication")) {
            let said = reason.unwrap_or_default();
            return refuse(self.account, format!("the server refused to sign in: {said}"))
                .hint("correct username, password and SSH key");
        }
        fault::lost(&self.account.server(), &format!("sign in as {}", self.account.username), reason.as_deref())
    }
}

fn refuse(account: &SftpAccount, message: String) -> Fault {
    Fault::new(FaultClass::Credentials, message).tried(format!(
        "sign in as {} at {}",
        account.username,
        account.server()
    ))
}

fn refused_password(account: &SftpAccount, methods: &MethodSet) -> Fault {
    let accepted = names(methods);
    if !methods.is_empty()
        && !methods.contains(&MethodKind::Password)
        && !methods.contains(&MethodKind::KeyboardInteractive)
    {
        return refuse(account, "the server does not accept passwords".into())
            .hint(format!("it accepts: {accepted}; set sshKey"))
            .about(["sshKey", "username", "password"]);
    }
    refuse(account, "the server refused user or password".into())
        .hint(format!("correct username and password; the server accepts: {accepted}"))
        .about(["username", "password"])
}

fn refused_key(account: &SftpAccount, key: &PrivateKey, methods: &MethodSet) -> Fault {
    let print = host_key::fingerprint(key.public_key());
    let accepted = names(methods);
    if !methods.is_empty() && !methods.contains(&MethodKind::PublicKey) {
        return refuse(account, "the server does not accept SSH keys".into())
            .hint(format!("it accepts: {accepted}; set password"))
            .about(["password"]);
    }
    refuse(account, format!("the server refused user or SSH key {print}"))
        .hint(format!(
            "have the public key added to the user's authorized keys on the server; the server accepts: {accepted}"
        ))
        .about(["username", "sshKey"])
}

fn names(methods: &MethodSet) -> String {
    let names: Vec<&str> = methods.iter().map(<&str>::from).collect();
    if names.is_empty() { "nothing it names".to_owned() } else { names.join(", ") }
}
