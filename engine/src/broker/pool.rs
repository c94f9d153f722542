//! A pool: its servers, its connections and its queue.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::config::Config;
use super::{Grant, LineFacts, Trash, Wish, not_started, tags};
use crate::call::Ending;
use crate::error::{Error, Result};
use crate::server_session::Kept;
use crate::shared::SessionShared;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Stopped,
    Started,
    /// Nobody gets a server any more; who has one loses it then.
    Draining(Instant),
}

/// A pooled server, whatever session it has.
#[derive(Clone, Copy)]
struct Server {
    born: Instant,
    uses: u64,
}

struct Free {
    server: Server,
    since: Instant,
    kept: Option<Kept>,
}

pub(super) struct Busy {
    server: Server,
    /// `None` while the session is built.
    pub(super) session: Option<Arc<SessionShared>>,
}

struct Waiter {
    line: Arc<LineFacts>,
    wish: Wish,
}

/// The counters of a pool or of a class in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    pub(crate) waits: u64,
    pub(crate) authentications: u64,
}

/// A connection of the pool, and since when it has been in its state.
pub(super) struct Member {
    pub(super) facts: Arc<LineFacts>,
    pub(super) since: Instant,
    pub(super) attaches: u64,
}

pub(super) struct Pool {
    pub(super) name: String,
    pub(super) config: Config,
    pub(super) status: Status,
    /// The one that was given back last is the last.
    free: Vec<Free>,
    pub(super) busy: BTreeMap<u64, Busy>,
    pub(super) lines: BTreeMap<u64, Member>,
    queue: VecDeque<Waiter>,
    /// What waiters got and have not taken yet.
    outcomes: BTreeMap<u64, Result<Grant>>,
    /// By user and class.
    pub(super) classes: BTreeMap<(String, String), Counts>,
    pub(super) purged: u64,
    pub(super) most_open: usize,
}

fn new_server() -> Server {
    Server { born: Instant::now(), uses: 0 }
}

fn is_of(kept: &Kept, line: &LineFacts) -> bool {
    let identity = &kept.shared.context.identity;
    identity.user == line.user && identity.class.as_deref() == Some(&line.class)
}

impl Pool {
    pub(super) fn stopped(name: &str, config: Config) -> Self {
        Self {
            name: name.to_owned(),
            config,
            status: Status::Stopped,
            free: Vec::new(),
            busy: BTreeMap::new(),
            lines: BTreeMap::new(),
            queue: VecDeque::new(),
            outcomes: BTreeMap::new(),
            classes: BTreeMap::new(),
            purged: 0,
            most_open: 0,
        }
    }

    pub(super) fn started(name: &str, config: Config) -> Self {
        let mut pool = Self::stopped(name, config);
        pool.start();
        pool
    }

    pub(super) fn start(&mut self) {
        self.status = Status::Started;
        self.open_servers(0);
    }

    pub(super) fn check_started(&self) -> Result<()> {
        if self.status == Status::Started { Ok(()) } else { Err(not_started(&self.name)) }
    }

    pub(super) fn open(&self) -> usize {
        self.free.len() + self.busy.len()
    }

    pub(super) fn living_lines(&self) -> usize {
        self.lines.values().filter(|member| !member.facts.control.is_ended()).count()
    }

    pub(super) fn waits(&self, line: u64) -> bool {
        self.queue.iter().any(|waiter| waiter.line.number == line)
    }

    pub(super) fn has_session(&self, serial: u32) -> bool {
        let sessions = self.busy.values().filter_map(|busy| busy.session.as_ref());
        sessions.into_iter().any(|session| session.serial() == serial)
    }

    /// The counters of all classes together.
    pub(super) fn totals(&self) -> Counts {
        self.classes.values().fold(Counts::default(), |sum, class| Counts {
            hits: sum.hits + class.hits,
            misses: sum.misses + class.misses,
            waits: sum.waits + class.waits,
            authentications: sum.authentications + class.authentications,
        })
    }

    fn counts(&mut self, line: &LineFacts) -> &mut Counts {
        self.classes.entry((line.user.clone(), line.class.clone())).or_default()
    }

