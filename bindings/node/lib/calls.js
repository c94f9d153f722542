// Calls into the library: on this thread, or on one of libuv's threads so that the event loop goes on.
'use strict';

const { koffi, functions, kinds } = require('./library.js');
const { takeFrame, giveFrame, ERROR_WORD, POISON, LOW_HALF } = require('./frames.js');
const { OraPoolError, STATUS } = require('./errors.js');
const { strict, note } = require('./strict.js');
const { copyText } = require('./text.js');

/** The arguments as koffi takes them: texts become pointer and length, OUT words come from the frame. */
function layOut(name, frame, args) {
  const laid = [];
  let given = 0;
  let word = 0;
  for (const kind of kinds[name]) {
    if (kind === 'e') laid.push(frame.slots[ERROR_WORD]);
    else if (kind === 'O' || kind === 'o') laid.push(frame.slots[word++]);
    else if (kind === 't') laid.push(args[given].bytes, args[given++].length);
    else laid.push(args[given++]);
  }
  frame.words.fill(strict.on ? POISON : 0n);
  return laid;
}

/** The result of a call that has an error parameter. */
function outcome(name, frame, status) {
  if (strict.on) checkWritten(name, frame, status);
  const error = takeError(frame.errorPointer);
  if (strict.on) checkErrorRule(name, status, error);
  return { status, error, out: readWords(name, frame) };
}

function readWords(name, frame) {
  const out = [];
  for (const kind of kinds[name]) {
    if (kind === 'O') out.push(frame.words[out.length]);
    else if (kind === 'o') out.push(Number(frame.words[out.length] & LOW_HALF));
  }
  return out;
}

function checkWritten(name, frame, status) {
  let word = 0;
  for (const kind of kinds[name]) {
    if (kind !== 'O' && kind !== 'o') continue;
    const mask = kind === 'O' ? ~0n : LOW_HALF;
    const came = BigInt.asUintN(64, frame.words[word] & mask);
    if (came === BigInt.asUintN(64, POISON & mask)) note(`orapool_${name} did not write its OUT parameter ${word + 1}`);
    else if (status < 0 && came !== 0n) note(`orapool_${name} failed and left ${came} in its OUT parameter ${word + 1}`);
    word += 1;
  }
  if (frame.errorPointer === POISON) {
    note(`orapool_${name} did not write *error`);
    frame.words[ERROR_WORD] = 0n;
  }
}

function checkErrorRule(name, status, error) {
  const isPlain = status === STATUS.SUCCESS || status === STATUS.NO_DATA || status === STATUS.PENDING;
  if (isPlain && error !== null) note(`orapool_${name}: a success has an error`);
  if (!isPlain && error === null) note(`orapool_${name}: status ${status} has no error`);
  if (!isPlain && error !== null && error.status !== status) {
    note(`orapool_${name}: status ${status}, but that of its error is ${error.status}`);
  }
}

/** Copies an error with its causes, and frees it. */
function takeError(pointer) {
  if (pointer === 0n) return null;
  try {
    return copyError(pointer);
  } finally {
    functions.error_free(pointer);
  }
}

function copyError(pointer) {
  const frame = takeFrame();
  const text = functions.error_message(pointer, frame.slots[0]);
  const message = copyText(text, frame.words[0]) ?? '';
  giveFrame(frame);
  const next = functions.error_next(pointer);
  return new OraPoolError(message, {
    status: functions.error_status(pointer),
    code: functions.error_code(pointer),
    transient: functions.error_is_transient(pointer) !== 0,
    sessionDead: functions.error_is_session_dead(pointer) !== 0,
    cause: next ? copyError(BigInt(next)) : undefined,
  });
}

/** Makes a call on this thread. */
function callNow(name, ...args) {
  const frame = takeFrame();
  try {
    return outcome(name, frame, functions[name](...layOut(name, frame, args)));
  } finally {
    giveFrame(frame);
  }
}

/**
 * orapool_session_get and orapool_session_release on this thread, without the detours: these two are what a loop of short
 * loans is made of. Not for strict mode, in which `callNow` looks at what came.
 */
const plain = {
  get(pool, bag, tag, mode) {
    const frame = takeFrame();
    try {
      const [session, text, length, found] = frame.slots;
      const error = frame.slots[ERROR_WORD];
      frame.words[3] = 0n;
      const status = functions.session_get(pool, session, bag, tag.bytes, tag.length, text, length, found, mode, error);
      return { status, error: takeError(frame.errorPointer), out: [session[0], text[0], length[0], found[0] === 0n ? 0 : 1] };
    } finally {
      giveFrame(frame);
    }
  },
  release(session, tag, mode) {
    const frame = takeFrame();
    try {
      const status = functions.session_release(session, tag.bytes, tag.length, mode, frame.slots[ERROR_WORD]);
      return { status, error: takeError(frame.errorPointer) };
    } finally {
      giveFrame(frame);
    }
  },
};

/** Throws what a failed call handed over. Returns the outcome, whose `error` is a warning then or null. */
function check(result) {
  if (result.status < 0) {
    throw result.error ?? new OraPoolError('the library gave no error', { status: result.status });
  }
  return result;
}

// libuv has a few threads for the whole process, and a call that waits for the database holds one. If all were held by
// statements that wait for a lock, the commit that frees the lock would never run. So one thread is left to the calls
// that end something: commit, rollback, release, close.
const THREADS = Math.max(1, Number.parseInt(process.env.UV_THREADPOOL_SIZE ?? '', 10) || 4);
const MAY_WAIT = Math.max(1, THREADS - 1);
const lanes = {
  waiting: { running: 0, most: MAY_WAIT, queue: [] },
  ending: { running: 0, most: Math.max(1, THREADS), queue: [] },
};

/**
 * Makes a call on another thread. Resolves with its outcome, whatever the status. `job.start` is called as it is handed
 * to a thread, `job.cancelled` says before that whether it is still wanted: if it is an error, that is what comes.
 */
function callElsewhere(lane, name, args, job = {}) {
  return new Promise((resolve, reject) => {
    lanes[lane].queue.push({ name, args, job, resolve, reject });
    startNext(lanes[lane]);
  });
}

function startNext(lane) {
  while (lane.running < lane.most && lane.queue.length > 0) {
    const next = lane.queue.shift();
    const refusal = next.job.cancelled?.();
    if (refusal !== undefined) next.reject(refusal);
    else start(lane, next);
  }
}

function start(lane, { name, args, job, resolve, reject }) {
  const frame = takeFrame();
  const laid = layOut(name, frame, args);
  const ended = (failure, status) => {
    lane.running -= 1;
    // `laid` is named here so that what it points to outlives the call.
    void laid;
    try {
      if (failure) reject(failure);
      else resolve(outcome(name, frame, status));
    } catch (problem) {
      reject(problem);
    } finally {
      giveFrame(frame);
      startNext(lane);
    }
  };
  lane.running += 1;
  try {
    functions[name].async(...laid, ended);
    job.start?.();
  } catch (failure) {
    ended(failure);
  }
}

module.exports = { plain, callNow, callElsewhere, check, takeError, koffi };
