//! Events as one JSON object a line: `timestamp`, `level`, what the event says of itself, `target`.
//!
//! The same that the formatter of `tracing-subscriber` writes, for a small part of its price: there
//! are no spans, and all goes straight into one text.

use std::{fmt, fmt::Write as _, time::SystemTime};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_log::NormalizeEvent as _;

use super::{queue::Queue, timestamp};
use crate::admission::{push_formatted, push_string};

/// What most lines have room in.
const USUAL_LINE: usize = 1 << 10;

/// Writes all events that it hears of; which they are is said by who stands before it.
pub(super) struct JsonLines(pub(super) Queue);

/// An object that is not closed yet.
struct Object(String);

impl Subscriber for JsonLines {
    /// No library has spans of the levels that are heard of here.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event()
    }

    fn event(&self, event: &Event<'_>) {
        self.0.push(line(event, SystemTime::now()).as_bytes());
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

fn line(event: &Event<'_>, now: SystemTime) -> String {
    // What comes from the crate `log` has its target among its fields.
    let normalized = event.normalized_metadata();
    let metadata = normalized.as_ref().unwrap_or_else(|| event.metadata());
    let mut object = Object(String::with_capacity(USUAL_LINE));
    object.0.push_str(r#"{"timestamp":""#);
    timestamp::push(&mut object.0, now);
    object.0.push_str(r#"","level":""#);
    object.0.push_str(metadata.level().as_str());
    object.0.push('"');
    event.record(&mut object);
    push_string(object.key("target"), metadata.target());
    object.0.push_str("}\n");
    object.0
}

impl Object {
    /// Ready for the value.
    fn key(&mut self, key: &str) -> &mut String {
        self.0.push(',');
        push_string(&mut self.0, key);
        self.0.push(':');
        &mut self.0
    }

    fn literal(&mut self, field: &Field, value: impl fmt::Display) {
        // Writing to a String can't fail.
        let _ = write!(self.key(field.name()), "{value}");
    }
}

impl Visit for Object {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        push_formatted(self.key(field.name()), format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        push_string(self.key(field.name()), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.literal(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.literal(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.literal(field, value);
    }

    /// JSON has no word for what is not finite.
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.literal(field, serde_json::Value::from(value));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
        time::{Duration, Instant},
    };

    use proptest::prelude::*;
    use serde_json::Value;
    use tracing::{Level, error, event, info, subscriber::with_default, warn};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").write(lines)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Written {
        /// All but when it was.
        fn lines(&self) -> Vec<String> {
            let text = String::from_utf8(self.0.lock().expect("no panic").clone()).expect("text");
            text.lines().map(|line| format!("{}…{}", &line[..14], &line[41..])).collect()
        }
    }

    /// Our lines, which are those of the oracle.
    fn lines(events: impl Fn()) -> Vec<Value> {
        let (ours, theirs) = (Written::default(), Written::default());
        let queue = Queue::start(ours.clone()).expect("a thread");
        with_default(JsonLines(queue.clone()), &events);
        queue.wait(Instant::now() + Duration::from_mins(1));
        let writer = theirs.clone();
        let oracle = tracing_subscriber::fmt().json().flatten_event(true).with_max_level(Level::TRACE);
        with_default(oracle.with_writer(move || writer.clone()).finish(), &events);
        assert_eq!(ours.lines(), theirs.lines());
        ours.lines().iter().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// What steers, hides, turns around, has to be escaped, or is just long.
    fn hostile() -> impl Strategy<Value = String> {
        prop_oneof![any::<String>(), "[\\x00-\\x7f]{0,80}", "[\"\\\\\n\t\u{202e}\u{200b}\u{2028}\u{feff}漢🚢a-z]{0,80}"]
    }

    proptest! {
        #[test]
        fn a_line_is_the_oracles_for_all_kinds_of_values(
            text in hostile(),
            other in hostile(),
            (unsigned, signed, wide) in any::<(u64, i64, u128)>(),
            float in prop_oneof![any::<f64>(), prop::num::f64::ANY, Just(f64::NAN), Just(1e16), Just(-0.0)],
            flag in any::<bool>(),
            some in any::<Option<u32>>(),
        ) {
            let error = io::Error::other(other.clone());
            let cause: &(dyn std::error::Error + 'static) = &error;
            let [line] = &lines(|| info!(
                text, unsigned, signed, wide, float, flag, some, cause, r#type = 1, "a \"key\"" = text, bytes = text.as_bytes(),
                shown = %other, debug = ?other, pretty = ?Some((&text, unsigned)), dotted.key = %error, empty = tracing::field::Empty,
                "{other} of {text}"
            ))[..] else { panic!("one line") };
            prop_assert_eq!(&line["text"], &text);
            prop_assert_eq!(&line["a \"key\""], &text);
            prop_assert_eq!(&line["shown"], &other);
            prop_assert_eq!(&line["cause"], &other);
            prop_assert_eq!(&line["dotted.key"], &other);
            prop_assert_eq!(&line["debug"], &format!("{other:?}"));
            prop_assert_eq!(&line["message"], &format!("{other} of {text}"));
            prop_assert_eq!(&line["unsigned"], unsigned);
            prop_assert_eq!(&line["signed"], signed);
            prop_assert_eq!(&line["wide"], &wide.to_string());
            prop_assert_eq!(line["float"].as_f64(), float.is_finite().then_some(float));
            prop_assert_eq!(&line["flag"], flag);
            prop_assert_eq!(line.get("some").and_then(Value::as_u64), some.map(u64::from));
            prop_assert_eq!(line.get("empty"), None);
            prop_assert_eq!((&line["level"], &line["target"]), (&"INFO".into(), &module_path!().into()));
        }
    }

    #[test]
    fn all_levels_have_their_word_and_lines_come_in_order() {
        let events = || {
            error!("1");
            warn!(target: "else\"where", "2");
            event!(Level::INFO, "3");
            event!(Level::DEBUG, x = 4);
            event!(Level::TRACE, "5");
        };
        let levels: Vec<_> = lines(events).iter().map(|line| line["level"].clone()).collect();
        // What a release leaves out is there in tests.
        assert_eq!(levels, ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"]);
    }

    #[test]
    fn events_of_the_crate_log_have_the_target_that_they_were_given() {
        let events = || {
            let text = format_args!("certificate\n\u{1b}");
            let mut record = log::Record::builder();
            record.level(log::Level::Warn).target("rustls::x").file(Some("x.rs")).line(Some(7)).args(text);
            tracing_log::format_trace(&record.build()).expect("it is dispatched");
        };
        let [line] = &lines(events)[..] else { panic!("one line") };
        assert_eq!((&line["target"], &line["message"]), (&"rustls::x".into(), &"certificate\n\u{1b}".into()));
        assert_eq!((&line["log.file"], &line["log.line"], &line["level"]), (&"x.rs".into(), &7.into(), &"WARN".into()));
    }

    #[test]
    fn spans_are_not_heard_of() {
        let (outer, inner) = (JsonLines(Queue::start(io::sink()).expect("a thread")), "inner");
        with_default(outer, || {
            let span = tracing::error_span!("outer", inner);
            assert!(span.is_disabled());
            span.in_scope(|| error!("within"));
        });
    }
}
