// Starts the compiled agent on the libraries of Debian's releases: builds docker/agent.Dockerfile on a small system of each,
// and lets a container of it run a build. On demand, for it takes the network and minutes:
//
//   npm run test:systems                       all three
//   npm run test:systems -- bullseye           one
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAgentBinary } from '../../config/agent-binary.ts';
import { AgentProcess } from '../kit/agent/agent-process.ts';
import { DockerEngine, whyNoEngine } from '../kit/ecs/docker-engine.ts';
import { buildAgentImage, createImagePlace } from '../kit/programs/image-place.ts';
import { debianBase, whyNoDebian } from './debian-base.ts';

const ROOT = join(import.meta.dirname, '../..');
const SUITES = ['bullseye', 'bookworm', 'trixie'];
/** What glibc and libstdc++ the system has, in the words of its packages. */
const VERSIONS = "dpkg-query -W -f '${Package} ${Version}, ' libc6 libstdc++6; wip-agent --version";

async function tryOn(suite: string, engine: DockerEngine, binary: string): Promise<void> {
  const base = `base-${suite}`;
  engine.docker('import', debianBase(suite, join(ROOT, 'dist', 'systems')), base);
  // The Dockerfile runs check-config and baseline.
  buildAgentImage(engine, { tag: suite, base, binary });
  console.log(`${suite}: ${engine.docker('run', '--rm', '--network=none', '--entrypoint=sh', suite, '-c', VERSIONS)}`);
  const agent = await AgentProcess.start({ place: createImagePlace(engine, suite) });
  try {
    const startedMs = performance.now();
    await agent.ready();
    const readyMs = Math.round(performance.now() - startedMs);
    await agent.startProcess('build', { command: { shell: 'id -un; git --version' } });
    const { result } = await agent.exited('build');
    const output = (await agent.output('build')).toString();
    writeFileSync(agent.shutdownFile, '');
    const exit = await agent.ended;
    if (result?.exitCode !== 0 || !/^local\ngit version /.test(output) || exit !== 0) {
      throw new Error(`on ${suite}: ${JSON.stringify(result)}, "${output}", exit ${exit}; ${agent.log}`);
    }
    console.log(`${suite}: ready after ${readyMs} ms, a build ran, exit 0`);
  } finally {
    await agent.close();
  }
}

const reason = whyNoEngine() ?? whyNoDebian();
const suites = process.argv.slice(2);
const unknown = suites.filter((suite) => !SUITES.includes(suite));
if (reason !== undefined) throw new Error(`This ${reason}`);
if (unknown.length > 0) throw new Error(`"${unknown.join(' ')}" is none of ${SUITES.join(', ')}`);
const binary = await buildAgentBinary(ROOT);
const engine = await DockerEngine.start();
try {
  for (const suite of suites.length === 0 ? SUITES : suites) await tryOn(suite, engine, binary);
} finally {
  await engine.close();
}
