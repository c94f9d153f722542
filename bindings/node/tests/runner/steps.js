// What each step does.
'use strict';

const { Pool, STATUS, SESSGET, SESSRLS } = require('../../index.cjs');
const { Failure, Findings, checkOutcome, failed } = require('./outcome.js');
const { callOf, mustDo } = require('./world.js');
const { pause, runLater, runNow } = require('./flow.js');
const { bytesOf, tagOf, show } = require('./text.js');
const { changesOf, poolOptions, getOptions } = require('./settings.js');
const { readStats, checkStats, checkSums } = require('./statistics.js');

/** The watchdog's limit; waiting for statistics takes half of it at most. */
const LIMIT_MS = 60_000;

/** Runs steps in their order, up to the first that fails. */
function* runSteps(world, steps, scope) {
  for (const [at, step] of steps.entries()) {
    const place = `${scope.path}step ${at + 1}`;
    const position = `${place}: ${JSON.stringify(step)}`;
    world.enter(scope.path, position);
    const [[name, fields]] = Object.entries(step);
    try {
      yield* STEPS[name](world, fields, { ...scope, path: `${place}, ` });
    } catch (why) {
      throw new Failure(`${position}\n${why instanceof Failure ? why.message : why.stack}`);
    }
  }
  world.leave(scope.path);
}

const bits = (names, values) => (names ?? []).reduce((mode, name) => mode | values[name], 0);
const argsOf = (scope) => scope.callback?.args;

// --- pools ---

function* create(world, { pool = 'p', name, settings, expect }) {
  if (world.pools.has(pool)) throw new Failure(`the scenario has a pool \`${pool}\` already`);
  const options = poolOptions(world.target, world.scenario, settings);
  if (name !== undefined) options.name = fullName(world, name);
  if (settings.callback !== undefined) options.sessionCallback = callbackOf(world, pool, settings.callback);
  const outcome = yield* callOf(() => Pool.create(options), noSync('create'));
  if (outcome.value) world.pools.set(pool, outcome.value);
  checkOutcome(world.target, expect, outcome);
}

function* open(world, { pool, name, expect }) {
  const outcome = yield* callOf(() => Pool.open(fullName(world, name)), noSync('open'));
  if (outcome.value) world.pools.set(pool, outcome.value);
  checkOutcome(world.target, expect, outcome);
}

/** Names of pools are the process's: scenarios must not meet. */
const fullName = (world, name) => `${world.scenario}/${name}`;

const noSync = (what) => () => {
  throw new Failure(`the step ${what} has no synchronous form in this binding`);
};

function* reconfigure(world, { pool, settings, expect }) {
  const changes = changesOf(world.target, settings);
  const outcome = yield* callOf(() => world.pool(pool).reconfigure(changes), noSync('reconfigure'));
  checkOutcome(world.target, expect, outcome);
}

function* close(world, { pool, mode = 'DEFAULT', drain_ms: drainMs = 0, expect }) {
  const options = { force: mode === 'FORCE', drainMs };
  const closed = world.pool(pool);
  checkOutcome(world.target, expect, yield* callOf(() => closed.close(options), () => closed.closeSync(options)));
}

// --- callbacks ---

function callbackOf(world, pool, { runs }) {
  const state = { log: [], runs: 0 };
  state.callback = (session, tags) => {
    const args = { wanted: tags.wantedBytes, actual: tags.actualBytes };
    state.log.push([args.wanted, args.actual]);
    state.runs += 1;
    const run = runs[state.runs - 1];
    if (run === undefined) return 1;
    const scope = { path: `callback of ${pool}, run ${state.runs}, `, callback: { session, args } };
    try {
      runNow(runSteps(world, run.steps ?? [], scope));
    } catch (why) {
      world.problems.push(why.message);
    }
    return run.returns ?? 1;
  };
  world.callbacks.set(pool, state);
  return state.callback;
}

function* calls(world, { pool = 'p', native, fixup }) {
  if (native !== undefined) checkCalls('native callback', takeNative(world, pool), native);
  if (fixup !== undefined) checkCalls('PL/SQL fix-up', yield* takeFixups(world), fixup);
}

function takeNative(world, pool) {
  const state = world.callbacks.get(pool);
  if (state === undefined) throw new Failure(`the pool \`${pool}\` has no callback`);
  return state.log.splice(0);
}

/** The rows that the fix-up procedures of `setup.json` wrote. */
function* takeFixups(world) {
  const rows = yield* queryRows(world, world.owner, 'select desired, actual from fixup_log order by id', []);
  yield* runOwner(world, 'delete from fixup_log');
  yield* runOwner(world, 'commit');
  return rows.map((row) => row.map((text) => bytesOf(text)));
}