    pub(super) fn enter(&mut self, line: &Arc<LineFacts>) {
        self.counts(line).authentications += 1;
        let member = Member { facts: Arc::clone(line), since: Instant::now(), attaches: 0 };
        self.lines.insert(line.number, member);
    }

    pub(super) fn leave(&mut self, line: u64, trash: &mut Trash) {
        self.lines.remove(&line);
        self.give_back(line, None, false, trash);
    }

    /// A server for the connection, or `None` once it stands in the queue.
    pub(super) fn ask(
        &mut self,
        line: &Arc<LineFacts>,
        wish: Wish,
        trash: &mut Trash,
    ) -> Result<Option<Grant>> {
        self.check_started()?;
        if self.queue.is_empty()
            && let Some(grant) = self.take(line, &wish, trash)
        {
            self.count(line, &grant);
            return Ok(Some(grant));
        }
        self.counts(line).waits += 1;
        self.changed_state(line.number);
        self.queue.push_back(Waiter { line: Arc::clone(line), wish });
        Ok(None)
    }

    /// What a waiter got.
    pub(super) fn collect(&mut self, line: &LineFacts) -> Result<Grant> {
        let grant = self.outcomes.remove(&line.number).unwrap_or_else(|| Err(not_started(&self.name)))?;
        self.count(line, &grant);
        Ok(grant)
    }

    /// Takes back the wish of a waiter who goes, and what it may have got in the meantime.
    pub(super) fn withdraw(&mut self, line: u64, trash: &mut Trash) {
        self.queue.retain(|waiter| waiter.line.number != line);
        if let Some(Ok(grant)) = self.outcomes.remove(&line) {
            self.give_back(line, grant.kept, false, trash);
        }
        self.changed_state(line);
    }

    pub(super) fn mapped(&mut self, line: u64, session: &Arc<SessionShared>) {
        if let Some(busy) = self.busy.get_mut(&line) {
            session.control.touch();
            busy.session = Some(Arc::clone(session));
        }
    }

    pub(super) fn give_back(&mut self, line: u64, kept: Option<Kept>, purged: bool, trash: &mut Trash) {
        self.purged += u64::from(purged);
        self.changed_state(line);
        match self.busy.remove(&line) {
            Some(busy) => self.put(busy.server, kept, trash),
            None => trash.kept.extend(kept),
        }
        self.serve(trash);
    }

    /// A session was killed: the free one goes, the busy one's connection with it.
    pub(super) fn session_ended(&mut self, serial: u32, ending: Ending, trash: &mut Trash) {
        let is_it = |session: &SessionShared| session.serial() == serial;
        for free in &mut self.free {
            trash.kept.extend(free.kept.take_if(|kept| is_it(&kept.shared)));
        }
        let holder = self.busy.iter().find(|(_, busy)| busy.session.as_deref().is_some_and(is_it));
        let Some(line) = holder.map(|(line, _)| *line) else { return };
        if let Some(member) = self.lines.get(&line) {
            member.facts.control.finish(ending);
        }
        // A running call gives the server back itself when it ends.
        let idle = self.busy.get(&line).and_then(|busy| busy.session.as_ref());
        if idle.is_some_and(|session| !session.control.is_running()) {
            self.give_back(line, None, false, trash);
        }
    }

    /// Stops at once, cutting the connections: their sockets are the broker's. Those that wait for a server are told why there is none.
    pub(super) fn stop(&mut self, trash: &mut Trash) {
        self.status = Status::Stopped;
        let idle: Vec<u64> = self.lines.keys().copied().filter(|line| !self.waits(*line)).collect();
        idle.into_iter().for_each(|line| self.cut(line));
        for (line, busy) in std::mem::take(&mut self.busy) {
            self.cut(line);
            let idle = busy.session.filter(|session| session.control.finish(Ending::Cut));
            trash.idle.extend(idle);
        }
        self.close_free_servers(0, trash);
        self.refuse_waiters();
    }

