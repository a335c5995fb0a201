import { shownAddress } from '../../../shared/text/shown-address.ts';
import type { ExplainedSetting } from './explain-layers.ts';

const HIDDEN = '(hidden)';
/** What a name says of a secret value. */
const SECRET_NAME = /secret|passw|token|credential|api[-_]?key|private[-_]?key|access[-_]?key/i;
// The values of these are names and places of secrets, never the secrets themselves.
const NAMES_ONLY = /(^|\.)(secrets|secretOptions|repositoryCredentials|credentialSpecs|mountPoints)\./;

/**
 * Returns the settings with the values hidden that are probably secrets: variables of containers and options of log drivers by
 * their names. ECS shows them to everybody who may describe a task definition, but this answer need not.
 */
export function hideSecrets(settings: readonly ExplainedSetting[]): readonly ExplainedSetting[] {
  const names = new Map(settings.map(({ path, value }) => [path, value]));
  return settings.map((setting) => {
    const { path, covers } = setting;
    const isOfVariable = /\.environment\.\d+\.value$/.test(path);
    const name = isOfVariable ? names.get(path.replace(/value$/, 'name')) : path.split('.').at(-1);
    const isSecret = typeof name === 'string' && SECRET_NAME.test(name) && !NAMES_ONLY.test(path);
    // A whole list or mapping that was covered may hold one anywhere.
    const shown = covers.map((each) => ({
      ...each,
      value: isSecret || isComposed(each.value) ? summaryOf(each.value) : withoutPassword(each.value),
    }));
    if (isSecret) return { ...setting, value: HIDDEN, covers: shown };
    return isComposed(setting.value)
      ? { ...setting, value: summaryOf(setting.value), covers: shown }
      : { ...setting, ...('value' in setting && { value: withoutPassword(setting.value) }), covers: shown };
  });
}

/** A repository or proxy in a variable may have a password in its address, whatever the variable is called. */
function withoutPassword(value: unknown): unknown {
  return typeof value === 'string' ? shownAddress(value) : value;
}

function isComposed(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** Tells only the size of a list or a mapping; what is in effect stands in lines of its own. */
function summaryOf(value: unknown): string {
  if (!isComposed(value)) return HIDDEN;
  const count = Object.keys(value).length;
  return Array.isArray(value) ? `(a list of ${count})` : `(a mapping of ${count})`;
}
