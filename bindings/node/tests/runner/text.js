// Bytes that a scenario describes, and how reports show bytes.
'use strict';

const { Failure } = require('./outcome.js');

/** The bytes of a text; null stays null. `args` are the tags that a callback was called with. */
function bytesOf(text, args) {
  if (text === null || text === undefined) return null;
  if (typeof text === 'string') return Buffer.from(text);
  if (text.hex !== undefined) return Buffer.from(text.hex, 'hex');
  if (text.repeat !== undefined) return Buffer.from(text.repeat[0].repeat(text.repeat[1]));
  if (text.join !== undefined) return Buffer.concat(text.join.map((part) => bytesOf(part, args)));
  if (args === undefined) throw new Failure('the scenario uses an argument of a callback outside of one');
  return args[text.argument] ?? Buffer.alloc(0);
}

/** As a program would give it: a string where it is one. */
function tagOf(text, args) {
  return typeof text === 'string' ? text : bytesOf(text, args);
}

/** For reports: NULL, or the text with its strange bytes escaped and, if it is long, cut. */
function show(bytes) {
  const LONGEST = 120;
  if (bytes === null) return 'NULL';
  const cut = JSON.stringify(bytes.subarray(0, LONGEST).toString('latin1')).slice(1, -1);
  return `\`${cut}\`${bytes.length > LONGEST ? `… (${bytes.length} bytes)` : ''}`;
}

module.exports = { bytesOf, tagOf, show };