    /// Lets nobody in any more; who has a server may keep it until `end`.
    pub(super) fn drain(&mut self, end: Instant, trash: &mut Trash) {
        self.status = Status::Draining(end);
        self.close_free_servers(0, trash);
        self.refuse_waiters();
        if self.busy.is_empty() {
            self.status = Status::Stopped;
        }
    }

    /// Fits the servers to a new configuration.
    pub(super) fn configured(&mut self, trash: &mut Trash) {
        if self.status == Status::Started {
            self.open_servers(0);
            let most = self.config.maxsize as usize;
            self.close_free_servers(most.saturating_sub(self.busy.len()), trash);
            self.serve(trash);
        }
    }

    pub(super) fn sweep(&mut self, now: Instant, trash: &mut Trash) {
        if matches!(self.status, Status::Draining(end) if now >= end) {
            self.stop(trash);
        }
        let limits = self.config.think_times();
        let is_silent = |session: &SessionShared| session.control.cut_if_silent(limits, now);
        let silent: Vec<u64> =
            self.thinking().filter(|(_, session)| is_silent(session)).map(|(line, _)| line).collect();
        for line in silent {
            trash.idle.extend(self.busy.get_mut(&line).and_then(|busy| busy.session.take()));
            self.cut(line);
            self.give_back(line, None, false, trash);
        }
        self.close_inactive(now, trash);
    }

    /// How long at most until time itself may free a server.
    pub(super) fn next_change(&self) -> Option<Duration> {
        let now = Instant::now();
        let limits = self.config.think_times();
        let silences = self.thinking().filter_map(|(_, session)| session.control.silent_until(limits));
        // A call that ends after this look begins a think time that this look can not see.
        let later = [limits.outside, limits.in_transaction].into_iter().flatten().min();
        let later = later.and_then(|time| now.checked_add(time));
        let drained = match self.status {
            Status::Draining(end) => Some(end),
            _ => None,
        };
        let next = silences.chain(later).chain(drained).min()?;
        Some(next.saturating_duration_since(now))
    }

    /// The connections that have a server and send nothing. One that was given a server in the queue is still in its call, whenever it
    /// gets to run.
    fn thinking(&self) -> impl Iterator<Item = (u64, &Arc<SessionShared>)> {
        self.busy.iter().filter_map(|(line, busy)| {
            let member = self.lines.get(line)?;
            let session = busy.session.as_ref()?;
            (!member.facts.control.is_running()).then_some((*line, session))
        })
    }

    fn count(&mut self, line: &LineFacts, grant: &Grant) {
        let is_hit = grant.kept.is_some();
        let counts = self.counts(line);
        counts.hits += u64::from(is_hit);
        counts.misses += u64::from(!is_hit);
        self.changed_state(line.number);
        if let Some(member) = self.lines.get_mut(&line.number) {
            member.attaches += 1;
        }
    }

    fn changed_state(&mut self, line: u64) {
        if let Some(member) = self.lines.get_mut(&line) {
            member.since = Instant::now();
        }
    }

    fn cut(&mut self, line: u64) {
        if let Some(member) = self.lines.get_mut(&line) {
            member.facts.control.finish(Ending::Cut);
            member.since = Instant::now();
        }
    }

    /// Maps a server, if one is free or can be opened.
    fn take(&mut self, line: &LineFacts, wish: &Wish, trash: &mut Trash) -> Option<Grant> {
        let (server, grant) = match self.fitting(line, wish) {
            Some((index, found)) => {
                let free = self.free.remove(index);
                (free.server, Grant { kept: free.kept, found })
            }
            None => (self.server_without_session(line, wish, trash)?, Grant { kept: None, found: false }),
        };
        let session = grant.kept.as_ref().map(|kept| Arc::clone(&kept.shared));
        if let Some(session) = &session {
            session.control.touch();
        }
        self.busy.insert(line.number, Busy { server, session });
        Some(grant)
    }

