// Values of binds and columns.
'use strict';

const { functions } = require('./library.js');
const { callNow, check } = require('./calls.js');
const { encode, fromBytes, copyText, copyRaw, kindOf } = require('./text.js');
const { takeFrame, giveFrame } = require('./frames.js');
const { invalidArgument } = require('./errors.js');

const SMALLEST_INT64 = -(2n ** 63n);
const LARGEST_INT64 = 2n ** 63n - 1n;
/** As many digits as every double keeps. */
const EXACT_DIGITS = 15;
const NUMBER = /^-?(\d*)(?:\.(\d+))?$/;

/** Binds a value; positions count from 1. */
function bind(stmt, position, value) {
  check(callNow(...bindCall(stmt, position, value)));
}

function bindCall(stmt, position, value) {
  if (value === null) return ['stmt_bind_null', stmt, position];
  switch (typeof value) {
    case 'string':
      return ['stmt_bind_text', stmt, position, encode(value, `bind ${position}`)];
    case 'number':
      // A whole number goes in all its digits; a double would be written with as few as tell it apart.
      if (Number.isInteger(value) && fitsInt64(BigInt(value))) return ['stmt_bind_int', stmt, position, BigInt(value)];
      return ['stmt_bind_double', stmt, position, value];
    case 'bigint':
      if (!fitsInt64(value)) {
        throw invalidArgument(`bind ${position} does not fit into 64 bits: bind it as a string, and use to_number(:${position})`);
      }
      return ['stmt_bind_int', stmt, position, value];
    default:
      if (value instanceof Uint8Array) return ['stmt_bind_bytes', stmt, position, fromBytes(Buffer.from(value))];
      throw invalidArgument(
        `bind ${position} is a string, number, bigint, Uint8Array or null, not ${kindOf(value)}` +
          (value instanceof Date ? ': bind its text, and use to_date or to_timestamp' : ''),
      );
  }
}

function fitsInt64(value) {
  return value >= SMALLEST_INT64 && value <= LARGEST_INT64;
}

function checkBinds(binds) {
  if (!Array.isArray(binds)) throw invalidArgument(`binds are an array, by position, not ${kindOf(binds)}`);
}

function bindAll(stmt, binds) {
  checkBinds(binds);
  binds.forEach((value, at) => bind(stmt, at + 1, value));
}

/** How columns can be read. */
const READERS = {
  text: readText,
  number: readNumber,
  int: readInt,
  double: readDouble,
  bytes: readBytes,
};

function readerOf(type) {
  if (!Object.hasOwn(READERS, type)) {
    throw invalidArgument(`a column is read as ${Object.keys(READERS).join(', ')}, not as ${String(type)}`);
  }
  return READERS[type];
}

function readText(stmt, column) {
  const [pointer, length] = check(callNow('stmt_column_text', stmt, column)).out;
  return copyText(pointer, length);
}

function readBytes(stmt, column) {
  const [pointer, length] = check(callNow('stmt_column_bytes', stmt, column)).out;
  return copyRaw(pointer, length);
}

/** A number where it can be one, else all of its digits as a string: what is returned is never rounded. */
function readNumber(stmt, column) {
  const text = readText(stmt, column);
  if (text === null) return null;
  const parts = NUMBER.exec(text.trim());
  if (parts === null || text.trim() === '') return toDouble(stmt, column, text);
  const digits = `${parts[1]}${parts[2] ?? ''}`.replace(/^0+/, '').length;
  const number = Number(text);
  const isExact = parts[2] === undefined ? Number.isSafeInteger(number) : digits <= EXACT_DIGITS;
  return isExact ? number : text;
}

/** What is written in another way, such as with an exponent: a number if its double says the same, else the text. */
function toDouble(stmt, column, text) {
  const number = readDouble(stmt, column);
  return Number(text) === number && significantDigits(text) <= EXACT_DIGITS ? number : text;
}

function significantDigits(text) {
  return text.toLowerCase().split('e')[0].replace(/[^0-9]/g, '').replace(/^0+/, '').length;
}

function readInt(stmt, column) {
  const isNull = isNullColumn(stmt, column);
  const [word] = check(callNow('stmt_column_int', stmt, column)).out;
  if (isNull) return null;
  const value = BigInt.asIntN(64, word);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const asDouble = new DataView(new ArrayBuffer(8));

function readDouble(stmt, column) {
  const isNull = isNullColumn(stmt, column);
  const [word] = check(callNow('stmt_column_double', stmt, column)).out;
  if (isNull) return null;
  asDouble.setBigUint64(0, word);
  return asDouble.getFloat64(0);
}


function isNullColumn(stmt, column) {
  return functions.stmt_column_is_null(stmt, column) !== 0;
}

function columnNames(stmt) {
  const frame = takeFrame();
  try {
    return Array.from({ length: functions.stmt_column_count(stmt) }, (_, column) => {
      const pointer = functions.stmt_column_name(stmt, column, frame.slots[0]);
      return copyText(pointer, frame.words[0]) ?? '';
    });
  } finally {
    giveFrame(frame);
  }
}

module.exports = { bind, bindAll, checkBinds, readerOf, columnNames };
