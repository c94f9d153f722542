// A switch for tests: the rules that hold for every call of the C interface are looked at on the way.
'use strict';

const strict = { on: false, broken: [] };

/** Writes down that the library broke a rule. */
function note(what) {
  strict.broken.push(what);
}

/** What was broken since the last look. */
function takeBroken() {
  const broken = strict.broken;
  strict.broken = [];
  return broken;
}

module.exports = { strict, note, takeBroken };
