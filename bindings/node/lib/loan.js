// A loan: what the binding knows of a session that is out, apart from the object that the program holds, so that the
// session can still go back after that object was collected.
'use strict';

const { functions } = require('./library.js');
const { callNow, callElsewhere } = require('./calls.js');
const { OraPoolError, STATUS, invalidArgument } = require('./errors.js');
const { ABSENT } = require('./text.js');

/** How often a break is repeated: the call may have been handed to a thread that has not begun with it. */
const BREAK_AGAIN_MS = 20;

const ignore = () => {};

class Loan {
  constructor(handle, core, { inCallback = false } = {}) {
    this.handle = handle;
    /** The pool's; null in a session callback, whose session is the loan of the get. */
    this.core = core;
    this.inCallback = inCallback;
    this.over = false;
    /** Whether a transaction may be open, so that a release may have to wait for the database. */
    this.touched = false;
    this.statements = new Set();
    this.unfreed = [];
    this.turns = 0;
    this.last = null;
    /** The call that another thread makes; null if none does. */
    this.running = null;
    core?.loans.add(this);
  }

  /** Does `work` after all that was asked of this session before: it is used by one thread at a time. */
  turn(work) {
    if (this.inCallback) {
      return Promise.reject(this.over ? endedError() : invalidArgument(
        'a session callback can not wait for promises: the get waits for it. Use executeSync, querySync and the like',
      ));
    }
    this.turns += 1;
    const done = this.last === null ? work() : this.last.then(work, work);
    const settled = done.then(ignore, ignore).then(() => this.#endTurn(settled));
    this.last = settled;
    return done;
  }

  #endTurn(settled) {
    this.turns -= 1;
    if (this.last === settled) this.last = null;
    if (this.turns === 0) this.#freeStatements();
  }

  /** Makes a call on this thread, which is right while no other has the session. */
  now(name, ...args) {
    this.checkIdle();
    return callNow(name, this.handle, ...args);
  }

  checkIdle() {
    if (this.over) throw endedError();
    if (this.turns > 0) throw invalidArgument('a call of this session is under way: await it first');
  }

  /** Makes a call on another thread; only within a turn. */
  elsewhere(lane, name, args, abort) {
    const call = { isOver: false };
    const job = {
      cancelled: () => abort?.reason(),
      start: () => {
        this.running = call;
      },
    };
    const stop = abort?.watch(() => this.#breakUntilOver(call));
    return callElsewhere(lane, name, args, job).finally(() => {
      call.isOver = true;
      this.running = null;
      stop?.();
    });
  }

  /** Breaks the call that is running, if one is. */
  interrupt() {
    if (this.running !== null) this.#breakUntilOver(this.running);
  }

  /** Breaks this call, and none that comes after it. */
  #breakUntilOver(call) {
    if (call.isOver) return;
    callNow('session_break', this.handle);
    setTimeout(() => this.#breakUntilOver(call), BREAK_AGAIN_MS).unref();
  }

  addStatement(stmt) {
    this.statements.add(stmt);
  }

  /** Frees a statement, now or as soon as no other thread has the session. */
  freeStatement(stmt) {
    if (!this.statements.delete(stmt)) return;
    if (this.turns === 0) functions.stmt_free(stmt);
    else this.unfreed.push(stmt);
  }

  #freeStatements() {
    for (const stmt of this.unfreed.splice(0)) functions.stmt_free(stmt);
  }

  /** The session is the pool's again. */
  end() {
    for (const stmt of this.statements) functions.stmt_free(stmt);
    this.statements.clear();
    this.#freeStatements();
    this.core?.loanEnded(this);
    this.core = null;
  }

  /** Gives back what the program forgot. False if the pool had taken it away. */
  async giveBack() {
    const { status, error } = await callElsewhere('ending', 'session_release', [this.handle, ABSENT, 0]);
    this.end();
    if (status >= 0) return true;
    if (status === STATUS.CLOSED || status === STATUS.INVALID_HANDLE) return false;
    throw error ?? new OraPoolError('the release failed', { status });
  }
}

function endedError() {
  return new OraPoolError('the session belonged to the session callback, which has returned', {
    status: STATUS.INVALID_HANDLE,
  });
}

/** Whether a release with this result has used the session up. */
function isUsedUp({ status, error }) {
  const BAD_TAG = 24488;
  return status !== STATUS.INVALID_ARGUMENT && error?.code !== BAD_TAG;
}

module.exports = { Loan, isUsedUp };
