//! The page `pool-semantics.md`, sections 2.5, 2.7, 4 and 5, written down as code: a pool that one thread uses in the
//! get mode NOWAIT. It was written from the page and knows nothing of the library. Slow and plain on purpose.

use std::cmp::Reverse;

/// Who a session belongs to, as numbers that the test gives a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Who {
    pub user: usize,
    pub class: usize,
}

/// A tag that is asked for. `is_multi`: its properties count (4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub text: String,
    pub is_multi: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Request {
    pub who: Who,
    pub tag: Option<Wanted>,
    pub match_any: bool,
    pub purity_new: bool,
}

/// What the fix-up procedure comes to (5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixup {
    Works,
    Raises,
    Dies,
}

/// What the native callback comes to (5.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callback {
    Succeeds,
    SetsTag(Option<String>),
    Fails,
}

/// 4.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    Eq,
    Set,
    Sup,
    Part,
    None,
    Unt,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// In the order in which sessions were made.
    pub number: usize,
    pub who: Who,
    pub tag: Option<String>,
    pub ever_used: bool,
    pub idle_since: u64,
    /// Its next call fails.
    pub is_killed: bool,
    /// A call has failed.
    pub is_dead: bool,
}

/// What the selection comes to (4.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The idle session of that position.
    Idle(usize),
    Grow,
    Replace,
    Full,
}

/// Why a get fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 2.5: ORA-24496.
    Full,
    /// 5.2: ORA-56612.
    NotMultiProperty,
    /// 5.4: ORA-56610, with the procedure's own error as cause.
    FixupFailed { cause: i32 },
    /// 5.7.
    CallbackFailed,
}

/// What a get hands out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    pub number: usize,
    pub is_new: bool,
    pub found: bool,
    pub tag: Option<String>,
}

/// Arguments of a callback: what is wanted, what there is.
pub type Call = (Option<String>, Option<String>);

/// A get, and what was called on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub result: Result<Granted, Refusal>,
    pub fixups: Vec<Call>,
    pub callbacks: Vec<Call>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub gets: u64,
    pub gets_tag_exact: u64,
    pub gets_tag_superset: u64,
    pub gets_tag_partial: u64,
    pub gets_untagged: u64,
    pub gets_new: u64,
    pub timeouts: u64,
    pub releases: u64,
    pub drops: u64,
    pub pings: u64,
    pub ping_failures: u64,
    pub fixups: u64,
    pub fixup_failures: u64,
    pub callbacks: u64,
    pub callback_failures: u64,
    pub evictions: u64,
}

/// What a release says of the tag (4.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Release {
    Default,
    Retag(Option<String>),
    Drop,
}

#[derive(Debug, Clone, Default)]
pub struct Model {
    pub max: usize,
    pub increment: usize,
    pub has_fixup: bool,
    pub has_callback: bool,
    pub ping_interval: u64,
    pub now: u64,
    /// In the order of release: the least recently used first.
    pub idle: Vec<Session>,
    pub busy: Vec<Session>,
    pub counts: Counts,
    /// How often each relation and each other choice decided.
    pub chosen: Vec<(Option<Relation>, Choice)>,
    /// Sessions made so far.
    pub made: usize,
}

/// 4.2: the pairs of a text, in its order; none if it breaks the grammar.
pub fn pairs(text: &str) -> Option<Vec<(&str, &str)>> {
    let pairs: Option<Vec<_>> = text.split(';').map(|pair| pair.split_once('=')).collect();
    pairs.filter(|pairs| {
        pairs.iter().all(|(key, value)| !key.is_empty() && !value.is_empty())
            && pairs
                .iter()
                .enumerate()
                .all(|(at, (key, _))| pairs[..at].iter().all(|(other, _)| other != key))
    })
}

/// The pairs that count of a tag that is asked for: those of a single tag do not.
fn wanted_pairs(wanted: &Wanted) -> Vec<(&str, &str)> {
    if wanted.is_multi { pairs(&wanted.text).expect("a valid tag") } else { Vec::new() }
}

