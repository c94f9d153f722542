// The package, for require(). index.mjs hands on the same objects, so that both kinds of modules share all of it.
'use strict';

const { functions, version, file } = require('./lib/library.js');
const { OraPoolError, STATUS } = require('./lib/errors.js');
const { Pool, SESSGET } = require('./lib/pool.js');
const { Session, SESSRLS, NATIVE } = require('./lib/session.js');
const { Statement } = require('./lib/statement.js');
const { isSessionCallbackInUse } = require('./lib/callbacks.js');

/** Two runtimes of a process that see the same number share their pools. */
function instanceId() {
  return BigInt(functions.instance_id());
}

module.exports = {
  Pool,
  Session,
  Statement,
  OraPoolError,
  STATUS,
  SESSGET,
  SESSRLS,
  NATIVE,
  isSessionCallbackInUse,
  instanceId,
  libraryVersion: version,
  libraryFile: file,
};
