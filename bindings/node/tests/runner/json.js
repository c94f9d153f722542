// JSON, read so that a name which stands twice in an object is refused: the second would make the first vanish.
'use strict';

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  fail(what) {
    const line = this.text.slice(0, this.at).split('\n').length;
    throw new Error(`${what} in line ${line}`);
  }

  blanks() {
    while (/[ \t\r\n]/.test(this.text[this.at] ?? '')) this.at += 1;
  }

  expect(letter) {
    this.blanks();
    if (this.text[this.at] !== letter) this.fail(`expected ${letter}, found ${this.text[this.at] ?? 'the end'}`);
    this.at += 1;
  }

  isNext(letter) {
    this.blanks();
    return this.text[this.at] === letter;
  }

  value() {
    if (this.isNext('{')) return this.object();
    if (this.isNext('[')) return this.array();
    return this.plain();
  }

  object() {
    const entries = new Map();
    this.expect('{');
    for (let first = true; !this.isNext('}'); first = false) {
      if (!first) this.expect(',');
      this.blanks();
      if (this.text[this.at] !== '"') this.fail('expected a name');
      const name = this.plain();
      if (entries.has(name)) this.fail(`duplicate field \`${name}\``);
      this.expect(':');
      entries.set(name, this.value());
    }
    this.expect('}');
    return Object.fromEntries(entries);
  }

  array() {
    const items = [];
    this.expect('[');
    for (let first = true; !this.isNext(']'); first = false) {
      if (!first) this.expect(',');
      items.push(this.value());
    }
    this.expect(']');
    return items;
  }

  plain() {
    this.blanks();
    const [token] = /^(?:"(?:[^"\\]|\\.)*"|[^\s,\]}:]+)/.exec(this.text.slice(this.at)) ?? [];
    if (token === undefined) this.fail('expected a value');
    this.at += token.length;
    try {
      return JSON.parse(token);
    } catch {
      return this.fail(`no value: ${token}`);
    }
  }
}

function parseJson(text) {
  const reader = new Reader(text);
  const value = reader.value();
  reader.blanks();
  if (reader.at < text.length) reader.fail('more behind the end');
  return value;
}

module.exports = { parseJson };
