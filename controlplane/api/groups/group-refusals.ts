import { OperationalError } from '../../../shared/model/error.ts';
import { shellWord } from '../../../shared/text/shell-quote.ts';

export function groupUnknown(name: string): OperationalError {
  return new OperationalError('GROUP_UNKNOWN', {
    happened: `There is no group "${name}"`,
    remedy: `See the groups with "wipctl groups", or make this one with "wipctl groups ${shellWord(name)} --max 3"`,
  });
}

/** `unfinished` and `ended`: how many of its tasks there are. */
export function groupInUse(
  name: string,
  { unfinished, ended }: Readonly<Record<'unfinished' | 'ended', number>>,
): OperationalError {
  return new OperationalError('GROUP_IN_USE', {
    happened: `The group "${name}" has ${unfinished} unfinished and ${ended} ended tasks`,
    remedy:
      unfinished > 0
        ? 'Remove it once its tasks have ended'
        : `Give it no retention with "wipctl groups ${shellWord(name)} --retention-days 0", and remove it again: its ended tasks are deleted with it then`,
  });
}
