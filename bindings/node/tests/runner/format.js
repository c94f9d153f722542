// The format of the scenario files. It is closed: what is not here is an error, so that no typo makes a check vanish.
'use strict';

/** A file that is not what it should be. */
class FormatError extends Error {}

function refuse(what) {
  throw new FormatError(what);
}

// --- kinds of values: functions that refuse what is none of theirs ---

const string = (value) => (typeof value === 'string' ? undefined : refuse(`expected a text, found ${JSON.stringify(value)}`));
const boolean = (value) => (typeof value === 'boolean' ? undefined : refuse(`expected true or false, found ${JSON.stringify(value)}`));
const integer = (value) => (Number.isSafeInteger(value) ? undefined : refuse(`expected a whole number, found ${JSON.stringify(value)}`));
const natural = (value) => (Number.isSafeInteger(value) && value >= 0 ? undefined : refuse(`expected a number from 0 on, found ${JSON.stringify(value)}`));
const nullable = (kind) => (value) => (value === null ? undefined : kind(value));
const word = (...words) => (value) => (words.includes(value) ? undefined : refuse(`unknown word ${JSON.stringify(value)}, expected one of ${words.join(', ')}`));

function list(kind) {
  return (value) => {
    if (!Array.isArray(value)) refuse(`expected a list, found ${JSON.stringify(value)}`);
    value.forEach((item) => kind(item));
  };
}

function mapOf(kind) {
  return (value) => {
    if (!isObject(value)) refuse(`expected an object, found ${JSON.stringify(value)}`);
    Object.values(value).forEach((item) => kind(item));
  };
}

/** An object of these fields, those with a star in front of their kind being required. */
function record(fields) {
  return (value) => {
    if (!isObject(value)) refuse(`expected an object, found ${JSON.stringify(value)}`);
    for (const [name, item] of Object.entries(value)) {
      if (!Object.hasOwn(fields, name)) refuse(`unknown field \`${name}\``);
      fields[name].kind(item);
    }
    for (const [name, { required }] of Object.entries(fields)) {
      if (required && !Object.hasOwn(value, name)) refuse(`missing field \`${name}\``);
    }
  };
}

/** An object with exactly one of these names. */
function variant(kinds) {
  return (value) => {
    if (!isObject(value) || Object.keys(value).length !== 1) refuse(`expected an object with one name, found ${JSON.stringify(value)}`);
    const [name] = Object.keys(value);
    if (!Object.hasOwn(kinds, name)) refuse(`unknown name \`${name}\``);
    kinds[name](value[name]);
  };
}

function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

const must = (kind) => ({ kind, required: true });
const may = (kind) => ({ kind, required: false });

// --- the format itself ---

const STATUSES = [
  'ORAPOOL_SUCCESS', 'ORAPOOL_SUCCESS_WITH_INFO', 'ORAPOOL_ERROR', 'ORAPOOL_INVALID_HANDLE', 'ORAPOOL_INVALID_ARGUMENT',
  'ORAPOOL_TIMEOUT', 'ORAPOOL_CLOSED', 'ORAPOOL_UNSUPPORTED', 'ORAPOOL_CONFLICT', 'ORAPOOL_CALLBACK_FAILED',
];

/** As in orapool_stats, and the names that the binding has for them. */
const STAT_NAMES = [
  'open', 'busy', 'idle', 'connecting', 'waiting', 'gets', 'gets_tag_exact', 'gets_tag_superset', 'gets_tag_partial',
  'gets_untagged', 'gets_new', 'timeouts', 'rejected', 'releases', 'drops', 'connects', 'connect_failures', 'pings',
  'ping_failures', 'fixups', 'fixup_failures', 'callbacks', 'callback_failures', 'closed_idle', 'closed_lifetime',
  'closed_uses', 'closed_dead', 'evictions', 'leaks', 'wait_ns_total', 'wait_ns_max', 'peak_busy', 'drcp_attaches',
  'drcp_session_changes',
];

const NEEDS = ['plsql', 'callback', 'callback_values', 'kill', 'two_users', 'raw_tags', 'knobs', 'threads'];

const user = word('none', 'owner', 'second');
const getMode = word('WAIT', 'NOWAIT', 'FORCEGET', 'TIMEDWAIT');
const purity = word('DEFAULT', 'NEW', 'SELF');

function text(value) {
  if (typeof value === 'string') return;
  variant({ hex, repeat, join: list(text), argument: word('wanted', 'actual') })(value);
}

function hex(value) {
  string(value);
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(value)) refuse(`\`${value}\` is not hexadecimal`);
}

function repeat(value) {
  if (!Array.isArray(value) || value.length !== 2) refuse('repeat is a text and how often');
  string(value[0]);
  natural(value[1]);
}

