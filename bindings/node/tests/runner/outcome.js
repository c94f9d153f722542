// What a call came to, and whether that is what its step says.
'use strict';

const { OraPoolError, STATUS } = require('../../index.cjs');
const { takeBroken } = require('../../lib/strict.js');

/** Why a scenario failed. */
class Failure extends Error {}

/** A status, a chain of errors, and what came besides. */
function outcomeOf(error, value) {
  const errors = [];
  for (let at = error; at instanceof OraPoolError; at = at.cause) errors.push(at);
  return { status: errors[0]?.status ?? STATUS.SUCCESS, errors, value, flaws: [...takeBroken(), ...errors.flatMap(messageFlaws)] };
}

function messageFlaws({ code, message }) {
  const begin = `ORA-${String(code).padStart(5, '0')}`;
  return code !== 0 && !message.startsWith(begin) ? [`a message does not begin with ${begin}: ${message}`] : [];
}

/** The outcome of a call of the binding: what it threw if it is an error of the pool. All else is nobody's to expect. */
function failed(error) {
  if (error instanceof OraPoolError) return outcomeOf(error);
  throw error;
}

function show(outcome) {
  const errors = outcome.errors.map(({ status, code, message }) => `\n      [${status} / ${code}] ${message}`);
  return `status ${outcome.status}${errors.join('')}`;
}

/** Several checks of one result: all of their findings show, not only the first. */
class Findings {
  #all = [];

  note(finding) {
    this.#all.push(finding);
  }

  equal(what, actual, expected) {
    const [came, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (came !== wanted) this.note(`${what}: expected ${wanted}, came ${came}`);
  }

  /** Throws if there are any; `tell` says what came. */
  end(tell = () => '') {
    if (this.#all.length > 0) throw new Failure(`${this.#all.join('\n')}${tell()}`);
  }
}

/** Checks status, errors and the rules of every call. */
function checkOutcome(target, expect = {}, outcome) {
  const findings = new Findings();
  const status = STATUS[(expect.status ?? 'ORAPOOL_SUCCESS').replace('ORAPOOL_', '')];
  const [first, cause] = outcome.errors;
  if (outcome.status !== status) findings.note(`status: expected ${expect.status ?? 'ORAPOOL_SUCCESS'} (${status}), came ${outcome.status}`);
  findings.equal('code', first?.code ?? 0, expect.code ?? 0);
  if (expect.cause_code !== undefined) findings.equal('cause_code', cause?.code ?? 0, expect.cause_code);
  for (const part of expect.message_contains ?? []) {
    if (!first?.message.includes(part)) findings.note(`message: expected to find \`${part}\` in \`${first?.message ?? ''}\``);
  }
  if (outcome.errors.some(({ message }) => target.passwords.some((password) => message.includes(password)))) {
    findings.note('a message holds a password');
  }
  for (const flaw of outcome.flaws) findings.note(`a rule of the interface is broken: ${flaw}`);
  if (expect.session_dead !== undefined) findings.equal('session_dead', first?.sessionDead ?? false, expect.session_dead);
  if (expect.transient !== undefined) findings.equal('transient', first?.transient ?? false, expect.transient);
  findings.end(() => `\ncame: ${show(outcome)}`);
}

module.exports = { Failure, Findings, outcomeOf, failed, checkOutcome, show };
