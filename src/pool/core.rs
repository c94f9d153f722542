//! The pool's state and the steps that every get, release, connect and close is made of.
//!
//! Steps that take `&mut State` run under the pool's lock: they decide and mark, and never block. What blocks
//! (connect, ping, rollback, log-off) is done by the caller of a step, after the lock is gone.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{JoinHandle, Thread};

use parking_lot::Mutex;

use crate::driver::{Cancel, Driver};
use crate::error::Error;
use crate::pool::attendant::Attendant;
use crate::pool::attributes::{Attributes, Purity, Settings};
use crate::pool::backoff::Backoff;
use crate::pool::callback::SessionCallback;
use crate::pool::clock::{Clock, Nanos, Ticks};
use crate::pool::connects::Connects;
use crate::pool::drcp::Drcp;
use crate::pool::errands::Errands;
use crate::pool::events::Events;
use crate::pool::fixup::Fixup;
use crate::pool::gate::{CLOSED, Gate, NO_PLAIN_GETS, STALE};
use crate::pool::identity::{IdentityKey, LogOnRules};
use crate::pool::idle::Idle;
use crate::pool::locked::Locked;
use crate::pool::metrics::Told;
use crate::pool::minimum::Startup;
use crate::pool::need::{Label, Need};
use crate::pool::place::{Place, Places};
use crate::pool::policy::TagPolicy;
use crate::pool::signal::Signal;
use crate::pool::tally::{Tally, count};
use crate::pool::waiters::Waiters;
use crate::pool::workers::Staff;

/// How far a pool has come in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Open,
    /// No more gets; loans may come back.
    Draining,
    Closed,
}

/// How a session leaves the pool, for the statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaving {
    Dropped,
    /// Its fix-up or its callback failed.
    Unready,
    Dead,
    Lifetime,
    Uses,
    IdleTooLong,
    /// A get needed another kind of session in its place.
    Evicted,
    /// The pool became smaller or is closing.
    Surplus,
}

/// All that changes under the pool's lock.
pub(crate) struct State {
    pub(crate) phase: Phase,
    pub(crate) settings: Settings,
    /// As created and changed since, the password as a fingerprint.
    pub(crate) attributes: Attributes,
    pub(crate) idle: Idle,
    pub(crate) waiters: Waiters,
    pub(crate) connects: Connects,
    /// Places whose sessions a worker is to log off.
    pub(crate) closings: VecDeque<u32>,
    /// The identity of each place's session; none = the pool's own.
    pub(crate) keys: Vec<Option<Arc<IdentityKey>>>,
    /// Vacant places.
    pub(crate) free: Vec<u32>,
    /// Places that are not vacant: open, being made or being closed.
    pub(crate) occupied: usize,
    /// Why the last connect failed; none after one that did not.
    pub(crate) last_connect_error: Option<Error>,
    pub(crate) backoff: Backoff,
    /// While the minimum is being opened for the first time: what its connects met.
    pub(crate) startup: Option<Startup>,
    /// Loans that were reported as leaks, by place and loan number.
    pub(crate) reported: HashSet<(u32, u32)>,
    pub(crate) last_id: u64,
    /// What it takes to make sessions; none once the pool is closed.
    pub(crate) access: Option<Arc<Access>>,
    /// A session may lie idle beside waiters. Spares most releases among waiters a look at all places.
    pub(crate) is_idle_unattended: bool,
    /// Threads whose waiting has ended, to be woken as soon as the lock is gone.
    pub(crate) to_wake: Vec<Thread>,
    pub(crate) staff: Staff,
    pub(crate) keeper: Option<JoinHandle<()>>,
    /// Something changed that the keeper has to look at.
    pub(crate) calls_keeper: bool,
    /// The thread that waits in a close for loans to come back.
    pub(crate) closer: Option<Thread>,
}

/// What a pool needs to make sessions; gone when it is closed, passwords and all.
pub(crate) struct Access {
    pub(crate) driver: Arc<dyn Driver>,
    pub(crate) rules: LogOnRules,
    pub(crate) own_key: IdentityKey,
    /// The need of a get with no attributes.
    pub(crate) own: Arc<Need>,
    /// The procedure that puts a session's state right.
    pub(crate) fixup: Option<Fixup>,
    /// The application's code that does.
    pub(crate) callback: Option<Arc<dyn SessionCallback>>,
    pub(crate) tag_policy: TagPolicy,
    /// What there is to know of pooled servers; none = each session has a server of its own.
    pub(crate) drcp: Option<Arc<Drcp>>,
}

