import type { BuildFile } from '../../../shared/protocol/build-export.ts';
import { GitFormat, keysOf } from '../../../shared/protocol/build-file-format.ts';
import type { YamlEntry, YamlNode } from '../../../shared/yaml/yaml-node.ts';
import { entriesOf, refuseKey, type Findings } from '../file/findings.ts';

const GIT_KEYS: readonly string[] = keysOf(GitFormat);

/** `git: {depth: 50, tags: true}`: how much of the history the steps find. */
export function readGit(entry: YamlEntry | undefined, findings: Findings): Pick<BuildFile, 'git'> {
  if (!entry) return {};
  const entries = entriesOf(entry, GIT_KEYS.join(' and '), findings);
  for (const one of entries) if (!GIT_KEYS.includes(one.key)) refuseKey(one, 'a key of "git"', GIT_KEYS, findings);
  const valueOf = (key: string): YamlNode | undefined => entries.find((one) => one.key === key)?.value;
  return { git: { depth: readDepth(valueOf('depth'), findings), tags: readTags(valueOf('tags'), findings) } };
}

function readDepth(node: YamlNode | undefined, findings: Findings): number {
  if (!node) return 1;
  if (node.kind === 'scalar' && /^\d{1,9}$/.test(node.text)) return Number(node.text);
  findings.problem(node.at, 'the depth must be a number of commits; 0 is all of them');
  return 1;
}

function readTags(node: YamlNode | undefined, findings: Findings): boolean {
  if (!node) return false;
  if (node.kind === 'scalar' && /^(?:true|false)$/.test(node.text)) return node.text === 'true';
  findings.problem(node.at, '"tags" must be true or false');
  return false;
}
