import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAnswerCheck } from '../../kit/check-answers.ts';
import { CommandLine } from '../../kit/command-line.ts';
import { readOpenApiDocument } from '../../kit/read-openapi-document.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
  await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
});
afterEach(() => cli.close());

describe('what --json prints', () => {
  it.each<[command: string, route: string, status: number]>([
    ['tasks', 'GET /v1/tasks', 200],
    ['show 1', 'GET /v1/tasks/:id', 200],
    ['logs 1', 'GET /v1/tasks/:id/logs', 200],
    ['terminate 1', 'PUT /v1/tasks/:id/terminate', 202],
    ['prioritise 1', 'PUT /v1/tasks/:id/priority', 202],
    ['tokens list', 'GET /v1/tokens', 200],
    ['tokens create bob --role viewer', 'POST /v1/tokens', 201],
    ['groups', 'GET /v1/groups', 200],
    ['clusters list', 'GET /v1/clusters', 200],
    ['doctor', 'GET /v1/doctor', 200],
    ['maintenance on', 'PUT /v1/state/maintenance', 200],
    ['audit', 'GET /v1/audit', 200],
  ])('of "%s" is the answer of %s in the OpenAPI document', async (command, route, status) => {
    const { out, err } = await cli.run(...command.split(' '), '--json');
    expect(out, err).not.toBe('');
    const [method = '', path = ''] = route.split(' ');
    const check = createAnswerCheck(await readOpenApiDocument());
    expect(check.problemOf({ method, route: path, status, media: 'application/json', body: out })).toBeNull();
  });
});
