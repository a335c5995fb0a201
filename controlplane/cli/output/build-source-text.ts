import type { SourceView } from '../../api/tasks/build/build-views.ts';
import { oneLine } from './text.ts';

/** Short form of a commit, as git shows it. */
const COMMIT_DIGITS = 7;

/** Prints a source like `app main@1d4c540`. */
export function buildSourceText({ repository, branch, ref, commit }: SourceView): string {
  const name = /([^/:]+?)(?:\.git)?\/*$/.exec(repository)?.[1] ?? repository;
  const what = ref ?? branch;
  const at = commit === null ? '' : `@${commit.slice(0, COMMIT_DIGITS)}`;
  return oneLine(`${name}${what === null && at === '' ? '' : ' '}${what ?? ''}${at}`);
}
