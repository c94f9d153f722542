'use strict';

const assert = require('node:assert/strict');
const { Worker } = require('node:worker_threads');
const path = require('node:path');
const { Pool, isSessionCallbackInUse } = require('../../index.cjs');
const { test, options, until } = require('../harness.js');
const { is } = require('./pools.test.js');

const withCallback = (callback, body, more) => async () => {
  const pool = await Pool.create(options({ sessionCallback: callback, ...more }));
  await body(pool);
  await pool.close({ force: true });
};

const PROPERTY = { tag: 'A=1', multiProperty: true };
const setsTag = (session, { wanted }) => session.setTag(wanted, { multiProperty: true });

test('callbacks::puts_the_state_right', async () => {
  const seen = [];
  const pool = await Pool.create(options({
    sessionsMax: 1,
    sessionCallback(session, { wanted, actual, wantedBytes }) {
      seen.push([wanted, actual, wantedBytes?.length ?? null, session.isNew, session.pool]);
      assert.deepEqual(session.querySync('select :1 from dual', ['x']), [['x']]);
      assert.ok(session.identitySync().sid > 0);
      session.pingSync();
      session.rollbackSync();
      session.commitSync();
      if (wanted !== null) session.setTag(wanted, { multiProperty: true });
    },
  }));
  const one = await pool.acquire(PROPERTY);
  assert.equal(one.tag, 'A=1');
  assert.equal(one.found, false);
  await one.release();
  await (await pool.acquire(PROPERTY)).release();
  await (await pool.acquire({ tag: 'B=1', multiProperty: true, matchAny: true })).release();
  assert.deepEqual(seen, [['A=1', null, 3, true, null], ['B=1', 'A=1', 3, false, null]]);
  assert.equal(pool.stats().callbacks, 2);
  await pool.close();
});

for (const [how, get] of [
  ['acquire', (pool) => pool.acquire(PROPERTY)],
  ['tryAcquire', async (pool) => pool.tryAcquire(PROPERTY)],
  ['acquireSync', async (pool) => pool.acquireSync(PROPERTY)],
]) {
  test(`callbacks::what_is_thrown_is_the_cause::${how}`, withCallback(() => { throw new RangeError('of the callback'); }, async (pool) => {
    await assert.rejects(get(pool), (error) => {
      is('ORAPOOL_CALLBACK_FAILED', 0)(error);
      assert.ok(error.cause instanceof RangeError);
      assert.equal(error.cause.message, 'of the callback');
      return true;
    });
    const stats = pool.stats();
    assert.deepEqual([stats.open, stats.busy, stats.callbackFailures], [0, 0, 1]);
  }));
}

test('callbacks::what_is_thrown_need_not_be_an_error', withCallback(() => { throw undefined; }, async (pool) => {
  await assert.rejects(pool.acquire(), (error) => {
    is('ORAPOOL_CALLBACK_FAILED')(error);
    assert.ok('cause' in error);
    assert.equal(error.cause, undefined);
    return true;
  });
}));

test('callbacks::an_error_of_its_own_calls_is_the_cause', withCallback((session) => session.executeSync('nonsense'), async (pool) => {
  await assert.rejects(pool.acquire(), (error) => {
    is('ORAPOOL_CALLBACK_FAILED')(error);
    assert.equal(error.cause.name, 'OraPoolError');
    assert.notEqual(error.cause.code, 0);
    return true;
  });
}));

test('callbacks::results', async () => {
  const results = [undefined, true, 1];
  const failures = [false, 0, 2, -1, 'x', null, 1.5, 2 ** 40, {}];
  let next;
  const pool = await Pool.create(options({ usesMax: 1, sessionCallback: () => next }));
  for (next of results) await (await pool.acquire()).release();
  for (next of failures) {
    await assert.rejects(pool.acquire(), (error) => {
      is('ORAPOOL_CALLBACK_FAILED')(error);
      if (typeof next === 'number' && Number.isInteger(next) && Math.abs(next) < 3) assert.ok(error.message.includes(`returned ${next}`), error.message);
      return true;
    });
  }
  assert.equal(pool.stats().busy, 0);
  await pool.close();
});

test('callbacks::an_async_function_is_refused', withCallback(async () => { throw new Error('lost'); }, async (pool) => {
  await assert.rejects(pool.acquire(), (error) => {
    is('ORAPOOL_CALLBACK_FAILED')(error);
    assert.match(error.cause.message, /async/);
    return true;
  });
}));

test('callbacks::promises_of_its_session_are_refused', async () => {
  let refused;
  let kept;
  const pool = await Pool.create(options({
    sessionCallback(session) {
      refused = assert.rejects(session.execute('select 1 from dual'), (error) => /executeSync/.test(error.message));
      kept = session;
    },
  }));
  await pool.use(async () => {
    await refused;
    assert.throws(() => kept.executeSync('select 1 from dual'), is('ORAPOOL_INVALID_HANDLE'));
    assert.throws(() => kept.tag, is('ORAPOOL_INVALID_HANDLE'));
    await assert.rejects(kept.release(), is('ORAPOOL_INVALID_HANDLE'));
    assert.throws(() => kept.releaseSync(), is('ORAPOOL_INVALID_HANDLE'));
  });
  await pool.close();
});