    /// The free session that fits best, and whether it has the tag.
    fn fitting(&self, line: &LineFacts, wish: &Wish) -> Option<(usize, bool)> {
        if wish.new {
            return None;
        }
        let ranked = self.free.iter().enumerate().filter_map(|(index, free)| {
            let kept = free.kept.as_ref()?;
            if !is_of(kept, line) || kept.shared.control.is_ended() {
                return None;
            }
            Some((tags::rank(wish, kept.shared.tag.lock().as_deref())?, index))
        });
        // Among equals the last: its memory is the warmest.
        let (rank, index) = ranked.max()?;
        Some((index, rank.found()))
    }

    /// A server on which a session is to be built: one that has none, a new one, or one whose session is given up for it.
    fn server_without_session(&mut self, line: &LineFacts, wish: &Wish, trash: &mut Trash) -> Option<Server> {
        let own = |free: &Free| wish.new && free.kept.as_ref().is_some_and(|kept| is_of(kept, line));
        let index = self.free.iter().position(|free| free.kept.is_none());
        let index = index.or_else(|| self.free.iter().position(own)).or_else(|| self.grow());
        let index = index.or_else(|| (!self.free.is_empty()).then_some(0))?;
        let free = self.free.remove(index);
        if let Some(kept) = free.kept {
            self.purged += u64::from(kept.shared.context.identity.user != line.user);
            trash.kept.push(kept);
        }
        Some(free.server)
    }

    /// Opens servers by the increment, up to the most there may be; the place of the first.
    fn grow(&mut self) -> Option<usize> {
        let before = self.free.len();
        let goal = (self.open() as u64 + self.config.incrsize).min(self.config.maxsize);
        self.open_servers(usize::try_from(goal).unwrap_or(usize::MAX));
        (self.free.len() > before).then_some(before)
    }

    /// Opens servers until there are this many, and at least as many as the pool always has.
    fn open_servers(&mut self, goal: usize) {
        let goal = goal.max(self.config.minsize as usize);
        while self.open() < goal {
            self.free.push(Free { server: new_server(), since: Instant::now(), kept: None });
        }
        self.most_open = self.most_open.max(self.open());
    }

    /// Puts a server among the free ones, or ends it or its session if they are worn out or too many.
    fn put(&mut self, mut server: Server, kept: Option<Kept>, trash: &mut Trash) {
        if let Status::Draining(_) | Status::Stopped = self.status {
            trash.kept.extend(kept);
            if self.busy.is_empty() {
                self.status = Status::Stopped;
            }
            return;
        }
        if self.open() as u64 >= self.config.maxsize {
            trash.kept.extend(kept);
            return;
        }
        server.uses += 1;
        let dead = kept.as_ref().is_some_and(|kept| kept.shared.control.is_ended());
        let worn = self.config.is_worn(server.uses, server.born);
        let mut kept = kept;
        if dead || worn {
            trash.kept.extend(kept.take());
        }
        if worn {
            server = new_server();
        }
        self.free.push(Free { server, since: Instant::now(), kept });
    }

    /// Gives free servers to those who wait, in the order in which they came.
    fn serve(&mut self, trash: &mut Trash) {
        while self.status == Status::Started
            && let Some(waiter) = self.queue.pop_front()
        {
            match self.take(&waiter.line, &waiter.wish, trash) {
                Some(grant) => {
                    self.outcomes.insert(waiter.line.number, Ok(grant));
                    waiter.line.control.grant();
                }
                None => {
                    self.queue.push_front(waiter);
                    return;
                }
            }
        }
    }

    fn refuse_waiters(&mut self) {
        for waiter in std::mem::take(&mut self.queue) {
            let refusal: Error = not_started(&self.name);
            self.outcomes.insert(waiter.line.number, Err(refusal));
            waiter.line.control.grant();
        }
    }

    fn close_free_servers(&mut self, left: usize, trash: &mut Trash) {
        while self.free.len() > left {
            trash.kept.extend(self.free.remove(0).kept);
        }
    }

    fn close_inactive(&mut self, now: Instant, trash: &mut Trash) {
        let Some(timeout) = self.config.inactivity_timeout() else { return };
        while self.open() as u64 > self.config.minsize
            && self.free.first().is_some_and(|free| now.saturating_duration_since(free.since) >= timeout)
        {
            trash.kept.extend(self.free.remove(0).kept);
        }
    }
}
