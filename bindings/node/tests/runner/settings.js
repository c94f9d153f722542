// From the settings of a scenario to options of the binding.
'use strict';

const NAMES = {
  min: 'sessionsMin', max: 'sessionsMax', increment: 'sessionsIncrement', wait_timeout_ms: 'waitTimeoutMs',
  waiters_max: 'waitersMax', connects_max: 'connectsMax', homogeneous: 'homogeneous', connection_class: 'connectionClass',
  idle_timeout_ms: 'idleTimeoutMs', lifetime_max_ms: 'lifetimeMaxMs', uses_max: 'usesMax',
  ping_interval_ms: 'pingIntervalMs', ping_timeout_ms: 'pingTimeoutMs',
};

/** All but credentials, knobs and the callback. */
function changesOf(target, settings) {
  const named = Object.entries(settings).filter(([name]) => Object.hasOwn(NAMES, name));
  const options = Object.fromEntries(named.map(([name, value]) => [NAMES[name], value]));
  if (settings.get_mode !== undefined) options.getMode = settings.get_mode.toLowerCase();
  if (settings.purity !== undefined) options.purity = settings.purity.toLowerCase();
  if (settings.fixup !== undefined) options.fixupCallback = target.fillIn(settings.fixup);
  return options;
}

function poolOptions(target, scenario, settings) {
  return {
    ...target.database(scenario, settings.knobs),
    ...target.logOn(settings.user ?? 'owner', settings.password),
    ...changesOf(target, settings),
  };
}

/** What sets a get apart; nothing at all if the step names nothing. */
function getOptions(target, attrs = {}) {
  const logOn = attrs.user === undefined ? {} : target.logOn(attrs.user, attrs.password);
  return { ...logOn, ...changesOf(target, attrs) };
}

module.exports = { changesOf, poolOptions, getOptions };
