// The runner of the scenarios itself: what it must refuse, and what it must notice.
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseJson } = require('../runner/json.js');
const { checkFile } = require('../runner/validate.js');
const { test, collect } = require('../harness.js');

/** A scenario that is right; each test below breaks it in one place. */
const RIGHT = `{
  "format": 1, "title": "t",
  "scenarios": [{
    "id": "self-ID", "title": "t", "source": {"kind": "decision", "where": "w"}, "needs": ["threads"],
    "setup": [{"sql": "create table t (n number)"}],
    "pool": {"min": 1, "max": 2},
    "steps": [
      {"get": {"as": "a", "expect": {"is_new": true, "tag": null, "found": false}}},
      {"execute": {"session": "a", "sql": "insert into t values (1)", "expect": {"rows": 1}}},
      {"query": {"session": "a", "sql": "select n from t", "rows": [["1"]]}},
      {"start": {"thread": "t1", "steps": [{"get": {"as": "b", "expect": {"not_same_as": ["a"]}}}]}},
      {"await": {"thread": "t1"}},
      {"release": {"session": "a"}},
      {"get": {"as": "c", "expect": {"same_as": "a"}}},
      {"release": {"session": "a", "expect": {"status": "ORAPOOL_INVALID_HANDLE", "code": 0}}},
      {"stats": {"expect": {"open": 2, "gets": {"at_least": 3}}}}
    ]
  }]
}`;

/** One with a callback. */
const CALLBACK = `{
  "format": 1, "title": "t",
  "scenarios": [{
    "id": "self-ID", "title": "t", "source": {"kind": "decision", "where": "w"}, "needs": ["callback"],
    "pool": {"min": 0, "max": 2, "callback": {"runs": [{"steps": [
      {"check_tag": {"session": "callback", "tag": null}},
      {"set_tag": {"session": "callback", "tag": {"argument": "wanted"}, "mode": ["MULTIPROPERTY_TAG"]}}
    ]}]}},
    "steps": [
      {"get": {"as": "a", "tag": "A=1", "mode": ["MULTIPROPERTY_TAG"], "expect": {"tag": "A=1"}}},
      {"calls": {"native": [["A=1", null]]}}
    ]
  }]
}`;

/** Typos and the like: name of the test, what is replaced, by what, and what the refusal must speak of. */
const REFUSED = [
  ['a_step_with_a_typo', '{"release"', '{"relaese"', 'relaese'],
  ['a_step_with_two_names', '{"await": {"thread": "t1"}}', '{"await": {"thread": "t1"}, "x": 1}', 'one name'],
  ['a_field_with_a_typo', '"expect": {"rows": 1}', '"expct": {"rows": 1}', 'expct'],
  ['an_expectation_with_a_typo', '"is_new": true', '"is_knew": true', 'is_knew'],
  ['an_expectation_twice', '"is_new": true', '"is_new": true, "is_new": false', 'duplicate'],
  ['an_expectation_in_a_thread', '"not_same_as"', '"not_sama_as"', 'not_sama_as'],
  ['a_setting_with_a_typo', '"max": 2', '"maxx": 2', 'maxx'],
  ['a_pool_without_sizes', '"max": 2', '"increment": 2', 'min and max'],
  ['a_statistic_with_a_typo', '"open": 2', '"opne": 2', 'opne'],
  ['a_bound_with_a_typo', 'at_least', 'at_lest', 'at_lest'],
  ['no_statistic', '"open": 2, "gets": {"at_least": 3}', '', 'names no number'],
  ['a_status_with_a_typo', 'ORAPOOL_INVALID_HANDLE', 'ORAPOOL_INVALID_HANDEL', 'HANDEL'],
  ['a_failure_without_a_code', ', "code": 0', '', 'names its code'],
  ['found_of_a_release', '"code": 0', '"code": 0, "found": true', 'only a get'],
  ['rows_of_a_get', '"is_new": true', '"rows": 1', 'only an execute'],
  ['a_session_from_nowhere', '"same_as": "a"', '"same_as": "z"', '`z`'],
  ['a_need_too_many', '["threads"]', '["threads", "kill"]', 'needs'],
  ['a_need_too_few', '["threads"]', '[]', 'needs'],
  ['an_unknown_need', '["threads"]', '["thread"]', 'thread'],
  ['a_setup_from_nowhere', '{"sql": "create table t (n number)"}', '{"include": "x"}', '`x`'],
  ['no_source', '"where": "w"', '"where": ""', 'source'],
  ['an_unknown_kind_of_source', '"decision"', '"guess"', 'guess'],
  ['another_format', '"format": 1', '"format": 2', 'format'],
  ['an_id_of_strange_letters', 'self-ID', 'self ID', 'an id'],
  ['a_name_of_every_object', '"max": 2', '"constructor": 2', 'constructor'],
  ['nothing_that_is_checked', RIGHT.slice(RIGHT.indexOf('{"get"'), RIGHT.lastIndexOf('    ]\n')), '{"await": {"thread": "t1"}}', 'checks nothing'],
];

