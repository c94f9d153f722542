// Steps are generators that yield what may take time, in two forms: as a promise for the threads of a scenario, each of which
// is a chain of them, and as a synchronous call for session callbacks, whose get waits for them.
'use strict';

/** Something that may take time: `later` gives a promise, `now` does it while all else waits. */
const timed = (later, now) => ({ later, now });

const sleepCell = new Int32Array(new SharedArrayBuffer(4));
const pause = (ms) => timed(
  () => new Promise((resolve) => setTimeout(resolve, ms)),
  () => void Atomics.wait(sleepCell, 0, 0, ms),
);

/** Runs a generator to its end, with promises. */
async function runLater(generator) {
  let next = generator.next();
  while (!next.done) {
    let value;
    try {
      value = await next.value.later();
    } catch (error) {
      next = generator.throw(error);
      continue;
    }
    next = generator.next(value);
  }
  return next.value;
}

/** Runs a generator to its end, here and now. */
function runNow(generator) {
  let next = generator.next();
  while (!next.done) {
    let value;
    try {
      value = next.value.now();
    } catch (error) {
      next = generator.throw(error);
      continue;
    }
    next = generator.next(value);
  }
  return next.value;
}

module.exports = { timed, pause, runLater, runNow };
