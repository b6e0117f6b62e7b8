//! HTTP/2 (RFC 9113), as much of it as a load of one request needs: the request is put into frames once,
//! and only the number of its stream changes.

use std::{io::Write, net::SocketAddr, time::Duration};

use super::Talk;

#[cfg(test)]
mod tests;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Types of frames.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;

// Their flags.
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const PRIORITY: u8 = 0x20;

/// Where a frame has its stream, and how long all before its payload is.
const STREAM: usize = 5;
const HEAD: usize = 9;

/// The setting of how much a new stream may send, and how much that is before it is set.
const INITIAL_WINDOW_SIZE: u16 = 4;
const USUAL_WINDOW: u32 = 65_535;
const LARGEST_WINDOW: u32 = (1 << 31) - 1;
const LARGEST_FRAME: u32 = 16_384;

/// `:status: 200` in the static table of HPACK (RFC 7541).
const OK: u8 = 0x88;

/// The fields of the request, in the first one as literals that are kept, then as what was kept.
const METHOD_AND_SCHEME: [u8; 2] = [0x83, 0x87];
const KEPT_FIELDS: [u8; 4] = [0xc1, 0xc0, 0xbf, 0xbe];

pub(super) struct Http2 {
    first: Request,
    later: Request,
    /// The stream of the next request.
    next: u32,
    under_way: Vec<Stream>,
    /// How many of them there may be.
    most: usize,
    /// The bytes of an answer's body.
    expected: usize,
    /// What the server still takes of bodies.
    window: u32,
}

struct Stream {
    number: u32,
    due: Duration,
    state: State,
    /// Bytes of its answer's body that have come.
    received: usize,
}

#[derive(PartialEq, Eq)]
enum State {
    Sent,
    /// With status 200.
    Answered,
}

impl Http2 {
    pub(super) fn new(address: SocketAddr, body: &[u8], expected: usize, most: usize) -> Self {
        let first = [&METHOD_AND_SCHEME[..], &fields(address, body.len())].concat();
        let later = [&METHOD_AND_SCHEME[..], &KEPT_FIELDS].concat();
        Self {
            first: Request::new(&first, body),
            later: Request::new(&later, body),
            next: 1,
            under_way: Vec::with_capacity(most),
            most,
            expected,
            window: USUAL_WINDOW,
        }
    }

    fn headers(&mut self, number: u32, block: &[u8]) {
        assert_eq!(block.first(), Some(&OK), "a request failed: {block:x?}");
        self.stream(number).state = State::Answered;
    }

    fn stream(&mut self, number: u32) -> &mut Stream {
        self.under_way.iter_mut().find(|stream| stream.number == number).expect("the stream of a request")
    }

    fn end(&mut self, number: u32) -> Duration {
        let index = self.under_way.iter().position(|stream| stream.number == number);
        let stream = self.under_way.swap_remove(index.expect("the stream of a request"));
        assert!(stream.state == State::Answered, "an answer has no status");
        assert_eq!(stream.received, self.expected, "another answer, by its bytes");
        stream.due
    }
}

impl Talk for Http2 {
    /// The server may send as much as it likes: 2 GiB on a connection.
    fn greet(&self, out: &mut dyn Write) {
        let window = [&INITIAL_WINDOW_SIZE.to_be_bytes()[..], &LARGEST_WINDOW.to_be_bytes()].concat();
        let more = LARGEST_WINDOW - USUAL_WINDOW;
        let frames = [framed(SETTINGS, 0, 0, &window), framed(WINDOW_UPDATE, 0, 0, &more.to_be_bytes())];
        out.write_all(&[PREFACE, &frames.concat()].concat()).expect("memory");
    }

    fn is_free(&self) -> bool {
        self.under_way.len() < self.most && self.window >= self.later.body
    }

    fn ask(&mut self, due: Duration, out: &mut dyn Write) {
        let request = if self.next == 1 { &mut self.first } else { &mut self.later };
        request.write(self.next, out);
        self.window -= request.body;
        self.under_way.push(Stream { number: self.next, due, state: State::Sent, received: 0 });
        self.next += 2;
    }

