use super::*;

const BODY: &[u8] = br#"{"kind":"AdmissionReview"}"#;

/// One that has greeted, and what it has written since.
struct Heard {
    http: Http2,
    received: Vec<u8>,
    written: Vec<u8>,
}

impl Heard {
    fn new(body: &[u8], most: usize) -> Self {
        let http = Http2::new("127.0.0.1:8443".parse().unwrap(), body, "firstlast".len(), most);
        Self { http, received: Vec::new(), written: Vec::new() }
    }

    fn ask(&mut self, due: u64) {
        self.http.ask(Duration::from_secs(due), &mut self.written);
    }

    /// When the requests were due that these bytes answer.
    fn hear(&mut self, bytes: &[u8]) -> Vec<u64> {
        let mut answered = Vec::new();
        self.received.extend_from_slice(bytes);
        self.http.hear(&mut self.received, &mut self.written, &mut answered);
        answered.iter().map(Duration::as_secs).collect()
    }
}

fn answer(stream: u32) -> [Vec<u8>; 3] {
    let headers = framed(HEADERS, END_HEADERS, stream, &[OK, 0x76, 0x00]);
    [headers, framed(DATA, 0, stream, b"first"), framed(DATA, END_STREAM, stream, b"last")]
}

#[test]
fn a_request_is_answered_by_the_end_of_its_stream() {
    let mut heard = Heard::new(BODY, 8);
    (1..=3).for_each(|due| heard.ask(due));
    let ([begin, middle, last], others) = (answer(3), [answer(1), answer(5)].concat().concat());
    assert_eq!(heard.hear(&[begin, middle].concat()), [0; 0]);
    let (early, late) = last.split_at(HEAD + 1);
    assert_eq!(heard.hear(early), [0; 0]);
    assert_eq!(heard.hear(late), [2]);
    assert_eq!(heard.hear(&others), [1, 3]);
    assert!(heard.received.is_empty());
}

#[test]
fn an_answer_is_heard_byte_by_byte() {
    let mut heard = Heard::new(BODY, 1);
    heard.ask(7);
    assert!(!heard.http.is_free(), "one at a time");
    let bytes = answer(1).concat();
    let (last, all) = bytes.split_last().unwrap();
    assert!(all.iter().all(|byte| heard.hear(&[*byte]).is_empty()));
    assert_eq!(heard.hear(&[*last]), [7]);
    assert!(heard.http.is_free());
}

#[test]
fn only_the_first_request_says_its_fields() {
    let mut heard = Heard::new(BODY, 8);
    heard.ask(0);
    let first = std::mem::take(&mut heard.written);
    heard.ask(0);
    let (headers, rest) = Frame::split(&first).unwrap();
    let (data, rest) = Frame::split(rest).unwrap();
    assert_eq!((headers.stream, data.stream, data.payload, rest), (1, 1, BODY, &[][..]));
    assert!(headers.payload.ends_with(b"\x5c\x0226"), "{headers:x?}");
    let (headers, rest) = Frame::split(&heard.written).unwrap();
    assert_eq!((headers.stream, headers.payload), (3, &[0x83, 0x87, 0xc1, 0xc0, 0xbf, 0xbe][..]));
    assert_eq!(Frame::split(rest).unwrap().0.stream, 3);
}

#[test]
fn no_more_is_sent_than_the_server_takes() {
    let mut heard = Heard::new(&[b' '; 16_000], 8);
    (0..4).for_each(|due| heard.ask(due));
    assert!(!heard.http.is_free(), "1,535 bytes are left of the window");
    heard.hear(&framed(WINDOW_UPDATE, 0, 1, &16_000_u32.to_be_bytes()));
    assert!(!heard.http.is_free(), "that is a stream's window");
    heard.hear(&framed(WINDOW_UPDATE, 0, 0, &14_464_u32.to_be_bytes()));
    assert!(!heard.http.is_free());
    heard.hear(&framed(WINDOW_UPDATE, 0, 0, &1_u32.to_be_bytes()));
    assert!(heard.http.is_free());
}

#[test]
fn settings_and_pings_are_answered() {
    let mut heard = Heard::new(BODY, 8);
    heard.hear(&framed(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 128, 0, 4, 0, 16, 0, 0]));
    heard.hear(&framed(PING, 0, 0, b"12345678"));
    heard.hear(&framed(SETTINGS, ACK, 0, &[]));
    assert_eq!(heard.written, [framed(SETTINGS, ACK, 0, &[]), framed(PING, ACK, 0, b"12345678")].concat());
}

#[test]
#[should_panic(expected = "a request failed: [8e]")]
fn a_status_that_is_not_200_ends_it() {
    let mut heard = Heard::new(BODY, 8);
    heard.ask(0);
    heard.hear(&framed(HEADERS, END_HEADERS | END_STREAM, 1, &[0x8e]));
}

#[test]
#[should_panic(expected = "another answer")]
fn a_body_of_another_length_ends_it() {
    let mut heard = Heard::new(BODY, 8);
    heard.ask(0);
    let [begin, _, last] = answer(1);
    heard.hear(&[begin, last].concat());
}

#[test]
#[should_panic(expected = "an answer has no status")]
fn a_body_alone_ends_it() {
    let mut heard = Heard::new(BODY, 8);
    heard.ask(0);
    heard.hear(&framed(DATA, END_STREAM, 1, b"{}"));
}
