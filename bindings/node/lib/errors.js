// OraPoolError, and how one is made of what the library hands over.
'use strict';

const STATUS = Object.freeze({
  SUCCESS: 0,
  SUCCESS_WITH_INFO: 1,
  PENDING: 2,
  NO_DATA: 100,
  ERROR: -1,
  INVALID_HANDLE: -2,
  INVALID_ARGUMENT: -3,
  TIMEOUT: -4,
  CLOSED: -5,
  UNSUPPORTED: -6,
  CONFLICT: -7,
  CALLBACK_FAILED: -8,
  FORKED: -9,
  CANCELLED: -10,
  PANIC: -99,
});

const NAMES = new Map(Object.entries(STATUS).map(([name, number]) => [number, `ORAPOOL_${name}`]));

/** An error or a warning of the pool or of the database. */
class OraPoolError extends Error {
  constructor(message, { status = STATUS.ERROR, code = 0, transient = false, sessionDead = false, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.code = code;
    this.transient = transient;
    this.sessionDead = sessionDead;
  }

  get statusName() {
    return NAMES.get(this.status) ?? 'ORAPOOL_?';
  }
}
// On the prototype, so that printing an error does not show it twice.
Object.defineProperty(OraPoolError.prototype, 'name', { value: 'OraPoolError', configurable: true, writable: true });

function invalidArgument(message, cause) {
  return new OraPoolError(message, { status: STATUS.INVALID_ARGUMENT, cause });
}

module.exports = { OraPoolError, STATUS, invalidArgument };
