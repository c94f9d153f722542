'use strict';

const assert = require('node:assert/strict');
const { Pool, OraPoolError, STATUS, instanceId, libraryVersion, libraryFile } = require('../../index.cjs');
const { test, options, runProgram } = require('../harness.js');

const is = (status, code) => (error) => {
  assert.ok(error instanceof OraPoolError, `an OraPoolError, not ${error?.stack ?? error}`);
  assert.equal(error.statusName, status);
  if (code !== undefined) assert.equal(error.code, code);
  return true;
};

test('pools::create_open_close', async () => {
  const pool = await Pool.create(options({ name: 'pools-a', sessionsMin: 1 }));
  assert.equal(pool.warning, null);
  assert.equal(pool.name, 'pools-a');
  const same = await Pool.open('pools-a');
  assert.equal(same.stats().open, 1);
  await same.close();
  await assert.rejects(same.acquire(), is('ORAPOOL_INVALID_HANDLE'));
  await (await pool.acquire()).release();
  await pool.close();
  await assert.rejects(Pool.open('pools-a'), is('ORAPOOL_ERROR', 24416));
  await assert.rejects(pool.close(), is('ORAPOOL_INVALID_HANDLE'));
  assert.throws(() => pool.stats(), is('ORAPOOL_INVALID_HANDLE'));
  assert.throws(() => pool.metrics(), is('ORAPOOL_INVALID_HANDLE'));
  assert.throws(() => pool.tryAcquire(), is('ORAPOOL_INVALID_HANDLE'));
  await assert.rejects(pool.reconfigure({ sessionsMax: 9 }), is('ORAPOOL_INVALID_HANDLE'));
});

test('pools::create_or_open', async () => {
  const callback = () => {};
  const wish = options({ name: 'pools-b', sessionCallback: callback });
  const first = await Pool.createOrOpen(wish);
  const second = await Pool.createOrOpen(wish);
  await assert.rejects(Pool.create(wish), is('ORAPOOL_CONFLICT', 0));
  await assert.rejects(Pool.createOrOpen({ ...wish, sessionsMax: 9 }), (error) => {
    is('ORAPOOL_CONFLICT', 0)(error);
    assert.match(error.message, /SESSIONS_MAX/);
    return true;
  });
  await assert.rejects(Pool.createOrOpen({ ...wish, sessionCallback: () => {} }), is('ORAPOOL_CONFLICT', 0));
  await second.close();
  await first.close();
});

