'use strict';

const assert = require('node:assert/strict');
const { Pool } = require('../../index.cjs');
const { test, options, until } = require('../harness.js');
const { is } = require('./pools.test.js');

test('requests::a_thousand_gets_in_the_order_of_arrival', async () => {
  const pool = await Pool.create(options({ sessionsMin: 4, sessionsMax: 4 }));
  const held = await Promise.all([1, 2, 3, 4].map(() => pool.acquire()));
  const order = [];
  const gets = Array.from({ length: 1000 }, async (_, n) => {
    const session = await pool.acquire();
    order.push(n);
    assert.ok(pool.stats().busy <= 4);
    await session.release();
  });
  assert.equal(pool.stats().waiting, 1000);
  for (const session of held) await session.release();
  await Promise.all(gets);
  assert.deepEqual(order, Array.from({ length: 1000 }, (_, n) => n));
  assert.deepEqual([pool.stats().busy, pool.stats().open, pool.stats().gets], [0, 4, 1004]);
  await pool.close();
});

test('requests::a_thousand_at_once_that_work', async () => {
  const pool = await Pool.create(options({ sessionsMax: 4 }));
  let inside = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 300 }, () => pool.use(async (session) => {
    inside += 1;
    most = Math.max(most, inside);
    assert.deepEqual(await session.query('select 1 from dual'), [['1']]);
    inside -= 1;
  })));
  assert.ok(most <= 4, `${most} at once`);
  await pool.close();
});

test('requests::modes_and_deadlines', async () => {
  const pool = await Pool.create(options({ sessionsMax: 1, waitersMax: 2 }));
  const held = await pool.acquire({ context: 'tests:1' });
  assert.equal(pool.tryAcquire(), null);
  assert.equal(pool.tryAcquire({ tag: 'x' }), null);
  await assert.rejects(pool.acquire({ getMode: 'nowait' }), is('ORAPOOL_TIMEOUT', 24496));
  await assert.rejects(pool.acquire({ waitTimeoutMs: 0 }), is('ORAPOOL_TIMEOUT', 24457));
  await assert.rejects(pool.acquire({ waitTimeoutMs: 20 }), (error) => {
    is('ORAPOOL_TIMEOUT', 24457)(error);
    assert.equal(error.transient, true);
    return true;
  });
  await assert.rejects(pool.acquire({ getMode: 'timedwait', waitTimeoutMs: 20 }), is('ORAPOOL_TIMEOUT', 24457));
  assert.throws(() => pool.acquireSync({ waitTimeoutMs: 10 }), is('ORAPOOL_TIMEOUT', 24457));
  assert.throws(() => pool.tryAcquire({ getMode: 'wait' }), is('ORAPOOL_INVALID_ARGUMENT'));
  const waiting = [pool.acquire(), pool.acquire()];
  await assert.rejects(pool.acquire(), is('ORAPOOL_TIMEOUT', 24496));
  assert.equal(pool.stats().rejected, 1);
  await held.release();
  for (const get of waiting) await (await get).release();
  await pool.close();
});

