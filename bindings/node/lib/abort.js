// AbortSignal, as far as calls use it.
'use strict';

const { invalidArgument } = require('./errors.js');
const { kindOf } = require('./text.js');

/** What an operation needs of an AbortSignal; null without one. */
function abortOf(signal) {
  if (signal === undefined || signal === null) return null;
  if (typeof signal.addEventListener !== 'function' || typeof signal.aborted !== 'boolean') {
    throw invalidArgument(`signal is an AbortSignal, not ${kindOf(signal)}`);
  }
  return {
    /** The error to reject with; undefined while nothing was aborted. */
    reason: () => (signal.aborted ? signal.reason : undefined),
    /** Calls `onAbort` when it is; returns what ends that. */
    watch(onAbort) {
      signal.addEventListener('abort', onAbort, { once: true });
      return () => signal.removeEventListener('abort', onAbort);
    },
  };
}

module.exports = { abortOf };