test('callbacks::may_get_from_the_pool', async () => {
  let inner = null;
  const pool = await Pool.create(options({
    sessionCallback(session, { wanted }) {
      if (wanted !== 'A=1' || inner !== null) return;
      inner = pool.acquireSync({ tag: 'B=1', multiProperty: true });
      assert.throws(() => session.releaseSync(), is('ORAPOOL_INVALID_ARGUMENT'));
      inner.releaseSync();
    },
  }));
  await (await pool.acquire(PROPERTY)).release();
  assert.equal(pool.stats().callbacks, 2);
  await pool.close();
});

test('callbacks::may_start_gets_that_wait', async () => {
  let later = null;
  const pool = await Pool.create(options({
    sessionsMax: 1,
    sessionCallback() {
      later ??= pool.acquire();
    },
  }));
  const one = await pool.acquire();
  await one.release();
  await (await later).release();
  await pool.close();
});

test('callbacks::a_failing_inner_get_keeps_its_own_cause', async () => {
  const pool = await Pool.create(options({
    sessionCallback(session, { wanted }) {
      if (wanted === 'B=1') throw new Error('inner');
      assert.throws(() => pool.acquireSync({ tag: 'B=1', multiProperty: true }), (error) => error.cause.message === 'inner');
    },
  }));
  const session = await pool.acquire(PROPERTY);
  await session.release();
  await pool.close();
});

test('callbacks::raw_tags', async () => {
  const raw = Buffer.from([0xff, 0]);
  let seen;
  const pool = await Pool.create(options({
    sessionCallback(session, tags) {
      seen = tags.wantedBytes;
      assert.throws(() => tags.wanted, /wantedBytes/);
      session.setTag(tags.wantedBytes);
    },
  }));
  const session = await pool.acquire({ tag: raw });
  assert.deepEqual(seen, raw);
  assert.deepEqual(session.tagBytes, raw);
  await session.release();
  await pool.close();
});

test('callbacks::are_let_go_with_the_last_pool', async () => {
  const callback = () => {};
  assert.equal(isSessionCallbackInUse(callback), false);
  const pool = await Pool.create(options({ name: 'callbacks-kept', sessionCallback: callback }));
  const other = await Pool.open('callbacks-kept');
  assert.equal(isSessionCallbackInUse(callback), true);
  await pool.close();
  assert.equal(isSessionCallbackInUse(callback), true);
  await other.close();
  assert.equal(isSessionCallbackInUse(callback), false);
  await assert.rejects(Pool.create(options({ sessionsMin: 9, sessionCallback: callback })), is('ORAPOOL_ERROR', 24413));
  assert.equal(isSessionCallbackInUse(callback), false);
  const again = await Pool.create(options({ sessionCallback: callback }));
  await (await again.acquire()).release();
  await again.close();
});

test('callbacks::thousands_of_pools_leak_no_slot', async () => {
  const database = options();
  const keep = await Pool.create(database);
  // koffi has 8192 places for callbacks; here all share one.
  for (let n = 0; n < 200; n += 1) {
    const pool = await Pool.create({ ...database, sessionCallback: () => n >= 0 });
    if (n % 50 === 0) await (await pool.acquire()).release();
    await pool.close();
  }
  assert.ok(require('koffi').stats().callbacks <= 2, `${require('koffi').stats().callbacks} callbacks`);
  await keep.close();
});

const worker = (text, data) => new Worker(
  `const { workerData, parentPort } = require('node:worker_threads');
   const { Pool } = require(${JSON.stringify(path.join(__dirname, '../..'))}); (async () => { ${text} })();`,
  { eval: true, workerData: data },
);

test('callbacks::a_get_of_a_worker_thread_runs_it_here', async () => {
  const seen = [];
  const name = 'callbacks-of-main';
  const pool = await Pool.create(options({ name, sessionCallback: (session, tags) => {
    seen.push(tags.wanted);
    setsTag(session, tags);
  } }));
  const thread = worker(`
    const pool = await Pool.open(workerData);
    const session = await pool.acquire({ tag: 'W=1', multiProperty: true });
    parentPort.postMessage(session.tag);
    await session.release();
    await pool.close();`, name);
  const tag = await new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject));
  assert.equal(tag, 'W=1');
  assert.deepEqual(seen, ['W=1']);
  await new Promise((resolve) => thread.once('exit', resolve));
  await pool.close();
});

test('callbacks::one_that_throws_for_another_thread_is_a_warning', async () => {
  const name = 'callbacks-throws-for-worker';
  const pool = await Pool.create(options({ name, sessionCallback: () => { throw new Error('told as a warning'); } }));
  const warnings = [];
  const note = (warning) => warnings.push(warning);
  process.on('warning', note);
  const thread = worker(`
    const pool = await Pool.open(workerData);
    await pool.acquire().catch((error) => parentPort.postMessage(error.statusName));
    await pool.close();`, name);
  assert.equal(await new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject)), 'ORAPOOL_CALLBACK_FAILED');
  await until(() => warnings.some((warning) => /told as a warning/.test(warning.message)), 'the warning');
  process.off('warning', note);
  await new Promise((resolve) => thread.once('exit', resolve));
  await pool.close();
});

test('callbacks::are_refused_in_worker_threads', async () => {
  const thread = worker(`
    await Pool.create({ connectString: 'embedded:w', user: 'a', password: 'b', sessionCallback: () => {} })
      .catch((error) => parentPort.postMessage(error.message));`);
  assert.match(await new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject)), /worker thread/);
  await new Promise((resolve) => thread.once('exit', resolve));
});
