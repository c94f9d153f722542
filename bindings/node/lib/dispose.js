// The symbols of `using` and `await using`. Where Node has none yet, those that compilers put in their place.
'use strict';

module.exports = {
  dispose: Symbol.dispose ?? Symbol.for('Symbol.dispose'),
  asyncDispose: Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose'),
};
