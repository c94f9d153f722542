//! A pool on a clock of the test's own, step by step beside the model of the page.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use orapool::error::{Error, Kind};
use orapool::pool::clock::TestClock;
use orapool::pool::{
    Attr, Attributes, CallbackSession, CloseMode, GetOptions, Loan, Pool, PoolBuilder, Purity,
    SessionCallback, Stats, Tag,
};
use parking_lot::Mutex;

use crate::page::{self, Call, Callback, Fixup, Granted, Model, Outcome, Refusal, Release, Request, Who};
use crate::support::fake_driver::{FixupDoes, World};

pub const PING_INTERVAL: u64 = 1000;
/// Far more than any step takes, so that a loaded machine fails nothing and a hang fails all the same.
pub const PATIENCE_OF_THE_TEST: Duration = Duration::from_secs(60);

/// What a pool is made of.
#[derive(Debug, Clone)]
pub struct Setup {
    pub max: usize,
    pub increment: usize,
    /// More than one: heterogeneous. The second has a password, the third goes by the pool's own user.
    pub users: usize,
    pub classes: usize,
    pub has_fixup: bool,
    pub has_callback: bool,
    /// Threads may keep the session that they left last near them.
    pub keeps_near: bool,
}

impl Setup {
    pub fn of(max: usize) -> Setup {
        Setup {
            max,
            increment: 1,
            users: 1,
            classes: 1,
            has_fixup: false,
            has_callback: false,
            keeps_near: true,
        }
    }

    pub fn with_fixup(self, has_fixup: bool) -> Setup {
        Setup { has_fixup, ..self }
    }

    pub fn with_callback(self) -> Setup {
        Setup { has_callback: true, ..self }
    }

    pub fn attributes(&self) -> Attributes {
        let mut attributes = Attributes::new();
        attributes.set_text(Attr::User, "scott").unwrap();
        attributes.set_text(Attr::Password, "tiger").unwrap();
        for (attr, value) in [
            (Attr::SessionsMin, 0),
            (Attr::SessionsMax, self.max as i64),
            (Attr::SessionsIncrement, self.increment as i64),
            (Attr::GetMode, 1),
            (Attr::Homogeneous, i64::from(self.users == 1)),
            (Attr::PingIntervalMs, PING_INTERVAL as i64),
        ] {
            attributes.set_int(attr, value).unwrap();
        }
        if self.has_fixup {
            attributes.set_text(Attr::FixupCallback, "app.fix").unwrap();
        }
        if !self.keeps_near {
            // A pool that counts the uses sees every get.
            attributes.set_int(Attr::UsesMax, i64::from(u32::MAX)).unwrap();
        }
        attributes
    }

    pub fn model(&self) -> Model {
        Model {
            max: self.max,
            // 2.2: a heterogeneous pool grows by one.
            increment: if self.users > 1 { 1 } else { self.increment },
            has_fixup: self.has_fixup,
            has_callback: self.has_callback,
            ping_interval: PING_INTERVAL,
            ..Model::default()
        }
    }
}

/// The application's callback: it notes how it was called and does what it was told.
#[derive(Debug)]
pub struct Recorder {
    pub does: Mutex<Callback>,
    pub calls: Mutex<Vec<Call>>,
}

impl SessionCallback for Recorder {
    fn call(&self, session: &CallbackSession<'_>) -> Result<(), i32> {
        self.calls.lock().push((session.wanted().map(text_of), session.actual().map(text_of)));
        match &*self.does.lock() {
            Callback::Succeeds => Ok(()),
            Callback::SetsTag(tag) => {
                session.set_tag(session_tag(tag.as_deref(), true)).unwrap();
                Ok(())
            }
            Callback::Fails => Err(0),
        }
    }

    fn identity(&self) -> (usize, usize) {
        (std::ptr::from_ref(self).addr(), 0)
    }
}

pub fn text_of(tag: &Tag) -> String {
    String::from_utf8(tag.as_bytes().to_vec()).unwrap()
}

/// The tag of that text: with properties if it is to have some and can.
pub fn session_tag(text: Option<&str>, is_multi: bool) -> Option<Tag> {
    let text = text?;
    let multi = Tag::multi_property(text.as_bytes()).ok().flatten();
    multi.filter(|_| is_multi).or_else(|| Tag::single(text.as_bytes()))
}

