// The statistics of a pool, by name.
'use strict';

/** The members of orapool_stats behind struct_size, in their order. */
const NAMES = [
  'open', 'busy', 'idle', 'connecting', 'waiting', 'gets', 'getsTagExact', 'getsTagSuperset', 'getsTagPartial',
  'getsUntagged', 'getsNew', 'timeouts', 'rejected', 'releases', 'drops', 'connects', 'connectFailures', 'pings',
  'pingFailures', 'fixups', 'fixupFailures', 'callbacks', 'callbackFailures', 'closedIdle', 'closedLifetime',
  'closedUses', 'closedDead', 'evictions', 'leaks', 'waitNsTotal', 'waitNsMax', 'peakBusy', 'drcpAttaches',
  'drcpSessionChanges',
];
/** Sums of nanoseconds outgrow what a number holds exactly. */
const BIG = new Set(['waitNsTotal', 'waitNsMax']);
const BYTES = 8;

/** Room for the struct, with its size in front. */
function makeStats() {
  const words = new BigUint64Array(new ArrayBuffer((NAMES.length + 1) * BYTES));
  words[0] = BigInt(words.byteLength);
  return words;
}

function readStats(words) {
  return Object.fromEntries(NAMES.map((name, at) => [name, BIG.has(name) ? words[at + 1] : Number(words[at + 1])]));
}

module.exports = { makeStats, readStats };
