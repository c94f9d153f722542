// Options as bags of attributes.
'use strict';

const { functions } = require('./library.js');
const { callNow, check } = require('./calls.js');
const { encode, kindOf } = require('./text.js');
const { invalidArgument } = require('./errors.js');
const { setCallback } = require('./callbacks.js');

const GET_MODES = { wait: 0, nowait: 1, forceget: 2, timedwait: 3 };
const PURITIES = { default: 0, new: 1, self: 2 };

const text = (number) => ({ number, set: setText });
const int = (number) => ({ number, set: setInt });
const flag = (number) => ({ number, set: setFlag });
const word = (number, words) => ({ number, set: setWord, words });

/** What is read by gets and by the creation. */
const OF_BOTH = {
  user: text(1),
  password: text(2),
  connectionClass: text(5),
  edition: text(6),
  context: text(11),
  getMode: word(23, GET_MODES),
  waitTimeoutMs: int(24),
  externalAuth: flag(27),
  purity: word(28, PURITIES),
};

const OF_POOLS = {
  ...OF_BOTH,
  connectString: text(3),
  driver: text(4),
  driverName: text(7),
  clientLibDir: text(8),
  configDir: text(9),
  fixupCallback: text(10),
  sessionsMin: int(20),
  sessionsMax: int(21),
  sessionsIncrement: int(22),
  waitersMax: int(25),
  homogeneous: flag(26),
  idleTimeoutMs: int(30),
  lifetimeMaxMs: int(31),
  usesMax: int(32),
  pingIntervalMs: int(33),
  pingTimeoutMs: int(34),
  connectTimeoutMs: int(35),
  statementCacheSize: int(36),
  leakAfterMs: int(37),
  connectsMax: int(38),
  waitReportMs: int(39),
  sessionCallback: { set: (bag, name, value) => setCallback(bag, value) },
};

function setText(bag, name, value, { number }) {
  const { bytes, length } = encode(value, `the option ${name}`);
  check(callNow('attrs_set_text', bag, number, { bytes, length }));
}

function setInt(bag, name, value, { number }) {
  if (!Number.isSafeInteger(value)) throw invalidArgument(`the option ${name} is a whole number, not ${shown(value)}`);
  check(callNow('attrs_set_int', bag, number, value));
}

function setFlag(bag, name, value, { number }) {
  if (typeof value !== 'boolean') throw invalidArgument(`the option ${name} is true or false, not ${shown(value)}`);
  check(callNow('attrs_set_int', bag, number, value ? 1 : 0));
}

function setWord(bag, name, value, { number, words }) {
  if (typeof value !== 'string' || !Object.hasOwn(words, value)) {
    throw invalidArgument(`the option ${name} is one of ${Object.keys(words).join(', ')}, not ${shown(value)}`);
  }
  check(callNow('attrs_set_int', bag, number, words[value]));
}

/** For messages. What a password was given as must not be told. */
function shown(value) {
  return typeof value === 'string' ? `'${value}'` : typeof value === 'object' ? kindOf(value) : String(value);
}

/** A bag of all options that are in `known`. The caller frees it. */
function makeBag(options, known) {
  const [bag] = check(callNow('attrs_new')).out;
  try {
    for (const [name, value] of Object.entries(options)) {
      if (value !== undefined && Object.hasOwn(known, name)) known[name].set(bag, name, value, known[name]);
    }
    return bag;
  } catch (failure) {
    functions.attrs_free(bag);
    throw failure;
  }
}

function freeBag(bag) {
  functions.attrs_free(bag);
}

/** Refuses options that are unknown: a typo must not be passed over. */
function checkNames(options, known, what) {
  if (options === null || typeof options !== 'object') {
    throw invalidArgument(`the options of ${what} are an object, not ${kindOf(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.has(name)) {
      throw invalidArgument(`${what} has no option '${name}'; it has ${[...known].sort().join(', ')}`);
    }
  }
}

module.exports = { OF_BOTH, OF_POOLS, makeBag, freeBag, checkNames, shown };
