import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SSHD } from '../../../agent/ssh/require-sshd.ts';
import { SCRATCH, whyNoContainer } from '../../kit/agent/agent-container.ts';
import type { AgentProcess } from '../../kit/agent/agent-process.ts';
import { createAgentSuite, skipped } from '../../kit/agent/agent-suite.ts';
import { execAs } from '../../kit/agent/exec-as.ts';

const { startInContainer } = createAgentSuite();
const skipReason = whyNoContainer();
const GROUP = 54_321;
const EVIL = `${SCRATCH}/evil`;

// Every program that an agent might start by its name. Each is planted in a directory of the build, and notes its user.
const NAMES = 'setpriv sh env cat stat df fallocate sshd id mktemp chmod mv dirname mkdir runuser su git bash tini ls';
const PLANT = [
  `mkdir -p ${EVIL}`,
  `for name in ${NAMES}; do`,
  `  printf '#!/bin/sh\\nPATH=/usr/bin:/bin\\necho "$(id -u) %s" >>${SCRATCH}/ran\\nexec "$(basename "$0")" "$@"\\n' $name >${EVIL}/$name`,
  `  chmod 755 ${EVIL}/$name`,
  'done',
  `: >${SCRATCH}/ran; chmod 666 ${SCRATCH}/ran`,
].join('\n');

// With LD_DEBUG the loader of each program writes a file that belongs to the program's user. So the files show where
// LD_PRELOAD would have taken effect, without a library to load.
const HOSTILE = {
  PATH: `${EVIL}:/usr/bin:/bin`,
  LD_DEBUG: 'files',
  LD_DEBUG_OUTPUT: `${SCRATCH}/trace`,
  ENV: `${EVIL}/sh`,
  BASH_ENV: `${EVIL}/sh`,
};

/** Runs the command line to its end. Returns its output. */
async function outputOf(agent: AgentProcess, key: string, shell: string): Promise<string> {
  await agent.startProcess(key, { command: { shell } });
  expect((await agent.exited(key)).result).toMatchObject({ exitCode: 0 });
  return (await agent.output(key)).toString();
}

/** Returns the build's code that ran as root: programs by name, and files of the loader. */
async function ranAsRoot(agent: AgentProcess): Promise<string> {
  return outputOf(agent, 'as-root', `grep '^0 ' ${SCRATCH}/ran; find ${SCRATCH} -name 'trace.*' -user 0; exit 0`);
}

describe.skipIf(skipReason)(`a build in a container${skipped(skipReason)}`, () => {
  it.each([
    ['of a supplementary group', { supplementaryGroup: GROUP }, `${GROUP}`],
    ['without other groups', {}, '12345'],
  ])('whose user is %s does not become root by PATH, LD_PRELOAD or ENV', async (_name, container, group) => {
    const { agent } = await startInContainer(container);
    await outputOf(agent, 'plant', PLANT);
    const value = 'it\'s "quoted" $HOME \\ `id`\nŁ';
    await agent.startProcess('hostile', {
      command: { shell: 'id -u; id -G; printf %s "$VALUE"; yes 0123456789abcdef | head -c 90000000 >&2' },
      secureEnvironment: { ...HOSTILE, VALUE: value },
    });
    const { result } = await agent.exited('hostile');
    expect(result).toMatchObject({ exitCode: 0 });
    const [uid, groups = '', ...rest] = (await agent.output('hostile')).toString().split('\n');
    expect(uid).toBe('12345');
    expect(groups.split(' ')).toContain(group);
    // The value is masked as usual: the shell that loaded it changed nothing.
    expect(rest.join('\n')).toBe('*'.repeat(Buffer.byteLength(value)));
    expect(await outputOf(agent, 'traced', `ls ${SCRATCH} | grep -c trace`)).not.toBe('0\n');
    expect(await ranAsRoot(agent)).toBe('');
  });

  it("does not become root by the PATH of the image, which begins with the build's own directory", async () => {
    const environment = { PATH: `${EVIL}:${process.env['PATH'] ?? '/usr/bin:/bin'}` };
    const config = `[disk]\npaths = ${SCRATCH}\nmethod = changed-files\n`;
    const { agent } = await startInContainer({ supplementaryGroup: GROUP, config }, { environment });
    await outputOf(agent, 'plant', PLANT);
    const file = await agent.call('PUT', `/v1/files?path=${SCRATCH}/file&user=local&mode=600`, 'content');
    expect(file.status).toBe(200);
    // The output is so long that the agent gives back the space of the part it has read. The deleted file can be found
    // through its holder only.
    const shell = `exec 3>${SCRATCH}/gone; rm ${SCRATCH}/gone; yes 0123456789abcdef | head -c 90000000; sleep 2`;
    await agent.startProcess('build', { command: { shell } });
    expect((await agent.exited('build')).result).toMatchObject({ exitCode: 0 });
    expect(await execAs(agent, 'root', 'id -u; ls /')).toMatch(/^0\n/);
    expect(await ranAsRoot(agent)).toBe('');
  });

  it.each([['embedded'], ...(existsSync(SSHD) ? [['openssh']] : [])])(
    'does not lead what root runs over SSH by its variables (%s)',
    async (server) => {
      const config = `[ssh]\nserver = ${server}\nport = 0\n`;
      const environment = { WIP_BUILD_ENV: 'LD_DEBUG_OUTPUT,LURE', LURE: 'set', LD_DEBUG_OUTPUT: '/nowhere/trace' };
      const { agent } = await startInContainer({ config, supplementaryGroup: GROUP }, { environment });
      const show = 'echo "${LURE-} ${LD_DEBUG_OUTPUT-} $PATH"';
      expect(await execAs(agent, 'root', show)).toMatch(/^ {2}\S*\/usr\/sbin:\/usr\/bin:\/sbin:\/bin\n$/);
      expect(await execAs(agent, 'local', show)).toMatch(/^set \/nowhere\/trace \//);
    },
  );

  it('inherits nothing of the agent: no open file, no environment that it may read', async () => {
    // Node closes inherited descriptors up to 15 only, so a higher one is used.
    const script = `exec bash -c 'exec 40</etc/shadow; exec tini -s -- "$@"' init "$@"`;
    const { agent } = await startInContainer({ supplementaryGroup: GROUP, init: 'script', script });
    expect(await outputOf(agent, 'files', 'exec ls /proc/self/fd')).toBe('0\n1\n2\n3\n');
    expect(await outputOf(agent, 'ids', 'grep -E "^(Uid|Gid|CapEff|CapPrm|CapAmb):" /proc/self/status')).toBe(
      [
        'Uid:\t12345\t12345\t12345\t12345',
        'Gid:\t12345\t12345\t12345\t12345',
        'CapPrm:\t0000000000000000',
        'CapEff:\t0000000000000000',
        'CapAmb:\t0000000000000000\n',
      ].join('\n'),
    );
    const spy = 'cat /proc/$PPID/environ /proc/$PPID/fd/* /proc/$PPID/mem 2>&1 | grep -vc "Permission denied"; exit 0';
    expect(await outputOf(agent, 'spy', spy)).toBe('0\n');
  });
});
