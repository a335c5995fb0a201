'use strict';
// The main script of the compiled agent: runs the agent's bundle with the code that V8 made of it when the binary was
// built. Without it two thirds of the time until the agent is ready would go into compiling.
const { closeSync, openSync, readSync } = require('node:fs');
const { getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

// Offset and length of each asset in the file of this program; locate-assets.ts writes them when the binary is made.
const LOCATIONS =
  '{"wip-assets":"                                                                                          "}';

const END_BYTES = 64;

// The build tool is another program in the same bundle, with code of its own.
const cache = process.argv[2] === 'build' ? 'build.cache' : 'agent.cache';
const cachedData = readAsset(cache);
// The bundle is ASCII: one byte is one character, and V8 keeps it so.
const script = new Script(readAsset('agent.js').latin1Slice(), { filename: 'wip-agent.js', cachedData });
// The binary works without the cache, only more slowly. The build does not let such a binary pass.
if (script.cachedDataRejected) process.emitWarning('V8 refuses the code cache of this binary; it starts slowly');
script.runInThisContext()(require);

/**
 * Reads an asset from the file. What getRawAsset returns is mapped memory: its pages, 4 MB of them, would be the agent's for
 * as long as it runs, while a buffer is freed.
 */
function readAsset(name) {
  const mapped = Buffer.from(getRawAsset(name));
  let file;
  try {
    file = openSync('/proc/self/exe', 'r');
    const [offset, length] = JSON.parse(LOCATIONS)[name];
    const asset = Buffer.allocUnsafeSlow(length);
    if (readSync(file, asset, 0, length, offset) === length && isSame(asset, mapped)) return asset;
  } catch {
    // No /proc: the mapped memory is the same.
  } finally {
    if (file !== undefined) closeSync(file);
  }
  return mapped;
}

/** Compares both ends, which are a page each of the mapped memory: a tool may have moved what is in the file since. */
function isSame(one, other) {
  const ends = (asset) => Buffer.concat([asset.subarray(0, END_BYTES), asset.subarray(-END_BYTES)]);
  return one.length === other.length && ends(one).equals(ends(other));
}
