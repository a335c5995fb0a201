import { shownAddress } from '../../shared/text/shown-address.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the OTEL_* variables say, of those that this program understands. */
export interface TracingSettings {
  /** The address that traces are sent to. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Share of the tasks that are traced. */
  readonly ratio: number;
  readonly serviceName: string;
  readonly resource: Readonly<Record<string, string>>;
}

export interface ReadTracing {
  /** null: no traces are made. */
  readonly settings: TracingSettings | null;
  /** A sentence for each variable that is not followed as it stands. */
  readonly warnings: readonly string[];
}

const DEFAULT_SERVICE = 'wip';
// The defaults of the specification (OpenTelemetry, "OTLP Exporter Configuration"): OTLP over HTTP on this machine, 10 s.
const DEFAULT_ENDPOINT = 'http://localhost:4318';
const DEFAULT_TIMEOUT_MS = 10_000;
const TRACES_PATH = 'v1/traces';

/**
 * Reads the standard variables. Traces are made only when somebody asks for them: with OTEL_TRACES_EXPORTER=otlp, or with an
 * endpoint. As the specification has it, a wrong value is told of and ignored: it never keeps a node from starting.
 */
export function readTracingSettings(environment: Environment): ReadTracing {
  const warnings: string[] = [];
  const read = (name: string): string => environment[name]?.trim() ?? '';
  if (read('OTEL_SDK_DISABLED').toLowerCase() === 'true') return { settings: null, warnings };
  const url = readUrl(read, warnings);
  const exporter = read('OTEL_TRACES_EXPORTER');
  if (exporter !== '' && exporter !== 'none' && exporter !== 'otlp')
    warnings.push(`OTEL_TRACES_EXPORTER is "${exporter}", and only otlp and none are known: no traces are made`);
  const isWanted = exporter === 'otlp' || (exporter === '' && isEndpointGiven(read));
  if (!isWanted || url === null) return { settings: null, warnings };
  const protocol = ofTraces(read, 'PROTOCOL');
  if (protocol === 'grpc')
    warnings.push('OTEL_EXPORTER_OTLP_PROTOCOL is "grpc", and traces are sent as JSON over HTTP: name that port');
  const resource = readPairs(read('OTEL_RESOURCE_ATTRIBUTES'), 'OTEL_RESOURCE_ATTRIBUTES', warnings);
  const settings = {
    url,
    headers: readPairs(ofTraces(read, 'HEADERS'), 'OTEL_EXPORTER_OTLP_HEADERS', warnings),
    timeoutMs: readTimeout(ofTraces(read, 'TIMEOUT'), warnings),
    ratio: readRatio(read, warnings),
    serviceName: read('OTEL_SERVICE_NAME') || resource['service.name'] || DEFAULT_SERVICE,
    resource,
  };
  return { settings, warnings };
}

type Read = (name: string) => string;

/** A variable for traces comes before the one for all signals. */
function ofTraces(read: Read, name: string): string {
  return read(`OTEL_EXPORTER_OTLP_TRACES_${name}`) || read(`OTEL_EXPORTER_OTLP_${name}`);
}

function isEndpointGiven(read: Read): boolean {
  return ofTraces(read, 'ENDPOINT') !== '';
}

/** The address for traces is taken as it is; the path is added to the address for all signals. */
function readUrl(read: Read, warnings: string[]): string | null {
  const own = read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const base = read('OTEL_EXPORTER_OTLP_ENDPOINT') || DEFAULT_ENDPOINT;
  const text = own === '' ? `${base.replace(/\/$/, '')}/${TRACES_PATH}` : own;
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
  warnings.push(
    `The endpoint "${shownAddress(text).replace(/^[^/]*@/, '')}" of OTEL_EXPORTER_OTLP_ENDPOINT is no http address: no traces are made`,
  );
  return null;
}

function readTimeout(text: string, warnings: string[]): number {
  if (text === '') return DEFAULT_TIMEOUT_MS;
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  warnings.push(`OTEL_EXPORTER_OTLP_TIMEOUT is "${text}", and it must be milliseconds: ${DEFAULT_TIMEOUT_MS} are used`);
  return DEFAULT_TIMEOUT_MS;
}

/** The trace of a task has no parent, so a sampler by the parent is the sampler of its root. */
function readRatio(read: Read, warnings: string[]): number {
  const sampler = read('OTEL_TRACES_SAMPLER').replace(/^parentbased_/, '');
  if (sampler === '' || sampler === 'always_on') return 1;
  if (sampler === 'always_off') return 0;
  if (sampler !== 'traceidratio') {
    warnings.push(`OTEL_TRACES_SAMPLER is "${sampler}", which is not known: every task is traced`);
    return 1;
  }
  const text = read('OTEL_TRACES_SAMPLER_ARG');
  const ratio = Number(text);
  if (text !== '' && ratio >= 0 && ratio <= 1) return ratio;
  if (text !== '')
    warnings.push(`OTEL_TRACES_SAMPLER_ARG is "${text}", and it must be from 0 to 1: every task is traced`);
  return 1;
}

/** Reads `name=value` pairs, separated by commas and percent-encoded (W3C Baggage). */
function readPairs(text: string, variable: string, warnings: string[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(pair.trim()) ?? [];
    const decoded = name === '' ? null : decode(value.trim());
    if (decoded === null) warnings.push(`${variable} has a part that is not name=value; it is left out`);
    else pairs[name.trim()] = decoded;
  }
  return pairs;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that encodes nothing: the caller tells of it.
    return null;
  }
}
