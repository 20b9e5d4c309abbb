//! The connection to a server, and its time.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError};
use tokio::time::Instant;

use crate::store::StoreError;
use crate::tags::Stamp;

/// How long connecting and an answer may take. Who has less time does not wait for it. A machine that is away does not refuse
/// a connection, it says nothing: whoever waits for that may miss its return.
pub(super) const CONNECTING: Duration = Duration::from_secs(1);
const ANSWER: Duration = Duration::from_secs(5);

pub(super) struct Server {
    pub(super) client: Client,
    pub(super) prefix: String,
    pub(super) keep: Duration,
    pub(super) look_every: Duration,
    pub(super) marks: u32,
    connection: tokio::sync::Mutex<Connection>,
    reading: Mutex<Option<Reading>>,
}

#[derive(Default)]
struct Connection {
    /// How many there have been: whoever finds one broken may be late.
    number: u64,
    open: Option<MultiplexedConnection>,
}

/// The server's time at some moment, or a little before.
#[derive(Debug, Clone, Copy)]
struct Reading {
    time: Stamp,
    read: Instant,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The client would tell its password.
        f.debug_struct("Server").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl Server {
    pub(super) fn new(url: &str, prefix: &str) -> Result<Self, StoreError> {
        // The client takes the process's own cryptography; where nobody has chosen one, there is this.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Ok(Self {
            client: Client::open(url)?,
            prefix: prefix.to_owned(),
            keep: Duration::from_hours(30 * 24),
            look_every: Duration::from_secs(2),
            marks: 65_536,
            connection: tokio::sync::Mutex::default(),
            reading: Mutex::new(None),
        })
    }

    pub(super) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        let (number, mut connection) = self.connection().await?;
        let result = command.query_async(&mut connection).await;
        if let Err(error) = &result
            && error.is_unrecoverable_error()
        {
            let mut connection = self.connection.lock().await;
            if connection.number == number {
                connection.open = None;
            }
        }
        Ok(result?)
    }

    async fn connection(&self) -> Result<(u64, MultiplexedConnection), StoreError> {
        let mut connection = self.connection.lock().await;
        if let Some(open) = &connection.open {
            return Ok((connection.number, open.clone()));
        }
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECTING)).set_response_timeout(Some(ANSWER));
        let open = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        connection.number += 1;
        connection.open = Some(open.clone());
        Ok((connection.number, open))
    }

    /// Takes the server's time from an answer that has just come. It was that time when the server answered, so what is
    /// reckoned from it is never ahead of the server.
    pub(super) fn read_time(&self, time: Stamp) {
        let reading = Reading { time, read: Instant::now() };
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner) = Some(reading);
    }

    pub(super) fn time(&self) -> Option<Stamp> {
        let reading = (*self.reading.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some(reading.time.after(reading.read.elapsed()))
    }
}

impl From<RedisError> for StoreError {
    fn from(error: RedisError) -> Self {
        if error.is_io_error() || error.is_timeout() || error.is_unrecoverable_error() {
            Self::Unavailable(error.to_string())
        } else {
            Self::Refused(error.to_string())
        }
    }
}
