// Pools.
'use strict';

const { functions } = require('./library.js');
const { plain, callNow, callElsewhere, check } = require('./calls.js');
const { strict } = require('./strict.js');
const { callWithCallbacks } = require('./callbacks.js');
const { OraPoolError, STATUS, invalidArgument } = require('./errors.js');
const { encode, encodeTag, copyBytes, copyText, ABSENT } = require('./text.js');
const { OF_BOTH, OF_POOLS, makeBag, freeBag, checkNames, shown } = require('./attributes.js');
const { abortOf } = require('./abort.js');
const { Core } = require('./core.js');
const { Loan } = require('./loan.js');
const { Session, modeOf } = require('./session.js');
const { makeStats, readStats } = require('./stats.js');
const { asyncDispose } = require('./dispose.js');

const CREATE = { NEW: 0, OR_OPEN: 1 };
const SESSGET = Object.freeze({ MATCHANY: 0x20, PURITY_NEW: 0x40, PURITY_SELF: 0x80, MULTIPROPERTY_TAG: 0x400 });
const METRICS = { prometheus: 0, json: 1 };

const CREATE_OPTIONS = new Set(['name', ...Object.keys(OF_POOLS)]);
const RECONFIGURE_OPTIONS = new Set(Object.keys(OF_POOLS));
const SYNC_OPTIONS = new Set(['tag', 'matchAny', 'multiProperty', 'mode', ...Object.keys(OF_BOTH)]);
const TRY_OPTIONS = new Set([...SYNC_OPTIONS].filter((name) => name !== 'getMode'));
const ACQUIRE_OPTIONS = new Set([...SYNC_OPTIONS, 'signal']);
const CLOSE_OPTIONS = new Set(['force', 'drainMs']);

const forgotten = new FinalizationRegistry((core) => {
  // A close that failed may have used the handle up all the same.
  if (core.isClosed) return;
  process.emitWarning(`${core.title} was collected without a close, and is closed now`, { code: 'ORAPOOL_FORGOTTEN_POOL' });
  core.forget();
});

/** So that `new Pool()` is no way to a pool. */
const KEY = Symbol('orapool');

class Pool {
  #core;
  #sessionCallback;

  constructor(key, core, { warning = null, sessionCallback } = {}) {
    if (key !== KEY) throw invalidArgument('pools are made by Pool.create, Pool.open and Pool.createOrOpen');
    this.#core = core;
    this.#sessionCallback = sessionCallback;
    this.warning = warning;
    forgotten.register(this, core, this);
  }

  static create(options) {
    return make(options, CREATE.NEW);
  }

  static createOrOpen(options) {
    return make(options, CREATE.OR_OPEN);
  }

  static async open(name) {
    const [handle] = check(await callElsewhere('waiting', 'open', [nameText(name)])).out;
    return new Pool(KEY, new Core(handle, name));
  }

  get name() {
    return this.#core.name;
  }

  async acquire(options = {}) {
    checkNames(options, ACQUIRE_OPTIONS, 'acquire');
    const abort = abortOf(options.signal);
    if (abort?.reason() !== undefined) throw abort.reason();
    const wish = wishOf(options);
    const bag = wish.hasAttributes ? makeBag(options, OF_BOTH) : 0n;
    try {
      return await this.#request(bag, wish, abort);
    } finally {
      if (bag !== 0n) freeBag(bag);
    }
  }