/// A get, and what is called on the way is to do.
#[derive(Debug, Clone)]
pub struct Get {
    pub request: Request,
    pub fixups: Vec<FixupDoes>,
    pub callback: Callback,
    /// Other ways to say the same.
    pub spelling: Spelling,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Spelling {
    pub user_is_upper: bool,
    pub purity_is_attribute: bool,
}

#[derive(Debug, Clone)]
pub enum Step {
    Get(Get),
    /// `is_multi`: a new tag is made of properties if it can be.
    Release {
        loan: usize,
        how: Release,
        is_multi: bool,
    },
    ReleaseAll,
    SetTag {
        loan: usize,
        tag: Option<String>,
    },
    Use {
        loan: usize,
    },
    KillBusy {
        loan: usize,
    },
    KillIdle {
        session: usize,
    },
    Advance {
        ms: u64,
    },
}

/// A pool and its model, step by step.
pub struct History<'a> {
    pub pool: &'a Pool,
    pub world: &'a World,
    pub clock: &'a TestClock,
    pub recorder: &'a Recorder,
    pub model: Model,
    /// In the order of the model's busy sessions.
    pub loans: Vec<Loan<'a>>,
    /// The model's number of each SID that is known.
    pub numbers: HashMap<u32, usize>,
}

pub fn expected_fixup(does: FixupDoes) -> Fixup {
    match does {
        FixupDoes::Works | FixupDoes::Begins => Fixup::Works,
        FixupDoes::Raises => Fixup::Raises,
        FixupDoes::Dies => Fixup::Dies,
    }
}

pub fn refusal(error: &Error) -> Refusal {
    match (error.kind(), error.code()) {
        (Kind::Timeout, 24496) => Refusal::Full,
        (Kind::Oracle, 56612) => Refusal::NotMultiProperty,
        (Kind::Oracle, 56610) => Refusal::FixupFailed { cause: error.cause().map_or(0, Error::code) },
        (Kind::CallbackFailed, 0) => Refusal::CallbackFailed,
        _ => panic!("unexpected: {error}"),
    }
}

/// What a get sets of its own; none = nothing.
pub fn get_attributes(get: &Get) -> Option<Attributes> {
    let mut attributes = Attributes::new();
    let Who { user, class } = get.request.who;
    let spell = |name: &str| if get.spelling.user_is_upper { name.to_uppercase() } else { name.to_owned() };
    match user {
        0 => {}
        1 => {
            attributes.set_text(Attr::User, &spell("anna")).unwrap();
            attributes.set_text(Attr::Password, "secret").unwrap();
        }
        _ => attributes.set_text(Attr::User, &spell("bert")).unwrap(),
    }
    if class > 0 {
        attributes.set_text(Attr::ConnectionClass, ["ONE", "TWO"][class - 1]).unwrap();
    }
    if get.request.purity_new && get.spelling.purity_is_attribute {
        attributes.set_int(Attr::Purity, 1).unwrap();
    }
    let sets_any = user + class > 0 || (get.request.purity_new && get.spelling.purity_is_attribute);
    sets_any.then_some(attributes)
}

impl<'a> History<'a> {
    pub fn run(&mut self, step: &Step) {
        match step {
            Step::Get(get) => drop(self.get(get)),
            Step::Advance { ms } => self.advance(*ms),
            Step::KillIdle { session } => self.kill_idle(*session),
            Step::ReleaseAll => {
                while !self.loans.is_empty() {
                    self.release(0, &Release::Default, false);
                }
            }
            Step::Release { loan, .. }
            | Step::SetTag { loan, .. }
            | Step::Use { loan }
            | Step::KillBusy { loan } => {
                if let Some(loan) = loan.checked_rem(self.loans.len()) {
                    self.run_on_loan(loan, step);
                }
            }
        }
        self.check();
    }

