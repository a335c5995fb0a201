import type { NetworkCase } from './network-case.ts';
import type { CaseOutcome } from './run-case.ts';

/** Returns what a build whose network failed has lost, has done twice, or was told of it wrongly: a sentence each. */
export function findBrokenPromises(one: NetworkCase, seen: CaseOutcome): readonly string[] {
  const isLimit = one.during === 'limit';
  const wanted = isLimit ? 'ERROR_USER' : 'COMPLETED';
  const kinds = seen.signals.map(({ kind }) => kind);
  const count = (kind: string): number => kinds.filter((each) => each === kind).length;
  const same = (what: string, is: unknown, should: unknown): readonly string[] =>
    is === should ? [] : [`${what}: ${String(is)} and not ${String(should)}`];
  return [
    ...same('the task ended as', seen.exitStatus, wanted),
    ...(isLimit ? same('its cause', seen.cause, 'limit-disk') : []),
    ...same('containers', seen.containers, 1),
    ...same('attempts', seen.attempts, 1),
    ...same('starts of the build script', seen.starts, 1),
    ...same('pushes', seen.pushes, isLimit ? 0 : 1),
    ...same('ready signals', count('complete') > 0 && kinds[0] === 'complete', true),
    ...same('exit signals', count('data'), 1),
    ...same('output signals', count('terminated'), isLimit ? 1 : 0),
    ...same('the last signal', kinds.at(-1), 'data'),
    ...same(
      'sequence of the signals',
      seen.signals.map(({ sequence }) => sequence).join(),
      seen.signals.map((_, index) => index + 1).join(),
    ),
    ...brokenOutput(seen),
    ...falseSentences(one, seen),
  ];
}

/** The output is that of the build, line by line. */
function brokenOutput({ written, stored }: CaseOutcome): readonly string[] {
  if (written.length === 0) return ['the build has written nothing'];
  const at = Math.max(written.length, stored.length);
  for (let index = 0; index < at; index += 1) {
    if (written[index] === stored[index]) continue;
    const [had, has] = [written[index], stored[index]].map((line) => line?.slice(0, 30) ?? 'nothing');
    return [`line ${index + 1} of ${written.length} (${stored.length} stored) is "${has}" and not "${had}"`];
  }
  return [];
}

const STARTING = /its agent has not reported that it is ready/;
const UNREACHABLE = /does not answer \(the agent is silent for \d+ s; ECS says RUNNING; SSH failed: /;

/** Once an outage has been noticed, the task says that it waits for this very container, and for nothing else. */
function falseSentences({ fault, during }: NetworkCase, { waits }: CaseOutcome): readonly string[] {
  if (fault === 'slow') return [];
  const truth = during === 'launch' ? STARTING : UNREACHABLE;
  const wrong = waits.filter(({ sentence }) => !truth.test(sentence));
  return waits.length === 0
    ? ['it did not say why it waits']
    : wrong.map(({ sentence }) => `it waits because ${sentence}`);
}