function checkCalls(what, ran, expected) {
  const list = (pairs) => `[${pairs.map(([wanted, actual]) => `(${show(wanted)}, ${show(actual)})`).join(', ')}]`;
  const wanted = expected.map((pair) => pair.map((text) => bytesOf(text)));
  const isSame = (a, b) => (a === null || b === null ? a === b : a.equals(b));
  const holds = ran.length === wanted.length && ran.every((pair, at) => pair.every((tag, which) => isSame(tag, wanted[at][which])));
  if (!holds) throw new Failure(`${what} (wanted, actual): expected ${list(wanted)}, came ${list(ran)}`);
}

// --- sessions ---

function* get(world, { as: name, pool, tag, mode, attrs, expect }, scope) {
  const options = getOptions(world.target, attrs);
  if (tag !== undefined && tag !== null) options.tag = tagOf(tag, argsOf(scope));
  if (mode !== undefined) options.mode = bits(mode, SESSGET);
  const from = world.pool(pool);
  const outcome = yield* callOf(() => from.acquire(options), () => from.acquireSync(options));
  const session = outcome.value;
  // Before the checks: after a failed one the scenario still has to give the session back.
  if (session) yield* world.addSession(name, session);
  const came = session ? `found ${session.found}, tag ${show(session.acquiredTag)}` : 'no session';
  try {
    checkOutcome(world.target, expect, outcome);
    if (session) checkGot(world, name, session, expect ?? {}, scope);
  } catch (why) {
    throw new Failure(`${why.message}\ngot: ${came}`);
  }
}

function checkGot(world, name, session, expect, scope) {
  const findings = new Findings();
  const tag = session.tagBytes;
  if (show(tag) !== show(session.acquiredTag)) {
    findings.note(`the get returned the tag ${show(session.acquiredTag)}, but the session's is ${show(tag)}`);
  }
  if (expect.tag !== undefined) findings.equal('tag', show(tag), show(bytesOf(expect.tag, argsOf(scope))));
  if (expect.found !== undefined) findings.equal('found', session.found, expect.found);
  if (expect.is_new !== undefined) findings.equal('is_new', session.isNew, expect.is_new);
  checkIdentity(world, name, expect, findings);
  findings.end();
}

/** Compares the session of the database behind the loan with those behind other names. */
function checkIdentity(world, name, expect, findings) {
  if (expect.same_as !== undefined) {
    findings.equal(`same_as ${expect.same_as}: SID and serial#`, identity(world, name), identity(world, expect.same_as));
  }
  for (const other of expect.not_same_as ?? []) {
    const [ours, others] = [identity(world, name), identity(world, other)];
    if (ours.sid === others.sid && ours.serial === others.serial) findings.note(`not_same_as ${other}: it is the very session`);
  }
}

function identity(world, name) {
  const known = world.loan(name).identity;
  if (known === null) throw new Failure(`the session \`${name}\` did not tell its identity`);
  return known;
}

function* release(world, { session: name, tag, mode, expect }, scope) {
  const options = { tag: tagOf(tag, argsOf(scope)), mode: bits(mode, SESSRLS) };
  const session = world.session(name, scope);
  const outcome = yield* callOf(() => session.release(options), () => session.releaseSync(options));
  const isUsedUp = outcome.status !== STATUS.INVALID_ARGUMENT && outcome.errors[0]?.code !== 24488;
  if (isUsedUp && world.sessions.has(name)) world.loan(name).isOut = false;
  checkOutcome(world.target, expect, outcome);
}

function* setTag(world, { session: name, tag, mode, expect }, scope) {
  const session = world.session(name, scope);
  const call = () => session.setTag(tagOf(tag, argsOf(scope)) ?? null, { mode: bits(mode, SESSRLS) });
  checkOutcome(world.target, expect, yield* callOf(async () => call(), call));
}

function* checkTag(world, { session, tag }, scope) {
  const findings = new Findings();
  findings.equal('tag', show(world.session(session, scope).tagBytes), show(bytesOf(tag, argsOf(scope))));
  findings.end();
}

// --- statements ---

function* execute(world, { session: name, sql, binds = [], expect }, scope) {
  const session = world.session(name, scope);
  const text = world.target.fillIn(sql);
  const outcome = yield* callOf(() => session.execute(text, binds), () => session.executeSync(text, binds));
  checkOutcome(world.target, expect, outcome);
  const findings = new Findings();
  if (expect?.rows !== undefined) findings.equal('rows', outcome.value, expect.rows);
  findings.end();
}

function* query(world, { session, sql, binds = [], rows }, scope) {
  const came = yield* queryRows(world, world.session(session, scope), sql, binds);
  const findings = new Findings();
  findings.equal('rows', came, rows);
  findings.end();
}

