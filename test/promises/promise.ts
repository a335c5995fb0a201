/** One point of SECURITY.md taken out of the code, and the test that must fail then. */
export interface Removal {
  /** The number of the point in SECURITY.md. */
  readonly point: number;
  /** What is missing from the code afterwards, in a few words. */
  readonly removed: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
  readonly test: string;
}
