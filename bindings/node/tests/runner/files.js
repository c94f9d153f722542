// Reading the scenario files.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { parseJson } = require('./json.js');
const { checkSetupFormat } = require('./format.js');
const { checkFile } = require('./validate.js');

/** The file of lists of statements, which scenarios include by name. */
const SETUP_FILE = 'setup.json';

function parse(file, check) {
  try {
    const value = parseJson(fs.readFileSync(file, 'utf8'));
    check(value);
    return value;
  } catch (why) {
    throw new Error(`${file}: ${why.message}`);
  }
}

/** Every scenario of the folder, checked: `{ name, scenario }`; and the lists of statements. */
function readScenarios(folder) {
  const setup = parse(path.join(folder, SETUP_FILE), checkSetupFormat);
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.json') && name !== SETUP_FILE).sort();
  if (names.length === 0) throw new Error(`${folder} has no scenarios`);
  const all = names.flatMap((name) => {
    const { scenarios } = parse(path.join(folder, name), (file) => checkFile(file, setup));
    return scenarios.map((scenario) => ({ name: `${path.basename(name, '.json')}::${scenario.id}`, scenario }));
  });
  checkIds(all);
  return { setup, all };
}

/** Names of scenarios, and of databases, must be told apart without case. */
function checkIds(all) {
  const seen = new Set();
  for (const { name } of all) {
    if (seen.has(name.toLowerCase())) throw new Error(`${name} is there twice`);
    seen.add(name.toLowerCase());
  }
}

module.exports = { readScenarios };