/// A pool. Shared by its handles, its threads and the directory.
pub(crate) struct Core {
    pub(crate) gate: Gate,
    pub(crate) ticks: Ticks,
    pub(crate) places: Places,
    pub(crate) number: u16,
    pub(crate) name: Option<String>,
    pub(crate) clock: Arc<dyn Clock>,
    /// How long the oldest waiter may be overtaken.
    pub(crate) patience: Nanos,
    /// A session that nobody has had must be seen by the application's callback.
    pub(crate) has_callback: bool,
    /// A tag without properties can not be asked for.
    pub(crate) has_fixup: bool,
    /// Its sessions are lines to a broker, whose servers come and go.
    pub(crate) drcp: Option<Arc<Drcp>>,
    pub(crate) tally: Tally,
    pub(crate) events: Events,
    /// The name under which metrics and logs tell of it.
    pub(crate) told_as: Arc<str>,
    /// What its pages of metrics have told of numbers that could seem to fall.
    pub(crate) told: Told,
    pub(crate) state: Mutex<State>,
    /// Told to workers when there is work and to a close when a thread of the pool has done its last.
    pub(crate) work: Signal,
    /// Told when a connect has ended.
    pub(crate) progress: Signal,
    pub(crate) cancel: Cancel,
    pub(crate) attendant: Attendant,
    pub(crate) errands: Errands,
    pub(crate) created_at: Nanos,
    /// The attributes that it was created with, to tell whether another create means the same pool.
    pub(crate) created_with: Attributes,
    /// Handles that were given out and not given up; changed under the registry's lock.
    handles: AtomicUsize,
}

/// What a new [`Core`] is made of.
pub(crate) struct Parts {
    pub(crate) number: u16,
    pub(crate) first_loan: u64,
    pub(crate) name: Option<String>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) patience: Nanos,
    pub(crate) settings: Settings,
    pub(crate) attributes: Attributes,
    pub(crate) access: Access,
}

impl Access {
    /// Whether the pool's own identity can log on.
    pub(crate) fn own_serves(&self) -> bool {
        self.own.identity.user.is_some() || self.own.identity.external
    }

    /// Whether the pool opens its minimum by itself: only where it knows who will want the sessions, and where they cost
    /// more than they do at a broker. Source: OCI's session pool, which starts with none under DRCP.
    pub(crate) fn keeps_minimum(&self) -> bool {
        self.rules.keeps_minimum() && self.drcp.is_none()
    }
}

impl Core {
    pub(crate) fn new(parts: Parts) -> Arc<Core> {
        let gate = Gate::new(if parts.clock.keeps_ticks() { 0 } else { STALE });
        gate.set_ping_interval(parts.settings.ping_interval);
        let core = Arc::new(Core {
            gate,
            ticks: parts.clock.ticks(),
            places: Places::new(parts.first_loan),
            number: parts.number,
            events: Events::new(parts.settings.wait_report),
            told_as: Core::told_as(parts.name.as_deref(), parts.number),
            told: Told::default(),
            name: parts.name,
            created_at: parts.clock.now(),
            created_with: parts.attributes.without_secrets(),
            handles: AtomicUsize::new(1),
            clock: parts.clock,
            patience: parts.patience,
            has_callback: parts.access.callback.is_some(),
            has_fixup: parts.access.fixup.is_some(),
            drcp: parts.access.drcp.clone(),
            tally: Tally::default(),
            state: Mutex::new(State {
                phase: Phase::Open,
                settings: parts.settings,
                attributes: parts.attributes.without_secrets(),
                idle: Idle::default(),
                waiters: Waiters::default(),
                connects: Connects::default(),
                closings: VecDeque::new(),
                keys: Vec::new(),
                free: Vec::new(),
                occupied: 0,
                last_connect_error: None,
                backoff: Backoff::default(),
                startup: Some(Startup::default()),
                reported: HashSet::new(),
                last_id: 0,
                access: Some(Arc::new(parts.access)),
                is_idle_unattended: false,
                to_wake: Vec::new(),
                staff: Staff::default(),
                keeper: None,
                calls_keeper: true,
                closer: None,
            }),
            work: Signal::default(),
            progress: Signal::default(),
            cancel: Cancel::default(),
            attendant: Attendant::new(),
            errands: Errands::default(),
        });
        core.show_plain_gets(&core.lock());
        core.note_created(&core.lock().settings);
        core
    }

    /// What it takes to make sessions; an error once the pool is closed.
    pub(crate) fn access(&self) -> Result<Arc<Access>, Error> {
        self.lock().access.clone().ok_or_else(Error::closed)
    }

