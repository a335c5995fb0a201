import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseStartedBy, startedByOf } from '../../../controlplane/containers/started-by.ts';

it('an attempt is found again by the startedBy of its ECS task, by its own installation only', () => {
  const attempt = fc.record({ taskId: fc.nat(), number: fc.nat() });
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), attempt, (here, there, name) => {
      expect(parseStartedBy(startedByOf(here, name), here)).toEqual(name);
      if (here !== there) expect(parseStartedBy(startedByOf(here, name), there)).toBeNull();
    }),
  );
});
