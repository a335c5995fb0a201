import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentProcess } from '../kit/agent/agent-process.ts';
import { processesOf } from '../../controlplane/localecs/process/process-tree.ts';

const BINARY = process.env['WIP_AGENT_BINARY'] ?? '';

describe.skipIf(BINARY === '')(
  'the compiled agent (skipped: needs WIP_AGENT_BINARY, which npm test -- --only binary sets)',
  () => {
    let place: string;
    beforeEach(() => (place = mkdtempSync(join(tmpdir(), 'wip-binary-'))));
    afterEach(() => rmSync(place, { recursive: true }));

    it('is one file: a copy of it alone runs in an empty environment, and so does its build tool', () => {
      const copy = join(place, 'wip-agent');
      copyFileSync(BINARY, copy);
      const started = { cwd: place, env: {}, encoding: 'utf8' } as const;
      expect(execFileSync(copy, ['--version'], started)).toMatch(/^wip-agent \d+\.\d+\.\d+\n$/);
      expect(execFileSync(copy, ['build', '--help'], started)).toContain('export');
      const { status, stderr } = spawnSync(copy, ['check-config', '--config', '/no/such.ini'], started);
      expect({ status, stderr }).toMatchObject({
        status: 78,
        stderr: expect.stringContaining('/no/such.ini') as string,
      });
    });

    it('runs the right bundle although the place of it in the file is another one than it was', () => {
      const copy = join(place, 'wip-agent');
      const bytes = readFileSync(BINARY);
      const known = /\{"agent\.js":\[(\d+),/.exec(bytes.toString('latin1'))!;
      const moved = String(Number(known[1]) - 4_096).padEnd(known[1]!.length);
      bytes.write(moved, known.index + '{"agent.js":['.length, 'latin1');
      writeFileSync(copy, bytes, { mode: 0o755 });
      const { status, stdout, stderr } = spawnSync(copy, ['--version'], { cwd: place, env: {}, encoding: 'utf8' });
      expect([status, stdout, stderr]).toEqual([0, expect.stringMatching(/^wip-agent \d/), '']);
    });

    it('is not reached by the NODE_OPTIONS of the image or of the build', async () => {
      const environment = { NODE_OPTIONS: '--require=/no/such/module' };
      const agent = await AgentProcess.start({ environment });
      try {
        await agent.startProcess('tool', {
          command: ['wip-agent', '--version'],
          environment,
        });
        const { result } = await agent.exited('tool');
        expect(result).toMatchObject({ exitCode: 0 });
      } finally {
        await agent.close();
      }
    });

    it('is one process while nothing runs, and leaves nothing behind', async () => {
      const agent = await AgentProcess.start();
      try {
        await agent.ready();
        expect(processesOf(agent.root)).toEqual([agent.child.pid]);
      } finally {
        await agent.close();
      }
      expect(existsSync(agent.root)).toBe(false);
    });
  },
);
