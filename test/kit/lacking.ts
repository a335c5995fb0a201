/**
 * Why tests that need a program are skipped, for their names; undefined when it is there. WIP_REQUIRE, a list of names,
 * makes it an error that one is missing.
 */
export function lacking(name: string, isThere: boolean, install: string): string | undefined {
  if (isThere) return undefined;
  if ((process.env['WIP_REQUIRE'] ?? '').split(',').includes(name))
    throw new Error(`${name} is required here and is missing`);
  return `needs ${name}, install it with apt-get install ${install}`;
}
