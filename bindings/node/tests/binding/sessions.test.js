'use strict';

const assert = require('node:assert/strict');
const { Pool, SESSRLS, SESSGET, NATIVE } = require('../../index.cjs');
const { test, options } = require('../harness.js');
const { is } = require('./pools.test.js');

const withSession = (body, more) => async () => {
  const pool = await Pool.create(options(more));
  const session = await pool.acquire();
  await body(session, pool);
  await session[Symbol.asyncDispose]();
  await pool.close();
};

test('sessions::text_of_all_kinds', withSession(async (session) => {
  for (const text of ['plain', 'ümläut', '漢字', '😀 non-BMP', 'a\u0000b', '\ufeffmark', 'x'.repeat(100_000)]) {
    assert.deepEqual(await session.query('select :1 from dual', [text]), [[text]], JSON.stringify(text.slice(0, 20)));
  }
  assert.deepEqual(await session.query("select '😀' from dual"), [['😀']]);
  assert.deepEqual(await session.query('select :1 from dual', ['']), [[null]]);
  await assert.rejects(session.query('select :1 from dual', ['\ud83d']), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(session.execute('select \ude00 from dual'), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(session.execute(7), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(session.execute(''), (error) => error.status < 0);
}));

test('sessions::numbers_are_never_rounded', withSession(async (session) => {
  const read = async (sql, type) => (await session.query(`select ${sql} from dual`, [], { types: [type] }))[0][0];
  assert.equal(await read('42', 'number'), 42);
  assert.equal(await read('-0.5', 'number'), -0.5);
  assert.equal(await read('0.1', 'number'), 0.1);
  assert.equal(await read('9007199254740991', 'number'), 9007199254740991);
  assert.equal(await read('9007199254740993', 'number'), '9007199254740993');
  assert.equal(await read('12345678901234567890', 'number'), '12345678901234567890');
  assert.equal(await read('1234567890.1234567891', 'number'), '1234567890.1234567891');
  assert.equal(await read('12345678901234567890', 'text'), '12345678901234567890');
  assert.equal(await read('9007199254740993', 'int'), 9007199254740993n);
  assert.equal(await read('-9223372036854775808', 'int'), -9223372036854775808n);
  assert.equal(await read('7', 'int'), 7);
  await assert.rejects(read('1.5', 'int'), is('ORAPOOL_ERROR', 1455));
  await assert.rejects(read('92233720368547758080', 'int'), is('ORAPOOL_ERROR', 1455));
  await assert.rejects(read("'x'", 'int'), is('ORAPOOL_ERROR', 1722));
  await assert.rejects(read("'x'", 'number'), is('ORAPOOL_ERROR', 1722));
  assert.equal(await read('1.5', 'double'), 1.5);
  assert.equal(await read('9007199254740993', 'double'), 9007199254740992);
  for (const type of ['text', 'number', 'int', 'double', 'bytes']) assert.equal(await read('null', type), null);
  await assert.rejects(read('1', 'date'), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(read('1', 'constructor'), is('ORAPOOL_INVALID_ARGUMENT'));
}));

test('sessions::binds', withSession(async (session) => {
  await session.execute('create table t (n number, r raw(10), c varchar2(10))');
  const insert = 'insert into t values (:1, :2, :3)';
  assert.equal(await session.execute(insert, [5n, Buffer.from([0, 255, 1]), 'x']), 1);
  assert.equal(await session.execute(insert, [1.25, new Uint8Array([1]), null]), 1);
  assert.equal(await session.execute(insert, [2 ** 60, null, '']), 1);
  assert.equal(await session.execute(insert, [-(2n ** 63n), Buffer.alloc(0), null]), 1);
  const rows = await session.query('select n, r, c from t order by n', [], { types: { R: 'bytes' } });
  assert.deepEqual(rows, [
    ['-9223372036854775808', null, null], ['1.25', Buffer.from([1]), null], ['5', Buffer.from([0, 255, 1]), 'x'],
    ['1152921504606846976', null, null],
  ]);
  const bad = (value, part) => assert.rejects(session.execute(insert, [value, null, null]), (error) => {
    is('ORAPOOL_INVALID_ARGUMENT')(error);
    assert.match(error.message, part);
    return true;
  });
  await bad(undefined, /not undefined/);
  await bad(true, /not boolean/);
  await bad(new Date(), /to_date/);
  await bad({}, /not Object/);
  await bad(2n ** 63n, /64 bits/);
  await bad(NaN, /./);
  await bad(Infinity, /./);
  await assert.rejects(session.execute(insert, { 1: 1 }), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(session.execute(insert, null), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(session.execute(insert, [1]), is('ORAPOOL_ERROR', 1008));
  await assert.rejects(session.execute(insert, [1, null, 'x', 4]), is('ORAPOOL_ERROR', 1036));
  await session.rollback();
  assert.deepEqual(await session.query('select count(*) from t'), [['0']]);
}));

test('sessions::rows_as_objects', withSession(async (session) => {
  const sql = 'select 1 as id, \'x\' as "Name" from dual';
  assert.deepEqual(await session.query(sql, [], { rows: 'objects', types: { ID: 'number' } }), [{ ID: 1, Name: 'x' }]);
  await assert.rejects(session.query('select 1 as a, 2 as a from dual', [], { rows: 'objects' }), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(session.query(sql, [], { rows: 'maps' }), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(session.query(sql, [], { row: 'objects' }), is('ORAPOOL_INVALID_ARGUMENT'));
  assert.deepEqual(session.querySync(sql, [], { rows: 'objects' }), [{ ID: '1', Name: 'x' }]);
}));

test('sessions::statements', withSession(async (session) => {
  await session.execute('create table t (n number)');
  const insert = await session.prepare('insert into t values (:1)');
  for (const n of [1, 2, 3]) assert.equal(await insert.execute([n]), 1);
  insert.bind(1, 4);
  assert.equal(await insert.execute(), 1);
  assert.throws(() => insert.bind(0, 4), is('ORAPOOL_INVALID_ARGUMENT'));
  assert.throws(() => insert.bind(9, 4), is('ORAPOOL_ERROR', 1036));
  insert.free();
  insert.free();
  await assert.rejects(insert.execute(), is('ORAPOOL_INVALID_HANDLE'));
  const select = await session.prepare('select n from t order by n', { types: ['number'] });
  await select.execute();
  assert.deepEqual(select.columnNames, ['N']);
  assert.deepEqual(await select.fetch(), [1]);
  const rest = [];
  for await (const [n] of select) rest.push(n);
  assert.deepEqual(rest, [2, 3, 4]);
  assert.equal(await select.fetch(), null);
  assert.equal(select.executeSync(), 0);
  assert.deepEqual(select.fetchAllSync(), [[1], [2], [3], [4]]);
  await session.release();
  await assert.rejects(select.execute(), (error) => error.status < 0);
  select.free();
  await assert.rejects(session.prepare('select 1 from dual'), is('ORAPOOL_INVALID_HANDLE'));
}));

test('sessions::calls_go_one_after_the_other', withSession(async (session) => {
  await session.execute('create table t (n number)');
  const inserts = Array.from({ length: 20 }, (_, n) => session.execute('insert into t values (:1)', [n]));
  const count = session.query('select count(*) from t', [], { types: ['number'] });
  const failing = assert.rejects(session.execute('nonsense'), (error) => error.code !== 0);
  assert.throws(() => session.tag, is('ORAPOOL_INVALID_ARGUMENT'));
  assert.throws(() => session.executeSync('select 1 from dual'), is('ORAPOOL_INVALID_ARGUMENT'));
  const released = session.release();
  assert.deepEqual(await Promise.all(inserts), Array(20).fill(1));
  assert.deepEqual(await count, [[20]]);
  await failing;
  await released;
}));

test('sessions::use_after_release', async () => {
  const pool = await Pool.create(options());
  const session = await pool.acquire();
  await session.release();
  for (const call of [() => session.execute('select 1 from dual'), () => session.commit(), () => session.release(), () => session.identity()]) {
    await assert.rejects(call(), is('ORAPOOL_INVALID_HANDLE'));
  }
  assert.throws(() => session.setTag('x'), is('ORAPOOL_INVALID_HANDLE'));
  assert.throws(() => session.break(), is('ORAPOOL_INVALID_HANDLE'));
  assert.throws(() => session.releaseSync(), is('ORAPOOL_INVALID_HANDLE'));
  assert.equal(session.tag, null);
  assert.equal(session.isNew, false);
  assert.equal(pool.stats().releases, 1);
  await pool.close();
});

test('sessions::two_releases_at_once', withSession(async (session, pool) => {
  const [one, two] = await Promise.allSettled([session.release(), session.release()]);
  assert.equal(one.status, 'fulfilled');
  is('ORAPOOL_INVALID_HANDLE')(two.reason);
  assert.equal(pool.stats().releases, 1);
}));

test('sessions::tags', withSession(async (session, pool) => {
  const raw = Buffer.from([0xff, 0x00, 0x61]);
  session.setTag('with\u0000NUL 😀');
  assert.equal(session.tag, 'with\u0000NUL 😀');
  await session.release();
  const found = await pool.acquire({ tag: 'with\u0000NUL 😀' });
  assert.equal(found.found, true);
  found.setTag(raw);
  assert.deepEqual(found.tagBytes, raw);
  assert.throws(() => found.tag, (error) => /tagBytes/.test(error.message));
  await found.release();
  const again = await pool.acquire({ tag: new Uint8Array(raw) });
  assert.equal(again.found, true);
  assert.deepEqual(again.acquiredTag, raw);
  await assert.rejects(again.release({ tag: '=', multiProperty: true }), is('ORAPOOL_ERROR', 24488));
  await assert.rejects(again.release({ mode: 0x8000 }), is('ORAPOOL_INVALID_ARGUMENT', 24300));
  await assert.rejects(again.release({ mode: -1 }), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(again.release({ tags: 'x' }), is('ORAPOOL_INVALID_ARGUMENT'));
  assert.equal(pool.stats().busy, 1);
  await again.release({ tag: null });
  const bare = await pool.acquire();
  assert.equal(bare.tag, null);
  await bare.release({ tag: 'B=1', multiProperty: true });
  const other = await pool.acquire({ tag: 'A=1', multiProperty: true, matchAny: true });
  assert.equal(other.tag === 'B=1', true);
  await other.release({ tag: 'ignored', mode: 0 });
  const kept = await pool.acquire({ tag: 'B=1', mode: SESSGET.MULTIPROPERTY_TAG });
  assert.equal(kept.found, true);
  await kept.release({ tag: 'C=1', mode: SESSRLS.RETAG | SESSRLS.MULTIPROPERTY_TAG });
  await assert.rejects(pool.acquire({ tag: 'bad', multiProperty: true }), is('ORAPOOL_ERROR', 24487));
  await assert.rejects(pool.acquire({ tag: 7 }), is('ORAPOOL_INVALID_ARGUMENT'));
  await assert.rejects(pool.acquire({ mode: 1 }), is('ORAPOOL_INVALID_ARGUMENT', 24300));
  await assert.rejects(pool.acquire({ tagg: 'x' }), is('ORAPOOL_INVALID_ARGUMENT'));
}, { sessionsMax: 1 }));

test('sessions::drop', withSession(async (session, pool) => {
  await session.release({ drop: true });
  assert.deepEqual([pool.stats().drops, pool.stats().open], [1, 0]);
}));

test('sessions::errors_have_causes', async () => {
  const pool = await Pool.create(options({ fixupCallback: 'fix' }));
  await pool.use((session) => session.execute(
    "create procedure fix(wanted in varchar2, actual in varchar2) is begin raise_application_error(-20001, 'no ' || wanted); end;",
  ));
  await assert.rejects(pool.acquire({ tag: 'A=1', multiProperty: true }), (error) => {
    is('ORAPOOL_ERROR', 56610)(error);
    assert.equal(error.cause.code, 20001);
    assert.match(error.cause.message, /no A=1/);
    assert.equal(error.cause.cause === undefined || error.cause.cause instanceof Error, true);
    return true;
  });
  await pool.close();
});

test('sessions::killed', async () => {
  const pool = await Pool.create(options());
  const [victim, killer] = [await pool.acquire(), await pool.acquire()];
  const { sid, serial } = await victim.identity();
  await killer.execute(`alter system kill session '${sid},${serial}'`);
  await assert.rejects(victim.ping(), (error) => error.sessionDead);
  await victim.release();
  await killer.release();
  await pool.close();
});

test('sessions::break_and_timeout', withSession(async (session, pool) => {
  const other = await pool.acquire();
  await session.execute('create table t (n number)');
  await other.execute('insert into t values (1)');
  const stopped = assert.rejects(session.execute('insert into t values (2)'), is('ORAPOOL_ERROR', 1013));
  const timer = setInterval(() => session.break(), 5);
  await stopped;
  clearInterval(timer);
  session.setCallTimeout(20);
  await assert.rejects(session.execute('insert into t values (2)'), is('ORAPOOL_ERROR', 3136));
  assert.throws(() => session.setCallTimeout(1.5), is('ORAPOOL_INVALID_ARGUMENT'));
  assert.throws(() => session.setCallTimeout(-5), is('ORAPOOL_INVALID_ARGUMENT'));
  session.setCallTimeout(-1);
  await other.release();
  assert.equal(await session.execute('insert into t values (2)'), 1);
}));

test('sessions::abort_of_a_call', withSession(async (session, pool) => {
  const other = await pool.acquire();
  await session.execute('create table t (n number)');
  await other.execute('insert into t values (1)');
  const control = new AbortController();
  const running = session.execute('insert into t values (2)', [], { signal: control.signal });
  const queued = session.query('select 1 from dual', [], { signal: control.signal });
  setTimeout(() => control.abort(), 10);
  await assert.rejects(running, { name: 'AbortError' });
  await assert.rejects(queued, { name: 'AbortError' });
  await assert.rejects(session.execute('select 1 from dual', [], { signal: control.signal }), { name: 'AbortError' });
  await other.release();
  assert.deepEqual(await session.query('select 1 from dual'), [['1']]);
  await assert.rejects(session.execute('select 1 from dual', [], { signal: 7 }), is('ORAPOOL_INVALID_ARGUMENT'));
}));

test('sessions::a_commit_gets_through_while_all_others_wait_for_its_lock', async () => {
  const most = 12;
  const pool = await Pool.create(options({ sessionsMax: most }));
  const holder = await pool.acquire();
  await holder.execute('create table t (n number)');
  await holder.execute('insert into t values (0)');
  const sessions = await Promise.all(Array.from({ length: most - 1 }, () => pool.acquire()));
  const inserts = sessions.map(async (session, n) => {
    await session.execute('insert into t values (:1)', [n]);
    await session.commit();
    await session.release();
  });
  await holder.commit();
  await Promise.all(inserts);
  assert.deepEqual(await holder.query('select count(*) from t'), [[String(most)]]);
  await holder.release();
  await pool.close();
});

test('sessions::native', withSession(async (session) => {
  assert.throws(() => session.native(NATIVE.OCI_ENV), is('ORAPOOL_UNSUPPORTED'));
  assert.throws(() => session.native(99), is('ORAPOOL_INVALID_ARGUMENT', 24300));
  assert.throws(() => session.native('x'), is('ORAPOOL_INVALID_ARGUMENT'));
}));

test('sessions::drcp', async () => {
  const wish = options({ connectionClass: 'HR', knobs: ':pooled' });
  const pool = await Pool.create(wish);
  const session = await pool.acquire();
  assert.equal(session.drcpEnabled, true);
  assert.equal(session.drcpState, 'detached');
  await session.query('select 1 from dual');
  assert.equal(session.drcpState, 'attachedImplicit');
  await session.detach();
  assert.equal(session.drcpState, 'detached');
  assert.equal(await session.attach('A'), false);
  assert.equal(session.drcpState, 'attachedExplicit');
  session.setTag('A');
  await session.detach();
  assert.equal(await session.attach('A'), true);
  assert.equal(session.drcpReturnTag, 'A');
  assert.equal(typeof session.needToPurgeStatementCache, 'boolean');
  assert.equal(session.drcpMultitagEnabled, false);
  await session.release();
  assert.ok(pool.stats().drcpAttaches >= 2);
  await pool.close();
  const plain = await Pool.create(options());
  const dedicated = await plain.acquire();
  assert.equal(dedicated.drcpState, 'none');
  await assert.rejects(dedicated.detach(), is('ORAPOOL_UNSUPPORTED'));
  await dedicated.release();
  await plain.close();
});
