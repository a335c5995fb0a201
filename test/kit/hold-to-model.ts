import { afterAll, afterEach, expect } from 'vitest';
import { takeModelFaults, watchSdk } from './ecs/watched-sdk.ts';

// Loaded before each test file (vitest.config.ts): a request to AWS that is not as the SDK's model has it, or such an
// answer of local ECS, fails the test in which it was sent.
// What a server of others answers (WIP_PEER_ECS) is theirs.
watchSdk({ answers: process.env['WIP_PEER_ECS'] === undefined ? 'held' : 'ignored' });
const holdsToModel = (): void => expect(takeModelFaults()).toEqual([]);
afterEach(holdsToModel);
afterAll(holdsToModel);
