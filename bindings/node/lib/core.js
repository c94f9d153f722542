// What the binding knows of a pool, apart from the object that the program holds.
'use strict';

const { isMainThread } = require('node:worker_threads');
const { functions } = require('./library.js');
const { callNow, callElsewhere, check } = require('./calls.js');
const { Completions } = require('./completions.js');
const { ABSENT } = require('./text.js');

const CLOSE = { DEFAULT: 0, FORCE: 1 };

/** The pools that this thread of JavaScript has open. */
const cores = new Set();

class Core {
  constructor(handle, name) {
    this.handle = handle;
    this.name = name;
    this.loans = new Set();
    this.completions = new Completions(handle);
    this.nowaitBag = 0n;
    this.isForgotten = false;
    this.isClosing = false;
    this.isClosed = false;
    cores.add(this);
  }

  get title() {
    return this.name === null ? 'a pool without a name' : `the pool '${this.name}'`;
  }

  loanEnded(loan) {
    this.loans.delete(loan);
    if (this.isForgotten && this.loans.size === 0) this.closeForgotten();
  }

  async close(force, drainMs) {
    // A call that is broken frees its thread, of which the close needs one.
    if (force) for (const loan of this.loans) loan.interrupt();
    this.isClosing = true;
    this.completions.isForced = force;
    try {
      const lane = drainMs === 0 || force ? 'ending' : 'waiting';
      const result = await callElsewhere(lane, 'close', [this.handle, force ? CLOSE.FORCE : CLOSE.DEFAULT, drainMs]);
      this.#closed(result);
    } finally {
      this.isClosing = false;
    }
  }

  closeSync(force, drainMs) {
    this.completions.isForced = force;
    this.#closed(callNow('close', this.handle, force ? CLOSE.FORCE : CLOSE.DEFAULT, drainMs));
  }

  /** A close that failed has used the handle up or not. */
  #closed(result) {
    if (this.#isOpen()) this.completions.isForced = false;
    else this.#forget(result.status >= 0);
    check(result);
  }

  /** Whether the library knows the handle still. */
  #isOpen() {
    const { status } = callNow('metrics', this.handle, UNKNOWN_FORMAT);
    return status !== INVALID_HANDLE;
  }

  #forget(wasClosedByUs) {
    cores.delete(this);
    this.isClosed = true;
    this.completions.isForced &&= wasClosedByUs;
    this.completions.close();
    functions.attrs_free(this.nowaitBag);
    this.nowaitBag = 0n;
  }

  /** The program has dropped the pool. Sessions that it dropped as well go back first. */
  forget() {
    this.isForgotten = true;
    if (this.loans.size === 0) this.closeForgotten();
  }

  closeForgotten() {
    this.close(false, 0).catch((failure) => {
      process.emitWarning(`${this.title} was forgotten, and could not be closed: ${failure.message}`, {
        code: 'ORAPOOL_FORGOTTEN_POOL',
      });
    });
  }

  /** As the thread ends. What waits in a call would hold it up: Node waits for its threads. */
  atExit() {
    for (const loan of this.loans) if (loan.running !== null) callNow('session_break', loan.handle);
    if (isMainThread && !this.isClosing) return;
    // A worker's loans and handles would else stay until the process ends, and a close that drains waits for loans.
    for (const loan of this.loans) if (loan.running === null) callNow('session_release', loan.handle, ABSENT, 0);
    if (!isMainThread) this.completions.close();
    if (!isMainThread && !this.isClosing) callNow('close', this.handle, CLOSE.DEFAULT, 0);
  }
}

const UNKNOWN_FORMAT = 0xffffffff;
const INVALID_HANDLE = -2;

process.on('exit', () => {
  for (const core of cores) core.atExit();
});

module.exports = { Core };
