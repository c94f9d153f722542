// Lesson 10, for Node.js: Node is the process, and what it loads shares its pool.
//
// Node can not be embedded as Java and Python can: its supported interface is a program, so a JVM or a Python inside the same
// process would have to be loaded by Node. Here that is a small C library (c_part.c); a native addon would do the same.
//
//     node node_host.mjs BINDING LIBRARY C_PART      the folder of the binding, liborapool.so, the C library

import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';

const [binding, library, part] = process.argv.slice(2);
// Before the binding is loaded: it and the C library must come to the same file.
process.env.ORAPOOL_LIBRARY = library;
const require = createRequire(path.join(binding, 'package.json'));
const koffi = require('koffi');
const { Pool, instanceId } = require(binding);

const POOL = 'hr';
const cPart = koffi.load(part).func('uint64_t c_part(const char *pool, const char *wanted, const char *language)');

function ensure(isSo, otherwise) {
  if (!isSo) throw new Error(otherwise);
}

const pool = await Pool.create({
  name: POOL,
  connectString: 'embedded:shared_pool_node',
  user: 'scott',
  password: 'tiger',
  sessionsMax: 1,
});
const first = await pool.acquire();
console.log(`  Node:   instance ${instanceId()}, leaves LANGUAGE=FRENCH`);
await first.execute("alter session set nls_language = 'FRENCH'");
await first.release({ tag: 'LANGUAGE=FRENCH', multiProperty: true });

// C waits in here, so it runs on a thread of its own and not on that of JavaScript.
const seen = await new Promise((resolve, reject) => {
  cPart.async(POOL, 'LANGUAGE=FRENCH', 'GERMAN', (error, id) => (error ? reject(error) : resolve(BigInt(id))));
});
ensure(seen !== 0n, 'C did not find what Node had left');
ensure(seen === instanceId(), `C has another copy of the library: ${seen}`);

const last = await pool.acquire({ tag: 'LANGUAGE=GERMAN', multiProperty: true });
console.log(`  Node:   instance ${instanceId()}, wanted LANGUAGE=GERMAN, found ${Number(last.found)}`);
ensure(last.found, 'Node did not find what C had left');
await last.release();

const stats = pool.stats();
console.log(`  ${stats.gets} gets, ${stats.getsTagExact} of them found their tag; ${stats.open} session open, ${stats.busy} on loan.`);
ensure(Number(stats.gets) === 3 && Number(stats.getsTagExact) === 2, 'the statistics do not count both of them');
await pool.close();