function call(value) {
  if (!Array.isArray(value) || value.length !== 2) refuse('a run of a callback is a pair [wanted, actual]');
  value.forEach(nullable(text));
}

const callback = record({
  runs: must(list(record({ steps: may(list((value) => step(value))), returns: may(integer) }))),
});

const settings = record({
  min: may(integer), max: may(integer), increment: may(integer), get_mode: may(getMode), wait_timeout_ms: may(integer),
  waiters_max: may(integer), connects_max: may(integer), homogeneous: may(boolean), user: may(user), password: may(string),
  connection_class: may(string), purity: may(purity), idle_timeout_ms: may(integer), lifetime_max_ms: may(integer),
  uses_max: may(integer), ping_interval_ms: may(integer), ping_timeout_ms: may(integer), fixup: may(string),
  callback: may(callback),
  knobs: may(record({ connect_delay_ms: may(natural), call_delay_ms: may(natural), connect_failures: may(natural) })),
});

const getAttrs = record({
  user: may(user), password: may(string), connection_class: may(string), purity: may(purity), get_mode: may(getMode),
  wait_timeout_ms: may(integer),
});

const expect = record({
  status: may(word(...STATUSES)), code: may(integer), cause_code: may(integer), message_contains: may(list(string)),
  session_dead: may(boolean), transient: may(boolean), found: may(boolean), tag: may(nullable(text)), is_new: may(boolean),
  same_as: may(string), not_same_as: may(list(string)), rows: may(natural),
});

function number(value) {
  if (typeof value === 'number') natural(value);
  else record({ at_least: must(natural) })(value);
}

const getBits = list(word('MATCHANY', 'PURITY_NEW', 'PURITY_SELF', 'MULTIPROPERTY_TAG'));
const releaseBits = list(word('DROPSESS', 'RETAG', 'MULTIPROPERTY_TAG'));
const binds = list(nullable(string));
const plainCall = record({ session: must(string), expect: may(expect) });

const STEPS = {
  create: record({ pool: may(string), name: may(string), settings: must(settings), expect: may(expect) }),
  open: record({ pool: must(string), name: must(string), expect: may(expect) }),
  reconfigure: record({ pool: may(string), settings: must(settings), expect: may(expect) }),
  close: record({ pool: may(string), mode: may(word('DEFAULT', 'FORCE')), drain_ms: may(integer), expect: may(expect) }),
  get: record({ as: must(string), pool: may(string), tag: may(nullable(text)), mode: may(getBits), attrs: may(getAttrs), expect: may(expect) }),
  release: record({ session: must(string), tag: may(nullable(text)), mode: may(releaseBits), expect: may(expect) }),
  set_tag: record({ session: must(string), tag: may(nullable(text)), mode: may(releaseBits), expect: may(expect) }),
  check_tag: record({ session: must(string), tag: must(nullable(text)) }),
  execute: record({ session: must(string), sql: must(string), binds: may(binds), expect: may(expect) }),
  query: record({ session: must(string), sql: must(string), binds: may(binds), rows: must(list(list(nullable(string)))) }),
  commit: plainCall,
  rollback: plainCall,
  ping: plainCall,
  kill: record({ session: must(string) }),
  stats: record({ pool: may(string), expect: must(mapOf(number)) }),
  wait_until: record({ pool: may(string), stats: must(mapOf(number)) }),
  wait_until_closing: record({ pool: may(string) }),
  calls: record({ pool: may(string), native: may(list(call)), fixup: may(list(call)) }),
  start: record({ thread: must(string), steps: must(list((value) => step(value))) }),
  await: record({ thread: must(string) }),
  storm: record({ pool: may(string), threads: must(natural), rounds: must(natural), tags: must(list(text)) }),
};

function step(value) {
  try {
    variant(STEPS)(value);
  } catch (why) {
    if (!(why instanceof FormatError) || why.hasStep) throw why;
    const told = new FormatError(`${why.message} in ${JSON.stringify(value)}`);
    told.hasStep = true;
    throw told;
  }
}

const scenario = record({
  id: must(string), title: must(string),
  source: must(record({ kind: must(word('vendor test', 'document', 'decision')), where: must(string) })),
  needs: may(list(word(...NEEDS))),
  setup: may(list(variant({ sql: string, include: string }))),
  pool: may(nullable(settings)),
  steps: must(list(step)),
});

const file = record({ format: must(natural), title: must(string), scenarios: must(list(scenario)) });
const setupFile = mapOf(list((value) => (typeof value === 'string' ? undefined : list(string)(value))));

/** The version of the format. */
const FORMAT = 1;

module.exports = { checkFileFormat: file, checkSetupFormat: setupFile, FormatError, refuse, FORMAT, STAT_NAMES, STATUSES };
