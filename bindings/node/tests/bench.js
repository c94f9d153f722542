// What a get and a release cost from here: one line of JSON. No other gets meanwhile; the session is always the same.
'use strict';

const { Pool } = require('../index.cjs');

const ROUNDS = 7;
const PAIRS = 20_000;
const PAIRS_ASYNC = 5_000;

/** The median of several rounds, in nanoseconds for each pair. */
async function measure(pairs, round) {
  const times = [];
  for (let n = 0; n < ROUNDS; n += 1) {
    const start = process.hrtime.bigint();
    await round(pairs);
    times.push(Number(process.hrtime.bigint() - start) / pairs);
  }
  return Math.round(times.sort((a, b) => a - b)[ROUNDS >> 1]);
}

async function main() {
  const pool = await Pool.create({ connectString: 'embedded:bench', user: 'scott', password: 'tiger', pingIntervalMs: -1 });
  const now = (pairs) => {
    for (let n = 0; n < pairs; n += 1) pool.tryAcquire().releaseSync();
  };
  const later = async (pairs) => {
    for (let n = 0; n < pairs; n += 1) await (await pool.acquire()).release();
  };
  now(PAIRS);
  await later(PAIRS_ASYNC);
  const report = {
    language: 'node',
    ns_per_pair: await measure(PAIRS, now),
    ns_per_pair_async: await measure(PAIRS_ASYNC, later),
  };
  await pool.close();
  console.log(JSON.stringify(report));
}

main();
