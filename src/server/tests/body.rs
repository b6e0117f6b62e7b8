use std::{
    convert::Infallible,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, header::CONTENT_LENGTH},
};
use hyper::body::Frame;

use crate::server::{
    Limits,
    body::{Reader, Refusal},
};

/// A body that comes in pieces, says how many were taken, and then ends, fails or stays silent.
struct Pieces {
    left: usize,
    size: usize,
    end: End,
}

#[derive(Clone, Copy)]
enum End {
    Proper,
    Broken,
    Silent,
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.left > 0 {
            self.left -= 1;
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![b'x'; self.size])))));
        }
        match self.end {
            End::Proper => Poll::Ready(None),
            End::Broken => Poll::Ready(Some(Err(std::io::Error::other("reset")))),
            End::Silent => Poll::Pending,
        }
    }
}

/// A piece of a body, and nothing ever after.
struct OnePiece(Option<Bytes>);

impl hyper::body::Body for OnePiece {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.take().map_or(Poll::Pending, |piece| Poll::Ready(Some(Ok(Frame::data(piece)))))
    }
}

fn reader(body_size: usize, body_memory: usize) -> Reader {
    Reader::new(&Limits { body_size, body_memory, body: Duration::from_millis(50), ..Limits::default() })
}

async fn read(reader: &Reader, left: usize, size: usize, end: End) -> Result<usize, Refusal> {
    let held = reader.read(&HeaderMap::new(), Body::new(Pieces { left, size, end }), Instant::now()).await?;
    assert_eq!(reader.held(), held.bytes.len());
    Ok(held.bytes.len())
}

#[tokio::test]
async fn a_body_is_whole_or_refused() {
    let reader = reader(1000, 10_000);
    for (left, size, end, expected) in [
        (0, 0, End::Proper, Ok(0)),
        (10, 100, End::Proper, Ok(1000)),
        (1000, 1, End::Proper, Ok(1000)),
        (11, 100, End::Proper, Err(Refusal::TooLarge)),
        (1, 1001, End::Proper, Err(Refusal::TooLarge)),
        (5, 100, End::Silent, Err(Refusal::TooSlow)),
        (11, 100, End::Broken, Err(Refusal::TooLarge)),
    ] {
        assert_eq!(read(&reader, left, size, end).await, expected, "{left} x {size}");
        assert_eq!(reader.held(), 0, "all is given back");
    }
    assert!(matches!(read(&reader, 1, 1, End::Broken).await, Err(Refusal::Broken(why)) if why.contains("reset")));
}

#[tokio::test]
async fn memory_is_for_what_has_come_not_for_what_is_announced() {
    let reader = reader(1000, 1500);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_LENGTH, HeaderValue::from_static("1000"));
    let first = reader.read(&headers, Body::from(vec![0; 800]), Instant::now()).await.expect("there is room");
    assert_eq!(reader.held(), 800);
    assert_eq!(read(&reader, 8, 100, End::Proper).await, Err(Refusal::Overload));
    assert_eq!(reader.held(), 800);
    drop(first);
    assert_eq!(read(&reader, 8, 100, End::Proper).await, Ok(800));
}

#[tokio::test]
async fn one_piece_is_judged_where_it_lies_and_counts_all_the_same() {
    let reader = reader(1000, 1500);
    let piece = Bytes::from(vec![b'x'; 800]);
    let whole = || Body::from(piece.clone());
    let first = reader.read(&HeaderMap::new(), whole(), Instant::now()).await.expect("there is room");
    assert_eq!((first.bytes.as_ptr(), reader.held()), (piece.as_ptr(), 800));
    let second = reader.read(&HeaderMap::new(), whole(), Instant::now()).await;
    assert_eq!(second.err(), Some(Refusal::Overload));
    drop(first);
    assert_eq!(reader.held(), 0);
}

#[tokio::test]
async fn who_waits_for_more_keeps_no_buffer_and_gives_way_to_one_piece() {
    let reader = reader(1000, 1000);
    let piece = Bytes::from(vec![b'x'; 800]);
    let headers = HeaderMap::new();
    let mut begun = pin!(reader.read(&headers, Body::new(OnePiece(Some(piece.clone()))), Instant::now()));
    assert!(begun.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(piece.is_unique(), "what came is copied");
    assert_eq!(reader.held(), 800);
    let whole = reader.read(&headers, Body::from(piece), Instant::now()).await.expect("the older one gives way");
    assert_eq!(reader.held(), 800);
    drop(whole);
    assert_eq!(begun.await.err(), Some(Refusal::TooSlow));
    assert_eq!(reader.held(), 0);
}

#[tokio::test]
async fn what_is_announced_too_large_is_thrown_away_unheld() {
    let reader = reader(1000, 10_000);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_LENGTH, HeaderValue::from_static("1001"));
    let refused =
        reader.read(&headers, Body::new(Pieces { left: 10, size: 100, end: End::Proper }), Instant::now()).await;
    assert_eq!(refused.err(), Some(Refusal::TooLarge));
}

/// Four times the limit is thrown away before the answer, and no more: the rest is the sender's.
#[tokio::test]
async fn what_never_ends_is_answered_all_the_same() {
    let reader = reader(1000, 10_000);
    let endless = || Body::new(Pieces { left: usize::MAX, size: 100, end: End::Proper });
    let refused = reader.read(&HeaderMap::new(), endless(), Instant::now()).await;
    assert_eq!(refused.err(), Some(Refusal::TooLarge));
    reader.discard(endless()).await;
}
