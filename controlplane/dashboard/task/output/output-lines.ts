/** A piece of output as the stream of a task sends it. */
export interface ReceivedPiece {
  readonly attempt: number;
  readonly processId: string;
  readonly stream: 'stdout' | 'stderr';
  readonly at: string;
  /** Base64. */
  readonly data: string;
  readonly omittedBefore: number;
}

export type LineKind = 'stdout' | 'stderr' | 'gap';

/** A step of the build, as the marks in its output tell. */
export interface OutputSection {
  readonly key: string;
  /** The event whose step it is: `build`, or one that follows, such as `fail-on-build`. */
  readonly event: string;
  readonly number: number;
  readonly of: number;
  readonly name: string;
  /** Index of its first line. It goes on to the first line of the next. */
  readonly from: number;
  outcome: 'running' | 'done' | 'failed';
  /** As the build tool says it: `0.3 s`. */
  took: string | null;
  exitCode: number | null;
}

// The build tool writes both to stdout (agent/build): `=== build: step 2 of 4: test`, `--- test: failed after 0.3 s, exit code 3`.
const BEGIN = /^=== ([\w-]+): step (\d+) of (\d+): (.+)$/;
const END = /^--- (.+): (done in|failed after) ([^,]+)(?:, exit code (\d+))?$/;

interface OpenLine {
  readonly decoder: InstanceType<typeof TextDecoder>;
  /** Index of the line that has no end yet; null: the next byte begins a line. */
  line: number | null;
}

/**
 * The output of a task as lines, in the order in which it was written. A million lines are a million short strings, which a
 * browser holds in some 100 MB; what stands on the screen is another matter.
 */
export class OutputLines {
  readonly texts: string[] = [];
  readonly kinds: LineKind[] = [];
  /** Milliseconds since the epoch. */
  readonly times: number[] = [];
  readonly sections: OutputSection[] = [];
  bytes = 0;
  omittedBytes = 0;
  readonly #open = new Map<string, OpenLine>();
  #latest: OpenLine | undefined;

  get count(): number {
    return this.texts.length;
  }

  append({ attempt, processId, stream, at, data, omittedBefore }: ReceivedPiece): void {
    const key = `${attempt}:${stream}:${processId}`;
    const time = Date.parse(at);
    let open = this.#open.get(key);
    if (!open) this.#open.set(key, (open = { decoder: new TextDecoder(), line: null }));
    if (omittedBefore > 0) {
      this.omittedBytes += omittedBefore;
      open.line = null;
      this.#add(String(omittedBefore), 'gap', time);
    }
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    this.bytes += bytes.length;
    this.#addText(open, open.decoder.decode(bytes, { stream: true }), stream, time, attempt);
    this.#latest = open;
  }

  #addText(open: OpenLine, text: string, kind: LineKind, time: number, attempt: number): void {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const line = this.#continue(open, text.slice(from, end), kind, time);
      if (kind === 'stdout') this.#mark(line, attempt);
      open.line = null;
      from = end + 1;
    }
    if (from < text.length) open.line = this.#continue(open, text.slice(from), kind, time);
  }

  #continue(open: OpenLine, text: string, kind: LineKind, time: number): number {
    if (open.line === null) return this.#add(text, kind, time);
    this.texts[open.line] += text;
    return open.line;
  }

  #add(text: string, kind: LineKind, time: number): number {
    this.texts.push(text);
    this.kinds.push(kind);
    this.times.push(time);
    return this.texts.length - 1;
  }

  #mark(line: number, attempt: number): void {
    const text = this.texts[line] ?? '';
    const [, event, number, of, name] = BEGIN.exec(text) ?? [];
    if (event !== undefined && name !== undefined) {
      const key = `${attempt}:${event}:${number}:${line}`;
      this.sections.push({
        key,
        event,
        number: Number(number),
        of: Number(of),
        name,
        from: line,
        outcome: 'running',
        took: null,
        exitCode: null,
      });
      return;
    }
    const [, ended, how, took, exitCode] = END.exec(text) ?? [];
    const section = this.sections.at(-1);
    if (ended === undefined || section?.name !== ended) return;
    section.outcome = how === 'failed after' ? 'failed' : 'done';
    section.took = took ?? null;
    section.exitCode = exitCode === undefined ? null : Number(exitCode);
  }

  /** Whether output is on its way into this line. */
  isOpen(line: number): boolean {
    return this.#latest?.line === line;
  }

  /** The last section of the same step: a task that was restarted has the earlier ones, too. */
  latestOf({ event, number }: OutputSection): OutputSection | undefined {
    return this.sections.findLast((one) => one.event === event && one.number === number);
  }

  /** The lines of a section: from the first to before the last. */
  linesOf(section: OutputSection): { readonly from: number; readonly to: number } {
    const next = this.sections[this.sections.indexOf(section) + 1];
    return { from: section.from, to: next?.from ?? this.count };
  }
}
