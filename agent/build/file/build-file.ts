import { OperationalError } from '../../../shared/model/error.ts';
import { EnvironmentName } from '../../../shared/protocol/overrides.ts';
import {
  ANCHOR_PREFIX,
  BuildFileFormat,
  keysOf,
  SSH_KEY_NAME,
  UNUSED_TOP_KEYS,
} from '../../../shared/protocol/build-file-format.ts';
import { secureKeyEnvironmentName, type BuildFile, type SecureValue } from '../../../shared/protocol/build-export.ts';
import { readEvents } from '../build-events.ts';
import { readGit } from '../git/build-file-git.ts';
import { entriesOf, isEmpty, refuseKey, type Findings } from './findings.ts';
import { findLostText } from './lost-text.ts';
import { leastVariableBytes, MAX_VARIABLE_BYTES } from '../step/step-environment.ts';
import { escapeControls, quoted } from '../../../shared/text/quote.ts';
import type { Problem } from '../../../shared/text/source-text.ts';
import type { YamlEntry, YamlNode } from '../../../shared/yaml/yaml-node.ts';
import { readYamlTree } from '../../../shared/yaml/yaml-tree.ts';

// Some 20 kB at most, which fits what the control plane keeps of a task's end.
const MAX_PROBLEMS_IN_MESSAGE = 100;

/** Lists every problem of a build file; programs read `problems`, people the message. */
export class BuildFileError extends OperationalError {
  readonly problems: readonly Problem[];

  constructor(fileName: string, problems: readonly Problem[]) {
    const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
    const listed = sorted.slice(0, MAX_PROBLEMS_IN_MESSAGE).map((problem) => locate(fileName, problem));
    const rest = sorted.length - listed.length;
    if (rest > 0) listed.push(`and ${rest} more`);
    const count = sorted.length === 1 ? '' : `, it has ${sorted.length} problems`;
    // One line, however many there are: the first line is often all that is shown.
    super('BUILD_FILE_INVALID', {
      happened: `${fileName} is not a valid build file${count}: ${listed.join('; ')}`,
      remedy: 'Correct what is named here, commit and build again',
    });
    this.problems = sorted;
  }
}

const TOP_KEYS = keysOf(BuildFileFormat);
const FOR_ANCHORS = `${ANCHOR_PREFIX}… for anchors`;
// A build file is written by hand; the largest known examples have some 20 kB.
export const MAX_FILE_CHARACTERS = 1_000_000;

/**
 * Parses `acquia-pipelines.yaml`. Throws a BuildFileError (BUILD_FILE_INVALID) that names all problems with file,
 * line, column and what is allowed. `knownServices` are those that somebody starts for the build.
 */
export function parseBuildFile(
  text: string,
  fileName: string,
  knownServices: readonly string[] = [],
): { file: BuildFile; warnings: string[] } {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const findings: Findings = {
    problem: (at, message) => problems.push({ line: at.line, column: at.column, message }),
    warning: (at, message) => warnings.push(locate(fileName, { ...at, message })),
  };
  const file = readBuildFile(text, findings, knownServices);
  if (problems.length > 0 || !file) throw new BuildFileError(fileName, problems);
  return { file, warnings };
}

function locate(fileName: string, problem: Problem): string {
  return `${escapeControls(fileName)}:${problem.line}:${problem.column}: ${problem.message}`;
}

function readBuildFile(text: string, findings: Findings, knownServices: readonly string[]): BuildFile | null {
  const top = { line: 1, column: 1 };
  if (text.length > MAX_FILE_CHARACTERS) {
    findings.problem(top, `it has ${text.length} characters; at most ${MAX_FILE_CHARACTERS} are read`);
    return null;
  }
  let isBroken = false;
  const tree = readYamlTree(text, (problem) => {
    isBroken = true;
    findings.problem(problem, problem.message);
  });
  if (!tree || tree.kind !== 'mapping') {
    const isNothing = !tree || isEmpty(tree);
    const message = `${isNothing ? 'it is empty; ' : ''}it must be a mapping with the keys ${TOP_KEYS.join(', ')}`;
    if (!isBroken) findings.problem(tree?.at ?? top, message);
    return null;
  }
  checkKeys(tree.entries, TOP_KEYS, findings);
  const at = (key: (typeof TOP_KEYS)[number]): YamlEntry | undefined => tree.entries.find((entry) => entry.key === key);
  return {
    version: readVersion(at('version'), findings),
    variables: { global: readVariables(at('variables'), findings) },
    sshKeys: readSshKeys(at('ssh-keys'), findings),
    services: readServices(at('services'), findings, knownServices),
    ...readGit(at('git'), findings),
    events: readEvents(at('events'), findings),
  };
}

function checkKeys(entries: readonly YamlEntry[], allowed: readonly string[], findings: Findings): void {
  for (const entry of entries) {
    const { key, keyAt } = entry;
    if (UNUSED_TOP_KEYS.includes(key))
      findings.warning(keyAt, `${quoted(key)} is known, but this build tool does nothing with it`);
    else if (!allowed.includes(key) && !key.startsWith(ANCHOR_PREFIX))
      refuseKey(entry, 'a key of a build file', [...allowed, FOR_ANCHORS], findings);
  }
}

function readVersion(entry: YamlEntry | undefined, findings: Findings): string {
  if (!entry) {
    findings.problem({ line: 1, column: 1 }, 'the key "version" is missing; write for example version: 1.3.0');
    return '';
  }
  const text = entry.value.kind === 'scalar' ? entry.value.text : '';
  const major = /^(\d{1,9})(\.\d{1,9}){0,2}$/.exec(text)?.[1];
  if (major === undefined || Number(major) < 1) {
    findings.problem(
      entry.value.at,
      `version must be a number of at least 1.0.0${text === '' ? '' : `, not ${quoted(text)}`}`,
    );
  }
  return text;
}

