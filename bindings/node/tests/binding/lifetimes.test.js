'use strict';

const assert = require('node:assert/strict');
const { Worker } = require('node:worker_threads');
const path = require('node:path');
const { Pool } = require('../../index.cjs');
const { test, options, runProgram } = require('../harness.js');
const { is } = require('./pools.test.js');

const GC = { nodeArgs: ['--expose-gc'] };
/** Collects until something is so. */
const COLLECT = `
const collect = async (look, what) => { for (let n = 0; !look(); n += 1) { if (n > 2000) throw new Error('never: ' + what);
  gc(); await new Promise((resolve) => setTimeout(resolve, 1)); } };
const warnings = []; process.on('warning', (warning) => warnings.push(warning.code));
`;

const passes = (text, how, expected = 'done\n') => async () => {
  const came = await runProgram(text, how);
  assert.deepEqual({ ended: came.ended, out: came.out }, { ended: 'status 0', out: expected }, came.err);
  return came;
};

test('garbage::a_forgotten_session_goes_back', passes(`${COLLECT}(async () => {
  const pool = await Pool.create(options({ sessionsMax: 1 }));
  await (async () => { const session = await pool.acquire(); await session.execute('create table t (n number)');
    await session.execute('insert into t values (1)'); await session.prepare('select n from t'); })();
  const next = pool.acquire();
  await collect(() => pool.stats().releases === 1, 'the release');
  const session = await next;
  if ((await session.query('select count(*) from t'))[0][0] !== '0') throw new Error('not rolled back');
  await collect(() => warnings.includes('ORAPOOL_FORGOTTEN_SESSION'), 'the warning');
  await session.release(); await pool.close(); console.log('done');
})();`, GC));

test('garbage::a_session_in_use_is_kept', passes(`${COLLECT}(async () => {
  const pool = await Pool.create(options());
  let stmt = await (async () => (await pool.acquire()).prepare('select 1 from dual'))();
  for (let n = 0; n < 20; n += 1) { gc(); await new Promise(setImmediate); }
  await stmt.execute();
  if (pool.stats().busy !== 1) throw new Error('gone');
  const slow = (async () => { const s = await pool.acquire(); return s.query('select 2 from dual'); })();
  for (let n = 0; n < 20; n += 1) { gc(); await new Promise(setImmediate); }
  console.log(await slow);
  stmt = null;
  await collect(() => pool.stats().busy === 0, 'both go back');
  await pool.close(); console.log('done');
})();`, GC, "[ [ '2' ] ]\ndone\n"));

test('garbage::forgotten_statements_are_freed', passes(`${COLLECT}(async () => {
  const pool = await Pool.create(options());
  const session = await pool.acquire();
  for (let n = 0; n < 300; n += 1) { const stmt = session.prepareSync('select ' + n + ' from dual'); stmt.executeSync(); if (n % 50 === 0) { gc(); await session.query('select 1 from dual'); } }
  gc(); await new Promise(setImmediate); await session.release(); await pool.close(); console.log('done');
})();`, GC));

test('garbage::forgotten_pools_are_closed_in_any_order', passes(`${COLLECT}(async () => {
  for (let n = 0; n < 10; n += 1) {
    await (async () => { const pool = await Pool.create(options({ name: 'forgotten' + n })); const session = await pool.acquire(); await session.prepare('select 1 from dual');
      if (n % 2) await session.release(); })();
  }
  const isGone = async (n) => { try { await (await Pool.open('forgotten' + n)).close(); return false; } catch (error) { return error.code === 24416; } };
  await collect(() => warnings.filter((code) => code === 'ORAPOOL_FORGOTTEN_POOL').length >= 10, 'the warnings');
  for (let n = 0; n < 10; n += 1) for (let tries = 0; !(await isGone(n)); tries += 1) if (tries > 2000) throw new Error('kept ' + n); else { gc(); await new Promise((r) => setTimeout(r, 1)); }
  console.log('done');
})();`, GC));

test('garbage::a_waiting_get_keeps_its_pool', passes(`${COLLECT}(async () => {
  const other = await Pool.create(options({ name: 'kept', sessionsMax: 1 }));
  const held = await other.acquire();
  const get = (async () => (await Pool.open('kept')).acquire())();
  for (let n = 0; n < 50; n += 1) { gc(); await new Promise(setImmediate); }
  await held.release();
  const session = await get;
  await session.release(); await other.close(); console.log('done');
})();`, GC));

test('exit::an_idle_pool_does_not_keep_the_process', passes(`(async () => {
  globalThis.pool = await Pool.create(options({ sessionsMin: 2, sessionsMax: 2, sessionCallback: () => {} }));
  const session = await pool.acquire(); await session.release(); globalThis.held = await pool.acquire();
  console.log('done');
})();`));

test('exit::a_waiting_get_keeps_it', passes(`(async () => {
  const pool = await Pool.create(options({ sessionsMax: 1 }));
  const held = await pool.acquire();
  setTimeout(() => held.release(), 30).unref();
  const late = setTimeout(() => {}, 30); late.unref();
  const get = pool.acquire({ waitTimeoutMs: 60000 });
  const timer = setTimeout(() => held.release().catch(() => {}), 50);
  await (await get).release();
  clearTimeout(timer);
  console.log('done');
})();`));

test('exit::with_requests_waiting', passes(`(async () => {
  const pool = await Pool.create(options({ sessionsMax: 1 }));
  await pool.acquire();
  for (let n = 0; n < 20; n += 1) pool.acquire().catch(() => {});
  console.log('done');
  process.exit(0);
})();`));

