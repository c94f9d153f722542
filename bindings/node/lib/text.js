// Texts between JavaScript and the library: UTF-8 with a length.
'use strict';

const { copyMemory } = require('./library.js');
const { invalidArgument } = require('./errors.js');
const { strict, note } = require('./strict.js');

const NOTHING = Buffer.alloc(1);
const ABSENT = Object.freeze({ bytes: null, length: 0 });
const lossless = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const LONE_SURROGATE = /\p{Surrogate}/u;

/** A text for the library. Half a surrogate pair has no UTF-8, and nothing is put in its place. */
function encode(text, what) {
  if (typeof text !== 'string') throw invalidArgument(`${what} is a string, not ${kindOf(text)}`);
  if (LONE_SURROGATE.test(text)) throw invalidArgument(`${what} has half of a surrogate pair, which is no character`);
  return fromBytes(Buffer.from(text, 'utf8'));
}

/** Bytes for the library. No bytes are a pointer as well, where only NULL means absent. */
function fromBytes(bytes) {
  return bytes.length === 0 ? { bytes: NOTHING, length: 0 } : { bytes, length: bytes.length };
}

/** A tag: a string, any bytes, or null for none. */
function encodeTag(tag, what = 'the tag') {
  if (tag === null || tag === undefined) return ABSENT;
  if (tag instanceof Uint8Array) return fromBytes(Buffer.from(tag));
  if (typeof tag === 'string') return encode(tag, what);
  throw invalidArgument(`${what} is a string, a Uint8Array or null, not ${kindOf(tag)}`);
}

/** Copies what the library gave as pointer and length; null for NULL. A NUL stands behind it. */
function copyBytes(pointer, length) {
  const size = Number(length);
  if (strict.on) checkEnd(pointer, size);
  return copyRaw(pointer, size);
}

/** As copyBytes, for what has no NUL behind it. */
function copyRaw(pointer, length) {
  if (BigInt(pointer) === 0n) return null;
  const size = Number(length);
  const bytes = Buffer.allocUnsafe(size);
  if (size > 0) copyMemory(bytes, pointer, size);
  return bytes;
}

function checkEnd(pointer, size) {
  if (BigInt(pointer) === 0n) {
    if (size !== 0) note(`NULL came with the length ${size}`);
  } else if (copyRaw(pointer, size + 1)[size] !== 0) {
    note('a text has no NUL behind it');
  }
}

/** A text of the library, which is UTF-8 by its contract. */
function copyText(pointer, length) {
  const bytes = copyBytes(pointer, length);
  return bytes === null ? null : bytes.toString('utf8');
}

/** A tag as text. What is no UTF-8 is not made into something else. */
function tagText(bytes, instead) {
  if (bytes === null) return null;
  try {
    return lossless.decode(bytes);
  } catch (cause) {
    throw invalidArgument(`the tag is no UTF-8; ${instead} gives its bytes`, cause);
  }
}

function kindOf(value) {
  if (value === null) return 'null';
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : typeof value;
}

module.exports = { encode, encodeTag, fromBytes, copyBytes, copyRaw, copyText, tagText, kindOf, ABSENT };
