//! TCP connections: each has a number, and a fault can disconnect it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::net::TcpListener;

use crate::faults::wire::{ConnectionHandle, FaultyStream};

/// The TCP connection of a call.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    /// The number of the connection, counted from 1.
    pub(crate) number: u64,
    /// The client's address.
    pub(crate) peer: SocketAddr,
    /// Disconnects the connection.
    pub(crate) handle: ConnectionHandle,
}

impl Connection {
    /// The placeholder for a router that is called without a connection.
    pub(crate) const NONE: Self = Self {
        number: 0,
        peer: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
        handle: ConnectionHandle::NONE,
    };
}

/// A listener that numbers its connections.
pub(crate) struct NumberedListener {
    inner: TcpListener,
    accepted: u64,
}

impl NumberedListener {
    pub(crate) fn new(inner: TcpListener) -> Self {
        Self { inner, accepted: 0 }
    }
}

impl Listener for NumberedListener {
    type Io = FaultyStream;
    type Addr = Connection;

    async fn accept(&mut self) -> (FaultyStream, Connection) {
        let (stream, peer) = Listener::accept(&mut self.inner).await;
        self.accepted += 1;
        // Send small responses immediately.
        let _ = stream.set_nodelay(true);
        let stream = FaultyStream::new(stream);
        let connection = Connection {
            number: self.accepted,
            peer,
            handle: stream.handle(),
        };
        (stream, connection)
    }

    fn local_addr(&self) -> io::Result<Connection> {
        let peer = self.inner.local_addr()?;
        Ok(Connection {
            peer,
            ..Connection::NONE
        })
    }
}

impl Connected<IncomingStream<'_, NumberedListener>> for Connection {
    fn connect_info(stream: IncomingStream<'_, NumberedListener>) -> Self {
        stream.remote_addr().clone()
    }
}