    /// The state, alone.
    pub(crate) fn lock(&self) -> Locked<'_> {
        Locked::new(self.state.lock())
    }

    /// One more handle was given out.
    pub(crate) fn add_handle(&self) {
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    /// Gives a handle up, if it is not the last. True: it was not.
    pub(crate) fn give_up_handle_unless_last(&self) -> bool {
        let not_last = self.handles.load(Ordering::Relaxed) > 1;
        if not_last {
            self.handles.fetch_sub(1, Ordering::Relaxed);
        }
        not_last
    }

    /// The place of a session that exists. Its number comes from the pool itself, so it is there.
    pub(crate) fn place(&self, index: u32) -> Result<&Place, Error> {
        self.places
            .get(index)
            .ok_or_else(|| Error::invalid_handle("the session does not belong to this pool"))
    }

    /// Whose session lives in a place, and its tag. The session is nobody's loan, or just being released.
    pub(crate) fn label(&self, state: &State, place: &Place) -> Label {
        let key = state.keys.get(place.index as usize).cloned().flatten();
        Label { key, tag: place.tag.lock().clone() }
    }

    /// Whether the oldest waiter must not be overtaken any more.
    #[inline(never)]
    pub(crate) fn is_front_impatient(&self) -> bool {
        self.clock.now().saturating_sub(self.gate.front_since()) >= self.patience
    }

    /// Puts the ticks right and has them kept again, if the keeper had gone to rest.
    pub(crate) fn freshen(&self) {
        if self.gate.flags() & STALE != 0 {
            let mut state = self.lock();
            self.ticks.fetch_max(self.clock.now(), Ordering::Relaxed);
            self.gate.lower(STALE);
            self.wake_keeper(&mut state);
        }
    }

    /// Lets the keeper look at what is due.
    pub(crate) fn wake_keeper(&self, state: &mut State) {
        state.calls_keeper = true;
        if let Some(keeper) = &state.keeper {
            keeper.thread().unpark();
        }
    }

    /// Brings the gate in line with what a get without wishes means.
    pub(crate) fn show_plain_gets(&self, state: &State) {
        let has_user = state.access.as_ref().is_some_and(|access| access.own_serves());
        let wants_more = self.is_pooled() || state.settings.purity == Purity::New;
        self.gate.show(NO_PLAIN_GETS, !has_user || wants_more);
    }

    /// Whether any session of the pool's own identity serves a get without wishes, as it is.
    pub(crate) fn takes_plain_gets(&self) -> bool {
        self.gate.flags() & NO_PLAIN_GETS == 0
    }

    /// Notes that the session of a place leaves, and why.
    pub(crate) fn note_leaving(&self, index: u32, why: Leaving) {
        match why {
            Leaving::Dropped => count(&self.tally.drops),
            Leaving::Dead => count(&self.tally.closed_dead),
            Leaving::Lifetime => count(&self.tally.closed_lifetime),
            Leaving::Uses => count(&self.tally.closed_uses),
            Leaving::IdleTooLong => count(&self.tally.closed_idle),
            Leaving::Evicted => count(&self.tally.evictions),
            Leaving::Unready => count(&self.tally.closed_unready),
            Leaving::Surplus => count(&self.tally.closed_surplus),
        }
        self.note_session_closed(index, why);
    }

    /// Logs a session off whose slot is [`SlotState::Closing`], on the calling thread, and gives its place back.
    pub(crate) fn log_off(&self, index: u32, why: Leaving) {
        self.note_leaving(index, why);
        if let Some(place) = self.places.get(index) {
            place.move_out();
        }
        let mut state = self.lock();
        self.vacate(&mut state, index);
        self.plan(&mut state);
    }

    /// The state, for as long as the pool is open.
    pub(crate) fn lock_open(&self) -> Result<Locked<'_>, Error> {
        let state = self.lock();
        match state.phase {
            Phase::Open => Ok(state),
            Phase::Draining | Phase::Closed => Err(Error::closed()),
        }
    }

    /// Whether the pool is closed for good.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closing() && self.lock().phase == Phase::Closed
    }

    /// How many sessions are to stay open: none where the pool does not know who will want them.
    pub(crate) fn kept_open(&self, state: &State) -> usize {
        match &state.access {
            Some(access) if access.keeps_minimum() => state.settings.sessions_min,
            _ => 0,
        }
    }

    /// Whether the pool takes no more gets. No lock: the answer may be old by the time it is used.
    pub(crate) fn is_closing(&self) -> bool {
        self.gate.flags() & CLOSED != 0
    }
}
