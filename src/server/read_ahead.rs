//! A connection that is read by many kilobytes at a time.
//!
//! rustls asks for 4 KiB, and each time is a call of the system: three quarters of them for a review
//! of 14 KB are spared.

use std::{
    io,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// A stream that reads more than it is asked for, where more is there.
#[derive(Debug)]
pub(super) struct ReadAhead {
    stream: TcpStream,
    /// What was read and not yet asked for. It takes memory only while there is some.
    ahead: Vec<u8>,
    taken: usize,
}

/// The largest record of TLS, with its head.
const AT_ONCE: usize = (16 << 10) + 256 + 5;

impl ReadAhead {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, ahead: Vec::new(), taken: 0 }
    }
}

impl AsyncRead for ReadAhead {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.ahead.is_empty() {
            ready!(this.stream.poll_read_ready(cx))?;
            let mut ahead = Vec::with_capacity(AT_ONCE);
            ready!(pin!(this.stream.read_buf(&mut ahead)).poll(cx))?;
            (this.ahead, this.taken) = (ahead, 0);
        }
        let rest = &this.ahead[this.taken..];
        let asked = rest.len().min(buf.remaining());
        buf.put_slice(&rest[..asked]);
        this.taken += asked;
        if this.taken == this.ahead.len() {
            this.ahead = Vec::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ReadAhead {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
