'use strict';
// Runs the agent's bundle like the compiled agent does, and at the end writes down what V8 has compiled by then. It
// begins with what the cache holds already, so several runs make one cache of all that they need.
//
//   node FLAGS record.cjs BUNDLE CACHE [ARGUMENT ...]
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

const [bundle, cache] = process.argv.splice(2, 2);
const cachedData = existsSync(cache) ? readFileSync(cache) : undefined;
const script = new Script(readFileSync(bundle, 'latin1'), { filename: 'wip-agent.js', cachedData });
process.on('exit', () => writeFileSync(cache, script.createCachedData()));
script.runInThisContext()(require);
