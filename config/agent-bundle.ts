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

const leaveOut: Plugin = {
  name: 'leave-out',
  setup({ onLoad }) {
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
