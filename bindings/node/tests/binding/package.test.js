// The package as users meet it: installed into a project, its types, the programs of its documentation.
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test, skip, collect } = require('../harness.js');

const PACKAGE = path.join(__dirname, '..', '..');
const DOCS = path.join(PACKAGE, '..', '..', 'docs', 'node.md');

const run = (command, args, cwd) => collect(spawn(command, args, { cwd }));

/** A project of its own in a folder that goes with the test. */
async function withProject(body) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'orapool-project-'));
  try {
    fs.writeFileSync(path.join(folder, 'package.json'), '{"name": "project", "private": true}');
    await body(folder);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** The package as it is here, under its name. */
function link(folder) {
  fs.mkdirSync(path.join(folder, 'node_modules'));
  fs.symlinkSync(PACKAGE, path.join(folder, 'node_modules', 'orapool'));
}

/** Programs and what stands behind "It prints". */
function programs(file) {
  const text = fs.readFileSync(file, 'utf8');
  return [...text.matchAll(/```js\n([^]*?)```(?:\n\nIt prints(?: `(.*?)`|\n\n```\n([^]*?)```))?/g)]
    .map(([, program, line, block]) => ({ program, expected: block ?? (line === undefined ? undefined : `${line}\n`) }));
}

for (const [name, file] of [['docs', DOCS], ['readme', path.join(PACKAGE, 'README.md')]]) {
  test(`package::the_programs_of_its_${name}_run_as_printed`, async () => {
    const found = programs(file);
    assert.ok(found.length > 0);
    await withProject(async (folder) => {
      link(folder);
      for (const { program, expected } of found) {
        assert.notEqual(expected, undefined, `what is printed by: ${program}`);
        fs.writeFileSync(path.join(folder, 'program.mjs'), program);
        const came = await run(process.execPath, ['program.mjs'], folder);
        assert.deepEqual({ ended: came.ended, out: came.out }, { ended: 'status 0', out: expected }, came.err);
      }
    });
  });
}

test('package::types', async () => {
  const compiler = path.join(PACKAGE, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!fs.existsSync(compiler)) skip('typescript is not installed');
  const came = await run(process.execPath, [compiler, '-p', path.join(PACKAGE, 'tests', 'types')], PACKAGE);
  assert.deepEqual({ ended: came.ended, out: came.out }, { ended: 'status 0', out: '' });
});

test('package::types_name_what_is_there', async () => {
  const orapool = require('../../index.cjs');
  const types = fs.readFileSync(path.join(PACKAGE, 'index.d.cts'), 'utf8');
  for (const name of Object.keys(orapool)) assert.match(types, new RegExp(`export declare (?:class|function|const) ${name}\\b`));
  // For the binding's own use: a statement inside a turn of its session.
  const own = new Set(['constructor', 'runWithin', 'fetchAllWithin']);
  for (const name of ['Pool', 'Session', 'Statement']) {
    const [, body] = new RegExp(`export declare class ${name}[^]*?\\{\\n([^]*?)\\n\\}`).exec(types);
    const declared = [...body.matchAll(/^ {2}(?:static |readonly |private )*(\w+)[(<:]/gm)].map(([, member]) => member);
    const members = Object.getOwnPropertyNames(orapool[name].prototype).filter((member) => !own.has(member));
    for (const member of members) assert.ok(declared.includes(member), `${name}.${member} has no type`);
    for (const member of new Set(declared)) {
      const isThere = member in orapool[name].prototype || member in orapool[name] || ['found', 'acquiredTag', 'warning'].includes(member);
      assert.ok(isThere, `${name}.${member} is not there`);
    }
  }
});

test('package::installs_from_its_folder', async () => {
  await withProject(async (folder) => {
    // A copy, without what development has put beside it.
    const copy = path.join(folder, 'orapool-package');
    const { files } = require('../../package.json');
    for (const name of [...files, 'package.json', 'README.md']) {
      if (fs.existsSync(path.join(PACKAGE, name))) fs.cpSync(path.join(PACKAGE, name), path.join(copy, name), { recursive: true });
    }
    const installed = await run('npm', ['install', '--no-audit', '--no-fund', '--omit=dev', '--install-links', copy], folder);
    if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT/.test(installed.err)) skip('the npm registry is not reached');
    assert.equal(installed.ended, 'status 0', installed.err);
    fs.writeFileSync(path.join(folder, 'a.mjs'), "import { Pool } from 'orapool'; console.log(typeof Pool.create);");
    fs.writeFileSync(path.join(folder, 'a.cjs'), "console.log(typeof require('orapool').Pool.create);");
    for (const program of ['a.mjs', 'a.cjs']) {
      const came = await run(process.execPath, [program], folder);
      assert.equal(came.out, 'function\n', came.err);
    }
  });
});

test('package::a_missing_dependency_is_told', async () => {
  await withProject(async (folder) => {
    fs.cpSync(path.join(PACKAGE, 'index.cjs'), path.join(folder, 'index.cjs'));
    fs.cpSync(path.join(PACKAGE, 'lib'), path.join(folder, 'lib'), { recursive: true });
    const came = await run(process.execPath, ['index.cjs'], folder);
    assert.equal(came.ended, 'status 1');
    assert.match(came.err, /koffi is not installed.*--install-links/);
  });
});

test('package::the_lock_file_names_no_registry', async () => {
  assert.doesNotMatch(fs.readFileSync(path.join(PACKAGE, 'package-lock.json'), 'utf8'), /"resolved"|https?:\/\/registry/);
});
