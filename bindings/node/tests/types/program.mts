// What a TypeScript program writes; it is checked and not run.
import orapool, { Pool, Session, OraPoolError, STATUS, SESSGET, instanceId, isSessionCallbackInUse } from 'orapool';
import type { PoolOptions, SessionCallback, Stats, Row, RowObject, Bind, Tag } from 'orapool';

const setState: SessionCallback = (session, { wanted, actual }) => {
  if (wanted !== actual) session.executeSync("alter session set time_zone = 'UTC'");
  session.setTag(wanted, { multiProperty: true });
};

const options: PoolOptions = {
  name: 'hr', connectString: 'embedded:demo', user: 'scott', password: 'tiger', sessionsMax: 8, getMode: 'timedwait',
  waitTimeoutMs: 1000, purity: 'self', homogeneous: true, sessionCallback: setState,
};

export async function program(signal: AbortSignal): Promise<void> {
  await using pool = await Pool.createOrOpen(options);
  const other: Pool = await Pool.open('hr');
  {
    await using session: Session = await pool.acquire({ tag: 'A=1', multiProperty: true, signal });
    const rows: Row[] = await session.query('select n from t where n > :1', [1], { types: ['number'] });
    const objects: RowObject[] = await session.query('select n from t', [], { rows: 'objects', types: { N: 'int' } });
    const changed: number = await session.execute('update t set n = :1', [2n], { signal });
    const bind: Bind = Buffer.from([1]);
    await using stmt = await session.prepare('select :1 from dual');
    await stmt.bind(1, bind).execute();
    for await (const row of stmt) console.log(row[0], changed, rows.length, objects[0]?.['N']);
  }
  {
    using session = pool.tryAcquire();
    const tag: Tag | null | undefined = session?.tag;
    console.log(tag, session?.drcpState === 'detached');
  }
  const count: number = await pool.use((session) => session.execute('delete from t'), { mode: SESSGET.PURITY_NEW });
  const stats: Stats = pool.stats();
  const waited: bigint = stats.waitNsTotal;
  console.log(count, waited, instanceId(), isSessionCallbackInUse(setState), orapool.libraryVersion, pool.metrics('json'));
  try {
    await other.close({ force: true, drainMs: 10 });
  } catch (error) {
    if (error instanceof OraPoolError && error.status === STATUS.TIMEOUT && error.transient) console.log(error.code, error.cause);
    else throw error;
  }
}

// What must not compile.
// @ts-expect-error a typo
void Pool.create({ sessionMax: 1 });
// @ts-expect-error pools are not made like this
void new Pool();
// @ts-expect-error no such mode
void Pool.create({ getMode: 'WAIT' });
export async function wrong(session: Session): Promise<void> {
  // @ts-expect-error a Date is no bind
  await session.execute('select 1 from dual', [new Date()]);
  // @ts-expect-error a callback can not be async
  const callback: SessionCallback = async () => 'x';
  void callback;
}
