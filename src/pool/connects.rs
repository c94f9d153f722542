//! Connects that are wanted or under way: what each is for and who waits for it. The threads that make them stand
//! in `workers.rs`.

use std::sync::Arc;

use crate::pool::need::Need;

/// Why a session is being made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// For a get; if that goes away before the connect has begun, it is called off.
    Waiter,
    /// The rest of an increment.
    Growth,
    /// To have the minimum open.
    Minimum,
}

/// One connect. Its place is taken from the moment that it is in the list.
#[derive(Debug)]
pub(crate) struct Connect {
    pub(crate) id: u64,
    pub(crate) index: u32,
    pub(crate) need: Arc<Need>,
    pub(crate) purpose: Purpose,
    /// The waiter that gets the error if it fails.
    pub(crate) requester: Option<u64>,
    /// An idle session that nobody wants lives in the place and must go first.
    pub(crate) evicts: bool,
    /// When a thread took it up.
    pub(crate) started: Option<u64>,
}

/// The list of connects, those that no thread has taken up yet among them.
#[derive(Debug, Default)]
pub(crate) struct Connects {
    list: Vec<Connect>,
}

impl Connects {
    pub(crate) fn add(&mut self, connect: Connect) {
        self.list.push(connect);
    }

    /// Takes up the oldest connect that nobody has taken up, at `now`.
    pub(crate) fn take_up(&mut self, now: u64) -> Option<&Connect> {
        let connect = self.list.iter_mut().find(|connect| connect.started.is_none())?;
        connect.started = Some(now);
        Some(connect)
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<Connect> {
        let at = self.list.iter().position(|connect| connect.id == id)?;
        Some(self.list.remove(at))
    }

    /// Takes those out that no thread has taken up and `matches` says yes to.
    pub(crate) fn remove_waiting(&mut self, matches: impl Fn(&Connect) -> bool) -> Vec<Connect> {
        self.list.extract_if(.., |connect| connect.started.is_none() && matches(connect)).collect()
    }

    pub(crate) fn find_mut(&mut self, id: u64) -> Option<&mut Connect> {
        self.list.iter_mut().find(|connect| connect.id == id)
    }

    /// A connect that would serve `need` and that no get waits for.
    pub(crate) fn unclaimed(&mut self, need: &Need) -> Option<&mut Connect> {
        self.list.iter_mut().find(|connect| connect.requester.is_none() && connect.need.key == need.key)
    }

    /// How many threads they would keep busy.
    pub(crate) fn not_taken_up(&self) -> usize {
        self.list.iter().filter(|connect| connect.started.is_none()).count()
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Connect> {
        self.list.iter()
    }
}
