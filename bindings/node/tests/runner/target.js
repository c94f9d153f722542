// What the scenarios run against.
'use strict';

const OWNER = { name: 'scott', password: 'tigerSecret9' };
const SECOND = { name: 'blake', password: 'lionSecret9' };

class Target {
  /** `driver`: `embedded`, or `oci` with the folder of a client library. */
  constructor(driver, clientLibDir) {
    this.prefix = driver === 'oci' ? '//standin/' : 'embedded:';
    this.options = driver === 'oci' ? { driver: 'oci', clientLibDir } : {};
    this.users = { owner: OWNER, second: SECOND, none: null };
    this.passwords = [OWNER.password, SECOND.password];
  }

  /** The options that say where a scenario's database is. Each has one of its own, which goes with its last pool. */
  database(scenario, knobs = {}) {
    const keys = Object.entries(knobs).map(([knob, value]) => `${knob}=${value}`).join('&');
    const name = scenario.replace(/[^A-Za-z0-9]/g, '_');
    return { connectString: `${this.prefix}scenario_${name}${keys === '' ? '' : `?${keys}`}`, ...this.options };
  }

  /** The options that say who logs on. */
  logOn(user, password) {
    const who = this.users[user];
    return who === null ? {} : { user: who.name, password: password ?? who.password };
  }

  /** A text of a scenario with the names of the users in it. */
  fillIn(text) {
    return text.replaceAll('${owner}', OWNER.name).replaceAll('${second}', SECOND.name);
  }
}

module.exports = { Target };
