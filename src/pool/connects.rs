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

/// One connect.
#[derive(Debug)]
pub(crate) struct Connect {
    pub(crate) id: u64,
    /// The place that is taken for it; none while it waits for a session that is being logged off to leave its own.
    pub(crate) place: Option<u32>,
    pub(crate) need: Arc<Need>,
    pub(crate) purpose: Purpose,
    /// The waiter that gets the error if it fails.
    pub(crate) requester: Option<u64>,
    /// An idle session that nobody wants lives in the place and must go first.
    pub(crate) evicts: bool,
    /// When a thread took it up.
    pub(crate) started: Option<u64>,
}

impl Connect {
    /// Whether a thread can take it up.
    fn is_ready(&self) -> bool {
        self.started.is_none() && self.place.is_some()
    }
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

    /// Takes up the oldest connect that has a place and that nobody has taken up, at `now`. With its place.
    pub(crate) fn take_up(&mut self, now: u64) -> Option<(&Connect, u32)> {
        let connect = self.list.iter_mut().find(|connect| connect.is_ready())?;
        connect.started = Some(now);
        connect.place.map(|index| (&*connect, index))
    }

    /// The oldest connect that has no place yet.
    pub(crate) fn without_place(&mut self) -> Option<&mut Connect> {
        self.list.iter_mut().find(|connect| connect.place.is_none())
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
        self.list.iter().filter(|connect| connect.is_ready()).count()
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Connect> {
        self.list.iter()
    }
}
