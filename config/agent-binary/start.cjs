'use strict';
// The main script of the compiled agent: runs the agent's bundle with the code that V8 made of it when the binary was
// built. Without it two thirds of the time until the agent is ready would go into compiling.
const { getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

// The build tool is another program in the same bundle, with code of its own.
const cache = process.argv[2] === 'build' ? 'build.cache' : 'agent.cache';
// The bundle is ASCII: one byte is one character, and V8 keeps it so.
const source = Buffer.from(getRawAsset('agent.js')).latin1Slice();
const cachedData = Buffer.from(getRawAsset(cache));
const script = new Script(source, { filename: 'wip-agent.js', cachedData });
// It works all the same, only slower. The build does not let such a binary pass.
if (script.cachedDataRejected) process.emitWarning('V8 refuses the code cache of this binary; it starts slowly');
script.runInThisContext()(require);
