// What a scenario file must keep to beyond its format.
'use strict';

const { checkFileFormat, FormatError, refuse, FORMAT, STAT_NAMES } = require('./format.js');

const ALWAYS_THERE = ['owner', 'callback', 'null'];

function checkFile(file, setup) {
  checkFileFormat(file);
  if (file.format !== FORMAT) refuse(`the format is ${file.format}, this runner reads ${FORMAT}`);
  if (file.title === '' || file.scenarios.length === 0) refuse('a file has a title and scenarios');
  for (const scenario of file.scenarios) within(scenario.id, () => checkScenario(scenario, setup));
}

function within(place, check) {
  try {
    check();
  } catch (why) {
    if (why instanceof FormatError) refuse(`${place}: ${why.message}`);
    throw why;
  }
}

function checkScenario(scenario, setup) {
  if (!/^[A-Za-z0-9-]+$/.test(scenario.id)) refuse('an id is of letters, digits and hyphens');
  if (scenario.title === '' || scenario.source.where === '' || scenario.steps.length === 0) {
    refuse('a scenario has a title, a source and steps');
  }
  for (const { include } of scenario.setup ?? []) {
    if (include !== undefined && !Object.hasOwn(setup, include)) refuse(`setup.json has no list \`${include}\``);
  }
  if (scenario.pool) checkSizes(scenario.pool);
  const all = allSteps(scenario);
  for (const step of all) {
    try {
      checkStep(step);
    } catch (why) {
      if (why instanceof FormatError) refuse(`${why.message} in ${JSON.stringify(step)}`);
      throw why;
    }
  }
  checkNames(all);
  if (!all.some(looks)) refuse('the scenario checks nothing');
  checkNeeds(scenario, all);
}

/** The steps with those of threads and callbacks. */
function allSteps(scenario) {
  const all = [];
  collectCallback(scenario.pool, all);
  collect(scenario.steps, all);
  return all;
}

function collect(steps, all) {
  for (const step of steps) {
    all.push(step);
    if (step.start) collect(step.start.steps, all);
    if (step.create) collectCallback(step.create.settings, all);
  }
}

function collectCallback(settings, all) {
  for (const run of settings?.callback?.runs ?? []) collect(run.steps ?? [], all);
}

function checkSizes({ min, max }) {
  if (min === undefined || max === undefined) refuse('a pool names its min and max');
}

const KINDS = { get: 'get', execute: 'execute' };

function checkStep(step) {
  const [[name, fields]] = Object.entries(step);
  if (name === 'stats') checkStatNames(fields.expect);
  else if (fields.expect) checkExpect(fields.expect, KINDS[name] ?? 'plain');
  if (name === 'wait_until') checkStatNames(fields.stats);
  if (name === 'create') checkSizes(fields.settings);
  if (name === 'reconfigure') checkChange(fields.settings);
  if (name === 'calls' && fields.native === undefined && fields.fixup === undefined) refuse('the step checks nothing');
  if (name === 'start' && fields.steps.length === 0) refuse('a thread has steps');
  if (name === 'storm') checkStorm(fields);
}

function checkChange({ user, password, knobs, callback }) {
  if (user !== undefined || password !== undefined || callback !== undefined || Object.keys(knobs ?? {}).length > 0) {
    refuse('a reconfiguration changes no user, knob or callback');
  }
}

function checkStorm({ threads, rounds, tags }) {
  if (threads === 0 || rounds === 0) refuse('a storm has threads and rounds');
  if (tags.length === 0) refuse('a storm has tags');
}

function checkStatNames(numbers) {
  const names = Object.keys(numbers);
  if (names.length === 0) refuse('the step names no number');
  for (const name of names) if (!STAT_NAMES.includes(name)) refuse(`there is no number \`${name}\` in the statistics`);
}

const statusOf = (expect) => expect.status ?? 'ORAPOOL_SUCCESS';
const isFailure = (expect) => !['ORAPOOL_SUCCESS', 'ORAPOOL_SUCCESS_WITH_INFO'].includes(statusOf(expect));
const OF_SESSIONS = ['found', 'tag', 'is_new', 'same_as', 'not_same_as'];

/** A failure names its number; what only a success has, and what only some calls have, is named nowhere else. */
function checkExpect(expect, kind) {
  if (statusOf(expect) !== 'ORAPOOL_SUCCESS' && expect.code === undefined) {
    refuse('whoever expects an error or a warning names its code');
  }
  const namesSession = OF_SESSIONS.some((name) => expect[name] !== undefined);
  if (namesSession && (kind !== 'get' || isFailure(expect))) {
    refuse('only a get that succeeds has found, tag, is_new, same_as and not_same_as');
  }
  if (expect.rows !== undefined && (kind !== 'execute' || isFailure(expect))) refuse('only an execute that succeeds has rows');
}

/** Sessions that are spoken of must come from somewhere. */
function checkNames(all) {
  const known = new Set(ALWAYS_THERE);
  for (const { get } of all) {
    if (get && ALWAYS_THERE.includes(get.as)) refuse(`\`${get.as}\` is taken`);
    if (get) known.add(get.as);
  }
  for (const step of all) {
    for (const name of namesOf(step)) if (!known.has(name)) refuse(`no get gives the session \`${name}\` of ${JSON.stringify(step)}`);
  }
}

function namesOf(step) {
  const [fields] = Object.values(step);
  if (step.get) return [step.get.expect?.same_as ?? [], step.get.expect?.not_same_as ?? []].flat();
  return fields.session === undefined ? [] : [fields.session];
}

const LOOKING = ['stats', 'wait_until', 'calls', 'wait_until_closing', 'query', 'check_tag', 'storm'];
const EXPECTING = ['get', 'execute', 'create', 'release', 'open', 'close', 'set_tag', 'reconfigure'];

/** A scenario that only does things and looks at nothing would pass with any library. */
function looks(step) {
  const [[name, { expect }]] = Object.entries(step);
  if (LOOKING.includes(name)) return true;
  return EXPECTING.includes(name) && ['status', 'rows', ...OF_SESSIONS].some((field) => expect?.[field] !== undefined);
}

/** `needs` must be what the steps use: a runner without it would else meet a step that it can not do. */
function checkNeeds(scenario, all) {
  const named = scenario.needs ?? [];
  const used = new Set();
  if (scenario.pool) settingsNeed(scenario.pool, used);
  for (const step of all) stepNeeds(step, used);
  if (named.length !== used.size || !named.every((need) => used.has(need)) || new Set(named).size < named.length) {
    refuse(`needs ${named.join(', ')}, but the steps use ${[...used].join(', ')}`);
  }
}

function settingsNeed(settings, used) {
  if (settings.fixup !== undefined) used.add('plsql');
  if (settings.callback !== undefined) used.add('callback');
  if (settings.user === 'second') used.add('two_users');
  if (Object.keys(settings.knobs ?? {}).length > 0) used.add('knobs');
  if (settings.callback?.runs.some(({ returns = 1 }) => returns !== 0 && returns !== 1)) used.add('callback_values');
}

function stepNeeds(step, used) {
  const [[name, fields]] = Object.entries(step);
  if (name === 'create') settingsNeed(fields.settings, used);
  if (name === 'get' && fields.attrs?.user === 'second') used.add('two_users');
  if (['get', 'release', 'set_tag'].includes(name) && isRaw(fields.tag)) used.add('raw_tags');
  if (name === 'kill') used.add('kill');
  if (name === 'start' || name === 'storm') used.add('threads');
}

function isRaw(text) {
  return text?.hex !== undefined || (text?.join ?? []).some(isRaw);
}

module.exports = { checkFile };
