/** The commit that the artefact's branch has after a build; not new when the build made what was there already. */
export interface PushedCommit {
  readonly commit: string;
  readonly isNew: boolean;
}

/**
 * The last line that `build run` prints after it has pushed. The control plane reads the commit from it, and so it does from
 * a build tool that a site brings along and that prints such a line.
 */
export function artefactLine({ commit, isNew }: PushedCommit, took: string): string {
  return isNew
    ? `--- artefact: commit ${commit} pushed in ${took}`
    : `--- artefact: the same as commit ${commit}, so there was nothing to push`;
}

const LINE = /^--- artefact: (?:the same as )?commit ([0-9a-f]{40}|[0-9a-f]{64})(?: pushed in |, so )/;

/** Returns the commit of the last such line. What a step printed stands before it, because no step runs after the push. */
export function readArtefactCommit(output: string): string | null {
  const lines = output.split('\n').flatMap((line) => LINE.exec(line)?.[1] ?? []);
  return lines.at(-1) ?? null;
}
