export type SpoolPlace = 'file' | 'shared-memory' | 'memory';

/** Keeps one piece of content so that it survives a full disk and, where it can, the end of the process. */
export interface Spool {
  /** Where the last content went. */
  readonly place: SpoolPlace;
  /** Bigger content is kept in memory only. */
  readonly capacityBytes: number;
  /** What an earlier process left, or undefined. */
  load(): Promise<Buffer | undefined>;
  /** Resolves when the content is as safe as it can be made; saves happen in the order of the calls. Never rejects. */
  save(content: Buffer): Promise<SpoolPlace>;
  close(): Promise<void>;
}
