// A small harness: one line for each test, `ok NAME`, `not ok NAME: why` or `skip NAME: why`.
'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');

/** Generous: it must never end a test that goes on, on however loaded a machine. */
const LIMIT_MS = 120_000;

const tests = [];

class Skip extends Error {}

/** Registers a test. */
function test(name, body) {
  tests.push({ name, body });
}

function skip(why) {
  throw new Skip(why);
}

async function runOne({ name, body }) {
  let timer;
  const hang = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`hangs for ${LIMIT_MS / 1000} s`)), LIMIT_MS);
  });
  try {
    await Promise.race([body(), hang]);
    return `ok ${name}`;
  } catch (why) {
    const text = (why?.stack ?? String(why)).replace(/\s*\n\s*/g, ' | ');
    return why instanceof Skip ? `skip ${name}: ${why.message}` : `not ok ${name}: ${text}`;
  } finally {
    clearTimeout(timer);
  }
}

/** Runs those whose name begins with one of `prefixes`. Returns whether none failed. */
async function runTests(prefixes) {
  const counts = { ok: 0, not: 0, skip: 0 };
  for (const one of tests) {
    if (prefixes.length > 0 && !prefixes.some((prefix) => one.name.startsWith(prefix))) continue;
    const line = await runOne(one);
    counts[line.split(' ')[0]] += 1;
    console.log(line);
  }
  console.log(`${counts.ok} passed, ${counts.not} failed, ${counts.skip} skipped`);
  return counts.not === 0 && counts.ok > 0;
}

let databases = 0;

/** Options of a pool with an embedded database of its own. */
function options(more = {}) {
  databases += 1;
  const { knobs = '', ...rest } = more;
  return {
    connectString: `embedded:node_test_${process.pid}_${databases}${knobs}`, user: 'scott', password: 'tiger', sessionsMin: 0, ...rest,
  };
}

const PROGRAM_LIMIT_MS = 60_000;
const PRELUDE = `const orapool = require(${JSON.stringify(path.join(__dirname, '..'))}); const { Pool, OraPoolError } = orapool;
const options = (more) => ({ connectString: 'embedded:program', user: 'scott', password: 'tiger', sessionsMin: 0, ...more });
`;

/** Runs a program of its own: what it printed, and how it ended. One that hangs is ended, and `ended` says so. */
function runProgram(text, { nodeArgs = [], env = {}, cwd } = {}) {
  const child = spawn(process.execPath, [...nodeArgs, '-e', PRELUDE + text], { env: { ...process.env, ...env }, cwd });
  return collect(child);
}

function collect(child) {
  const came = { out: '', err: '', ended: '' };
  child.stdout.on('data', (data) => {
    came.out += data;
  });
  child.stderr.on('data', (data) => {
    came.err += data;
  });
  let isHung = false;
  const timer = setTimeout(() => {
    isHung = true;
    child.kill('SIGKILL');
  }, PROGRAM_LIMIT_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      came.ended = isHung ? 'it hung' : (signal ?? `status ${code}`);
      resolve(came);
    });
  });
}

/** Waits until `look` is true, looking again and again. */
async function until(look, what) {
  const start = Date.now();
  while (!look()) {
    if (Date.now() - start > LIMIT_MS / 2) throw new Error(`it never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

module.exports = { test, skip, runTests, options, runProgram, collect, until };
