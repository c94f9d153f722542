// Finds and loads liborapool.so, and declares its functions.
'use strict';

const path = require('node:path');
const koffi = requireKoffi();

function requireKoffi() {
  try {
    return require('koffi');
  } catch (cause) {
    if (cause.code !== 'MODULE_NOT_FOUND') throw cause;
    throw new Error(
      'orapool: its dependency koffi is not installed. npm does not install it for a folder outside of the project, unless ' +
        'by npm install --install-links FOLDER; or run npm ci in the folder',
      { cause },
    );
  }
}

/** The version of the C interface that this binding was written for. */
const MAJOR = 0;
const MINOR = 1;

const CARRIED = path.join(__dirname, '..', 'native', 'liborapool.so');
const OF_THE_SYSTEM = 'liborapool.so.0';

// Kinds of parameters: h a handle or other machine word, t a text (pointer and length), u uint32, i int64, q uint64,
// p a pointer, O an OUT word of 64 bits, o an OUT word of 32 bits, e the error, which is an OUT word as well.
const TYPES = {
  h: ['uintptr_t'], t: ['void *', 'size_t'], u: ['uint32'], i: ['int64'], q: ['uint64'], d: ['double'], p: ['void *'],
  O: ['void *'], o: ['void *'], e: ['void *'],
};

const FUNCTIONS = {
  version: ['uint32', ''],
  instance_id: ['uint64', ''],
  status_name: ['str', 'u'],
  attrs_new: ['int32', 'Oe'],
  attrs_set_text: ['int32', 'hute'],
  attrs_set_int: ['int32', 'huie'],
  attrs_set_callback: ['int32', 'hhhhe'],
  attrs_free: ['void', 'h'],
  error_status: ['int32', 'h'],
  error_code: ['int32', 'h'],
  error_message: ['uintptr_t', 'hO'],
  error_is_transient: ['int32', 'h'],
  error_is_session_dead: ['int32', 'h'],
  error_next: ['uintptr_t', 'h'],
  error_free: ['void', 'h'],
  create: ['int32', 'thuOe'],
  open: ['int32', 'tOe'],
  reconfigure: ['int32', 'hhe'],
  close: ['int32', 'huie'],
  get_stats: ['int32', 'hpe'],
  metrics: ['int32', 'huOOe'],
  text_free: ['void', 'h'],
  request_start: ['int32', 'hhtuqOe'],
  completion_fd: ['int32', 'h'],
  next_completion: ['int32', 'hOOe'],
  request_finish: ['int32', 'hOOOoe'],
  request_cancel: ['void', 'h'],
  session_get: ['int32', 'hOhtOOoue'],
  session_release: ['int32', 'htue'],
  session_tag: ['uintptr_t', 'hO'],
  session_set_tag: ['int32', 'htue'],
  session_is_new: ['int32', 'h'],
  session_identity: ['int32', 'hooe'],
  session_execute: ['int32', 'htOe'],
  session_commit: ['int32', 'he'],
  session_rollback: ['int32', 'he'],
  session_ping: ['int32', 'he'],
  session_break: ['int32', 'he'],
  session_set_call_timeout: ['int32', 'hie'],
  session_native: ['int32', 'huOe'],
  session_drcp_state: ['int32', 'h'],
  session_drcp_enabled: ['int32', 'h'],
  session_drcp_multitag_enabled: ['int32', 'h'],
  session_drcp_return_tag: ['uintptr_t', 'hO'],
  session_need_to_purge_statement_cache: ['int32', 'h'],
  session_attach: ['int32', 'htoe'],
  session_detach: ['int32', 'hte'],
  stmt_prepare: ['int32', 'htOe'],
  stmt_bind_null: ['int32', 'hue'],
  stmt_bind_int: ['int32', 'huie'],
  stmt_bind_double: ['int32', 'hude'],
  stmt_bind_text: ['int32', 'hute'],
  stmt_bind_bytes: ['int32', 'hute'],
  stmt_execute: ['int32', 'hOe'],
  stmt_fetch: ['int32', 'he'],
  stmt_column_count: ['uint32', 'h'],
  stmt_column_name: ['uintptr_t', 'huO'],
  stmt_column_is_null: ['int32', 'hu'],
  stmt_column_int: ['int32', 'huOe'],
  stmt_column_double: ['int32', 'huOe'],
  stmt_column_text: ['int32', 'huOOe'],
  stmt_column_bytes: ['int32', 'huOOe'],
  stmt_free: ['void', 'h'],
};

