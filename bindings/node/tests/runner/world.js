// All that a running scenario has: its pools, sessions, threads, and what its callbacks saw.
'use strict';

const { Pool, isSessionCallbackInUse } = require('../../index.cjs');
const { Session } = require('../../lib/session.js');
const { Loan } = require('../../lib/loan.js');
const { Failure, outcomeOf, failed, show } = require('./outcome.js');
const { timed } = require('./flow.js');

class World {
  constructor(target, scenario) {
    this.target = target;
    this.scenario = scenario;
    this.pools = new Map();
    /** Sessions by name: they stay after their release, so that what is said of them later finds the used-up session. */
    this.sessions = new Map();
    /** Of each pool with a callback: the function, and what it was called with. */
    this.callbacks = new Map();
    this.threads = new Map();
    /** Failures inside callbacks, which the callback's caller can not see. */
    this.problems = [];
    /** The step that each thread is in, for the report of a hang. */
    this.positions = new Map();
    this.onStep = () => {};
    // A program has no NULL for a session. What the library does with one is asked with a session that holds it.
    this.null = new Session(new Loan(0n, null), null);
  }

  async open() {
    const { database, logOn } = { database: this.target.database(this.scenario), logOn: this.target.logOn('owner') };
    this.ownerPool = await Pool.create({ ...database, ...logOn, sessionsMin: 1, sessionsMax: 1 });
    this.owner = await this.ownerPool.acquire();
  }

  pool(name = 'p') {
    const pool = this.pools.get(name);
    if (pool === undefined) throw new Failure(`the scenario has no pool \`${name}\``);
    return pool;
  }

  loan(name) {
    const loan = this.sessions.get(name);
    if (loan === undefined) throw new Failure(`the scenario has no session \`${name}\``);
    return loan;
  }

  /** The session behind a name, `owner`, `callback` and `null` among them. */
  session(name, scope) {
    if (name === 'null') return this.null;
    if (name === 'owner') return this.owner;
    if (name !== 'callback') return this.loan(name).session;
    if (scope.callback === undefined) throw new Failure('there is a session `callback` inside a callback alone');
    return scope.callback.session;
  }

  /** Takes a session over under its name. A name that still has a loan must not lose it. */
  *addSession(name, session) {
    const former = this.sessions.get(name);
    const identity = yield* identityOf(session);
    const loan = { session, identity, isOut: true };
    this.sessions.set(name, loan);
    if (former?.isOut) throw new Failure(`the session \`${name}\` is still on loan`);
    return loan;
  }

  enter(thread, position) {
    this.positions.set(thread, position);
    this.onStep(this.whereabouts());
  }

  leave(thread) {
    this.positions.delete(thread);
  }

  whereabouts() {
    return [...this.positions.values()].join('\n');
  }

  /** Closes everything and reports what shows only at the end. */
  async finish() {
    const problems = [];
    if (this.threads.size > 0) problems.push(`the scenario does not await its threads ${[...this.threads.keys()].join(', ')}`);
    for (const pool of this.pools.values()) await pool.close({ force: true }).catch(failed);
    await Promise.allSettled([...this.threads.values()]);
    await this.ownerPool.close({ force: true });
    problems.push(...this.problems, ...outcomeOf(null).flaws);
    for (const [pool, { callback }] of this.callbacks) {
      if (isSessionCallbackInUse(callback)) problems.push(`the callback's context of the pool \`${pool}\` was not freed`);
    }
    if (problems.length > 0) throw new Failure(problems.join('\n'));
  }
}

function* identityOf(session) {
  try {
    return yield timed(() => session.identity(), () => session.identitySync());
  } catch (error) {
    failed(error);
    return null;
  }
}

/** A call of the binding, as an outcome. A warning of its result is an error with a status above 0. */
function* callOf(later, now) {
  try {
    const value = yield timed(later, now);
    return outcomeOf(value?.warning ?? null, value);
  } catch (error) {
    return failed(error);
  }
}

/** What must succeed and keep the rules; its value. */
function* mustDo(what, later, now) {
  const outcome = yield* callOf(later, now);
  if (outcome.status < 0 || outcome.flaws.length > 0) {
    throw new Failure(`${what}: ${show(outcome)}${outcome.flaws.map((flaw) => `\n${flaw}`).join('')}`);
  }
  return outcome.value;
}

module.exports = { World, callOf, mustDo };
