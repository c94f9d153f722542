// A session on loan.
'use strict';

const { functions } = require('./library.js');
const { plain, callNow, check } = require('./calls.js');
const { strict } = require('./strict.js');
const { takeFrame, giveFrame } = require('./frames.js');
const { encode, encodeTag, copyBytes, tagText, ABSENT } = require('./text.js');
const { invalidArgument } = require('./errors.js');
const { Loan, isUsedUp } = require('./loan.js');
const { checkBinds } = require('./values.js');
const { Statement, Shape, checkAborted, rowsOf } = require('./statement.js');
const { checkNames } = require('./attributes.js');
const { abortOf } = require('./abort.js');
const { onSession } = require('./callbacks.js');
const { asyncDispose, dispose } = require('./dispose.js');

const SESSRLS = Object.freeze({ DROPSESS: 1, RETAG: 2, MULTIPROPERTY_TAG: 4 });
const NATIVE = Object.freeze({ OCI_SVCCTX: 3, OCI_ENV: 5, OCI_SERVER: 6, OCI_SESSION: 7 });
const DRCP_STATES = ['none', 'detached', 'attachedImplicit', 'attachedExplicit'];

const RELEASE_OPTIONS = new Set(['tag', 'multiProperty', 'drop', 'mode']);
const TAG_OPTIONS = new Set(['multiProperty', 'mode']);
const QUERY_OPTIONS = new Set(['types', 'rows', 'signal']);
const EXECUTE_OPTIONS = new Set(['signal']);

const warn = (text) => process.emitWarning(text, { code: 'ORAPOOL_FORGOTTEN_SESSION' });

/** A session that the program has dropped goes back. If its pool was closed there is nothing to tell. */
const forgotten = new FinalizationRegistry((loan) => {
  const title = loan.core?.title;
  loan.giveBack().then(
    (wasOut) => wasOut && warn(
      `a session of ${title} was collected without a release, and went back now. ` +
        'Release it in a finally block, or declare it with `await using`',
    ),
    (failure) => warn(`a session of ${title} was collected without a release, which failed now: ${failure.message}`),
  );
});

/** Made by Pool.acquire and Pool.tryAcquire, and for session callbacks. */
class Session {
  #loan;
  #pool;

  constructor(loan, pool, { found = false, acquiredTag = null, warning = null } = {}) {
    this.#loan = loan;
    // Kept, so that a pool is not collected while its sessions are out.
    this.#pool = pool;
    this.found = found;
    this.acquiredTag = acquiredTag;
    this.warning = warning;
    if (!loan.inCallback) forgotten.register(this, loan, this);
  }

  get pool() {
    return this.#pool;
  }

  // --- the tag and what else can be read at once ---

  get tagBytes() {
    return this.#read('session_tag');
  }

  get tag() {
    return tagText(this.tagBytes, 'tagBytes');
  }

