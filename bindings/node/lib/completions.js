// Gets that wait without a thread: requests, and the socket that tells when they are complete.
'use strict';

const net = require('node:net');
const { functions } = require('./library.js');
const { callNow, check } = require('./calls.js');
const { callWithCallbacks } = require('./callbacks.js');
const { OraPoolError, STATUS } = require('./errors.js');

class Completions {
  /** Requests by the number that comes back with their completion. */
  #waiting = new Map();
  #lastNumber = 0;
  #socket = null;
  #isDraining = false;
  #isScheduled = false;

  constructor(handle) {
    this.handle = handle;
    /** Whether a forced close is under way or was done with this handle. */
    this.isForced = false;
  }

  get size() {
    return this.#waiting.size;
  }

  /** Starts a get. `done` is called once with the outcome of its finish, unless it was cancelled. Returns its number. */
  start(bag, tag, mode, done) {
    const number = ++this.#lastNumber;
    const [request] = check(callNow('request_start', this.handle, bag, tag, mode, number)).out;
    this.#waiting.set(number, { request, done });
    try {
      this.#open();
    } catch (failure) {
      this.cancel(number);
      throw failure;
    }
    this.#holdLoop();
    this.#schedule();
    return number;
  }

  /** Gives a get up; a session that it had won goes back. False if it is complete already. */
  cancel(number) {
    const entry = this.#waiting.get(number);
    if (entry === undefined) return false;
    this.#waiting.delete(number);
    functions.request_cancel(entry.request);
    this.#holdLoop();
    return true;
  }

  #open() {
    if (this.#socket !== null) return;
    const fd = functions.completion_fd(this.handle);
    if (fd < 0) throw new OraPoolError(`the pool gave no completion socket (${functions.status_name(fd)})`, { status: fd });
    const onread = { buffer: Buffer.alloc(64), callback: () => this.#drainSoon() };
    this.#socket = new net.Socket({ fd, readable: true, writable: false, onread });
    this.#socket.on('error', () => this.#socket?.destroy());
    this.#socket.on('close', () => this.#ended());
    this.#socket.unref();
  }

  #drainSoon() {
    this.drain();
    return true;
  }

  /** What is complete at once, such as where a session was idle, needs no round over the socket. */
  #schedule() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.drain();
    });
  }

  /** Finishes all that is complete. Not within itself: a session callback may get in here. */
  drain() {
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      while (this.#waiting.size > 0) {
        const { status, out: [number] } = callNow('next_completion', this.handle);
        if (status !== STATUS.SUCCESS) break;
        this.#finish(Number(number));
      }
    } finally {
      this.#isDraining = false;
      this.#holdLoop();
    }
  }

  #finish(number) {
    const entry = this.#waiting.get(number);
    if (entry === undefined) return;
    this.#waiting.delete(number);
    entry.done(callWithCallbacks(() => callNow('request_finish', entry.request)));
  }

  /** Fails what still waits with a handle that is closed: the library would let it wait on. */
  #giveUp() {
    for (const [number, { request, done }] of [...this.#waiting]) {
      this.#waiting.delete(number);
      functions.request_cancel(request);
      done({ status: STATUS.CLOSED, error: closedError(), out: [] });
    }
    this.#holdLoop();
  }

  /** The pool is closed for everybody: all is complete, and finishing it tells why. */
  #finishAll() {
    for (const number of [...this.#waiting.keys()]) this.#finish(number);
    this.#holdLoop();
  }

  #ended() {
    this.#socket = null;
    this.drain();
    if (!this.isForced) this.#giveUp();
  }

  /** The process stays alive for gets that wait, and for no idle pool. */
  #holdLoop() {
    if (this.#waiting.size > 0) this.#socket?.ref();
    else this.#socket?.unref();
  }

  /** The handle is used up. */
  close() {
    if (this.isForced) this.#finishAll();
    else this.#giveUp();
    this.#socket?.destroy();
  }
}

function closedError() {
  return new OraPoolError('ORA-24461: the pool was closed while this get waited', { status: STATUS.CLOSED, code: 24461 });
}

module.exports = { Completions };
