// A statement of a session.
'use strict';

const { callNow, check } = require('./calls.js');
const { bind, bindAll, readerOf, columnNames } = require('./values.js');
const { STATUS, invalidArgument } = require('./errors.js');
const { abortOf } = require('./abort.js');
const { kindOf } = require('./text.js');
const { asyncDispose, dispose } = require('./dispose.js');

const forgotten = new FinalizationRegistry(({ loan, stmt }) => loan.freeStatement(stmt));

/** How the columns of each row are read, and in which shape a row comes. */
class Shape {
  constructor({ types, rows = 'arrays' } = {}) {
    if (rows !== 'arrays' && rows !== 'objects') throw invalidArgument(`rows are 'arrays' or 'objects', not ${String(rows)}`);
    checkTypes(types);
    this.types = types;
    this.asObjects = rows === 'objects';
  }

  /** To be called for each execution, whose columns may be others. */
  of(stmt) {
    const names = columnNames(stmt);
    if (this.asObjects && new Set(names).size < names.length) {
      throw invalidArgument(`two columns have the same name, so that rows can not be objects: ${names.join(', ')}`);
    }
    const readers = names.map((name, at) => readerOf(this.#type(name, at) ?? 'text'));
    const values = () => readers.map((read, at) => read(stmt, at));
    if (!this.asObjects) return values;
    return () => Object.fromEntries(values().map((value, at) => [names[at], value]));
  }

  #type(name, at) {
    if (this.types === undefined) return undefined;
    if (Array.isArray(this.types)) return this.types[at];
    return Object.hasOwn(this.types, name) ? this.types[name] : undefined;
  }
}

function checkTypes(types) {
  if (types === undefined) return;
  if (types === null || typeof types !== 'object') {
    throw invalidArgument(`types are an array by position or an object by column name, not ${kindOf(types)}`);
  }
  for (const type of Object.values(types)) if (type !== undefined) readerOf(type);
}

/** Made by Session.prepare. */
class Statement {
  #session;
  #loan;
  #stmt;
  #shape;
  #read = null;

  constructor(session, loan, stmt, shape) {
    this.#session = session;
    this.#loan = loan;
    this.#stmt = stmt;
    this.#shape = shape;
    loan.addStatement(stmt);
    forgotten.register(this, { loan, stmt }, this);
  }

  get session() {
    return this.#session;
  }

  bind(position, value) {
    this.#loan.checkIdle();
    if (!Number.isInteger(position) || position < 1) throw invalidArgument(`positions count from 1, ${String(position)} is none`);
    bind(this.#stmt, position, value);
    return this;
  }

  get columnNames() {
    this.#loan.checkIdle();
    return columnNames(this.#stmt);
  }

  async execute(binds = [], { signal } = {}) {
    const abort = abortOf(signal);
    return this.#loan.turn(() => this.runWithin(binds, abort));
  }

  /** For Session: executes within its turn. */
  async runWithin(binds, abort) {
    bindAll(this.#stmt, binds);
    this.#loan.touched = true;
    this.#read = null;
    const result = await this.#loan.elsewhere('waiting', 'stmt_execute', [this.#stmt], abort);
    return rowsOf(checkAborted(result, abort));
  }

  async fetch({ signal } = {}) {
    const abort = abortOf(signal);
    return this.#loan.turn(() => this.#fetch(abort));
  }

  async #fetch(abort) {
    const { status } = checkAborted(await this.#loan.elsewhere('waiting', 'stmt_fetch', [this.#stmt], abort), abort);
    if (status === STATUS.NO_DATA) return null;
    this.#read ??= this.#shape.of(this.#stmt);
    return this.#read();
  }

  /** All rows, as one turn of the session. */
  async fetchAll({ signal } = {}) {
    const abort = abortOf(signal);
    return this.#loan.turn(() => this.fetchAllWithin(abort));
  }

  /** For Session: fetches within its turn. */
  async fetchAllWithin(abort) {
    const rows = [];
    for (let row = await this.#fetch(abort); row !== null; row = await this.#fetch(abort)) rows.push(row);
    return rows;
  }

  executeSync(binds = []) {
    this.#loan.checkIdle();
    bindAll(this.#stmt, binds);
    this.#loan.touched = true;
    this.#read = null;
    return rowsOf(check(callNow('stmt_execute', this.#stmt)));
  }

  fetchSync() {
    this.#loan.checkIdle();
    if (check(callNow('stmt_fetch', this.#stmt)).status === STATUS.NO_DATA) return null;
    this.#read ??= this.#shape.of(this.#stmt);
    return this.#read();
  }

  fetchAllSync() {
    const rows = [];
    for (let row = this.fetchSync(); row !== null; row = this.fetchSync()) rows.push(row);
    return rows;
  }

  async *[Symbol.asyncIterator]() {
    for (let row = await this.fetch(); row !== null; row = await this.fetch()) yield row;
  }

  free() {
    forgotten.unregister(this);
    this.#loan.freeStatement(this.#stmt);
  }

  [dispose]() {
    this.free();
  }

  async [asyncDispose]() {
    this.free();
  }
}

/** Rows as a number: there are none that a double does not count. */
function rowsOf({ out }) {
  return Number(out[0]);
}

/** A call that was broken because of its signal fails with the signal's reason. */
function checkAborted(result, abort) {
  const reason = result.status < 0 ? abort?.reason() : undefined;
  if (reason !== undefined) throw reason;
  return check(result);
}

module.exports = { Statement, Shape, checkAborted, rowsOf };