test('pools::bad_options', async () => {
  const refused = (more, part) => assert.rejects(Pool.create(options(more)), (error) => {
    is('ORAPOOL_INVALID_ARGUMENT')(error);
    assert.match(error.message, part);
    return true;
  });
  await refused({ sessionMax: 1 }, /no option 'sessionMax'.*sessionsMax/);
  await refused({ sessionsMax: 1.5 }, /sessionsMax is a whole number/);
  await refused({ sessionsMax: '4' }, /sessionsMax is a whole number/);
  await refused({ sessionsMax: 70000 }, /65535/);
  await refused({ getMode: 'WAIT' }, /wait, nowait, forceget, timedwait/);
  await refused({ getMode: 'constructor' }, /wait, nowait/);
  await refused({ homogeneous: 1 }, /true or false/);
  await refused({ user: 7 }, /user is a string, not number/);
  await refused({ user: 'a\u0000b' }, /NUL/);
  await refused({ user: 'half \ud83d' }, /surrogate/);
  await refused({ name: 'half \ude00' }, /surrogate/);
  await refused({ name: 7 }, /name of a pool is a string/);
  await refused({ sessionCallback: 7 }, /sessionCallback is a function/);
  await assert.rejects(Pool.create(), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(Pool.create(null), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(Pool.open(null), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(Pool.create(options({ sessionsMin: 9, sessionsMax: 2 })), is('ORAPOOL_ERROR', 24413));
  await assert.rejects(Pool.create(options({ driver: 'nonesuch' })), is('ORAPOOL_UNSUPPORTED'));
  assert.throws(() => new Pool(), is('ORAPOOL_INVALID_ARGUMENT'));
});

test('pools::messages_hold_no_password', async () => {
  const wish = options({ sessionsMin: 1, password: 'veryS3cret' });
  const pool = await Pool.create(wish);
  await assert.rejects(Pool.create({ ...wish, password: 'An0therS3cret' }), (error) => {
    is('ORAPOOL_ERROR', 1017)(error);
    assert.doesNotMatch(error.message, /S3cret/);
    return true;
  });
  await assert.rejects(Pool.create({ ...wish, password: 7777 }), (error) => !error.message.includes('7777'));
  await pool.close();
});

test('pools::warnings', async () => {
  const pool = await Pool.create(options({ sessionsMin: 2, knobs: '?connect_failures=1' }));
  is('ORAPOOL_SUCCESS_WITH_INFO', 24414)(pool.warning);
  assert.equal(pool.warning.cause.code, 12541);
  await pool.close({ force: true });
  const forced = await Pool.create(options({ sessionsMax: 1, getMode: 'forceget' }));
  const [one, two] = [await forced.acquire(), await forced.acquire()];
  assert.equal(one.warning, null);
  is('ORAPOOL_SUCCESS_WITH_INFO', 24417)(two.warning);
  await two.release();
  await one.release();
  await forced.close();
});

test('pools::connect_errors', async () => {
  await assert.rejects(Pool.create(options({ sessionsMin: 1, knobs: '?connect_failures=9' })), is('ORAPOOL_ERROR', 12541));
  const pool = await Pool.create(options({ knobs: '?connect_failures=1' }));
  await assert.rejects(pool.acquire(), is('ORAPOOL_ERROR', 12541));
  await (await pool.acquire()).release();
  await pool.close();
});

test('pools::reconfigure', async () => {
  const pool = await Pool.create(options({ sessionsMax: 1 }));
  await pool.reconfigure({ sessionsMax: 2 });
  const sessions = [await pool.acquire(), await pool.acquire()];
  await assert.rejects(pool.reconfigure({ user: 'blake' }), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(pool.reconfigure({ sessionsMin: 5 }), is('ORAPOOL_ERROR', 24413));
  await assert.rejects(pool.reconfigure({ nonesuch: 5 }), is('ORAPOOL_INVALID_ARGUMENT'));
  for (const session of sessions) await session.release();
  await pool.close();
});

test('pools::stats_and_metrics', async () => {
  const pool = await Pool.create(options({ name: 'pools-stats' }));
  const session = await pool.acquire();
  const stats = pool.stats();
  assert.equal(stats.busy, 1);
  assert.equal(stats.gets, 1);
  assert.equal(stats.getsNew, 1);
  assert.equal(typeof stats.waitNsTotal, 'bigint');
  assert.match(pool.metrics(), /# TYPE/);
  assert.equal(typeof JSON.parse(pool.metrics('json')), 'object');
  assert.throws(() => pool.metrics('xml'), is('ORAPOOL_INVALID_ARGUMENT'));
  await session.release();
  await pool.close();
});

test('pools::events', async () => {
  const pool = await Pool.create(options({ knobs: '?connect_failures=1' }));
  await assert.rejects(pool.acquire(), is('ORAPOOL_ERROR', 12541));
  let read;
  try {
    read = pool.events();
  } catch (error) {
    is('ORAPOOL_UNSUPPORTED')(error);
    require('../harness.js').skip('this library has no events');
  } finally {
    await pool.close();
  }
  assert.ok(read.events.some(({ kind }) => /connect/.test(kind)), JSON.stringify(read));
  assert.ok(read.events.every(({ number }, at) => at === 0 || number > read.events[at - 1].number));
  assert.equal(read.last, read.events.at(-1).number);
});

test('pools::a_long_wait_is_an_event', async () => {
  const pool = await Pool.create(options({ sessionsMax: 1, waitReportMs: 1 }));
  const session = await pool.acquire();
  const waiting = pool.acquire();
  while (pool.stats().waiting === 0) await new Promise(setImmediate);
  await new Promise((resume) => setTimeout(resume, 10));
  await session.release();
  await (await waiting).release();
  const long = pool.events().events.find(({ kind }) => kind === 'wait_over_limit');
  await pool.close();
  assert.equal(long?.limit_ms, 1);
});

test('pools::close_modes', async () => {
  const pool = await Pool.create(options({}));
  const session = await pool.acquire();
  await assert.rejects(pool.close(), is('ORAPOOL_ERROR', 24422));
  await assert.rejects(pool.close({ drainMs: -2 }), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(pool.close({ drain: 1 }), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(pool.close({ force: 1 }), is('ORAPOOL_INVALID_ARGUMENT'));
  assert.equal(pool.stats().busy, 1);
  const closing = pool.close({ drainMs: -1 });
  await session.release();
  await closing;
  const other = await Pool.create(options({}));
  const taken = await other.acquire();
  await other.close({ force: true });
  await assert.rejects(taken.execute('select 1 from dual'), is('ORAPOOL_CLOSED', 24461));
  await assert.rejects(taken.release(), is('ORAPOOL_CLOSED', 24461));
  await assert.rejects(taken.release(), is('ORAPOOL_INVALID_HANDLE'));
});

test('pools::close_from_elsewhere_while_another_waits', async () => {
  const pool = await Pool.create(options({ name: 'pools-elsewhere', sessionsMax: 1 }));
  const other = await Pool.open('pools-elsewhere');
  const session = await pool.acquire();
  const waiting = [pool.acquire(), pool.acquire()].map((get) => assert.rejects(get, is('ORAPOOL_CLOSED', 24461)));
  assert.equal(pool.stats().waiting, 2);
  await other.close({ force: true });
  await Promise.all(waiting);
  assert.throws(() => pool.stats(), is('ORAPOOL_CLOSED', 24461));
  await assert.rejects(pool.acquire(), is('ORAPOOL_CLOSED', 24461));
  await assert.rejects(session.release(), is('ORAPOOL_CLOSED', 24461));
  await assert.rejects(pool.close(), is('ORAPOOL_CLOSED', 24461));
  await assert.rejects(pool.close(), is('ORAPOOL_INVALID_HANDLE'));
});

test('pools::dispose', async () => {
  const pool = await Pool.create(options({}));
  const session = await pool.acquire();
  await session[Symbol.asyncDispose]();
  await session[Symbol.asyncDispose]();
  assert.equal(pool.stats().busy, 0);
  const now = pool.tryAcquire();
  now[Symbol.dispose]();
  now[Symbol.dispose]();
  assert.equal(pool.stats().busy, 0);
  assert.equal(await pool.use(async (one) => (await one.query('select 7 from dual'))[0][0]), '7');
  await assert.rejects(pool.use(() => { throw new Error('of the work'); }), /of the work/);
  assert.equal(pool.stats().busy, 0);
  await pool[Symbol.asyncDispose]();
  await pool[Symbol.asyncDispose]();
});

test('pools::two_users', async () => {
  const pool = await Pool.create(options({ homogeneous: false }));
  const [scott, blake] = await Promise.all([
    pool.acquire({ user: 'scott', password: 'tiger' }), pool.acquire({ user: 'blake', password: 'paper', connectionClass: 'C' }),
  ]);
  assert.deepEqual(await blake.query('select user from dual'), [['BLAKE']]);
  assert.deepEqual(await scott.query('select user from dual'), [['SCOTT']]);
  await scott.release();
  await blake.release();
  await pool.close();
  const plain = await Pool.create(options({}));
  await assert.rejects(plain.acquire({ user: 'blake', password: 'paper' }), is('ORAPOOL_INVALID_ARGUMENT', 24419));
  await plain.close();
});

test('library::facts', async () => {
  assert.match(libraryVersion, /^0\.1\.\d+$/);
  assert.ok(instanceId() !== 0n);
  assert.equal(libraryFile, process.env.ORAPOOL_LIBRARY);
  assert.equal(STATUS.CANCELLED, -10);
});

test('library::not_found_names_all_places', async () => {
  const came = await runProgram('', { env: { ORAPOOL_LIBRARY: '/nonesuch/liborapool.so' } });
  assert.equal(came.ended, 'status 1');
  assert.match(came.err, /ORAPOOL_LIBRARY.*package.*liborapool\.so\.0[^]*nonesuch/);
});

test('library::another_library_is_refused', async () => {
  const came = await runProgram('', { env: { ORAPOOL_LIBRARY: 'libc.so.6' } });
  assert.equal(came.ended, 'status 1');
  assert.match(came.err, /libc\.so\.6 has no function orapool_version/);
});

test('library::esm_and_cjs_are_one', async () => {
  const esm = await import('../../index.mjs');
  assert.deepEqual(Object.keys(esm).filter((name) => name !== 'default').sort(), Object.keys(require('../../index.cjs')).sort());
  assert.equal(esm.Pool, Pool);
  assert.equal(esm.default, require('../../index.cjs'));
});

module.exports = { is };