    pub fn run_on_loan(&mut self, loan: usize, step: &Step) {
        match step {
            Step::Release { how, is_multi, .. } => self.release(loan, how, *is_multi),
            Step::SetTag { tag, .. } => {
                self.loans[loan].set_tag(session_tag(tag.as_deref(), true)).unwrap();
                self.model.busy[loan].tag.clone_from(tag);
            }
            Step::Use { .. } => {
                self.model.call(loan);
                let is_dead = self.loans[loan].execute("x").is_err();
                assert_eq!(is_dead, self.model.busy[loan].is_dead);
            }
            Step::KillBusy { .. } => {
                self.model.busy[loan].is_killed = true;
                self.world.kill(self.sid(self.model.busy[loan].number));
            }
            _ => unreachable!("no step of a loan"),
        }
    }

    pub fn advance(&mut self, ms: u64) {
        self.model.now += ms;
        self.clock.advance(Duration::from_millis(ms));
    }

    pub fn kill_idle(&mut self, session: usize) {
        if let Some(session) = session.checked_rem(self.model.idle.len()) {
            self.model.idle[session].is_killed = true;
            self.world.kill(self.sid(self.model.idle[session].number));
        }
    }

    pub fn sid(&self, number: usize) -> u32 {
        let found = self.numbers.iter().find(|(_, known)| **known == number);
        *found.expect("every session is known after the step that made it").0
    }

    pub fn get(&mut self, get: &Get) -> Outcome {
        *self.world.fixups.lock() = get.fixups.iter().copied().collect();
        self.recorder.does.lock().clone_from(&get.callback);
        let fixups: Vec<Fixup> = get.fixups.iter().copied().map(expected_fixup).collect();
        let expected = self.model.get(&get.request, &fixups, &get.callback);
        let result = self.get_loan(get).map_err(|error| refusal(&error));
        let result = result.map(|loan| {
            let granted = self.granted(&loan, get, &expected);
            self.loans.push(loan);
            granted
        });
        let outcome = Outcome {
            result,
            fixups: std::mem::take(&mut *self.world.fixup_calls.lock()),
            callbacks: std::mem::take(&mut *self.recorder.calls.lock()),
        };
        assert_eq!(outcome, expected, "{:?}", self.model.chosen.last());
        outcome
    }

