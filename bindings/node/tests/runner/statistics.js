// The statistics of a pool, under the names of the scenarios.
'use strict';

const { STAT_NAMES } = require('./format.js');
const { Failure, Findings } = require('./outcome.js');

const ours = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

/** One reading: all numbers, by the names that they have in C. */
function readStats(pool) {
  const stats = pool.stats();
  return Object.fromEntries(STAT_NAMES.map((name) => {
    const value = stats[ours(name)];
    if (value === undefined) throw new Failure(`the binding has no number \`${name}\``);
    return [name, Number(value)];
  }));
}

/** Compares what is named. */
function checkStats(reading, expected) {
  const findings = new Findings();
  for (const [name, number] of Object.entries(expected)) {
    if (typeof number === 'number') findings.equal(name, reading[name], number);
    else if (reading[name] < number.at_least) findings.note(`${name}: expected at least ${number.at_least}, came ${reading[name]}`);
  }
  const counted = () => Object.entries(reading).filter(([, number]) => number !== 0).map(([name, number]) => `${name} ${number}`);
  findings.end(() => `\nof: ${counted().join(', ')}`);
}

const KINDS = ['gets_tag_exact', 'gets_tag_superset', 'gets_tag_partial', 'gets_untagged', 'gets_new'];

/** What holds in every reading in which no get or release is under way. */
function checkSums(reading) {
  const findings = new Findings();
  findings.equal('busy + idle = open', reading.busy + reading.idle, reading.open);
  findings.equal('releases + busy = gets', reading.releases + reading.busy, reading.gets);
  findings.equal(`${KINDS.join(' + ')} = gets`, KINDS.reduce((sum, kind) => sum + reading[kind], 0), reading.gets);
  findings.end();
}

module.exports = { readStats, checkStats, checkSums };
