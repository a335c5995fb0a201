// Finds what nothing uses: exports, types, files and dependencies. Two runs, since each sees what the other cannot:
//
//   knip --config config/knip.mjs                everything: an export that its own file alone uses is no export
//   knip --config config/knip.mjs --production   the product: what only tests use belongs into test/kit, or nowhere

const isProduct = process.argv.includes('--production');

// What package.json exports is a program, too. A `!` marks what counts in the run over the product.
const PROGRAMS = [
  'agent/main.ts!',
  'controlplane/main.ts!',
  'controlplane/dashboard/main.tsx!',
  'controlplane/tasks/write-tasks.ts!',
  'test/testkit/{testkit,vitest}.ts!',
];
const SCRIPTS = ['config/*.{ts,mjs,cjs}', 'config/{agent-binary,bin}/*'];
const TESTS = ['test/**/*.test.ts', 'test/{bench,faults,fuzz,promises}/main.ts', 'test/types/*.ts'];
// They are started as a process of their own, by path.
const TEST_PROCESSES = [
  'test/bench/{flood-sender,heartbeat-sender,hurried-agent,listener-node}.ts',
  'test/bench/peers/*.ts',
  'test/faults/node.ts',
  'test/kit/abandoned-wip.ts',
  'test/kit/local-ecs-process.ts',
];

export default {
  project: ['{agent,controlplane,shared}/**/*.{ts,tsx}!', '{config,test}/**/*.{ts,mjs,cjs}'],
  entry: [...PROGRAMS, ...SCRIPTS, ...TESTS, ...TEST_PROCESSES],
  // A project of its own, with another package.json.
  ignore: ['test/fixtures/restore-check/**'],
  // A decider's part that its own file uses may be exported for the test that calls it by values.
  ignoreExportsUsedInFile: isProduct,
  // Programs of the machine and of images (git, mount, mkfifo) come from no package.
  exclude: ['binaries'],
};
