//! The pool: policy and state. No raw pointer, no I/O of its own, and no driver by name.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

mod ask;
mod attendant;
pub mod attributes;
pub mod clock;

mod backoff;
pub mod callback;
mod close;
pub(crate) mod completions;
mod connects;
pub(crate) mod core;
pub(crate) mod directory;
pub(crate) mod drcp;
mod errands;
mod events;
mod fixup;
mod gate;
pub(crate) mod get;
mod growth;
mod histogram;
mod identity;
mod idle;
mod keeper;
mod loan;
mod locked;
mod metrics;
mod minimum;
pub(crate) mod near;
mod need;
mod note;
pub(crate) mod place;
mod policy;
mod ready;
mod reconfigure;
pub(crate) mod registry;
pub(crate) mod release;
pub(crate) mod request;
mod servers;
mod signal;
mod slot;
mod stats;
mod supply;
pub mod tag;
mod tag_index;
mod tally;
pub(crate) mod tell;
mod timeout;
mod waiters;
mod wish;
mod workers;

pub use attributes::{Attr, Attributes, GetMode, Purity, Settings};
pub use callback::{CallbackSession, SessionCallback};
pub use close::CloseMode;
pub use events::{EVENTS_KEPT, EventKind, Level};
pub use metrics::MetricsFormat;
pub use policy::{Score, TagPolicy};
pub use servers::DrcpState;
pub use stats::Stats;
pub use tag::{Relation, Tag, TagFault, TagKind};

use crate::driver::{Driver, Statement, Value};
use crate::error::Error;
use ask::Ask;
use clock::{Clock, SystemClock};
use completions::Completions;
use core::{Access, Core, Parts};
use drcp::Drcp;
use fixup::Fixup;
use identity::{IdentityKey, LogOnRules};
use near::{NOWHERE, Near};
use need::Need;
use place::LoanKey;
use registry::Found;
use release::Release;

/// How long the oldest waiter may be overtaken by default: long enough for short loans to stay on their processor,
/// too short for anybody to notice. Measured with `benches/`.
const PATIENCE: Duration = Duration::from_micros(100);

/// A handle of a pool. Every handle of one pool is worth the same; when the last is closed or dropped the pool goes.
#[derive(Debug)]
pub struct Pool {
    core: Arc<Core>,
    life: AtomicU8,
    /// Of the requests that were started with this handle.
    completions: Arc<Completions>,
}

/// A handle that can be used.
const HELD: u8 = 0;
/// A handle that a close is working on.
const BEING_CLOSED: u8 = 1;
/// A handle that was given up.
const GONE: u8 = 2;

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("number", &self.number).field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a pool is made of.
#[must_use]
pub struct PoolBuilder<'a> {
    attributes: &'a Attributes,
    name: Option<&'a str>,
    opens: bool,
    driver: Option<Arc<dyn Driver>>,
    clock: Arc<dyn Clock>,
    patience: Duration,
    tag_policy: TagPolicy,
}

impl<'a> PoolBuilder<'a> {
    /// A pool with `attributes` that no one else can open by name.
    pub fn new(attributes: &'a Attributes) -> Self {
        PoolBuilder {
            attributes,
            name: None,
            opens: false,
            driver: None,
            clock: SystemClock::shared(),
            patience: PATIENCE,
            tag_policy: TagPolicy::default(),
        }
    }

