// Session callbacks: functions of the program that the library calls inside a get.
//
// One native callback serves them all. What tells them apart is the context that the library hands to each call, which is
// an empty bag of attributes: the library itself frees it when the callback can be called no more, on whichever thread,
// without a call into JavaScript. Such a call would have to wait for the event loop, which may be waiting for that thread.
'use strict';

const { isMainThread } = require('node:worker_threads');
const { koffi, functions, attrsFreeAddress } = require('./library.js');
const { callNow, check } = require('./calls.js');
const { invalidArgument } = require('./errors.js');
const { copyBytes, tagText, kindOf } = require('./text.js');

const FAILED = 0;
const OK = 1;
const MOST = 0x7fffffff;
/** orapool_attrs_set_int(…, ORAPOOL_ATTR_SESSIONS_MIN, 1) shows whether a bag is still there. */
const SESSIONS_MIN = 20;

const prototype = koffi.proto(
  'int32 orapool_node_session_callback(uintptr_t ctx, uintptr_t session, uintptr_t wanted, size_t wanted_len, ' +
    'uintptr_t actual, size_t actual_len)',
);

let nativeCallback = null;
/** Context to function. */
const registered = new Map();
/** Function to context, so that the same function is the same registration. */
const contexts = new WeakMap();
/** What each get that is under way on this thread will say about its callback, the innermost last. */
const under = [];

let makeSession = null;

/** How a session for a callback is made; set by session.js, which needs this file. */
function onSession(make) {
  makeSession = make;
}

function isAlive(context) {
  return callNow('attrs_set_int', context, SESSIONS_MIN, 1).status >= 0;
}

/** Forgets the functions that the library can call no more. */
function sweep() {
  for (const [context, callback] of registered) {
    if (isAlive(context)) continue;
    registered.delete(context);
    if (contexts.get(callback) === context) contexts.delete(callback);
  }
}

function contextOf(callback) {
  sweep();
  const known = contexts.get(callback);
  if (known !== undefined) return known;
  const [context] = check(callNow('attrs_new')).out;
  contexts.set(callback, context);
  registered.set(context, callback);
  return context;
}

/** Sets the session callback of a bag. */
function setCallback(bag, callback) {
  if (typeof callback !== 'function') {
    throw invalidArgument(`the option sessionCallback is a function, not ${kindOf(callback)}`);
  }
  if (!isMainThread) {
    throw invalidArgument(
      'a session callback can not be set in a worker thread: the pool may outlive it. Create the pool in the main ' +
        'thread, and open it by its name here',
    );
  }
  nativeCallback ??= koffi.register(enter, koffi.pointer(prototype));
  check(callNow('attrs_set_callback', bag, nativeCallback, contextOf(callback), attrsFreeAddress));
}

/** Whether a pool may still call this function as its session callback. */
function isSessionCallbackInUse(callback) {
  sweep();
  return typeof callback === 'function' && contexts.has(callback);
}

/** Tags as a callback sees them. What is no UTF-8 is there as bytes. */
class TagRequest {
  constructor(wanted, actual) {
    this.wantedBytes = wanted;
    this.actualBytes = actual;
  }

  get wanted() {
    return tagText(this.wantedBytes, 'wantedBytes');
  }

  get actual() {
    return tagText(this.actualBytes, 'actualBytes');
  }
}

/** What the library calls. Nothing may be thrown out of here. */
function enter(context, handle, wanted, wantedLen, actual, actualLen) {
  try {
    return run(BigInt(context), BigInt(handle), tagOf(wanted, wantedLen), tagOf(actual, actualLen));
  } catch (failure) {
    report(failure);
    return FAILED;
  }
}

/** A tag that is absent may come as NULL or as an empty text. */
function tagOf(pointer, length) {
  const bytes = copyBytes(pointer, length);
  return bytes === null || bytes.length === 0 ? null : bytes;
}

function run(context, handle, wanted, actual) {
  const callback = registered.get(context);
  if (callback === undefined) throw new Error('the session callback is gone');
  const { session, end } = makeSession(handle);
  try {
    return toNumber(callback(session, new TagRequest(wanted, actual)));
  } finally {
    end();
  }
}

/** What a callback returned, as the library takes it: nothing is success. */
function toNumber(value) {
  if (value === undefined || value === true) return OK;
  if (value === false) return FAILED;
  if (Number.isInteger(value) && Math.abs(value) <= MOST) return value;
  if (typeof value?.then === 'function') {
    // Its failure belongs to nobody any more.
    value.then(undefined, () => {});
    throw new TypeError('a session callback can not be an async function: the get waits for it. Use executeSync and the like');
  }
  throw new TypeError(`a session callback returns nothing, true, false or an int32, not ${kindOf(value)}`);
}

/** Hands what a callback threw to the get that it belongs to. The get of another thread can not be told. */
function report(failure) {
  const get = under.at(-1);
  if (get !== undefined) get.failure = failure;
  else process.emitWarning(`a session callback failed: ${failure?.stack ?? failure}`, { code: 'ORAPOOL_CALLBACK' });
}

/** Makes a get on this thread, in which session callbacks may run; what one of them threw becomes the cause. */
function callWithCallbacks(call) {
  const get = {};
  under.push(get);
  try {
    const result = call();
    if ('failure' in get && result.error !== null && result.status < 0) attach(result.error, get.failure);
    return result;
  } finally {
    under.pop();
  }
}

/** The exception stands at the end of the chain. */
function attach(error, failure) {
  let last = error;
  while (last.cause instanceof Error) last = last.cause;
  Object.defineProperty(last, 'cause', { value: failure, configurable: true, writable: true, enumerable: false });
}

module.exports = { setCallback, isSessionCallbackInUse, callWithCallbacks, onSession };
