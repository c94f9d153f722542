// Runs one scenario, in a database of its own that is called after it.
'use strict';

const { World } = require('./world.js');
const { Failure } = require('./outcome.js');
const { runLater } = require('./flow.js');
const { runSteps, runOwner, create, LIMIT_MS } = require('./steps.js');
const { strict } = require('../../lib/strict.js');

strict.on = true;

/** Why a scenario can not be run in this language; null if it can. */
function hindrance(scenario) {
  const pools = [['p', scenario.pool], ...scenario.steps.map(({ create }) => [create?.pool ?? 'p', create?.settings])];
  for (const [pool, settings] of pools) {
    const steps = (settings?.callback?.runs ?? []).flatMap((run) => run.steps ?? []);
    const waits = steps.some(({ await: awaited, get }) => awaited !== undefined || (get?.pool ?? pool) !== pool);
    if (waits && (scenario.needs ?? []).includes('threads')) return HELD;
  }
  return null;
}

const HELD =
  'threads beside a callback that waits for them: a session callback of JavaScript holds the event loop, on which all gets ' +
  'and releases of the other threads, and their callbacks, would have to run';

/** Null if it passed, else what went wrong. `onStep` is told where the threads of the scenario are. */
async function runScenario(target, setup, name, scenario, { onStep = () => {}, limitMs = LIMIT_MS } = {}) {
  const world = new World(target, name);
  world.onStep = onStep;
  let timer;
  const hang = new Promise((resolve) => {
    timer = setTimeout(() => resolve(`hangs for ${limitMs / 1000} s in:\n${world.whereabouts()}`), limitMs);
  });
  const ran = runParts(world, setup, scenario).then(() => null, (why) => textOf(why));
  const outcome = await Promise.race([ran, hang]);
  clearTimeout(timer);
  return outcome;
}

const textOf = (why) => (why instanceof Failure ? why.message : why.stack ?? String(why));

async function runParts(world, setup, scenario) {
  await world.open();
  const found = [];
  const note = (why) => found.push(textOf(why));
  await runLater(parts(world, setup, scenario)).catch(note);
  world.enter('', 'the end of the scenario');
  await world.finish().catch(note);
  if (found.length > 0) throw new Failure(found.join('\n'));
}

function* parts(world, setup, scenario) {
  for (const sql of statementsOf(scenario, setup)) yield* runOwner(world, sql);
  if (scenario.pool) yield* create(world, { settings: scenario.pool });
  yield* runSteps(world, scenario.steps, { path: '' });
}

function statementsOf(scenario, setup) {
  const oneText = (statement) => (Array.isArray(statement) ? statement.join('\n') : statement);
  return (scenario.setup ?? []).flatMap(({ sql, include }) => (sql === undefined ? setup[include].map(oneText) : [sql]));
}

module.exports = { runScenario, hindrance };