    /// The name under which others open it.
    pub fn name(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    /// Opens the pool of that name if it exists with the same attributes.
    pub fn or_open(mut self) -> Self {
        self.opens = true;
        self
    }

    /// Uses this driver in place of the one that the attributes name.
    pub fn driver(mut self, driver: Arc<dyn Driver>) -> Self {
        self.driver = Some(driver);
        self
    }

    /// Uses this clock in place of real time.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// How long the oldest waiter may be overtaken by gets that come later; zero = never.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Which of the free rules of tags hold.
    pub fn tag_policy(mut self, policy: TagPolicy) -> Self {
        self.tag_policy = policy;
        self
    }

    /// Makes the pool and opens its minimum. Blocks for that long. The warning is ORA-24414: only a part of the
    /// minimum could be opened; what a log-on was warned of, such as ORA-28002, and with both the latter comes last in the
    /// chain; or it has no number: a connection class was made up.
    pub fn create(self) -> Result<(Pool, Option<Error>), Error> {
        let settings = Settings::resolve(self.attributes)?;
        let mut rules = LogOnRules::of(self.attributes)?;
        let fixup = self.attributes.text(Attr::FixupCallback).map(Fixup::named).transpose()?;
        let claim = match registry::claim(self.name, self.attributes, self.opens)? {
            Found::Existing(core) => return Ok((Pool::from(core), None)),
            Found::Free(claim) => claim,
        };
        let driver = match &self.driver {
            Some(driver) => Arc::clone(driver),
            None => crate::driver::select(&target(self.attributes))?,
        };
        let drcp = driver.pooling().map(|pooling| Drcp::of(pooling, self.attributes)).transpose()?;
        let (drcp, class) = drcp.unzip();
        if let Some(class) = class {
            rules.set_class(class);
        }
        let class_warning = drcp.as_ref().and_then(Drcp::warning);
        let core = self.enter(settings, rules, fixup, driver, drcp)?;
        let warning = core.open_minimum().inspect_err(|_| {
            // Nobody has a handle yet, so nothing can keep it from closing.
            let _ = core.close(CloseMode::Force);
        })?;
        claim.fulfil(&core);
        // A pool of pooled servers opens no minimum, of which a part could have failed.
        Ok((Pool::from(core), warning.or(class_warning)))
    }

    fn enter(
        &self,
        settings: Settings,
        rules: LogOnRules,
        fixup: Option<Fixup>,
        driver: Arc<dyn Driver>,
        drcp: Option<Drcp>,
    ) -> Result<Arc<Core>, Error> {
        let identity = Arc::new(rules.own().clone());
        let access = Access {
            driver,
            own_key: IdentityKey::of(&identity),
            own: Arc::new(Need { key: None, identity, unused: false, wish: None }),
            rules,
            fixup,
            callback: self.attributes.callback().cloned(),
            tag_policy: self.tag_policy,
            drcp: drcp.map(Arc::new),
        };
        let (number, first_loan) = directory::reserve()?;
        let core = Core::new(Parts {
            number,
            first_loan,
            name: self.name.map(str::to_owned),
            clock: Arc::clone(&self.clock),
            patience: clock::nanos(self.patience),
            settings,
            attributes: self.attributes.clone(),
            access,
        });
        directory::enter(&core);
        core.start_keeper().inspect_err(|_| directory::forget(number, first_loan))?;
        Ok(core)
    }
}

fn target(attributes: &Attributes) -> crate::driver::Target {
    let text = |attr| attributes.text(attr).map(str::to_owned);
    crate::driver::Target {
        connect_string: text(Attr::ConnectString),
        driver: text(Attr::Driver),
        driver_name: text(Attr::DriverName)
            .unwrap_or_else(|| concat!("orapool : ", env!("CARGO_PKG_VERSION")).to_owned()),
        client_lib_dir: text(Attr::ClientLibDir),
        config_dir: text(Attr::ConfigDir),
    }
}

impl From<Arc<Core>> for Pool {
    /// A handle that has been counted already.
    fn from(core: Arc<Core>) -> Self {
        Pool { core, life: AtomicU8::new(HELD), completions: Arc::default() }
    }
}

/// What a get is given besides its attributes.
#[derive(Debug, Clone, Copy, Default)]
pub struct GetOptions<'a> {
    /// What sets the get apart from others; none = nothing.
    pub attributes: Option<&'a Attributes>,
    /// Stronger than the attribute; none = as the attribute says.
    pub purity: Option<Purity>,
    /// What the session should say of its state; none = it must have no tag.
    pub tag: Option<&'a Arc<Tag>>,
    /// A session with another tag serves as well, if there is none with this one and none without.
    pub match_any: bool,
    /// Tags are lists of properties, those that a later attach is given as well.
    pub is_multi_property: bool,
}

thread_local! {
    /// Where the thread left its last session, by pool.
    static LAST: std::cell::Cell<(u16, u32)> = const { std::cell::Cell::new((0, NOWHERE)) };
}

