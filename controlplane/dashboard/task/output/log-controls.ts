import { computed, effect, signal } from '@preact/signals';
import { isEnded } from '../../status-words.ts';
import { rowsOf, searchLines, stderrRows, type OutputRows } from './output-rows.ts';
import type { OutputSection } from './output-lines.ts';
import { LineHeights, wrapRows } from './wrap-rows.ts';
import type { TaskData } from '../task-data.ts';

/** The search works this long before it lets the page draw again. */
const SLICE_MS = 12;

/** A time of day and a space before each line. */
export const TIME_COLUMNS = 9;

/** Lines that somebody wants to see. `isJump`: the page scrolls to the output as well. */
interface Target {
  readonly from: number;
  readonly to: number;
  readonly isJump: boolean;
}

/** What a reader has done to the output: folded, searched, followed. */
export class LogControls {
  readonly hasTimes = signal(false);
  readonly isStderrOnly = signal(false);
  readonly isWrapped = signal(false);
  /** Characters that fit into a row; 0: not measured yet. */
  readonly columns = signal(0);
  readonly isFollowing = signal(true);
  readonly wanted = signal('');
  readonly matches = signal<readonly number[]>([]);
  readonly current = signal(0);
  readonly isSearching = signal(false);
  readonly target = signal<Target | null>(null);
  readonly #data: TaskData;
  readonly #folds = signal<ReadonlyMap<string, boolean>>(new Map());
  readonly #seenLines = signal(0);
  #search = new AbortController();
  #heights: { readonly columns: number; readonly of: LineHeights } | undefined;

  constructor(data: TaskData) {
    this.#data = data;
    effect(() => {
      if (this.isFollowing.value) this.#seenLines.value = this.lines.value;
    });
  }

  /** Lines of the output, as of the version that `rows` are of. The store itself may have more already. */
  readonly lines = computed((): number => {
    void this.#data.outputVersion.value; // the store itself is no signal
    return this.#data.output.count;
  });

  readonly rows = computed((): OutputRows => {
    void this.#data.outputVersion.value; // the store itself is no signal
    void this.#folds.value;
    void this.#targeted.value;
    const { output } = this.#data;
    const rows = this.isStderrOnly.value ? stderrRows(output) : rowsOf(output, (section) => this.isFolded(section));
    const columns = this.columns.value - (this.hasTimes.value ? TIME_COLUMNS : 0);
    return this.isWrapped.value && columns > 0 ? wrapRows(rows, output, columns, this.#heightsFor(columns)) : rows;
  });

  #heightsFor(columns: number): LineHeights {
    if (this.#heights?.columns !== columns) this.#heights = { columns, of: new LineHeights(columns) };
    return this.#heights.of;
  }

  /** Lines that came since the reader scrolled away. */
  readonly newLines = computed((): number => this.lines.value - this.#seenLines.value);

  /** Keys of the steps that hold the target: a link may name a line of a step that is read, and ends, later. */
  readonly #targeted = computed((): string => {
    void this.#data.outputVersion.value; // the store itself is no signal
    return this.#sectionsOfTarget()
      .map(({ key }) => key)
      .join(' ');
  });

  #sectionsOfTarget(): OutputSection[] {
    const target = this.target.value;
    if (!target) return [];
    const { sections } = this.#data.output;
    return sections.filter(
      ({ from }, index) => from <= target.to && (sections[index + 1]?.from ?? Infinity) > target.from,
    );
  }

  /** Steps that went well are folded as soon as they are over, unless the reader opened them or was sent to one of their lines. */
  isFolded({ key, outcome }: OutputSection): boolean {
    const isWanted = this.#targeted.value.split(' ').includes(key);
    return this.#folds.value.get(key) ?? (outcome === 'done' && !isWanted);
  }

  isAnyFolded(): boolean {
    return this.#data.output.sections.some((section) => this.isFolded(section));
  }

  fold(sections: readonly OutputSection[], isFolded: boolean): void {
    this.#folds.value = new Map([...this.#folds.value, ...sections.map(({ key }) => [key, isFolded] as const)]);
  }

  foldAll(isFolded: boolean): void {
    this.fold(this.#data.output.sections, isFolded);
  }

  show({ from, to }: { from: number; to: number }, how: 'jump' | 'stay'): void {
    this.isFollowing.value = false;
    // What was opened for the target before stays open: it would move what is read.
    const before = this.#sectionsOfTarget().filter((section) => !this.isFolded(section));
    this.target.value = { from, to, isJump: how === 'jump' };
    this.fold([...before, ...this.#sectionsOfTarget()], false);
  }

  isTarget(line: number): boolean {
    const target = this.target.value;
    return target !== null && target.from <= line && line <= target.to;
  }

  /** Goes to the step before or after the one on top. */
  goToSection(by: 1 | -1): void {
    const { sections } = this.#data.output;
    const at = this.target.value?.from ?? (by > 0 ? -1 : Infinity);
    const next = by > 0 ? sections.find(({ from }) => from > at) : sections.findLast(({ from }) => from < at);
    if (next) this.show({ from: next.from, to: next.from }, 'stay');
  }

  search(wanted: string): void {
    this.#search.abort();
    this.#search = new AbortController();
    this.wanted.value = wanted;
    this.matches.value = [];
    this.current.value = 0;
    if (wanted !== '') void this.#find(wanted, this.#search.signal);
  }

  async #find(wanted: string, stop: AbortSignal): Promise<void> {
    this.isSearching.value = true;
    const found: number[] = [];
    let sliceEnd = performance.now() + SLICE_MS;
    for (const line of searchLines(this.#data.output, wanted)) {
      if (line >= 0) found.push(line);
      if (performance.now() < sliceEnd) continue;
      await new Promise((resolve) => setTimeout(resolve));
      if (stop.aborted) return;
      sliceEnd = performance.now() + SLICE_MS;
    }
    this.matches.value = found;
    this.isSearching.value = false;
    if (found.length > 0) this.goToMatch(0);
  }

  goToMatch(by: 1 | 0 | -1): void {
    const count = this.matches.value.length;
    if (count === 0) return;
    this.current.value = (this.current.value + by + count) % count;
    const line = this.matches.value[this.current.value] ?? 0;
    this.show({ from: line, to: line }, 'stay');
  }

  /** Whether output can still come. */
  isLive(): boolean {
    return this.#data.task.value !== null && !isEnded(this.#data.task.value);
  }
}