    fn hear(&mut self, received: &mut Vec<u8>, out: &mut dyn Write, answered: &mut Vec<Duration>) {
        let mut rest = &received[..];
        while let Some((frame, behind)) = Frame::split(rest) {
            rest = behind;
            let ends = frame.flags & END_STREAM != 0;
            match frame.kind {
                HEADERS => {
                    let usual = frame.flags & (END_HEADERS | PADDED | PRIORITY) == END_HEADERS;
                    assert!(usual, "headers in a form that is not read here: {frame:x?}");
                    self.headers(frame.stream, frame.payload);
                    if ends {
                        answered.push(self.end(frame.stream));
                    }
                }
                DATA => {
                    assert!(frame.flags & PADDED == 0, "a body in a form that is not read here: {frame:x?}");
                    self.stream(frame.stream).received += frame.payload.len();
                    if ends {
                        answered.push(self.end(frame.stream));
                    }
                }
                SETTINGS | PING if frame.flags & ACK != 0 => {}
                SETTINGS => {
                    assert!(frame.window_of_streams() >= self.later.body, "a stream takes no whole body");
                    out.write_all(&framed(SETTINGS, ACK, 0, &[])).expect("memory");
                }
                PING => out.write_all(&framed(PING, ACK, 0, frame.payload)).expect("memory"),
                WINDOW_UPDATE if frame.stream == 0 => self.window += number(frame.payload),
                // A request's body fits in the window of its stream.
                WINDOW_UPDATE => {}
                _ => panic!("a frame that a request can't be answered by: {frame:x?}"),
            }
        }
        let used = received.len() - rest.len();
        received.drain(..used);
    }
}

/// `:path`, `:authority`, `content-type` and `content-length`, by their names' places in the static table.
fn fields(address: SocketAddr, length: usize) -> Vec<u8> {
    let (authority, length) = (address.to_string(), length.to_string());
    let fields = [(0x44, "/mutate"), (0x41, &authority), (0x5f, "application/json"), (0x5c, &length)];
    let literal = |(name, value): (u8, &str)| {
        // A longer one is written in another form, and the highest bit is for those in Huffman's.
        let length = u8::try_from(value.len()).ok().filter(|length| *length < 0x7f).expect("a short value");
        [&[name, length], value.as_bytes()].concat()
    };
    fields.map(literal).concat()
}

/// A request as it is sent.
struct Request {
    bytes: Vec<u8>,
    /// Where its two frames have their stream.
    streams: [usize; 2],
    /// The length of its body.
    body: u32,
}

impl Request {
    fn new(block: &[u8], body: &[u8]) -> Self {
        let length = u32::try_from(body.len()).expect("a short body");
        assert!(length <= LARGEST_FRAME, "a body of more than one frame");
        let headers = framed(HEADERS, END_HEADERS, 0, block);
        let streams = [STREAM, headers.len() + STREAM];
        Self { bytes: [headers, framed(DATA, END_STREAM, 0, body)].concat(), streams, body: length }
    }

    fn write(&mut self, stream: u32, out: &mut dyn Write) {
        for at in self.streams {
            self.bytes[at..at + 4].copy_from_slice(&stream.to_be_bytes());
        }
        // At once, so that it is one record of TLS.
        out.write_all(&self.bytes).expect("memory");
    }
}

fn framed(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

#[derive(Debug)]
struct Frame<'a> {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The first frame, if all of it is there, and what is behind it.
    fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (head, rest) = bytes.split_at_checked(HEAD)?;
        let length = number(&[0, head[0], head[1], head[2]]) as usize;
        let (payload, rest) = rest.split_at_checked(length)?;
        let frame = Self { kind: head[3], flags: head[4], stream: number(&head[STREAM..]), payload };
        Some((frame, rest))
    }

    /// Of a frame of settings: how much a new stream may send.
    fn window_of_streams(&self) -> u32 {
        let set = self.payload.chunks_exact(6).find(|setting| setting[..2] == INITIAL_WINDOW_SIZE.to_be_bytes());
        set.map_or(USUAL_WINDOW, |setting| number(&setting[2..]))
    }
}

/// One of 31 bits.
fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().expect("four bytes")) & LARGEST_WINDOW
}
