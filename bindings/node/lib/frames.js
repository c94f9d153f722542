// The words that calls write into: OUT parameters live in memory that does not move, one frame for each call.
'use strict';

const WORDS = 8;
const ERROR_WORD = WORDS - 1;
/** In strict mode every word has this before a call, to see that it was written. */
const POISON = 0x5a5a5a5a5a5a5a5an;
const LOW_HALF = 0xffffffffn;
const KEPT = 64;

class Frame {
  constructor() {
    // An ArrayBuffer of its own: V8 moves the contents of small typed arrays that it makes by itself.
    const memory = new ArrayBuffer(WORDS * 8);
    this.words = new BigUint64Array(memory);
    this.doubles = new Float64Array(memory);
    this.signed = new BigInt64Array(memory);
    this.slots = Array.from({ length: WORDS }, (_, at) => this.words.subarray(at, at + 1));
  }

  get errorPointer() {
    return this.words[ERROR_WORD];
  }
}

const free = [];

/** A frame for one call. Calls nest, because session callbacks make calls, so that one frame for all would not do. */
function takeFrame() {
  return free.pop() ?? new Frame();
}

function giveFrame(frame) {
  if (free.length < KEPT) free.push(frame);
}

module.exports = { takeFrame, giveFrame, ERROR_WORD, POISON, LOW_HALF };
