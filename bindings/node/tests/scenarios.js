#!/usr/bin/env node
// The runner of tests/scenarios, on this binding. See tests/scenarios/README.md for what it runs.
//
//     scenarios.js --driver embedded|oci --scenarios DIR [--client-lib-dir DIR] [--list] [FILE::ID | PREFIX ...]
//
// The scenarios run in a child process, one after the other, so that one which blocks the event loop for good, or ends the
// process, is a failure like any other: the rest goes on in another child.
'use strict';

const { spawn } = require('node:child_process');
const { parseArgs } = require('node:util');
const fs = require('node:fs');
const readline = require('node:readline');
const { readScenarios } = require('./runner/files.js');

/** The child reports hangs itself after 60 s, as long as its event loop goes on. */
const GRACE_MS = 75_000;
const REPORT_FD = 3;

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      driver: { type: 'string' }, scenarios: { type: 'string' }, 'client-lib-dir': { type: 'string' }, list: { type: 'boolean' },
      child: { type: 'boolean' },
    },
  });
  if (!['embedded', 'oci'].includes(values.driver)) throw new Error('--driver is embedded or oci');
  if (values.scenarios === undefined) throw new Error('--scenarios names the folder of the scenario files');
  if (values.driver === 'oci' && !values.list && values['client-lib-dir'] === undefined) {
    throw new Error('--client-lib-dir names the folder of the client library, for --driver oci');
  }
  return { ...values, patterns: positionals };
}

/** Those that were asked for; a pattern that nothing matches is a mistake. */
function choose(all, patterns) {
  for (const pattern of patterns) {
    if (!all.some(({ name }) => name.startsWith(pattern))) throw new Error(`no scenario begins with \`${pattern}\``);
  }
  return patterns.length === 0 ? all : all.filter(({ name }) => patterns.some((pattern) => name.startsWith(pattern)));
}

// --- the parent ---

async function main(args) {
  const chosen = choose(readScenarios(args.scenarios).all, args.patterns);
  if (args.list) {
    chosen.forEach(({ name }) => process.stdout.write(`${name}\n`));
    return 0;
  }
  let left = chosen.map(({ name }) => name);
  let hasFailed = false;
  while (left.length > 0) {
    const { reports, ending } = await runChild(args, left);
    hasFailed ||= reports.some(({ status }) => status === 'failed');
    left = left.slice(reports.length);
    if (left.length > 0) {
      if (reports.length === 0 && ending.begun === undefined) throw new Error(`the child could not run: ${ending.how}`);
      tell({ scenario: left[0], status: 'failed', ms: ending.ms, detail: `${ending.how}, in:\n${ending.where}` });
      hasFailed = true;
      left = left.slice(1);
    }
  }
  return hasFailed ? 1 : 0;
}

const tell = (report) => process.stdout.write(`${JSON.stringify(report)}\n`);

/** Runs scenarios in a child until they are done, it dies, or one of them blocks it. */
function runChild(args, names) {
  const options = ['--driver', args.driver, '--scenarios', args.scenarios];
  if (args['client-lib-dir'] !== undefined) options.push('--client-lib-dir', args['client-lib-dir']);
  const child = spawn(process.execPath, [__filename, '--child', ...options], { stdio: ['pipe', 'inherit', 'inherit', 'pipe'] });
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(names));
  const reports = [];
  const ending = { begun: undefined, since: Date.now(), where: '', how: '', ms: 0 };
  let killed = false;
  const timer = setInterval(() => {
    if (Date.now() - ending.since < GRACE_MS) return;
    killed = true;
    child.kill('SIGKILL');
  }, 1000);
  const lines = readline.createInterface({ input: child.stdio[REPORT_FD] });
  lines.on('line', (line) => {
    const message = JSON.parse(line);
    if (message.begin !== undefined) Object.assign(ending, { begun: message.begin, since: Date.now(), where: '' });
    if (message.where !== undefined) ending.where = message.where;
    if (message.report !== undefined) {
      reports.push(message.report);
      tell(message.report);
      ending.since = Date.now();
    }
  });
  const read = new Promise((resolve) => lines.once('close', resolve));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearInterval(timer);
      ending.how = killed ? 'blocks the event loop' : `the process ended with ${signal ?? `exit status ${code}`}`;
      ending.ms = Date.now() - ending.since;
      read.then(() => resolve({ reports, ending }));
    });
  });
}

// --- the child ---

async function runAll(args) {
  const { Target } = require('./runner/target.js');
  const { runScenario, hindrance } = require('./runner/run.js');
  const send = (message) => fs.writeSync(REPORT_FD, `${JSON.stringify(message)}\n`);
  const names = new Set(JSON.parse(fs.readFileSync(0, 'utf8')));
  const { setup, all } = readScenarios(args.scenarios);
  const target = new Target(args.driver, args['client-lib-dir']);
  for (const { name, scenario } of all.filter((one) => names.has(one.name))) {
    send({ begin: name });
    const start = Date.now();
    const why = hindrance(scenario);
    const detail = why ?? (await runScenario(target, setup, name, scenario, { onStep: (where) => send({ where }) }));
    const status = why !== null ? 'skipped' : detail === null ? 'passed' : 'failed';
    send({ report: { scenario: name, status, ms: Date.now() - start, detail: detail ?? '' } });
  }
}

async function run() {
  try {
    const args = readArguments();
    if (!args.child) return await main(args);
    await runAll(args);
    return 0;
  } catch (error) {
    process.stderr.write(`scenarios.js: ${error.message}\n`);
    return 2;
  }
}

run().then((status) => {
  process.exit(status);
});
