import { BasicWip, BASIC_OPTIONS, defineWip } from '../../../controlplane/tasks/write-tasks.ts';

const ENDS = `failure {\n  * finish\n  ! finish\n}\nterminate {\n  * finish\n  ! failure\n}\n`;

/** Enters one state after the other and waits a second in each: time enough to kill its node between two of them. */
class Steps extends BasicWip {
  override get kind(): string {
    return 'Steps';
  }

  override getStateTable(): string {
    return `one {\n  * two wait=1\n}\ntwo {\n  * three wait=1\n}\nthree {\n  * finish wait=1\n}\n${ENDS}`;
  }

  one(): void {}
  two(): void {}
  three(): void {}
}

export const STEPS = defineWip({
  kind: 'Steps',
  version: 1,
  options: BASIC_OPTIONS,
  create: (task) => new Steps(task),
});
