/** Makes the compiler prove that a switch handled every case; reached at run time only through a bug. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