impl Pool {
    /// A handle of the pool of that name. ORA-24416 if there is none.
    pub fn open(name: &str) -> Result<Pool, Error> {
        registry::open(name).map(Pool::from)
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    pub(crate) fn completions(&self) -> &Arc<Completions> {
        &self.completions
    }

    /// Gets a session with no special wishes. A warning is not told; [`Pool::get_with`] tells it.
    pub fn get(&self) -> Result<Loan<'_>, Error> {
        let near = self.near();
        let Some(key) = self.core.get_near(&near) else {
            return Ok(self.get_with(&GetOptions::default())?.0);
        };
        Ok(Loan { core: &self.core, key, found: false, is_over: false })
    }

    /// Gets a session. The warning is ORA-24417: the pool is larger than its maximum now; or what the log-on of a new
    /// session was warned of, such as ORA-28002. With both the latter comes last in the chain.
    pub fn get_with(&self, options: &GetOptions<'_>) -> Result<(Loan<'_>, Option<Error>), Error> {
        let granted = get_session(&self.core, options, Some(&self.near()))?;
        Ok((
            Loan { core: &self.core, key: granted.loan, found: granted.found, is_over: false },
            granted.warning,
        ))
    }

    fn near(&self) -> Near {
        let (number, index) = LAST.get();
        Near::untagged(if number == self.core.number { index } else { NOWHERE })
    }

    /// Changes what may be changed of an open pool, all of it or nothing.
    pub fn reconfigure(&self, changes: &Attributes) -> Result<(), Error> {
        self.core.reconfigure(changes)
    }

    /// The statistics of this moment.
    pub fn stats(&self) -> Stats {
        self.core.stats()
    }

    /// The statistics as a text for machines.
    pub fn metrics(&self, format: MetricsFormat) -> String {
        self.core.metrics(format)
    }

    /// The pool's latest events behind number `after`, each a line of JSON, oldest first; and the number of the newest.
    /// Also of a pool that is closed. An error if there was no event of that number.
    pub fn events(&self, after: u64) -> Result<(String, u64), Error> {
        self.core.events.read(after)
    }

    /// The statistics, while the pool is open or draining.
    pub(crate) fn stats_if_open(&self) -> Result<Stats, Error> {
        if self.core.is_closed() { Err(Error::closed()) } else { Ok(self.core.stats()) }
    }

    /// Whether this handle was given up or is about to be.
    #[inline]
    pub(crate) fn is_given_up(&self) -> bool {
        self.life.load(Ordering::Relaxed) != HELD
    }

    /// Whether this handle is of no more use.
    pub(crate) fn is_gone(&self) -> bool {
        self.life.load(Ordering::Acquire) == GONE
    }

    /// Gives this handle up; with the last one the pool is closed as `mode` says, or, with an error, stays open.
    /// [`CloseMode::Force`] closes it for every handle. Blocks until the pool's threads have ended;
    /// a driver's may go on, if a connect hangs that nothing can stop.
    pub fn close(&self, mode: CloseMode) -> Result<(), Error> {
        if self.life.compare_exchange(HELD, BEING_CLOSED, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            return Err(Error::closed());
        }
        let result = self.close_held(mode);
        let is_gone = result.is_ok() || self.core.is_closed();
        if is_gone {
            self.completions.hang_up();
        }
        self.life.store(if is_gone { GONE } else { HELD }, Ordering::Release);
        result
    }

    fn close_held(&self, mode: CloseMode) -> Result<(), Error> {
        if self.core.is_closed() {
            registry::give_up_handle(&self.core);
            return Err(Error::closed());
        }
        if mode != CloseMode::Force && registry::give_up_handle(&self.core) {
            return Ok(());
        }
        self.core.close(mode)?;
        registry::remove(&self.core);
        Ok(())
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if self.life.load(Ordering::Acquire) == HELD && !registry::give_up_handle(&self.core) {
            // The only error is that the pool was closed through another handle.
            let _ = self.close_held(CloseMode::Force);
        }
    }
}

