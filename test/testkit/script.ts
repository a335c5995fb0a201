/**
 * A script says what a simulated world does to a task. Everything in it is data, so that scripts can be kept in files,
 * compared and shrunk. What a script does not say is answered in the friendliest way.
 */
import { z } from 'zod';
import { EcsErrorClass } from '../../controlplane/containers/container.ts';
import { OPERATIONAL_ERRORS, type OperationalErrorCode } from '../../shared/model/error.ts';
import { EXIT_STATUS, type ExitStatus } from '../../shared/model/status.ts';
import { StopCause } from '../../shared/model/stop-cause.ts';
import {
  childContradictions,
  containerContradictions,
  deliveryContradictions,
  endContradictions,
  refuses,
  sayMoment,
  signalContradictions,
} from './contradictions.ts';
import { Duration } from './duration.ts';
import { ProcessScript } from './process-script.ts';
import { ReplayedRecording } from './replayed-recording.ts';

const Name = z.string().min(1);
const Count = z.number().int().min(0);

/** How a connection to the agent fails. `timeout` takes ten seconds of virtual time, the others none. */
export const ConnectionFailure = z.enum(['refused', 'timeout', 'key-exchange', 'auth', 'host-key', 'channel']);
export type ConnectionFailure = z.infer<typeof ConnectionFailure>;

/**
 * Why a container ends. A cause of the agent comes with its last words (output and exit signals), and so does `operator`
 * (somebody stops it in ECS). After the others it is silent: `crash` (the container's program dies), `out-of-memory`,
 * `host-lost` (its machine goes away).
 */
export const ContainerEndCause = z.enum([...StopCause.options, 'crash', 'out-of-memory', 'host-lost', 'operator']);
export type ContainerEndCause = z.infer<typeof ContainerEndCause>;

/** A moment of the task: when it enters a state, or a time since its start. */
const Moment = { at: Name.optional(), after: Duration.optional() };
type Moment = { readonly at?: unknown; readonly after?: unknown };
const isMoment = ({ at, after }: Moment): boolean => (at === undefined) !== (after === undefined);
const MOMENT_NEEDED = { error: ({ input }: { readonly input?: unknown }) => sayMoment(input as Moment) };

/** Whether the moment of a state is before or after its method. */
const When = z.enum(['before-method', 'after-method']);

const ContainerEnd = z
  .strictObject({
    ...Moment,
    /** With `at`: whether it ends before or after the method of the state has run. */
    when: When.optional(),
    cause: ContainerEndCause,
    /** The sentence and the text of the output signal. */
    exitLog: z.string().optional(),
    log: z.string().optional(),
    stdout: z.string().optional(),
    stderr: z.string().optional(),
  })
  .refine(isMoment, MOMENT_NEEDED)
  .superRefine(refuses(endContradictions))
  .transform((end) => ({ ...end, when: end.when ?? 'before-method' }));

const Outage = z.strictObject({ from: Duration.default(0), lasts: Duration.optional() });

export const ContainerScript = z
  .strictObject({
    /**
     * What RunTask answers. `answer-lost`: the container starts, and the first answer does not arrive. `unavailable`,
     * `throttled` and `denied` are repeated `launchTries` times before the container starts; after `refused` no other launch
     * can help, and after `definition-missing` the next one may.
     */
    launch: z
      .enum([
        'started',
        'no-resources',
        'refused',
        'definition-missing',
        'denied',
        'throttled',
        'unavailable',
        'answer-lost',
      ])
      .default('started'),
    launchTries: Count.default(1),
    /** Time from the launch to the ready signal. */
    readyAfter: z.union([z.literal('never'), Duration]).default(5),
    /** How often the ready signal is sent. */
    readyTimes: Count.default(1),
    /** Time from the launch until ECS says RUNNING; four fifths of `readyAfter` unless given. */
    runningAfter: Duration.optional(),
    /** How long ECS does not know the task after it was launched (DescribeTasks is eventually consistent). */
    missingFor: Duration.default(0),
    /** How much later than it happens ECS shows a change. */
    ecsLag: Duration.default(0),
    /** Times since the launch in which calls to ECS about this container fail. */
    ecsOutages: z.array(Outage.extend({ error: EcsErrorClass.default('unavailable') })).default([]),
    /** How many connections are refused before the first is accepted. */
    sshRefusals: Count.default(0),
    /** Times since the launch in which connections fail. */
    sshOutages: z.array(Outage.extend({ failure: ConnectionFailure.default('refused') })).default([]),
    /** The container shows another host key than the pinned one. */
    wrongHostKey: z.boolean().default(false),
    /** `twice`: somebody else used the enrolment token too. */
    enrols: z.enum(['once', 'twice', 'never']).default('once'),
    /** Times since the launch in which nothing of the container reaches the control plane, nor the other way round. */
    networkOutages: z.array(Outage).default([]),
    /** How far the container's clock is ahead, in seconds. */
    clockSkew: z.number().default(0),
    /** How full the disk of its host is. */
    usedDiskPercent: z.number().min(0).max(100).default(20),
    /** Time since the launch after which AWS takes the machine back: an `end` with the cause `spot`. */
    spotAfter: Duration.optional(),
    /** Time since the launch after which it dies without a word: an `end` with the cause `crash`. */
    diesAfter: Duration.optional(),
    /** How it ends before its time; `after` counts from its launch. */
    end: ContainerEnd.optional(),
    /** Whether the agent stops when it is asked to. */
    shutdown: z.enum(['obeys', 'ignores', 'refuses']).default('obeys'),
    /** Time from a request to stop (by agent or ECS) to the exit signal, and from that until ECS says STOPPED. */
    stopsWithin: Duration.default(1),
    /** Gigabytes of disk that the exit signal tells. */
    diskGb: z.number().min(0).default(0),
    /** Megabytes of memory that the exit signal tells. */
    memoryMb: z.number().min(0).default(50),
  })
  .superRefine(refuses(containerContradictions));