test('exit::with_a_request_won_and_not_told', passes(`(async () => {
  const pool = await Pool.create(options({ sessionsMax: 1 }));
  const held = await pool.acquire(); pool.acquire(); await new Promise(setImmediate);
  held.releaseSync(); console.log('done'); process.exit(0);
})();`));

test('exit::with_a_statement_running', passes(`(async () => {
  const pool = await Pool.create(options({ connectString: 'embedded:exit?lock_timeout_ms=3600000' }));
  const [one, two] = [await pool.acquire(), await pool.acquire()];
  await one.execute('create table t (n number)'); await one.execute('insert into t values (1)');
  two.execute('insert into t values (2)').catch(() => {});
  setTimeout(() => { console.log('done'); process.exit(0); }, 50);
})();`));

test('exit::with_a_close_that_drains', passes(`(async () => {
  const pool = await Pool.create(options());
  const session = await pool.acquire(); await session.execute('select 1 from dual');
  pool.close({ drainMs: -1 });
  setTimeout(() => { console.log('done'); process.exit(0); }, 50);
})();`));

test('exit::with_a_close_under_way', passes(`(async () => {
  const pool = await Pool.create(options({ sessionCallback: () => {} }));
  await (await pool.acquire()).release();
  pool.close(); console.log('done'); process.exit(0);
})();`));

test('exit::in_the_session_callback', passes(`(async () => {
  const pool = await Pool.create(options({ sessionCallback: () => { console.log('done'); process.exit(0); } }));
  await pool.acquire();
})();`));

test('exit::by_an_uncaught_exception', async () => {
  const came = await runProgram(`(async () => { const pool = await Pool.create(options({ sessionsMax: 1 })); await pool.acquire();
    pool.acquire(); setImmediate(() => { throw new Error('mine'); }); })();`);
  assert.equal(came.ended, 'status 1');
  assert.match(came.err, /mine/);
});

test('exit::an_unhandled_refusal_is_an_ordinary_rejection', async () => {
  const came = await runProgram("(async () => { await Pool.open('nonesuch'); })();");
  assert.equal(came.ended, 'status 1');
  assert.match(came.err, /OraPoolError: ORA-24416[^]*status: -1[^]*code: 24416/);
});

const worker = (text, data) => new Worker(
  `const { workerData, parentPort } = require('node:worker_threads');
   const orapool = require(${JSON.stringify(path.join(__dirname, '../..'))}); const { Pool } = orapool;
   (async () => { ${text} })();`,
  { eval: true, workerData: data },
);

const ended = (thread) => new Promise((resolve, reject) => thread.once('exit', resolve).once('error', reject));
const message = (thread) => new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject));

test('workers::share_the_pool', async () => {
  const pool = await Pool.create(options({ name: 'workers-shared', sessionsMax: 8 }));
  const session = await pool.acquire();
  await session.release({ tag: 'made in main' });
  const threads = Array.from({ length: 4 }, () => worker(`
    const pool = await Pool.open(workerData);
    const session = await pool.acquire({ tag: 'made in main' });
    const found = session.found;
    await session.release();
    for (let n = 0; n < 50; n += 1) { const session = await pool.acquire(); await session.query('select 1 from dual'); await session.release(); }
    await pool.close();
    parentPort.postMessage([found, String(orapool.instanceId())]);`, 'workers-shared'));
  const ends = threads.map(ended);
  const told = await Promise.all(threads.map(message));
  await Promise.all(ends);
  const { instanceId } = require('../../index.cjs');
  assert.ok(told.some(([found]) => found), 'a tagged session was found');
  assert.ok(told.every(([, id]) => id === String(instanceId())));
  assert.equal(pool.stats().gets, 1 + 4 * 51);
  assert.equal(pool.stats().busy, 0);
  await pool.close();
});

test('workers::one_that_ends_with_a_loan_gives_it_back', async () => {
  const pool = await Pool.create(options({ name: 'workers-loan', sessionsMax: 1 }));
  const thread = worker(`
    const pool = await Pool.open(workerData);
    globalThis.session = await pool.acquire();
    pool.acquire();
    process.exit(0);`, 'workers-loan');
  await ended(thread);
  const session = await pool.acquire();
  await session.release();
  assert.deepEqual([pool.stats().busy, pool.stats().waiting], [0, 0]);
  await pool.close();
  await assert.rejects(Pool.open('workers-loan'), is('ORAPOOL_ERROR', 24416));
});

test('workers::one_that_is_terminated_hangs_nothing', async () => {
  const pool = await Pool.create(options({ name: 'workers-terminated', sessionsMax: 2 }));
  const thread = worker(`
    const pool = await Pool.open(workerData);
    await pool.acquire();
    const waiting = [pool.acquire(), pool.acquire()];
    parentPort.postMessage('go');
    await waiting[1];`, 'workers-terminated');
  await message(thread);
  await thread.terminate();
  // Nothing of JavaScript runs in a thread that is terminated: its loans stay, until the pool is closed by force.
  assert.equal(pool.stats().busy >= 1, true);
  await pool.close({ force: true });
});

test('workers::close_from_one_while_another_waits', async () => {
  const pool = await Pool.create(options({ name: 'workers-close', sessionsMax: 1 }));
  const held = await pool.acquire();
  const waiting = assert.rejects(pool.acquire(), is('ORAPOOL_CLOSED', 24461));
  const thread = worker(`await (await Pool.open(workerData)).close({ force: true });`, 'workers-close');
  await waiting;
  await ended(thread);
  await assert.rejects(held.release(), is('ORAPOOL_CLOSED', 24461));
  await pool.close().catch(is('ORAPOOL_CLOSED', 24461));
});
