//! HTTP/1.1: one request at a time.

use std::{io::Write, net::SocketAddr, sync::Arc, time::Duration};

use super::Talk;

pub(super) struct Http1 {
    request: Vec<u8>,
    /// The body of every answer.
    expected: Arc<[u8]>,
    /// When the request was due that is under way.
    due: Option<Duration>,
}

impl Http1 {
    pub(super) fn new(address: SocketAddr, body: &[u8], expected: Arc<[u8]>) -> Self {
        let head = format!(
            "POST /mutate HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Self { request: [head.as_bytes(), body].concat(), expected, due: None }
    }
}

impl Talk for Http1 {
    fn greet(&self, _: &mut dyn Write) {}

    fn is_free(&self) -> bool {
        self.due.is_none()
    }

    fn ask(&mut self, due: Duration, out: &mut dyn Write) {
        self.due = Some(due);
        out.write_all(&self.request).expect("memory");
    }

    fn hear(&mut self, received: &mut Vec<u8>, _: &mut dyn Write, answered: &mut Vec<Duration>) {
        if is_whole(received, &self.expected) {
            received.clear();
            answered.push(self.due.take().expect("an answer has a request"));
        }
    }
}

/// Whether this is an answer of status 200 with all its body, which is the one that is expected.
fn is_whole(answer: &[u8], expected: &[u8]) -> bool {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(body) = head.parse(answer).expect("an answer of HTTP/1.1") else { return false };
    assert_eq!(head.code, Some(200), "a request failed: {}", String::from_utf8_lossy(answer));
    let length = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|header| str::from_utf8(header.value).ok()?.parse::<usize>().ok());
    assert_eq!(length, Some(expected.len()), "another answer: {}", String::from_utf8_lossy(answer));
    let is_whole = answer.len() >= body + expected.len();
    assert!(!is_whole || &answer[body..] == expected, "another answer: {}", String::from_utf8_lossy(answer));
    is_whole
}