/// The pairs that count of a session's tag: a single tag may have some as well (EQ and SET go across kinds).
fn session_pairs(tag: &str) -> Vec<(&str, &str)> {
    pairs(tag).unwrap_or_default()
}

/// 4.6: which of the wanted pairs the session has, the leftmost first.
fn score(wanted: &Wanted, tag: &str) -> Vec<bool> {
    let there = session_pairs(tag);
    wanted_pairs(wanted).iter().map(|pair| there.contains(pair)).collect()
}

/// 4.6: the pairs of the session that are not wanted.
fn extra(wanted: &Wanted, tag: &str) -> usize {
    let wanted = wanted_pairs(wanted);
    session_pairs(tag).iter().filter(|pair| !wanted.contains(pair)).count()
}

/// 4.3. A single tag is matched by its bytes alone (4.1).
pub fn relation(wanted: &Wanted, tag: Option<&str>) -> Relation {
    let Some(tag) = tag else { return Relation::Unt };
    if wanted.text == tag {
        return Relation::Eq;
    }
    let score = score(wanted, tag);
    match score.iter().filter(|matched| **matched).count() {
        0 => Relation::None,
        matched if matched < score.len() => Relation::Part,
        _ if extra(wanted, tag) == 0 => Relation::Set,
        _ => Relation::Sup,
    }
}

/// 4.4, 5.2 (4): the state is what was asked for; nothing needs fixing.
fn is_satisfied(relation: Relation) -> bool {
    matches!(relation, Relation::Eq | Relation::Set | Relation::Sup)
}

/// 5.5: the requested pairs, then the old ones whose keys were not requested.
fn merged(wanted: &Wanted, old: Option<&str>) -> String {
    let requested = wanted_pairs(wanted);
    let kept = old.map(session_pairs).unwrap_or_default();
    let kept = kept.into_iter().filter(|(key, _)| requested.iter().all(|(other, _)| other != key));
    let rest: String = kept.map(|(key, value)| format!(";{key}={value}")).collect();
    wanted.text.clone() + &rest
}

impl Model {
    pub fn open(&self) -> usize {
        self.idle.len() + self.busy.len()
    }

    fn make(&mut self, who: Who) -> Session {
        self.made += 1;
        Session {
            number: self.made,
            who,
            tag: None,
            ever_used: false,
            idle_since: self.now,
            is_killed: false,
            is_dead: false,
        }
    }

    /// 4.7, step 0: the same owner, the same class, and for PURITY_NEW nobody has had it (2.7). The most recently
    /// used comes first.
    fn candidates(&self, request: &Request) -> Vec<usize> {
        let fits =
            |session: &Session| session.who == request.who && !(request.purity_new && session.ever_used);
        (0..self.idle.len()).rev().filter(|at| fits(&self.idle[*at])).collect()
    }

    /// 4.7.
    pub fn choose(&self, request: &Request) -> Choice {
        let candidates = self.candidates(request);
        let untagged = candidates.iter().copied().find(|at| self.idle[*at].tag.is_none());
        let chosen = match &request.tag {
            None => untagged,
            Some(wanted) => self.choose_tagged(&candidates, wanted, request.match_any, untagged),
        };
        match chosen {
            Some(at) => Choice::Idle(at),
            None if self.open() < self.max => Choice::Grow, // 6
            None if !self.idle.is_empty() => Choice::Replace, // 7
            None => Choice::Full,                           // 8
        }
    }

