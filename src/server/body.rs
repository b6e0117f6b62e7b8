//! Reading a request's body, whole.
//!
//! A client that is still sending when it is answered gets a reset instead of the answer, so a
//! body that is refused is read to its end first, and thrown away.

use std::time::{Duration, Instant};

use axum::{
    body::{Body, Bytes, HttpBody as _},
    http::{HeaderMap, header::CONTENT_LENGTH},
};
use http_body_util::BodyExt as _;
use tokio::time::{timeout, timeout_at};

use super::{
    memory::{Held, Memory, NoRoom},
    options::Limits,
};

/// What bodies may take: one of them, and all of them together.
#[derive(Debug)]
pub(super) struct Reader {
    most: usize,
    within: Duration,
    memory: Memory,
}

/// Why there is no body to judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is longer than the limit.
    TooLarge,
    /// All bodies together are longer than their limit, and this was not among the youngest.
    Overload,
    /// It took too long.
    TooSlow,
    /// It ended before its end.
    Broken(String),
}

/// Times the largest body: what is read and thrown away before an answer that refuses it. Who
/// sends more has the answer at once, and most likely never reads it.
const DISCARD_AT_MOST: usize = 4;

/// What is set aside before the first byte, whatever length a client announces.
const FIRST_CAPACITY: usize = 64 << 10;

impl From<NoRoom> for Refusal {
    fn from(NoRoom: NoRoom) -> Self {
        Self::Overload
    }
}

impl Reader {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { most: limits.body_size, within: limits.body, memory: Memory::new(limits.body_memory) }
    }

    /// Bytes that are held now.
    pub(super) fn held(&self) -> usize {
        self.memory.held()
    }

    /// Reads the body of a request whose head came when it `began`.
    pub(super) async fn read(&self, headers: &HeaderMap, body: Body, began: Instant) -> Result<Held<'_>, Refusal> {
        let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        match timeout_at((began + self.within).into(), self.read_all(announced.unwrap_or(0), body)).await {
            Ok(read) => read,
            Err(_) => Err(Refusal::TooSlow),
        }
    }

    /// Reads a body that nobody asked for, so that its sender hears the answer.
    pub(super) async fn discard(&self, mut body: Body) {
        let _ = timeout(self.within, self.discard_rest(0, &mut body)).await;
    }

    async fn read_all(&self, announced: usize, mut body: Body) -> Result<Held<'_>, Refusal> {
        if announced > self.most {
            self.discard_rest(0, &mut body).await;
            return Err(Refusal::TooLarge);
        }
        let Some(first) = next_piece(&mut body).await? else { return Ok(self.memory.hold(Bytes::new())?) };
        // Most bodies come in one piece, which is judged where it lies: in the buffer that hyper read it into.
        if body.is_end_stream() && first.len() <= self.most {
            return Ok(self.memory.hold(first)?);
        }
        let mut read = 0;
        let mut unfinished = self.memory.begin(announced.min(FIRST_CAPACITY));
        let mut piece = first;
        loop {
            read += piece.len();
            let taken = if read > self.most {
                Err(Refusal::TooLarge)
            } else {
                unfinished.extend(&piece).map_err(Refusal::from)
            };
            // Nothing of hyper's buffer is held while the rest is waited for.
            drop(piece);
            if let Err(refusal) = taken {
                drop(unfinished);
                self.discard_rest(read, &mut body).await;
                return Err(refusal);
            }
            match next_piece(&mut body).await? {
                Some(next) => piece = next,
                None => return Ok(unfinished.finish()?),
            }
        }
    }

    async fn discard_rest(&self, mut read: usize, body: &mut Body) {
        while read <= self.most.saturating_mul(DISCARD_AT_MOST) {
            match body.frame().await {
                Some(Ok(frame)) => read += frame.data_ref().map_or(0, Bytes::len),
                Some(Err(_)) | None => return,
            }
        }
    }
}

/// The next bytes of a body, until there are none.
async fn next_piece(body: &mut Body) -> Result<Option<Bytes>, Refusal> {
    while let Some(frame) = body.frame().await {
        // What is no data is trailers.
        if let Ok(data) = frame.map_err(|error| Refusal::Broken(error.to_string()))?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}
