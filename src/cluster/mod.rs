//! What the program asks of the API server, and changes there. The only room that knows kube.
//!
//! Nothing here is on the way of a request: what is found is handed over, and requests go by what
//! was handed over last.

mod access;
mod api;
pub mod certificates;
mod client;
pub mod doctor;
pub mod last_good;
mod registration;
pub mod running;

/// An error with its causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        // Some repeat their cause.
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}
