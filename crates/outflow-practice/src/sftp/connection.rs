//! One SSH connection: signing in, and the one subsystem there is.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId, ChannelOpenFailure};

use super::Shared;
use super::session::SftpSession;
use crate::net::Switch;

/// Channels in one connection; clients use one.
const CHANNELS_MAX: usize = 8;

/// One SSH connection.
pub(crate) struct Connection {
    shared: Arc<Shared>,
    switch: Arc<Switch>,
    /// Channels that wait for their subsystem.
    waiting: HashMap<ChannelId, Channel<Msg>>,
    open: usize,
}

impl Connection {
    pub(crate) fn new(shared: Arc<Shared>, switch: Arc<Switch>) -> Connection {
        Connection { shared, switch, waiting: HashMap::new(), open: 0 }
    }

    fn admits(&self, user: &str) -> bool {
        user == self.shared.user && !self.shared.faults.read(|f| f.sftp.wrong_credentials)
    }

    fn answer(right: bool) -> Auth {
        if right { Auth::Accept } else { Auth::reject() }
    }
}

impl Handler for Connection {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, russh::Error> {
        let right = verify_slices_are_equal(password.as_bytes(), self.shared.password.as_bytes()).is_ok();
        Ok(Connection::answer(right && self.admits(user)))
    }

    async fn auth_publickey_offered(&mut self, user: &str, offer: PublicKeyOffer<'_>) -> Result<Auth, russh::Error> {
        let right = offer.public_key.key_data() == self.shared.client_key.key_data();
        Ok(Connection::answer(right && self.admits(user)))
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        let right = key.public_key.key_data() == self.shared.client_key.key_data();
        Ok(Connection::answer(right && self.admits(user)))
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        if self.open >= CHANNELS_MAX {
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
            return Ok(());
        }
        self.open += 1;
        self.waiting.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn channel_close(&mut self, channel: ChannelId, _session: &mut Session) -> Result<(), russh::Error> {
        self.waiting.remove(&channel);
        self.open = self.open.saturating_sub(1);
        Ok(())
    }

    async fn channel_eof(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), russh::Error> {
        session.close(channel)
    }

    async fn subsystem_request(
        &mut self,
        channel_id: ChannelId,
        name: &str,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        match self.waiting.remove(&channel_id) {
            Some(channel) if name == "sftp" => {
                session.channel_success(channel_id)?;
                let sftp = SftpSession::new(Arc::clone(&self.shared), Arc::clone(&self.switch));
                // Starts a task of its own and answers at once.
                russh_sftp::server::run(channel.into_stream(), sftp).await;
                Ok(())
            }
            _ => session.channel_failure(channel_id),
        }
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        _command: &[u8],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        session.channel_failure(channel)
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), russh::Error> {
        session.channel_failure(channel)
    }
}
