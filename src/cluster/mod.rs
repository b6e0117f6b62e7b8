//! What the program asks of the API server. The only room that knows kube.

pub mod running;
