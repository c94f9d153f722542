// Runs the tests of the binding: all, or those whose names begin with an argument.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { runTests } = require('./harness.js');

const folder = path.join(__dirname, 'binding');
for (const name of fs.readdirSync(folder).filter((file) => file.endsWith('.test.js')).sort()) require(path.join(folder, name));

// Explicitly: the test of a scenario that hangs leaves a get that waits for ever, and that keeps a process alive.
runTests(process.argv.slice(2)).then((passed) => process.exit(passed ? 0 : 1));