/** Wrong expectations, which must fail when they are run. */
const NOTICED = [
  ['is-new', '"is_new": true', '"is_new": false', 'is_new'],
  ['tag', '"tag": null', '"tag": "A=1"', 'tag'],
  ['found', '"found": false', '"found": true', 'found'],
  ['status', '"is_new": true, "tag": null, "found": false', '"status": "ORAPOOL_TIMEOUT", "code": 24496', 'status'],
  ['code', '"code": 0', '"code": 24461', 'code'],
  ['cause', '"code": 0', '"code": 0, "cause_code": 1', 'cause_code'],
  ['message', '"code": 0', '"code": 0, "message_contains": ["no such words"]', 'no such words'],
  ['transient', '"code": 0', '"code": 0, "transient": true', 'transient'],
  ['session-dead', '"code": 0', '"code": 0, "session_dead": true', 'session_dead'],
  ['rows-of-execute', '{"rows": 1}', '{"rows": 2}', 'rows'],
  ['rows-of-query', '[["1"]]', '[["2"]]', 'rows'],
  ['not-same-as', '{"same_as": "a"}', '{"not_same_as": ["a"]}', 'not_same_as'],
  ['same-as', '{"same_as": "a"}', '{"same_as": "b"}', 'same_as'],
  ['in-a-thread', '{"not_same_as": ["a"]}', '{"is_new": false}', 'is_new'],
  ['statistics', '"open": 2', '"open": 3', 'open'],
  ['bound', '"at_least": 3', '"at_least": 4', 'at least'],
  ['a-thread-not-awaited', '{"await": {"thread": "t1"}},', '', 'await'],
  ['bad-setup', 'create table t (n number)', 'create table', 'create table'],
  ['a-loan-renamed', '"as": "c"', '"as": "b"', 'still on loan'],
  ['in-a-callback', '{"check_tag": {"session": "callback", "tag": null}}', '{"check_tag": {"session": "callback", "tag": "B=1"}}', 'callback of p, run 1'],
  ['calls', '[["A=1", null]]', '[["A=1", "B=1"]]', 'native callback'],
  ['a-password', '"sql": "insert into t values (1)"', '"sql": "tigerSecret9"', 'status'],
];

const sourceOf = (from) => (RIGHT.includes(from) ? RIGHT : CALLBACK);

function broken(from, to) {
  const text = sourceOf(from).replace(from, to);
  assert.notEqual(text, sourceOf(from), `\`${from}\` is in the scenario`);
  return text;
}

const parse = (text) => checkFile(parseJson(text), {});

test('runner::accepts_what_is_right', async () => {
  parse(RIGHT);
  parse(CALLBACK);
});

for (const [name, from, to, part] of REFUSED) {
  test(`runner::refuses::${name}`, async () => {
    assert.throws(() => parse(broken(from, to)), (error) => {
      assert.ok(error.message.includes(part), `\`${part}\` is not in: ${error.message}`);
      return true;
    });
  });
}

/** Runs files of scenarios, as the command does it. */
async function runFiles(files, args = []) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'orapool-node-'));
  try {
    fs.writeFileSync(path.join(folder, 'setup.json'), '{}');
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, `${name}.json`), text);
    const runner = path.join(__dirname, '..', 'scenarios.js');
    const came = await collect(spawn(process.execPath, [runner, '--driver', 'embedded', '--scenarios', folder, ...args]));
    return { ...came, reports: came.out.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)) };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