export type ContainerScript = z.input<typeof ContainerScript>;
export type ParsedContainer = z.output<typeof ContainerScript>;

export const SIGNAL_NAMES = ['ready', 'output', 'exit', 'processComplete'] as const;

export const SignalScript = z
  .strictObject({
    signal: z.enum(SIGNAL_NAMES),
    /** Only the signals of this process (by name, or by the state that started it). */
    process: Name.optional(),
    /** Only the signals of this container attempt. */
    attempt: z.number().int().positive().optional(),
    /** How much later the signal arrives. Signals that overtake each other are reordered this way. */
    late: Duration.default(0),
    lost: z.boolean().default(false),
    doubled: z.boolean().default(false),
  })
  .superRefine(refuses(signalContradictions));

/** The calls of a task to its agent, by their names in `context.agent`; `health` is `verify` as well. */
export const AGENT_CALLS = [
  'health',
  'startProcess',
  'processStatus',
  'output',
  'writeFile',
  'readFile',
  'shutdown',
] as const;

const ERROR_CODES = Object.keys(OPERATIONAL_ERRORS) as [OperationalErrorCode, ...OperationalErrorCode[]];

const InteractionScript = z.strictObject({
  /** The call that fails; every call unless given. `output` is outputTail as well. */
  call: z.enum(AGENT_CALLS).optional(),
  /** Only in this state. */
  at: Name.optional(),
  /** How many such calls succeed before. */
  skip: Count.default(0),
  /** How many fail, one after the other. */
  times: Count.default(1),
  /** `answer-lost`: the agent does it, and the connection breaks before it answers. A code: the agent refuses. */
  fails: z.union([ConnectionFailure, z.literal('answer-lost'), z.enum(ERROR_CODES)]),
});

type EndStatus = Exclude<ExitStatus, 'NOT_FINISHED'>;
/** A child that has ended has an end. */
const END_NAMES = Object.keys(EXIT_STATUS).filter((name) => name !== 'NOT_FINISHED') as [EndStatus, ...EndStatus[]];

const ChildScript = z
  .strictObject({
    endsAfter: z.union([z.literal('never'), Duration]).default(1),
    /** `COMPLETED` unless given. */
    exitStatus: z.enum(END_NAMES).optional(),
    exitMessage: z.string().nullable().default(null),
    cause: z.string().nullable().default(null),
  })
  .superRefine(refuses(childContradictions))
  .transform((child) => ({ ...child, exitStatus: child.exitStatus ?? ('COMPLETED' as const) }));

const DeliveryScript = z
  .strictObject({
    /** Time from each try to its answer. */
    answersAfter: Duration.default(0),
    /** The answers to its tries, in order; the last repeats. `no-answer`: the receiver cannot be reached. */
    answers: z
      .array(z.union([z.number().int().min(100).max(599), z.literal('no-answer')]))
      .min(1)
      .default([200]),
    body: z.string().default(''),
  })
  .superRefine(refuses(deliveryContradictions));

export const Takeover = z.strictObject({
  at: Name,
  /** How often a node dies there: at the first visits of the state. */
  times: z.number().int().positive().default(1),
  /** Whether the node dies before or after the method of the state has run. */
  when: When.default('after-method'),
});

const oneOrMore = <T extends z.ZodType>(schema: T) => z.union([schema, z.array(schema).min(1)]);

export const TaskScript = z.strictObject({
  /** The options of the task, as a person gives them. */
  options: z.record(z.string(), z.unknown()).default({}),
  /** Every container of the task. */
  container: ContainerScript.optional(),
  /** The containers of the task in the order of their attempts; those that follow are the friendliest. */
  containers: z.array(ContainerScript).optional(),
  /** Processes by their name or by the state that starts them. A list: its first start, its second …; the last repeats. */
  processes: z.record(Name, oneOrMore(ProcessScript)).default({}),
  signals: z.array(SignalScript).default([]),
  /** Calls to the agent that fail. */
  interactions: z.array(InteractionScript).default([]),
  children: z.record(Name, oneOrMore(ChildScript)).default({}),
  deliveries: z.record(Name, DeliveryScript).default({}),
  /** Somebody terminates the task. */
  terminate: z.strictObject(Moment).refine(isMoment, MOMENT_NEEDED).optional(),
  /** Somebody pauses the task, and resumes it. */
  pause: z
    .strictObject({ ...Moment, lasts: Duration.default(60) })
    .refine(isMoment, MOMENT_NEEDED)
    .optional(),
  /** Nodes die: another takes the task over half a minute later. `everywhere`: once in each state. */
  takeovers: z.union([z.literal('everywhere'), z.array(Takeover)]).default([]),
  /** A task that runs longer than this is ended as the system's failure. */
  maxRunTime: Duration.default(86_400),
  /** A process without a script is an error. */
  strict: z.boolean().default(false),
  /** The recording to follow: transition methods are asked, and the recorded values count. */
  replay: ReplayedRecording.optional(),
});
/** What a test gives. */
export type TaskScript = z.input<typeof TaskScript>;
/** With every default, and durations in seconds. */
export type ParsedScript = z.output<typeof TaskScript>;