function readVariables(entry: YamlEntry | undefined, findings: Findings): BuildFile['variables']['global'] {
  const scopes = entriesOf(entry, 'one key, global', findings);
  for (const { key, keyAt } of scopes) {
    if (key !== 'global') findings.problem(keyAt, `${quoted(key)} is not a scope of variables; allowed is global`);
  }
  const entries = entriesOf(
    scopes.find((scope) => scope.key === 'global'),
    'name: value',
    findings,
  );
  return Object.fromEntries(entries.map((variable) => [variable.key, readVariable(variable, findings)]));
}

function readVariable({ key, keyAt, value }: YamlEntry, findings: Findings): string | SecureValue {
  if (!EnvironmentName.safeParse(key).success) {
    findings.problem(
      keyAt,
      `${quoted(key)} is not a name of a variable; use letters, digits and _, not beginning with a digit`,
    );
  } else if (key.startsWith('WIP_')) {
    findings.problem(keyAt, `${quoted(key)} is reserved; names beginning with WIP_ never reach a build`);
  }
  if (value.kind === 'scalar') {
    findLostText(value, { name: `the variable ${quoted(key)}`, mayBeEmpty: true }, findings);
    const bytes = leastVariableBytes(key, value.text);
    if (bytes > MAX_VARIABLE_BYTES) {
      const limit = `Linux starts no program with one of more than ${MAX_VARIABLE_BYTES}; put the value into a file`;
      findings.problem(value.at, `the variable ${quoted(key)} has ${bytes} bytes, its name included, and ${limit}`);
    }
    return value.text;
  }
  const text = value.style === 'flow' ? '; a text that begins with { or [ must be in quotes' : '';
  const hint = whyNotSecure(value) ?? text;
  return (
    readSecure(value) ?? refuseValue(value, `the variable ${quoted(key)} must be text, or {secure: …}${hint}`, findings)
  );
}

function readSshKeys(entry: YamlEntry | undefined, findings: Findings): BuildFile['sshKeys'] {
  const names = new Map<string, string>();
  const keys = entriesOf(entry, 'name: {secure: …}', findings).map(({ key, keyAt, value }): [string, SecureValue] => {
    if (!SSH_KEY_NAME.test(key)) {
      findings.problem(
        keyAt,
        `${quoted(key)} is not a name of an SSH key; use letters, digits, _, - and . (not first)`,
      );
    }
    const other = names.get(secureKeyEnvironmentName(key));
    if (other !== undefined)
      findings.problem(keyAt, `the SSH keys ${quoted(other)} and ${quoted(key)} differ only in . - and _; rename one`);
    names.set(secureKeyEnvironmentName(key), key);
    const secure = readSecure(value);
    const hint = whyNotSecure(value) ?? '; a key in clear is no secret';
    return [key, secure ?? refuseValue(value, `the SSH key ${quoted(key)} must be {secure: …}${hint}`, findings)];
  });
  return Object.fromEntries(keys);
}

/** For a person who has meant `{secure: …}`. */
function whyNotSecure(value: YamlNode): string | null {
  if (value.kind !== 'mapping' || !value.entries.some(({ key }) => key === 'secure')) return null;
  const others = value.entries.filter(({ key }) => key !== 'secure').map(({ key }) => quoted(key));
  return others.length > 0
    ? `, without ${others.join(', ')} beside the sealed text`
    : ', with the text that wipctl encrypt prints';
}

function readSecure(value: YamlNode): SecureValue | null {
  if (value.kind !== 'mapping' || value.entries.length !== 1) return null;
  const [entry] = value.entries;
  if (entry?.key !== 'secure' || entry.value.kind !== 'scalar' || entry.value.isNull) return null;
  // Sealed text is one word; a folded block leaves blanks and line ends in it.
  const secure = entry.value.text.replace(/\s+/g, '');
  return secure === '' ? null : { secure };
}

/** The stand-in is never seen: a file with problems is not returned. */
function refuseValue(value: YamlNode, message: string, findings: Findings): SecureValue {
  findings.problem(value.at, message);
  return { secure: '' };
}

type Json = BuildFile['services'][number]['options'];

function readServices(
  entry: YamlEntry | undefined,
  findings: Findings,
  knownServices: readonly string[],
): BuildFile['services'] {
  if (!entry || isEmpty(entry.value)) return [];
  if (entry.value.kind !== 'sequence') {
    findings.problem(entry.value.at, '"services" must be a list of names, or of {name: {…}}');
    return [];
  }
  return entry.value.items.flatMap((item) => {
    const service = readService(item);
    if (!service) findings.problem(item.at, 'a service is a name, or {name: {…}} with one name');
    else if (!knownServices.includes(service.name)) {
      findings.warning(
        item.at,
        `nothing here starts the service ${quoted(service.name)}; the build image must have it running`,
      );
    }
    return service ? [service] : [];
  });
}

function readService(item: YamlNode): BuildFile['services'][number] | null {
  if (item.kind === 'scalar') return item.isNull ? null : { name: item.text, options: null };
  const [only, ...others] = item.kind === 'mapping' ? item.entries : [];
  return only && others.length === 0 ? { name: only.key, options: toJson(only.value) } : null;
}

function toJson(node: YamlNode): Json {
  if (node.kind === 'scalar') return node.isNull ? null : node.text;
  if (node.kind === 'sequence') return node.items.map(toJson);
  return Object.fromEntries(node.entries.map((entry) => [entry.key, toJson(entry.value)]));
}