function* queryRows(world, session, sql, binds) {
  const text = world.target.fillIn(sql);
  return yield* mustDo(sql, () => session.query(text, binds), () => session.querySync(text, binds));
}

function* runOwner(world, sql) {
  const text = world.target.fillIn(sql);
  yield* mustDo(sql, () => world.owner.execute(text), () => world.owner.executeSync(text));
}

const simple = (later, now) => function* call(world, { session: name, expect }, scope) {
  const session = world.session(name, scope);
  checkOutcome(world.target, expect, yield* callOf(() => session[later](), () => session[now]()));
};

function* kill(world, { session }) {
  const { sid, serial } = identity(world, session);
  yield* runOwner(world, `alter system kill session '${sid},${serial}'`);
}

// --- numbers, and waiting for them ---

function* stats(world, { pool, expect }) {
  const reading = readStats(world.pool(pool));
  checkStats(reading, expect);
  checkSums(reading);
}

/** Looks again and again; the last look tells what is missing. */
function* lookUntil(look) {
  for (const start = Date.now(); ; ) {
    try {
      return yield* look();
    } catch (why) {
      if (!(why instanceof Failure)) throw why;
      if (Date.now() - start > LIMIT_MS / 2) throw new Failure(`it never came: ${why.message}`);
    }
    yield pause(1);
  }
}

function* waitUntil(world, { pool, stats: expected }) {
  yield* lookUntil(function* look() {
    checkStats(readStats(world.pool(pool)), expected);
  });
}

/** A pool that closes or drains refuses gets, and so does the handle that was closed; what a get gives before goes back. */
function* waitUntilClosing(world, { pool }) {
  const options = { getMode: 'nowait' };
  const from = world.pool(pool);
  yield* lookUntil(function* look() {
    const outcome = yield* callOf(() => from.acquire(options), () => from.acquireSync(options));
    if (outcome.value) yield* callOf(() => outcome.value.release(), () => outcome.value.releaseSync());
    if (![STATUS.CLOSED, STATUS.INVALID_HANDLE].includes(outcome.status)) throw new Failure(`a get: status ${outcome.status}`);
  });
}

// --- threads: chains of calls, each going on while the others wait ---

function* start(world, { thread, steps }, scope) {
  if (world.threads.has(thread)) throw new Failure(`the thread \`${thread}\` was started before and not awaited`);
  const running = runLater(runSteps(world, steps, { path: `${scope.path}thread ${thread}, ` }));
  running.catch(() => {});
  world.threads.set(thread, running);
}

function* awaitThread(world, { thread }) {
  const running = world.threads.get(thread);
  if (running === undefined) throw new Failure(`there is no thread \`${thread}\``);
  world.threads.delete(thread);
  yield { later: () => running, now: noSync('await') };
}

function* storm(world, { pool, threads, rounds, tags }) {
  const from = world.pool(pool);
  const wanted = tags.map((tag) => tagOf(tag));
  const one = async (number) => {
    for (let round = 0; round < rounds; round += 1) await oneLoan(from, wanted[(number + round) % wanted.length]);
  };
  yield {
    later: async () => {
      // All are waited for before the first failure is told: none may run on into the end of the scenario.
      const ended = await Promise.allSettled(Array.from({ length: threads }, (_, number) => one(number)));
      const broken = ended.find(({ status }) => status === 'rejected');
      if (broken) throw new Failure(`a thread of the storm: ${broken.reason.message}`);
    },
    now: noSync('storm'),
  };
}

async function oneLoan(pool, wanted) {
  const session = await pool.acquire({ tag: wanted, multiProperty: true });
  const problem = session.warning?.message ?? checkFound(bytesOf(wanted), session.found, session.acquiredTag);
  await session.release({ tag: wanted, multiProperty: true });
  if (problem) throw new Failure(problem);
}

/** Found means: all that was wanted is in the tag. Not found means, without MATCHANY and fix-up: no tag at all. */
function checkFound(wanted, found, tag) {
  const pairs = (bytes) => bytes.toString('latin1').split(';');
  const holds = tag === null ? !found : found && pairs(wanted).every((pair) => pairs(tag).includes(pair));
  return holds ? null : `wanted ${show(wanted)}, found ${found}, tag ${show(tag)}`;
}

const STEPS = {
  create, open, reconfigure, close, get, release, set_tag: setTag, check_tag: checkTag, execute, query,
  commit: simple('commit', 'commitSync'), rollback: simple('rollback', 'rollbackSync'), ping: simple('ping', 'pingSync'),
  kill, stats, wait_until: waitUntil, wait_until_closing: waitUntilClosing, calls, start, await: awaitThread, storm,
};

module.exports = { runSteps, runOwner, create, LIMIT_MS, failed };
