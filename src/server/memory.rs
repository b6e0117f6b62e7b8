//! The memory that request bodies take, all of them together.
//!
//! What is read whole is judged at once and let go, so it is bodies that do not come to their end
//! that fill it. Where there is no room, the one that has been at it for the longest gives way:
//! whoever sends slowly, on purpose or not, keeps nobody else from being answered.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::body::Bytes;

/// Bytes that may be held at one time.
#[derive(Debug)]
pub(super) struct Memory {
    most: usize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    used: usize,
    next: u64,
    /// What has come of the bodies that are being read, by age. What gave way is not in it.
    unfinished: BTreeMap<u64, Vec<u8>>,
}

/// A body that is being read.
#[derive(Debug)]
pub(super) struct Unfinished<'m> {
    memory: &'m Memory,
    id: u64,
}

/// A body, and the memory that it counts for until it is dropped.
#[derive(Debug)]
pub(super) struct Held<'m> {
    pub(super) bytes: Bytes,
    memory: &'m Memory,
}

/// There is no room, or it was given to a younger body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoRoom;

impl Memory {
    pub(super) fn new(most: usize) -> Self {
        Self { most, table: Mutex::default() }
    }

    /// Bytes that are held now.
    pub(super) fn held(&self) -> usize {
        self.lock().used
    }

    /// A body that begins, with room set aside for what comes first.
    pub(super) fn begin(&self, capacity: usize) -> Unfinished<'_> {
        let mut table = self.lock();
        let id = table.next;
        table.next += 1;
        table.unfinished.insert(id, Vec::with_capacity(capacity));
        drop(table);
        Unfinished { memory: self, id }
    }

    /// A body that came in one piece. It is younger than all that are being read.
    pub(super) fn hold(&self, bytes: Bytes) -> Result<Held<'_>, NoRoom> {
        let mut table = self.lock();
        let id = table.next;
        table.reserve(bytes.len(), self.most, id)?;
        drop(table);
        Ok(Held { bytes, memory: self })
    }

    /// What is guarded is whole after each assignment, so a panic elsewhere spoils nothing.
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Counts more bytes for a body. Older ones give way to it.
    fn reserve(&mut self, bytes: usize, most: usize, id: u64) -> Result<(), NoRoom> {
        while bytes > most - self.used {
            let oldest = self.unfinished.first_entry().filter(|oldest| *oldest.key() < id);
            self.used -= oldest.ok_or(NoRoom)?.remove().len();
        }
        self.used += bytes;
        Ok(())
    }
}

impl<'m> Unfinished<'m> {
    pub(super) fn extend(&mut self, data: &[u8]) -> Result<(), NoRoom> {
        let mut table = self.memory.lock();
        if !table.unfinished.contains_key(&self.id) {
            return Err(NoRoom);
        }
        table.reserve(data.len(), self.memory.most, self.id)?;
        table.unfinished.entry(self.id).or_default().extend_from_slice(data);
        Ok(())
    }

    /// The whole body.
    pub(super) fn finish(self) -> Result<Held<'m>, NoRoom> {
        let bytes = self.memory.lock().unfinished.remove(&self.id).ok_or(NoRoom)?;
        Ok(Held { bytes: bytes.into(), memory: self.memory })
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        let mut table = self.memory.lock();
        table.used -= table.unfinished.remove(&self.id).map_or(0, |bytes| bytes.len());
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.memory.lock().used -= self.bytes.len();
    }
}
