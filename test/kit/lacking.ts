/**
 * Returns why tests that need a program are skipped, for their names; undefined when the program is installed. With
 * WIP_REQUIRE, a list of names, a missing program is an error.
 */
export function lacking(name: string, isThere: boolean, install: string): string | undefined {
  if (isThere) return undefined;
  if (isRequired(name)) throw new Error(`${name} is required here and is missing`);
  return `needs ${name}, install it with apt-get install ${install}`;
}

/** Returns whether WIP_REQUIRE names this. */
export function isRequired(name: string): boolean {
  return (process.env['WIP_REQUIRE'] ?? '').split(',').includes(name);
}
