// Whole servers: bytes in, answers out, and a check of the state that must not change.
import { EXTENSION, printAttributes, printPacket, REQUEST, string, uint32 } from '../../../agent/ssh/sftp-wire.ts';
import { EcsActions } from '../ecs-actions.ts';
import { EcsCaller } from '../ecs-caller.ts';
import type { Target } from '../fuzz-target.ts';
import { SftpSandbox } from '../sftp-sandbox.ts';

let sandbox: SftpSandbox | undefined;

function closeSftp(): void {
  sandbox?.remove();
  sandbox = undefined;
}

function runSftp(input: Buffer): Promise<void> {
  if (sandbox?.hasEnded) closeSftp();
  sandbox ??= new SftpSandbox();
  return sandbox.run(input);
}

const request = (type: number, ...fields: readonly Buffer[]): string =>
  printPacket(type, uint32(7), ...fields).toString('latin1');
const NONE = printAttributes({});
const NAMES = ['f', 'd', '.', '..', '../../guarded', 'd/x', 'l', ''].map((name) => string(name));
const HANDLE = string('1');
const OFFSET = Buffer.alloc(8);

const SFTP_PIECES = [
  printPacket(REQUEST.INIT, uint32(3)).toString('latin1'),
  ...NAMES.flatMap((name) => [
    ...[REQUEST.STAT, REQUEST.LSTAT, REQUEST.REMOVE, REQUEST.RMDIR, REQUEST.OPENDIR, REQUEST.REALPATH].map((type) =>
      request(type, name),
    ),
    request(REQUEST.READLINK, name),
    request(REQUEST.OPEN, name, uint32(0x1b), NONE),
    request(REQUEST.OPEN, name, uint32(0x01), NONE),
    request(REQUEST.MKDIR, name, NONE),
    request(REQUEST.SETSTAT, name, printAttributes({ size: 3, mode: 0o600, times: { accessed: 1, modified: 1 } })),
    request(REQUEST.SYMLINK, name, string('l')),
    request(REQUEST.RENAME, name, string('n')),
    ...Object.values(EXTENSION).map((extension) => request(REQUEST.EXTENDED, string(extension), name, string('n'))),
  ]),
  ...[HANDLE, string('2')].flatMap((handle) => [
    ...[REQUEST.CLOSE, REQUEST.READDIR, REQUEST.FSTAT].map((type) => request(type, handle)),
    request(REQUEST.READ, handle, OFFSET, uint32(32_768)),
    request(REQUEST.WRITE, handle, OFFSET, string('bytes')),
    request(REQUEST.FSETSTAT, handle, printAttributes({ size: 1 })),
  ]),
];

/** New for each input, so that no result depends on an earlier input. */
async function callEcs(input: Buffer): Promise<void> {
  const caller = await EcsCaller.start();
  try {
    await caller.run(input);
  } finally {
    await caller.close();
  }
}

const ECS_PIECES = [
  ...['CreateCluster', 'DeleteCluster', 'DescribeClusters', 'ListClusters', 'DescribeContainerInstances'],
  ...['ListContainerInstances', 'RegisterTaskDefinition', 'DeregisterTaskDefinition', 'DescribeTaskDefinition'],
  ...['ListTaskDefinitions', 'RunTask', 'StopTask', 'DescribeTasks', 'ListTasks', 'TagResource', 'ListTagsForResource'],
  ...['\n', '\n==\n', '{"', '":', '"', ',"', '}', '[', ']', 'null', '1', '-1', '1e400', '{}', '"a"', '\\u0000'],
  ...['"cluster":"', '"taskDefinition":"a"', '"clientToken":"constructor"', '"clusterName":"__proto__"', '"tasks":["'],
  ...['"family":"a"', '"containerDefinitions":[{"name":"c"}]', '"resourceArn":"', '"overrides":{', '"nextToken":"x"'],
  ...[
    ' @//[',
    ' @/_faults',
    ' @http://x',
    ' x-amz-target: x',
    ' authorization: ',
    ' x-amz-date: 20260101T000000Z',
    ' content-type: text/plain',
  ],
  ...[' host: a', ' origin: http://a', ' content-length: 5', ' transfer-encoding: chunked', ' expect: 100-continue'],
  ...['!POST / HTTP/1.1\r\n', '!GET //[ HTTP/1.1\r\n', 'Host: 127.0.0.1\r\n', 'Content-Length: 9\r\n', '\r\n', '!'],
];

const ACTION_PIECES = [
  ...ECS_PIECES.filter((piece) => !piece.startsWith('!') && !piece.endsWith('\r\n')),
  ...['UpdateContainerInstancesState', '"containerInstances":["', '"status":"DRAINING"'],
  ...['DescribeCapacityProviders', 'DescribeServices', 'ListServices', 'StartTask', 'PutAttributes', 'ListAttributes'],
  ...[
    '"attributes":[{"name":"a","targetId":"',
    '"placementConstraints":[{"type":"memberOf","expression":"',
    '"filter":"',
  ],
  ...[
    'attribute:a == ',
    'task:group =~ ',
    ' exists and ',
    'not(',
    ' in [x,',
    'ListAccountSettings',
    'PutAccountSetting',
  ],
  ...['UpdateCluster', 'DeleteTaskDefinitions', 'ListTaskDefinitionFamilies', 'ExecuteCommand', 'UntagResource'],
  ...['0'.repeat(31), 'arn:aws:ecs:local:000000000000:', 'task/default/', 'task-definition/a:1', 'cluster/default'],
  ...[
    '"launchType":"FARGATE"',
    '"networkMode":"awsvpc"',
    '"cpu":"256"',
    '"memory":64',
    '"count":10',
    '"include":["TAGS"]',
  ],
  ...['"networkConfiguration":{"awsvpcConfiguration":{"subnets":["s"]}}', '"portMappings":[{"hostPort":80}]'],
  ...[
    ' @/_faults\n[{"kind":"',
    'crash","task":"',
    'lose-instance","containerInstance":"',
    'agent-disconnected","containerInstance":"',
    'start-error","reason":"x"',
  ],
  ...[' content-type: application/x-www-form-urlencoded\nAction=DescribeNetworkInterfaces&NetworkInterfaceId.1=eni-'],
];

export const SERVER_TARGETS: readonly Target[] = [
  { name: 'sftp-session', share: 2, pieces: SFTP_PIECES, run: runSftp, close: closeSftp },
  { name: 'local-ecs-actions', share: 6, pieces: ACTION_PIECES, run: (input) => new EcsActions().run(input) },
  { name: 'local-ecs-http', share: 2, pieces: ECS_PIECES, run: callEcs },
];
