//! Looking at what Harbor holds.

use super::{
    api::{ApiError, Client},
    plan::state::State,
};

/// All that a plan goes by. What the account may not see, and a plan can do without, is left open.
pub fn observe(client: &Client) -> Result<State, ApiError> {
    let version = client.version()?;
    // First what needs a right: with a wrong password Harbor lists the public projects all the same.
    let endpoints = client.endpoints()?;
    Ok(State {
        version,
        endpoints,
        adapters: unless_forbidden(client.adapters())?,
        projects: client.projects()?,
        quotas: unless_forbidden(client.quotas())?,
    })
}

/// `None` where the account may not.
pub fn unless_forbidden<T>(result: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_forbidden() => Ok(None),
        Err(error) => Err(error),
    }
}