  #request(bag, { tag, mode }, abort) {
    return new Promise((resolve, reject) => {
      let stopWatching = null;
      const number = this.#core.completions.start(bag, tag, mode, (result) => {
        stopWatching?.();
        if (result.status < 0) reject(result.error ?? new OraPoolError('the get failed', { status: result.status }));
        else resolve(this.#session(result));
      });
      stopWatching = abort?.watch(() => {
        if (this.#core.completions.cancel(number)) reject(abort.reason());
      });
    });
  }

  acquireSync(options = {}) {
    checkNames(options, SYNC_OPTIONS, 'acquireSync');
    const wish = wishOf(options);
    const bag = wish.hasAttributes ? makeBag(options, OF_BOTH) : 0n;
    try {
      return this.#session(check(this.#getNow(bag, wish)));
    } finally {
      if (bag !== 0n) freeBag(bag);
    }
  }

  tryAcquire(options = {}) {
    if (arguments.length === 0) return this.#tryPlain();
    checkNames(options, TRY_OPTIONS, 'tryAcquire');
    const wish = wishOf(options);
    const bag = wish.hasAttributes ? makeBag({ ...options, getMode: 'nowait' }, OF_BOTH) : this.#nowait();
    try {
      const result = this.#getNow(bag, wish);
      return result.status === STATUS.TIMEOUT ? null : this.#session(check(result));
    } finally {
      if (wish.hasAttributes) freeBag(bag);
    }
  }

  /** Any session, as many gets want it. */
  #tryPlain() {
    const result = this.#getNow(this.#nowait(), { tag: ABSENT, mode: 0 });
    return result.status === STATUS.TIMEOUT ? null : this.#session(check(result));
  }

  #getNow(bag, { tag, mode }) {
    const { handle } = this.#core;
    return callWithCallbacks(() => (strict.on ? callNow('session_get', handle, bag, tag, mode) : plain.get(handle, bag, tag, mode)));
  }

  #nowait() {
    if (this.#core.nowaitBag === 0n) this.#core.nowaitBag = makeBag({ getMode: 'nowait' }, OF_BOTH);
    return this.#core.nowaitBag;
  }

  #session({ error, out: [handle, pointer, length, found] }) {
    const loan = new Loan(handle, this.#core);
    return new Session(loan, this, { found: found !== 0, acquiredTag: copyBytes(pointer, length), warning: error });
  }

  async use(work, options = {}) {
    if (typeof work !== 'function') throw invalidArgument('use is called with a function of a session');
    const session = await this.acquire(options);
    try {
      return await work(session);
    } finally {
      await session[asyncDispose]();
    }
  }

  async reconfigure(changes) {
    checkNames(changes, RECONFIGURE_OPTIONS, 'reconfigure');
    const bag = makeBag(changes, OF_POOLS);
    try {
      check(await callElsewhere('ending', 'reconfigure', [this.#core.handle, bag]));
    } finally {
      freeBag(bag);
    }
  }

  stats() {
    const words = makeStats();
    check(callNow('get_stats', this.#core.handle, words));
    return readStats(words);
  }

  metrics(format = 'prometheus') {
    if (!Object.hasOwn(METRICS, format)) throw invalidArgument(`the format is one of ${Object.keys(METRICS).join(', ')}, not ${shown(format)}`);
    const [pointer, length] = check(callNow('metrics', this.#core.handle, METRICS[format])).out;
    return takeText(pointer, length);
  }

  events(after = 0) {
    if (!Number.isSafeInteger(after) || after < 0) throw invalidArgument('events are read after a number, 0 at first');
    if (functions.events === null) {
      throw new OraPoolError('this liborapool has no events: it is older', { status: STATUS.UNSUPPORTED });
    }
    const [pointer, length, last] = check(callNow('events', this.#core.handle, after)).out;
    const lines = takeText(pointer, length).split('\n').filter((line) => line !== '');
    return { events: lines.map((line) => JSON.parse(line)), last: Number(last) };
  }

  async close(options = {}) {
    const { force, drainMs } = closeOptions(options, 'close');
    await this.#core.close(force, drainMs);
    forgotten.unregister(this);
  }

  closeSync(options = {}) {
    const { force, drainMs } = closeOptions(options, 'closeSync');
    this.#core.closeSync(force, drainMs);
    forgotten.unregister(this);
  }

  async [asyncDispose]() {
    if (!this.#core.isClosed) await this.close();
  }
}

async function make(options, mode) {
  checkNames(options, CREATE_OPTIONS, 'a pool');
  const name = options.name === undefined ? ABSENT : nameText(options.name);
  const bag = makeBag(options, OF_POOLS);
  try {
    const { error, out: [handle] } = check(await callElsewhere('waiting', 'create', [name, bag, mode]));
    const { sessionCallback } = options;
    return new Pool(KEY, new Core(handle, options.name ?? null), { warning: error, sessionCallback });
  } finally {
    freeBag(bag);
  }
}

function closeOptions(options, what) {
  checkNames(options, CLOSE_OPTIONS, what);
  const { force = false, drainMs = 0 } = options;
  if (typeof force !== 'boolean') throw invalidArgument(`force is true or false, not ${shown(force)}`);
  if (!Number.isSafeInteger(drainMs)) throw invalidArgument(`drainMs is a whole number of milliseconds, not ${shown(drainMs)}`);
  return { force, drainMs };
}

function nameText(name) {
  return encode(name, 'the name of a pool');
}

/** What a get asks for besides attributes. */
function wishOf(options) {
  const bits = (options.matchAny ? SESSGET.MATCHANY : 0) | (options.multiProperty ? SESSGET.MULTIPROPERTY_TAG : 0);
  const hasAttributes = Object.keys(options).some((name) => Object.hasOwn(OF_BOTH, name) && options[name] !== undefined);
  return { tag: encodeTag(options.tag), mode: modeOf((bits | (options.mode ?? 0)) >>> 0), hasAttributes };
}

/** A text that the library made for the caller. */
function takeText(pointer, length) {
  try {
    return copyText(pointer, length) ?? '';
  } finally {
    functions.text_free(pointer);
  }
}

module.exports = { Pool, SESSGET };