test('requests::abort_before', async () => {
  const pool = await Pool.create(options());
  await assert.rejects(pool.acquire({ signal: AbortSignal.abort() }), { name: 'AbortError' });
  const reason = new Error('mine');
  await assert.rejects(pool.acquire({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
  await assert.rejects(pool.acquire({ signal: 'x' }), is('ORAPOOL_INVALID_ARGUMENT'));
  assert.equal(pool.stats().gets, 0);
  await pool.close();
});

test('requests::abort_while_waiting', async () => {
  const pool = await Pool.create(options({ sessionsMax: 1 }));
  const held = await pool.acquire();
  const control = new AbortController();
  const aborted = pool.acquire({ signal: control.signal });
  const next = pool.acquire();
  assert.equal(pool.stats().waiting, 2);
  control.abort();
  await assert.rejects(aborted, { name: 'AbortError' });
  assert.equal(pool.stats().waiting, 1);
  await held.release();
  await (await next).release();
  assert.equal(pool.stats().busy, 0);
  await pool.close();
});

test('requests::abort_in_the_turn_of_the_get', async () => {
  const pool = await Pool.create(options({ sessionsMin: 1 }));
  const control = new AbortController();
  const get = pool.acquire({ signal: control.signal });
  control.abort();
  await assert.rejects(get, { name: 'AbortError' });
  await until(() => pool.stats().busy === 0, 'the session that was won goes back');
  await pool.close();
});

test('requests::abort_after_it_was_won_and_not_told', async () => {
  const pool = await Pool.create(options({ sessionsMax: 1 }));
  const held = await pool.acquire();
  const control = new AbortController();
  const get = pool.acquire({ signal: control.signal });
  await new Promise(setImmediate);
  held.releaseSync();
  // The request has the session now; the event loop has not been told.
  control.abort();
  await get.then((session) => session.release(), (error) => assert.equal(error.name, 'AbortError'));
  await until(() => pool.stats().busy === 0, 'nothing is lost');
  const again = await pool.acquire();
  await again.release();
  await pool.close();
});

test('requests::abort_after_it_came', async () => {
  const pool = await Pool.create(options());
  const control = new AbortController();
  const session = await pool.acquire({ signal: control.signal });
  control.abort();
  assert.deepEqual(await session.query('select 1 from dual'), [['1']]);
  await session.release();
  await pool.close();
});

test('requests::abort_during_a_connect', async () => {
  const pool = await Pool.create(options({ knobs: '?connect_delay_ms=50' }));
  const control = new AbortController();
  const get = pool.acquire({ signal: control.signal });
  setTimeout(() => control.abort(), 5);
  await assert.rejects(get, { name: 'AbortError' });
  await until(() => pool.stats().connecting === 0 && pool.stats().busy === 0, 'the connect ends');
  await (await pool.acquire()).release();
  await pool.close();
});

test('requests::aborted_at_random_nothing_is_lost', async () => {
  const pool = await Pool.create(options({ sessionsMax: 3 }));
  let won = 0;
  const one = async (n) => {
    const control = new AbortController();
    if (n % 3 === 0) setImmediate(() => control.abort());
    if (n % 7 === 0) setTimeout(() => control.abort(), n % 11);
    if (n % 5 === 0) queueMicrotask(() => control.abort());
    try {
      const session = await pool.acquire({ signal: control.signal });
      won += 1;
      if (n % 2 === 0) await new Promise(setImmediate);
      await session.release();
    } catch (error) {
      assert.equal(error.name, 'AbortError');
    }
  };
  for (let round = 0; round < 5; round += 1) await Promise.all(Array.from({ length: 200 }, (_, n) => one(n)));
  await until(() => pool.stats().busy === 0, 'all are back');
  assert.ok(won > 0);
  assert.equal(pool.stats().waiting, 0);
  await pool.close();
});

test('requests::an_event_loop_that_stands_still_holds_up_nobody_else', async () => {
  const { Worker } = require('node:worker_threads');
  const pool = await Pool.create(options({ name: 'requests-blocked', sessionsMax: 2 }));
  const other = await Pool.open('requests-blocked');
  const done = new Int32Array(new SharedArrayBuffer(4));
  const held = [await pool.acquire(), await pool.acquire()];
  const mine = pool.acquire();
  held[0].releaseSync();
  held[1].releaseSync();
  // `mine` has won a session, and this thread does not take it.
  const thread = new Worker(`
    const { workerData } = require('node:worker_threads');
    const { Pool } = require(${JSON.stringify(require('node:path').join(__dirname, '../..'))});
    (async () => {
      const pool = await Pool.open('requests-blocked');
      for (let n = 0; n < 50; n += 1) await (await pool.acquire()).release();
      await pool.close();
      Atomics.store(workerData, 0, 1);
      Atomics.notify(workerData, 0);
    })();`, { eval: true, workerData: done });
  // A worker starts with the help of the event loop; from here on it stands still.
  await new Promise((resolve) => thread.once('online', resolve));
  for (let n = 0; n < 50; n += 1) other.acquireSync().releaseSync();
  assert.notEqual(Atomics.wait(done, 0, 0, 60_000), 'timed-out');
  await (await mine).release();
  await new Promise((resolve) => thread.once('exit', resolve));
  await other.close();
  await pool.close();
});

test('requests::handles_have_completions_of_their_own', async () => {
  const one = await Pool.create(options({ name: 'requests-handles', sessionsMax: 2 }));
  const two = await Pool.open('requests-handles');
  const sessions = await Promise.all([one.acquire(), two.acquire()]);
  const gets = [one.acquire(), two.acquire(), one.acquire(), two.acquire()];
  for (const session of sessions) await session.release();
  for (const get of gets) await (await get).release();
  const held = [await one.acquire(), await one.acquire()];
  const lost = assert.rejects(two.acquire(), is('ORAPOOL_CLOSED', 24461));
  const kept = one.acquire();
  await two.close();
  await lost;
  assert.equal(one.stats().waiting, 1);
  for (const session of held) await session.release();
  await (await kept).release();
  await one.close();
});

test('requests::the_signal_is_let_go', async () => {
  const pool = await Pool.create(options());
  const { getEventListeners } = require('node:events');
  const { signal } = new AbortController();
  for (let n = 0; n < 20; n += 1) await (await pool.acquire({ signal })).release();
  await pool.use((session) => session.execute('select 1 from dual', [], { signal }));
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  await pool.close();
});
