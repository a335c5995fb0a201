import fc from 'fast-check';
import { DEFAULT_TIMER, EMPTY_TRANSITION, type StateTable } from '../../../controlplane/statetable/table.ts';

const NAMES = ['a', 'b', 'c-1', 'd.e', 'é', 'failure', 'terminate', 'finish', 'constructor', '__proto__'];
const VALUES = ['*', '!', 'ok', 'wait', 'x:y', '404', '}', 'terminateRequested', '__proto__'];

const row = fc.record({
  value: fc.constantFrom(...VALUES),
  target: fc.constantFrom(...NAMES, 'nowhere'),
  waitSeconds: fc.constantFrom(0, 1, 30),
  max: fc.constantFrom(0, 1, 3),
  exec: fc.boolean(),
  line: fc.constant(0),
  column: fc.constant(0),
});

const block = fc.record({
  name: fc.constantFrom(...NAMES),
  transitionMethod: fc.constantFrom(EMPTY_TRANSITION, 'check', 'poll:it'),
  timer: fc.constantFrom(DEFAULT_TIMER, 'user', 'sla-1'),
  transitions: fc.uniqueArray(row, { selector: ({ value }) => value, maxLength: 5 }),
  line: fc.constant(0),
  column: fc.constant(0),
});

/** Generates any table that can be written down, with difficult names. */
export function anyTable(): fc.Arbitrary<StateTable> {
  return fc
    .record({
      states: fc.uniqueArray(block, { selector: ({ name }) => name, minLength: 1, maxLength: 6 }),
      variables: fc.dictionary(fc.constantFrom('limit', 'my-key_2'), fc.constantFrom('30', 'x = y', 'a {'), {
        noNullPrototype: true,
      }),
    })
    .map(({ states, variables }) => ({ startState: states[0]!.name, states, variables }));
}

export function withoutPositions(table: StateTable): unknown {
  const states = table.states.map(({ line: _line, column: _column, transitions, ...state }) => ({
    ...state,
    transitions: transitions.map(({ line: _rowLine, column: _rowColumn, ...rest }) => rest),
  }));
  return { ...table, states };
}