test('runner::notices', async () => {
  const files = Object.fromEntries(NOTICED.map(([name, from, to]) => [name, broken(from, to).replace('self-ID', name)]));
  const { ended, err, reports } = await runFiles({ ...files, right: RIGHT.replace('self-ID', 'right'), callback: CALLBACK.replace('self-ID', 'right') });
  assert.equal(ended, 'status 1', err);
  assert.equal(reports.length, NOTICED.length + 2);
  for (const [name, , , part] of NOTICED) {
    const report = reports.find(({ scenario }) => scenario === `${name}::${name}`);
    assert.equal(report.status, 'failed', name);
    assert.ok(report.detail.includes(part), `${name}: \`${part}\` is not in: ${report.detail}`);
  }
  for (const name of ['right', 'callback']) {
    const report = reports.find(({ scenario }) => scenario === `${name}::right`);
    assert.deepEqual([report.status, report.detail], ['passed', '']);
  }
});

test('runner::runs_what_is_asked_for', async () => {
  const steps = '{"get": {"as": "a", "expect": {"is_new": true}}}';
  const text = RIGHT.replace(/"needs": \["threads"\],/, '').replace(/"steps": \[[^]*\]\n {2}\}\]/, `"steps": [${steps}]\n  }]`);
  const { reports, ended } = await runFiles({ a: text.replace('self-ID', 'one'), b: text.replace('self-ID', 'two') }, ['a::', 'b::two']);
  assert.deepEqual([ended, reports.map(({ scenario, status }) => [scenario, status])], ['status 0', [['a::one', 'passed'], ['b::two', 'passed']]]);
});

test('runner::a_hang_names_its_step', async () => {
  const { runScenario } = require('../runner/run.js');
  const { Target } = require('../runner/target.js');
  const { strict } = require('../../lib/strict.js');
  const scenario = parseJson(RIGHT).scenarios[0];
  scenario.pool.max = 1;
  scenario.steps = [{ get: { as: 'a' } }, { get: { as: 'b' } }];
  const detail = await runScenario(new Target('embedded'), {}, 'self::hang', scenario, { limitMs: 500 });
  strict.on = false;
  assert.match(detail, /hangs for 0\.5 s in:\nstep 2: \{"get":\{"as":"b"\}\}/);
});

test('runner::bad_command_lines', async () => {
  for (const [args, part] of [[['nonesuch::'], 'nonesuch'], [['--colour'], 'colour'], [['--driver', 'thin'], 'embedded or oci'], [['--driver', 'oci'], 'client-lib-dir']]) {
    const came = await runFiles({ a: RIGHT }, args);
    assert.equal(came.ended, 'status 2', args.join(' '));
    assert.equal(came.out, '');
    assert.ok(came.err.includes(part), came.err);
  }
  const wrong = await runFiles({ a: RIGHT.replace('"max": 2', '"maxx": 2') });
  assert.equal(wrong.ended, 'status 2');
  assert.match(wrong.err, /a\.json.*maxx/);
  assert.equal((await runFiles({ a: RIGHT }, ['--list'])).out, 'a::self-ID\n');
});

test('runner::strict_mode_sees_broken_rules', async () => {
  const { strict, takeBroken } = require('../../lib/strict.js');
  const { functions } = require('../../lib/library.js');
  const { callNow } = require('../../lib/calls.js');
  const { session_ping: real, open: realOpen } = functions;
  strict.on = true;
  takeBroken();
  try {
    functions.session_ping = (handle, error) => {
      error[0] = 0n;
      return -1;
    };
    callNow('session_ping', 0n);
    assert.match(takeBroken().join(), /status -1 has no error/);
    functions.open = () => 0;
    callNow('open', { bytes: Buffer.from('x'), length: 1 });
    assert.match(takeBroken().join(), /did not write its OUT parameter 1[^]*did not write \*error/);
  } finally {
    Object.assign(functions, { session_ping: real, open: realOpen });
    strict.on = false;
  }
});
