import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

// Parts of the agent's libraries that the agent never reaches. All of them would be read at every start.
const LEFT_OUT: readonly { readonly file: RegExp; readonly why: string; readonly contents: string }[] = [
  {
    file: /\/zod\/v4\/locales\/index\.js$/,
    why: 'messages in 50 languages, a fifth of the bundle',
    contents: "export { default as en } from './en.js';",
  },
  {
    file: /\/ssh2\/lib\/protocol\/crypto\/poly1305\.js$/,
    why: 'WebAssembly for a cipher that SSH_ALGORITHMS (shared/protocol/ssh.ts) does not have',
    contents: `module.exports = async () => ({
      _malloc: () => 0,
      cwrap: () => () => { throw new Error('chacha20-poly1305 is not spoken here'); },
    });`,
  },
  {
    file: /\/ssh2\/lib\/http-agents\.js$/,
    why: 'HTTP clients over SSH, which would load TLS',
    contents: 'module.exports = { SSHTTPAgent: undefined, SSHTTPSAgent: undefined };',
  },
];

/** What libraries check of themselves: Node's assert, with its eight modules, is loaded when a check fails. */
const LATE_ASSERT = `
  const assert = (value, message) => { if (!value) require('node:assert').ok(value, message); };
  assert.ok = assert;
  assert.equal = (one, other, message) => { if (one != other) require('node:assert').equal(one, other, message); };
  module.exports = assert;`;

const leaveOut: Plugin = {
  name: 'leave-out',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^assert$/ }, () => ({ path: 'assert', namespace: 'late' }));
    onLoad({ filter: /^assert$/, namespace: 'late' }, () => ({ contents: LATE_ASSERT, loader: 'js' }));
    for (const { file, contents } of LEFT_OUT) onLoad({ filter: file }, () => ({ contents, loader: 'js' }));
  },
};

/** Bundles the agent into one CommonJS file. A dynamic import still runs its module only when it is reached. */
export async function bundleAgent(
  root: string,
  outfile: string,
  wrap: { before: string; after: string },
): Promise<void> {
  await build({
    entryPoints: [join(root, 'agent', 'main.ts')],
    outfile,
    // Names of modules are in the bundle, relative to this directory: the same sources make the same bytes, wherever
    // the build was started.
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Optional native accelerators of ssh2. The bundle works without them.
    external: ['cpu-features', './crypto/build/Release/sshcrypto.node'],
    loader: { '.node': 'empty' },
    // Halves the characters to read and to keep. Names stay, for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    plugins: [leaveOut],
    logLevel: 'warning',
    banner: { js: wrap.before },
    footer: { js: wrap.after },
  });
}