    /// 4.7, steps 1 to 5. Of equals `find` and `min_by_key` take the first: the most recently used.
    fn choose_tagged(
        &self,
        candidates: &[usize],
        wanted: &Wanted,
        match_any: bool,
        untagged: Option<usize>,
    ) -> Option<usize> {
        let tag = |at: usize| self.idle[at].tag.as_deref();
        let extra = |at: usize| tag(at).map_or(0, |tag| extra(wanted, tag));
        let score = |at: usize| tag(at).map_or(Vec::new(), |tag| score(wanted, tag));
        let all = |looked_for: &[Relation]| -> Vec<usize> {
            candidates.iter().copied().filter(|at| looked_for.contains(&relation(wanted, tag(*at)))).collect()
        };
        let superset = all(&[Relation::Sup]).into_iter().min_by_key(|at| extra(*at));
        let partial = all(&[Relation::Part, Relation::None])
            .into_iter()
            .min_by_key(|at| (Reverse(score(*at)), extra(*at)));
        (all(&[Relation::Eq]).first().copied()) // 1
            .or(all(&[Relation::Set]).first().copied()) // 2
            .or(superset.filter(|_| match_any)) // 3
            .or(untagged) // 4
            .or(partial.filter(|_| match_any)) // 5
    }

    /// A session for the request, off the idle list or new. A dead one that a ping finds is closed, and the selection
    /// starts again (7.3).
    fn obtain(&mut self, request: &Request) -> Result<(Session, Relation), Refusal> {
        loop {
            let choice = self.choose(request);
            let session = match choice {
                Choice::Idle(at) => self.idle.remove(at),
                Choice::Grow => self.grow(request.who),
                Choice::Replace => {
                    self.counts.evictions += 1;
                    self.idle.remove(0);
                    self.make(request.who)
                }
                Choice::Full => {
                    self.counts.timeouts += 1;
                    self.chosen.push((None, choice));
                    return Err(Refusal::Full);
                }
            };
            if !matches!(choice, Choice::Idle(_)) || self.answers(&session) {
                let wanted = request.tag.as_ref();
                let relation =
                    wanted.map_or(Relation::Unt, |wanted| relation(wanted, session.tag.as_deref()));
                self.chosen.push((Some(relation), choice));
                return Ok((session, relation));
            }
        }
    }

    /// 4.7 (6): by the increment up to the maximum. One is handed out; the others become idle. The page does not say
    /// who the others are for when the get is for somebody else than the pool itself: then there are none.
    fn grow(&mut self, who: Who) -> Session {
        let increment = if who == Who::default() { self.increment } else { 1 };
        let growth = increment.min(self.max - self.open());
        let session = self.make(who);
        for _ in 1..growth {
            let another = self.make(who);
            self.idle.push(another);
        }
        session
    }

    /// 7.3: a session that was idle for long is pinged.
    fn answers(&mut self, session: &Session) -> bool {
        if self.now - session.idle_since < self.ping_interval {
            return true;
        }
        self.counts.pings += 1;
        self.counts.ping_failures += u64::from(session.is_killed);
        !session.is_killed
    }

    pub fn get(&mut self, request: &Request, fixups: &[Fixup], callback: &Callback) -> Outcome {
        let mut outcome =
            Outcome { result: Err(Refusal::NotMultiProperty), fixups: Vec::new(), callbacks: Vec::new() };
        if self.has_fixup && request.tag.as_ref().is_some_and(|wanted| !wanted.is_multi) {
            return outcome; // 5.2 (3)
        }
        outcome.result =
            self.get_session(request, fixups, callback, &mut outcome.fixups, &mut outcome.callbacks);
        outcome
    }

    fn get_session(
        &mut self,
        request: &Request,
        fixups: &[Fixup],
        callback: &Callback,
        fixup_calls: &mut Vec<Call>,
        callback_calls: &mut Vec<Call>,
    ) -> Result<Granted, Refusal> {
        let mut may_select_again = true;
        loop {
            let (mut session, before) = self.obtain(request)?;
            let after = match self.fix_up(request, &mut session, before, fixups, fixup_calls) {
                Ok(after) => after,
                // 5.4: on a used session that turns out to be dead the selection is tried once more.
                Err((Fixup::Dies, _)) if may_select_again && session.ever_used => {
                    may_select_again = false;
                    continue;
                }
                Err((_, cause)) => return Err(Refusal::FixupFailed { cause }),
            };
            let found = request.tag.is_some() && is_satisfied(after); // 4.4
            self.call_back(request, &mut session, after, callback, callback_calls)?;
            return Ok(self.hand_out(session, request, before, found));
        }
    }