/** What a 0.1 without them does not have; their absence shows where they are used. */
const OPTIONAL = { events: ['int32', 'hqOOOe'] };

/**
 * koffi runs native code on stacks of its own, those of asynchronous calls being small. A database client needs more; what
 * is not used of it costs address space alone.
 */
const STACK_BYTES = 8 << 20;
const ENOUGH_BYTES = 1 << 20;

function growStacks() {
  try {
    koffi.config({ sync_stack_size: STACK_BYTES, async_stack_size: STACK_BYTES });
  } catch (cause) {
    // Another package, or another thread of JavaScript, has loaded a library before: then the sizes are fixed.
    if (koffi.config().async_stack_size >= ENOUGH_BYTES) return;
    throw new Error(
      'orapool: another package that uses koffi was loaded first, and the stacks of its asynchronous calls are too small ' +
        `here. Load orapool before it, or call koffi.config({ async_stack_size: ${STACK_BYTES} }) before both`,
      { cause },
    );
  }
}

/** The places in which the library is looked for, in this order. */
function places() {
  const named = process.env.ORAPOOL_LIBRARY;
  return [
    { what: `the environment variable ORAPOOL_LIBRARY${named ? '' : ' (not set)'}`, file: named || null },
    { what: 'the copy in the package', file: CARRIED },
    { what: "the system's libraries", file: OF_THE_SYSTEM },
  ];
}

function load() {
  const tried = [];
  for (const { what, file } of places()) {
    if (file === null) {
      tried.push(what);
      continue;
    }
    try {
      return { file, library: koffi.load(file) };
    } catch (error) {
      tried.push(`${what}: ${file}: ${error.message}`);
      // Whoever names a library means that one: another copy would have pools of its own.
      if (process.env.ORAPOOL_LIBRARY === file) break;
    }
  }
  throw new Error(
    'orapool: liborapool.so was not found. It is looked for in ORAPOOL_LIBRARY (the full path of the library), then in ' +
      `the package, then where the system looks for ${OF_THE_SYSTEM}. Tried:\n  ${tried.join('\n  ')}`,
  );
}

function declare(library, file, name, [result, params]) {
  const types = [...params].flatMap((kind) => TYPES[kind]);
  try {
    return library.func(`orapool_${name}`, result, types);
  } catch (cause) {
    throw new Error(`orapool: ${file} has no function orapool_${name}: it is older than this package`, { cause });
  }
}

function checkVersion(file, number) {
  const [major, minor, patch] = [number >>> 16, (number >>> 8) & 0xff, number & 0xff];
  if (major !== MAJOR || minor !== MINOR) {
    throw new Error(
      `orapool: ${file} is version ${major}.${minor}.${patch}; this package works with ${MAJOR}.${MINOR}.x. ` +
        'Install the package and the library of one version.',
    );
  }
  return `${major}.${minor}.${patch}`;
}

growStacks();
const { file, library } = load();
const version = checkVersion(file, declare(library, file, 'version', FUNCTIONS.version)());

const functions = {};
const kinds = {};
for (const [name, spec] of Object.entries(FUNCTIONS)) {
  functions[name] = declare(library, file, name, spec);
  kinds[name] = spec[1];
}
for (const [name, spec] of Object.entries(OPTIONAL)) {
  try {
    functions[name] = declare(library, file, name, spec);
    kinds[name] = spec[1];
  } catch {
    functions[name] = null;
  }
}

/** Copies memory of the library: (into a Buffer, from an address, bytes). */
const copyMemory = library.func('memcpy', 'void', ['void *', 'uintptr_t', 'size_t']);

module.exports = {
  koffi,
  copyMemory,
  functions,
  kinds,
  version,
  file,
  /** The address of orapool_attrs_free, which frees the context of a session callback. */
  attrsFreeAddress: library.symbol('orapool_attrs_free'),
};
