//! Closes connections: with a reset, or in the middle of a response body.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A handle to the connection of a call, with which the call can reset it.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionHandle(Option<Arc<Shared>>);

#[derive(Debug, Default)]
struct Shared {
    reset: AtomicBool,
    write_state: Mutex<WriteState>,
}

/// Whether all written bytes have been sent, and the task that waits for it.
#[derive(Debug, Default)]
struct WriteState {
    flushed: bool,
    waiting: Option<Waker>,
}

impl ConnectionHandle {
    /// The handle of a call without a connection.
    pub(crate) const NONE: Self = Self(None);

    /// Resets the connection the next time the server uses it.
    pub(crate) fn reset(&self) {
        if let Some(shared) = &self.0 {
            shared.reset.store(true, Ordering::Release);
        }
    }

    fn is_reset(&self) -> bool {
        let reset = |shared: &Arc<Shared>| shared.reset.load(Ordering::Acquire);
        self.0.as_ref().is_some_and(reset)
    }

    /// Records that there are bytes to be sent.
    fn start_write(&self) {
        self.with_write_state(|state| state.flushed = false);
    }

    /// Records that all bytes have been sent.
    fn finish_write(&self) {
        let waiting = self.with_write_state(|state| {
            state.flushed = true;
            state.waiting.take()
        });
        if let Some(waker) = waiting.flatten() {
            waker.wake();
        }
    }

    /// Ready when all bytes have been sent.
    fn poll_flushed(&self, cx: &Context<'_>) -> Poll<()> {
        let flushed = self.with_write_state(|state| {
            state.waiting = Some(cx.waker().clone());
            state.flushed
        });
        match flushed {
            Some(false) => Poll::Pending,
            Some(true) | None => Poll::Ready(()),
        }
    }

    fn with_write_state<T>(&self, update: impl FnOnce(&mut WriteState) -> T) -> Option<T> {
        let shared = self.0.as_ref()?;
        Some(update(
            &mut shared
                .write_state
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        ))
    }
}

/// A connection that its calls can reset.
#[derive(Debug)]
pub(crate) struct FaultyStream {
    stream: TcpStream,
    handle: ConnectionHandle,
}

impl FaultyStream {
    pub(crate) fn new(stream: TcpStream) -> Self {
        let handle = ConnectionHandle(Some(Arc::default()));
        Self { stream, handle }
    }

    /// The handle for the calls of the connection.
    pub(crate) fn handle(&self) -> ConnectionHandle {
        self.handle.clone()
    }

    /// The stream, or an error after a reset. The server then drops the stream. The zero linger time makes the system
    /// send a reset; without it, the client would see a regular end of the connection.
    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        if self.handle.is_reset() {
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(Pin::new(&mut self.stream))
    }
}

impl AsyncRead for FaultyStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream()?.poll_read(cx, buffer)
    }
}

impl AsyncWrite for FaultyStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    // The server flushes after it has written everything.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.stream()?.poll_flush(cx);
        if flushed.is_ready() {
            self.handle.finish_write();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}

/// A body that announces its full length and fails after a part of it. The server then drops the connection with all
/// bytes it has not sent, so the failure waits until the first part has been sent.
#[derive(Debug)]
pub(super) struct TruncatedBody {
    first_part: Option<Bytes>,
    full_length: u64,
    connection: ConnectionHandle,
}

impl TruncatedBody {
    /// The first `length` bytes of a longer body.
    pub(super) fn new(mut body: Bytes, length: usize, connection: &ConnectionHandle) -> Self {
        let full_length = body.len() as u64;
        body.truncate(length);
        Self {
            first_part: Some(body),
            full_length,
            connection: connection.clone(),
        }
    }
}

impl Body for TruncatedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(first_part) = self.first_part.take() {
            self.connection.start_write();
            if !first_part.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(first_part))));
            }
        }
        let aborted = || Some(Err(io::ErrorKind::ConnectionAborted.into()));
        self.connection.poll_flushed(cx).map(|()| aborted())
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.full_length)
    }
}
