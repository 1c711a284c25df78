//! What makes a server of this program: its settings, its folder, its listener and its logs.

pub mod folder;
pub mod guarded;
pub mod joined;
pub mod listen;
pub mod logs;
pub mod principal;
pub mod settings;
pub mod tls;
