//! How a connection is cut: at once and with a reset, or within the body of an answer.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What a call can do to the connection it came by; nothing if there is none.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionHandle(Option<Arc<Shared>>);

#[derive(Debug, Default)]
struct Shared {
    cut: AtomicBool,
    sent: Mutex<Sent>,
}

/// Whether all that was written has left, and who waits for that.
#[derive(Debug, Default)]
struct Sent {
    all: bool,
    waiting: Option<Waker>,
}

impl ConnectionHandle {
    /// For a call without a connection.
    pub(crate) const NONE: ConnectionHandle = ConnectionHandle(None);

    /// Cuts the connection as soon as the server turns to it again.
    pub(crate) fn cut(&self) {
        if let Some(shared) = &self.0 {
            shared.cut.store(true, Ordering::Release);
        }
    }

    fn is_cut(&self) -> bool {
        let cut = |shared: &Arc<Shared>| shared.cut.load(Ordering::Acquire);
        self.0.as_ref().is_some_and(cut)
    }

    /// From here on there is something that has not left yet.
    fn writes(&self) {
        self.with_sent(|sent| sent.all = false);
    }

    /// Now all has left.
    fn flushed(&self) {
        let waiting = self.with_sent(|sent| {
            sent.all = true;
            sent.waiting.take()
        });
        if let Some(waker) = waiting.flatten() {
            waker.wake();
        }
    }

    /// Ready when all has left.
    fn poll_sent(&self, cx: &Context<'_>) -> Poll<()> {
        let all = self.with_sent(|sent| {
            sent.waiting = Some(cx.waker().clone());
            sent.all
        });
        match all {
            Some(false) => Poll::Pending,
            Some(true) | None => Poll::Ready(()),
        }
    }

    fn with_sent<T>(&self, work: impl FnOnce(&mut Sent) -> T) -> Option<T> {
        let shared = self.0.as_ref()?;
        Some(work(
            &mut shared.sent.lock().unwrap_or_else(PoisonError::into_inner),
        ))
    }
}

/// A connection that can be cut by the calls that come by it.
#[derive(Debug)]
pub(crate) struct FaultyStream {
    stream: TcpStream,
    line: ConnectionHandle,
}

impl FaultyStream {
    /// Takes a connection over.
    pub(crate) fn new(stream: TcpStream) -> FaultyStream {
        let line = ConnectionHandle(Some(Arc::default()));
        FaultyStream { stream, line }
    }

    /// What cuts it.
    pub(crate) fn line(&self) -> ConnectionHandle {
        self.line.clone()
    }

    /// The stream, as long as it is not cut. Afterwards the server gets an error, drops the stream, and the system
    /// resets the connection, as it is told here: without that the other end would see a quiet end.
    fn whole(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        if self.line.is_cut() {
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
        self.whole()?.poll_read(cx, buffer)
    }
}

impl AsyncWrite for FaultyStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.whole()?.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.whole()?.poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    // The server flushes when it has written all it has.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.whole()?.poll_flush(cx);
        if flushed.is_ready() {
            self.line.flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.whole()?.poll_shutdown(cx)
    }
}

/// A body that promises its whole length and fails within. The server drops the connection then, and what it has not
/// sent by that time with it, so the failure waits until the beginning has left.
#[derive(Debug)]
pub(super) struct Truncated {
    beginning: Option<Bytes>,
    whole: u64,
    line: ConnectionHandle,
}

impl Truncated {
    /// The first `length` bytes of a longer body.
    pub(super) fn new(mut body: Bytes, length: usize, line: &ConnectionHandle) -> Truncated {
        let whole = body.len() as u64;
        body.truncate(length);
        Truncated {
            beginning: Some(body),
            whole,
            line: line.clone(),
        }
    }
}

impl Body for Truncated {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(beginning) = self.beginning.take() {
            self.line.writes();
            if !beginning.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(beginning))));
            }
        }
        let cut = || Some(Err(io::ErrorKind::ConnectionAborted.into()));
        self.line.poll_sent(cx).map(|()| cut())
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.whole)
    }
}
