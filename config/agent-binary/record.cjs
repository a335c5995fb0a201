'use strict';
// Runs the agent's bundle like the compiled agent does, and at the end writes down what V8 has compiled by then: all
// that a start, a build process and a stop need.
//
//   node FLAGS record.cjs BUNDLE CACHE [ARGUMENT ...]
const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

const [bundle, cache] = process.argv.splice(2, 2);
const script = new Script(readFileSync(bundle, 'latin1'), { filename: 'wip-agent.js' });
process.on('exit', () => writeFileSync(cache, script.createCachedData()));
script.runInThisContext()(require);
