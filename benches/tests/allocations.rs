//! What a review takes from the allocator does not grow with the policy.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    hint::black_box,
};

use harbor_pilot::{
    admission::{Policies, Webhook, review},
    policy::Policy,
};
use harbor_pilot_benches::{Entry, USUAL, compiled, create, policy};

/// The system's allocator, which counts for each thread.
struct Counting;

thread_local! {
    static TAKEN: Cell<Taken> = const { Cell::new(Taken { times: 0, bytes: 0 }) };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Taken {
    times: usize,
    bytes: usize,
}

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: all is done by the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Taken { times, bytes } = TAKEN.get();
        TAKEN.set(Taken { times: times + 1, bytes: bytes + layout.size() });
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        unsafe { System.dealloc(place, layout) }
    }
}

/// Per review, once everything that is made lazily is there.
fn taken(policy: &Policy, body: &[u8]) -> Taken {
    let policies = Policies::only(policy);
    let answer = || drop(black_box(review(Webhook::Mutate, black_box(body), policies)));
    answer();
    let before = TAKEN.get();
    answer();
    let after = TAKEN.get();
    Taken { times: after.times - before.times, bytes: after.bytes - before.bytes }
}

fn of_size(entry: Entry, count: usize) -> Policy {
    compiled(&policy(entry, count))
}

#[test]
fn a_review_takes_no_more_with_a_large_policy() {
    let body = create(3, USUAL).to_string();
    for entry in [Entry::Literal, Entry::Prefix, Entry::Glob, Entry::Braces, Entry::Domain, Entry::Tag] {
        let few = taken(&of_size(entry, 10), body.as_bytes());
        assert!(few.times > 0, "nothing was counted");
        assert_eq!(few, taken(&of_size(entry, 10_000), body.as_bytes()), "{entry:?}");
    }
}
