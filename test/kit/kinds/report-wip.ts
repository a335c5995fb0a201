import {
  CONTAINER_OPTIONS,
  ContainerWip,
  defineWip,
  startTracked,
  type WipContext,
} from '../../../controlplane/tasks/write-tasks.ts';

/** Where the process writes its report. */
export const REPORT_PATH = '/srv/report.txt';

/** Runs a process in a container, and ends with the text of the file that it has written. */
class Report extends ContainerWip {
  override get kind(): string {
    return 'Report';
  }

  override get transitions(): Record<string, readonly string[]> {
    return { ...super.transitions, checkRead: ['told', 'again'] };
  }

  override getStateTable(): string {
    const stop = this.getContainerStopState();
    return `
${this.getContainerStartTable('write', 'failure')}
write:checkContainerResultStatus {
  success         read
  wait            write wait=30 exec=false
  no_information  write wait=30 exec=false
  terminated      containerTerminated
  *               failure
  !               failure
}
read:checkRead {
  told   ${stop}
  again  read wait=10 max=3
  !      failure
}
${this.getContainerStopTable('finish')}
failure {
  *  ${stop}
  !  ${stop}
}
terminate {
  *  ${stop}
  !  failure
}
`;
  }

  async write(context: WipContext): Promise<void> {
    await startTracked(context, { command: ['write-report', REPORT_PATH] });
  }

  async read(context: WipContext): Promise<void> {
    const report = await context.agent.readFile(REPORT_PATH);
    context.bag['asked'] = report.kind;
    if (report.kind === 'ok') context.exit('COMPLETED', report.value);
    if (report.kind === 'agent-refused') context.exit('ERROR_USER', `${report.code}: ${report.message}`);
  }

  checkRead(context: WipContext): string {
    return context.bag['asked'] === 'ssh-failed' ? 'again' : 'told';
  }
}

export const REPORT = defineWip({
  kind: 'Report',
  version: 1,
  options: CONTAINER_OPTIONS,
  create: (task) => new Report(task),
});