/// Gets a session, not the shortest way.
pub(crate) fn get_session(
    core: &Core,
    options: &GetOptions<'_>,
    near: Option<&Near>,
) -> Result<get::Granted, Error> {
    let is_plain = options.attributes.is_none() && options.purity.is_none() && options.tag.is_none();
    if is_plain && core.takes_plain_gets() {
        return core.get_plain(near);
    }
    if let (None, None, Some(tag)) = (options.attributes, options.purity, options.tag)
        && let Some(granted) = core.get_exact(tag)?
    {
        return Ok(granted);
    }
    let access = core.access()?;
    let settings = core.lock_open()?.settings.clone();
    let ask = Ask::of(&access, &settings, core.number, options)?;
    core.get(&access, &ask, near)
}

/// A session on loan. Dropped without [`Loan::release`] it goes back all the same.
#[derive(Debug)]
pub struct Loan<'a> {
    core: &'a Arc<Core>,
    key: LoanKey,
    found: bool,
    is_over: bool,
}

impl Loan<'_> {
    /// Whether nobody has had the session before.
    pub fn is_new(&self) -> bool {
        self.core.is_new(self.key)
    }

    /// Whether the session's state was what the get asked for, or was made so by the fix-up procedure.
    pub fn found(&self) -> bool {
        self.found
    }

    /// What the session says of its state.
    pub fn tag(&self) -> Result<Option<Arc<Tag>>, Error> {
        self.core.tag(self.key)
    }

    /// Says what the session's state is; none = nothing that others could rely on.
    pub fn set_tag(&self, tag: Option<Tag>) -> Result<(), Error> {
        self.core.set_tag(self.key, tag.map(Arc::new))
    }

    /// Runs a statement. Rows affected; of a query the rows it produced, which are discarded.
    pub fn execute(&self, sql: &str) -> Result<u64, Error> {
        self.core.call(self.key, |tenant| tenant.session()?.execute(sql))
    }

    /// Runs a query and gives the first value of its first row.
    pub fn query_value(&self, sql: &str) -> Result<Option<Value>, Error> {
        let number = self.core.prepare(self.key, sql)?;
        let value = self.core.run_statement(self.key, number, |statement: &mut dyn Statement| {
            statement.execute()?;
            Ok(if statement.fetch()? { statement.value(0).cloned() } else { None })
        });
        self.core.close_statement(self.key, number)?;
        value
    }

    /// Commits the open transaction.
    pub fn commit(&self) -> Result<(), Error> {
        self.core.end_transaction(self.key, |session| session.commit())
    }

    /// SID and serial number.
    pub fn ids(&self) -> Result<(u32, u32), Error> {
        self.core.call(self.key, |tenant| tenant.session()?.ids())
    }

    /// Where the session is with its pooled server.
    pub fn drcp_state(&self) -> Result<DrcpState, Error> {
        self.core.drcp_state(self.key)
    }

    /// Attaches a pooled server whose session has `tag`; none: the next call attaches one. True: it has the tag.
    pub fn attach(&self, tag: Option<&Arc<Tag>>) -> Result<bool, Error> {
        self.core.attach(self.key, tag)
    }

    /// Gives the pooled server back while the loan goes on; its session has `tag` then, or the one it had.
    pub fn detach(&self, tag: Option<Tag>) -> Result<(), Error> {
        self.core.detach(self.key, tag.map(Arc::new))
    }

    /// Gives the session back.
    pub fn release(mut self) -> Result<(), Error> {
        self.give_back(Release::default())
    }

    /// Gives the session back with another tag, or without.
    pub fn release_as(mut self, tag: Option<Tag>) -> Result<(), Error> {
        self.give_back(Release { drops: None, retag: Some(tag.map(Arc::new)) })
    }

    /// Gives the session back to be closed.
    pub fn drop_session(mut self) -> Result<(), Error> {
        self.give_back(Release::DROP)
    }

    fn give_back(&mut self, how: Release) -> Result<(), Error> {
        self.is_over = true;
        let (number, index) = LAST.get();
        let near = Near::untagged(if number == self.core.number { index } else { NOWHERE });
        let result = if how.is_plain() && self.core.release_near(self.key, &near) {
            Ok(())
        } else {
            self.core.release(self.key, how, Some(&near))
        };
        LAST.set((self.core.number, near.index()));
        result
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            // A loan that is dropped has nobody to tell; its session is closed if it could not be cleaned.
            let _ = self.give_back(Release::default());
        }
    }
}