  setTag(tag, options = {}) {
    checkNames(options, TAG_OPTIONS, 'setTag');
    const mode = options.mode ?? (options.multiProperty ? SESSRLS.MULTIPROPERTY_TAG : 0);
    check(this.#loan.now('session_set_tag', encodeTag(tag), modeOf(mode)));
  }

  get isNew() {
    return this.#flag('session_is_new');
  }

  get drcpState() {
    this.#loan.checkIdle();
    return DRCP_STATES[functions.session_drcp_state(this.#loan.handle)];
  }

  get drcpEnabled() {
    return this.#flag('session_drcp_enabled');
  }

  get drcpMultitagEnabled() {
    return this.#flag('session_drcp_multitag_enabled');
  }

  get drcpReturnTag() {
    return tagText(this.#read('session_drcp_return_tag'), 'nothing else');
  }

  get needToPurgeStatementCache() {
    return this.#flag('session_need_to_purge_statement_cache');
  }

  #flag(name) {
    this.#loan.checkIdle();
    return functions[name](this.#loan.handle) !== 0;
  }

  #read(name) {
    this.#loan.checkIdle();
    const frame = takeFrame();
    try {
      const pointer = functions[name](this.#loan.handle, frame.slots[0]);
      return copyBytes(pointer, frame.words[0]);
    } finally {
      giveFrame(frame);
    }
  }

  // --- calls of the database ---

  async identity() {
    return identityOf(check(await this.#call('waiting', 'session_identity')));
  }

  identitySync() {
    return identityOf(check(this.#loan.now('session_identity')));
  }

  async execute(sql, binds = [], options = {}) {
    checkNames(options, EXECUTE_OPTIONS, 'execute');
    checkBinds(binds);
    const abort = abortOf(options.signal);
    if (binds.length === 0) {
      const text = sqlText(sql);
      return rowsOf(checkAborted(await this.#call('waiting', 'session_execute', [text], abort), abort));
    }
    return this.#loan.turn(() => this.#with(sql, new Shape(), abort, (stmt) => stmt.runWithin(binds, abort)));
  }

  async query(sql, binds = [], options = {}) {
    checkNames(options, QUERY_OPTIONS, 'query');
    const shape = new Shape(options);
    const abort = abortOf(options.signal);
    return this.#loan.turn(() => this.#with(sql, shape, abort, async (stmt) => {
      await stmt.runWithin(binds, abort);
      return stmt.fetchAllWithin(abort);
    }));
  }

  async prepare(sql, options = {}) {
    checkNames(options, QUERY_OPTIONS, 'prepare');
    const shape = new Shape(options);
    const abort = abortOf(options.signal);
    const text = sqlText(sql);
    const [stmt] = checkAborted(await this.#call('waiting', 'stmt_prepare', [text], abort), abort).out;
    return new Statement(this, this.#loan, stmt, shape);
  }

  prepareSync(sql, options = {}) {
    const [stmt] = check(this.#loan.now('stmt_prepare', sqlText(sql))).out;
    return new Statement(this, this.#loan, stmt, new Shape(options));
  }

  executeSync(sql, binds = []) {
    checkBinds(binds);
    this.#loan.touched = true;
    if (binds.length === 0) return rowsOf(check(this.#loan.now('session_execute', sqlText(sql))));
    const stmt = this.prepareSync(sql);
    try {
      return stmt.executeSync(binds);
    } finally {
      stmt.free();
    }
  }

  querySync(sql, binds = [], options = {}) {
    const stmt = this.prepareSync(sql, options);
    try {
      stmt.executeSync(binds);
      return stmt.fetchAllSync();
    } finally {
      stmt.free();
    }
  }

  async commit() {
    check(await this.#call('ending', 'session_commit'));
  }

  commitSync() {
    check(this.#loan.now('session_commit'));
  }

  async rollback() {
    check(await this.#call('ending', 'session_rollback'));
  }

  rollbackSync() {
    check(this.#loan.now('session_rollback'));
  }

  async ping() {
    check(await this.#call('waiting', 'session_ping'));
  }

  pingSync() {
    check(this.#loan.now('session_ping'));
  }

  /** From any place, also while a call of the session is under way. */
  break() {
    check(callNow('session_break', this.#loan.handle));
  }

  setCallTimeout(milliseconds) {
    if (!Number.isSafeInteger(milliseconds)) throw invalidArgument('a call timeout is a whole number of milliseconds');
    check(this.#loan.now('session_set_call_timeout', milliseconds));
  }

  native(kind) {
    if (!Number.isInteger(kind) || kind < 0) throw invalidArgument('the kind of a native handle is one of NATIVE');
    return check(this.#loan.now('session_native', kind)).out[0];
  }

  async attach(tag = null) {
    const [found] = check(await this.#call('waiting', 'session_attach', [encodeTag(tag)])).out;
    return found !== 0;
  }

  async detach(tag = null) {
    check(await this.#call('ending', 'session_detach', [encodeTag(tag)]));
  }

  #call(lane, name, args = [], abort = null) {
    return this.#loan.turn(() => {
      const loan = this.#loan;
      loan.touched = true;
      return loan.elsewhere(lane, name, [loan.handle, ...args], abort);
    });
  }

  // Within a turn, with a statement that is free again at its end.
  async #with(sql, shape, abort, work) {
    const loan = this.#loan;
    loan.touched = true;
    const prepared = await loan.elsewhere('waiting', 'stmt_prepare', [loan.handle, sqlText(sql)], abort);
    const [stmt] = checkAborted(prepared, abort).out;
    const statement = new Statement(this, loan, stmt, shape);
    try {
      return await work(statement);
    } finally {
      statement.free();
    }
  }

  // --- the end of the loan ---

  async release(options = {}) {
    const args = releaseArgs(options);
    return this.#loan.turn(async () => {
      const loan = this.#loan;
      const mayWait = loan.touched || args[1] !== 0 || functions.session_drcp_enabled(loan.handle) !== 0;
      const result = mayWait
        ? await loan.elsewhere('ending', 'session_release', [loan.handle, ...args])
        : callNow('session_release', loan.handle, ...args);
      this.#released(result);
    });
  }

  releaseSync(options = {}) {
    const args = arguments.length === 0 ? [ABSENT, 0] : releaseArgs(options);
    this.#loan.checkIdle();
    const { handle } = this.#loan;
    this.#released(strict.on ? callNow('session_release', handle, ...args) : plain.release(handle, ...args));
  }

  #released(result) {
    if (isUsedUp(result)) {
      forgotten.unregister(this);
      this.#loan.end();
    }
    check(result);
  }

  async [asyncDispose]() {
    if (this.#loan.core !== null) await this.release();
  }

  [dispose]() {
    if (this.#loan.core !== null) this.releaseSync();
  }
}

function sqlText(sql) {
  return encode(sql, 'the statement');
}

function identityOf({ out: [sid, serial] }) {
  return { sid, serial };
}

function modeOf(mode) {
  if (!Number.isInteger(mode) || mode < 0 || mode > 0xffffffff) throw invalidArgument('mode is an unsigned number of 32 bits');
  return mode;
}

/** A tag that is named, be it null, is the session's from now on. */
function releaseArgs(options) {
  checkNames(options, RELEASE_OPTIONS, 'release');
  const named = options.tag !== undefined ? SESSRLS.RETAG : 0;
  const mode = (options.mode ?? named) | (options.multiProperty ? SESSRLS.MULTIPROPERTY_TAG : 0) | (options.drop ? SESSRLS.DROPSESS : 0);
  return [encodeTag(options.tag), modeOf(mode >>> 0)];
}

onSession((handle) => {
  const loan = new Loan(handle, null, { inCallback: true });
  return { session: new Session(loan, null), end: () => {
    loan.end();
    loan.over = true;
  } };
});

module.exports = { Session, SESSRLS, NATIVE, modeOf };