    /// 5.2 to 5.5. The relation afterwards.
    fn fix_up(
        &mut self,
        request: &Request,
        session: &mut Session,
        before: Relation,
        fixups: &[Fixup],
        calls: &mut Vec<Call>,
    ) -> Result<Relation, (Fixup, i32)> {
        let Some(wanted) = request.tag.as_ref().filter(|_| self.has_fixup && !is_satisfied(before)) else {
            return Ok(before);
        };
        self.counts.fixups += 1;
        let mut comes_to = Err((Fixup::Dies, 28));
        if !session.is_killed {
            comes_to = match fixups.get(calls.len()).unwrap_or(&Fixup::Works) {
                Fixup::Works => Ok(Relation::Eq),
                Fixup::Raises => Err((Fixup::Raises, 2248)),
                Fixup::Dies => Err((Fixup::Dies, 3113)),
            };
            calls.push((Some(wanted.text.clone()), session.tag.clone()));
        }
        match comes_to {
            Ok(_) => session.tag = Some(merged(wanted, session.tag.as_deref())),
            Err(_) => self.counts.fixup_failures += 1,
        }
        comes_to
    }

    /// 5.7. A failure drops the session.
    fn call_back(
        &mut self,
        request: &Request,
        session: &mut Session,
        relation: Relation,
        callback: &Callback,
        calls: &mut Vec<Call>,
    ) -> Result<(), Refusal> {
        let satisfied = request.tag.is_none() || is_satisfied(relation);
        if !self.has_callback || (session.ever_used && satisfied) {
            return Ok(());
        }
        self.counts.callbacks += 1;
        calls.push((request.tag.as_ref().map(|wanted| wanted.text.clone()), session.tag.clone()));
        match callback {
            Callback::Succeeds => {}
            Callback::SetsTag(tag) => session.tag.clone_from(tag),
            Callback::Fails => {
                self.counts.callback_failures += 1;
                return Err(Refusal::CallbackFailed);
            }
        }
        Ok(())
    }

    fn hand_out(
        &mut self,
        mut session: Session,
        request: &Request,
        before: Relation,
        found: bool,
    ) -> Granted {
        let is_new = !session.ever_used;
        self.count_get(is_new, request.tag.is_some().then_some(before));
        session.ever_used = true;
        let granted = Granted { number: session.number, is_new, found, tag: session.tag.clone() };
        self.busy.push(session);
        granted
    }

    fn count_get(&mut self, is_new: bool, relation: Option<Relation>) {
        self.counts.gets += 1;
        let count = match relation {
            _ if is_new => &mut self.counts.gets_new,
            Some(Relation::Eq | Relation::Set) => &mut self.counts.gets_tag_exact,
            Some(Relation::Sup) => &mut self.counts.gets_tag_superset,
            Some(Relation::Part | Relation::None) => &mut self.counts.gets_tag_partial,
            Some(Relation::Unt) | None => &mut self.counts.gets_untagged,
        };
        *count += 1;
    }

    /// 4.9.
    pub fn release(&mut self, busy: usize, how: &Release) {
        let mut session = self.busy.swap_remove(busy);
        self.counts.releases += 1;
        self.counts.drops += u64::from(*how == Release::Drop);
        if *how == Release::Drop || session.is_dead {
            return;
        }
        if let Release::Retag(tag) = how {
            session.tag.clone_from(tag);
        }
        session.idle_since = self.now;
        self.idle.push(session);
    }

    /// A statement of the session's holder.
    pub fn call(&mut self, busy: usize) {
        let session = &mut self.busy[busy];
        session.is_dead |= session.is_killed;
    }
}
