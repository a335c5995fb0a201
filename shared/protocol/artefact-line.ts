/** The commit of the artefact's branch after a build. It is not new when the build produced the content that was already there. */
export interface PushedCommit {
  readonly commit: string;
  readonly isNew: boolean;
}

/**
 * The last line that `build run` prints after it has pushed. The control plane reads the commit from it, also from a site's own
 * build tool that prints such a line.
 */
export function artefactLine({ commit, isNew }: PushedCommit, took: string): string {
  return isNew
    ? `--- artefact: commit ${commit} pushed in ${took}`
    : `--- artefact: the same as commit ${commit}, so there was nothing to push`;
}

const LINE = /^--- artefact: (?:the same as )?commit ([0-9a-f]{40}|[0-9a-f]{64})(?: pushed in |, so )/;

/** Returns the commit of the last such line. Output of steps is always before the real line, because no step runs after the push. */
export function readArtefactCommit(output: string): string | null {
  const lines = output.split('\n').flatMap((line) => LINE.exec(line)?.[1] ?? []);
  return lines.at(-1) ?? null;
}