    pub fn get_loan(&self, get: &Get) -> Result<Loan<'a>, Error> {
        let attributes = get_attributes(get);
        let tag = get.request.tag.as_ref();
        let tag = tag.map(|wanted| Arc::new(session_tag(Some(&wanted.text), wanted.is_multi).unwrap()));
        let purity = (get.request.purity_new && !get.spelling.purity_is_attribute).then_some(Purity::New);
        if attributes.is_none() && tag.is_none() && purity.is_none() && !get.request.match_any {
            return self.pool.get();
        }
        let options = GetOptions {
            attributes: attributes.as_ref(),
            purity,
            tag: tag.as_ref(),
            match_any: get.request.match_any,
            ..GetOptions::default()
        };
        let (loan, warning) = self.pool.get_with(&options)?;
        assert!(warning.is_none(), "a pool does not outgrow its maximum in this mode");
        Ok(loan)
    }

    /// What the pool has handed out. A SID not known yet belongs to the session that the model expects, if that is
    /// unknown as well.
    pub fn granted(&mut self, loan: &Loan<'_>, get: &Get, expected: &Outcome) -> Granted {
        let sid = loan.ids().unwrap().0;
        self.check_session(sid, get.request.who);
        if let Ok(granted) = &expected.result
            && !self.numbers.values().any(|known| *known == granted.number)
        {
            self.numbers.entry(sid).or_insert(granted.number);
        }
        Granted {
            number: self.numbers.get(&sid).copied().unwrap_or(0),
            is_new: loan.is_new(),
            found: loan.found(),
            tag: loan.tag().unwrap().as_deref().map(text_of),
        }
    }

    /// It belongs to whom it should, and nobody left a transaction in it.
    pub fn check_session(&self, sid: u32, who: Who) {
        let sessions = self.world.sessions.lock();
        let session = &sessions[&sid];
        assert!(!session.in_transaction.load(Ordering::SeqCst), "the fix-up's transaction is still open");
        let lower = |name: &Option<String>| name.as_ref().map(|name| name.to_lowercase());
        let (user, session_user) = [("scott", None), ("anna", None), ("scott", Some("bert"))][who.user];
        assert_eq!(lower(&session.identity.user).as_deref(), Some(user));
        assert_eq!(lower(&session.identity.session_user).as_deref(), session_user);
        assert_eq!(session.identity.connection_class.as_deref(), [None, Some("ONE"), Some("TWO")][who.class]);
    }

    pub fn release(&mut self, loan: usize, how: &Release, is_multi: bool) {
        // Who was used last is a matter of time.
        self.advance(1);
        self.model.release(loan, how);
        let loan = self.loans.swap_remove(loan);
        let result = match how {
            Release::Default => loan.release(),
            Release::Retag(tag) => loan.release_as(session_tag(tag.as_deref(), is_multi)),
            Release::Drop => loan.drop_session(),
        };
        result.unwrap();
    }

    /// Waits until the pool is at rest: no session is being made or closed.
    pub fn settled(&self) -> Stats {
        let give_up = Instant::now() + PATIENCE_OF_THE_TEST;
        loop {
            let stats = self.pool.stats();
            if stats.connecting == 0 && stats.open as usize == self.world.open() {
                return stats;
            }
            assert!(Instant::now() < give_up, "never at rest: {stats:?}");
            std::thread::yield_now();
        }
    }

    pub fn check(&mut self) {
        let stats = self.settled();
        let sessions = (stats.open as usize, stats.busy as usize);
        assert_eq!(sessions, (self.model.open(), self.model.busy.len()), "open and busy");
        let counts = page::Counts {
            gets: stats.gets,
            gets_tag_exact: stats.gets_tag_exact,
            gets_tag_superset: stats.gets_tag_superset,
            gets_tag_partial: stats.gets_tag_partial,
            gets_untagged: stats.gets_untagged,
            gets_new: stats.gets_new,
            timeouts: stats.timeouts,
            releases: stats.releases,
            drops: stats.drops,
            pings: stats.pings,
            ping_failures: stats.ping_failures,
            fixups: stats.fixups,
            fixup_failures: stats.fixup_failures,
            callbacks: stats.callbacks,
            callback_failures: stats.callback_failures,
            evictions: stats.evictions,
        };
        assert_eq!(counts, self.model.counts);
        self.learn();
    }

    /// A session that growth has made beside the one that was handed out: there is one at most whose SID is not known.
    pub fn learn(&mut self) {
        let sids: Vec<u32> = self.world.sessions.lock().keys().copied().collect();
        self.numbers.retain(|sid, _| sids.contains(sid));
        let sessions = self.model.idle.iter().chain(&self.model.busy);
        let mut unknown =
            sessions.filter(|session| !self.numbers.values().any(|known| *known == session.number));
        let new = unknown.next().map(|session| session.number);
        let sid = sids.into_iter().find(|sid| !self.numbers.contains_key(sid));
        self.numbers.extend(sid.zip(new));
        let sessions = self.model.idle.iter().chain(&self.model.busy);
        let expected: BTreeSet<usize> = sessions.map(|session| session.number).collect();
        let there: BTreeSet<usize> = self.numbers.values().copied().collect();
        assert_eq!(there, expected, "the sessions that were closed are those that the page says");
    }
}

/// Has `story` happen to a pool of `setup`, and gives the model as it was at the end.
pub fn with_history(setup: &Setup, story: impl FnOnce(&mut History<'_>)) -> Model {
    let world = World::new();
    let clock = TestClock::new();
    let recorder = Arc::new(Recorder { does: Mutex::new(Callback::Succeeds), calls: Mutex::new(Vec::new()) });
    let mut attributes = setup.attributes();
    if setup.has_callback {
        attributes.set_callback(Some(recorder.clone()));
    }
    let builder = PoolBuilder::new(&attributes).driver(world.driver()).clock(clock.clone());
    let pool = builder.create().unwrap().0;
    let mut history = History {
        pool: &pool,
        world: &world,
        clock: &clock,
        recorder: &recorder,
        model: setup.model(),
        loans: Vec::new(),
        numbers: HashMap::new(),
    };
    story(&mut history);
    history.run(&Step::ReleaseAll);
    let model = history.model.clone();
    drop(history);
    assert!(world.most.load(Ordering::SeqCst) <= setup.max, "there were never more sessions than places");
    pool.close(CloseMode::Default).unwrap();
    model
}
