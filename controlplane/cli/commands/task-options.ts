import { resolve } from 'node:path';
import { z } from 'zod';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { readGivenText } from '../given-path.ts';

const JsonObject = z.record(z.string(), z.unknown());

/** Reads the options of a task from a JSON file; `example` is an example of the content, for messages. Throws USAGE. */
export function readOptionsFile(path: string, example: string): Record<string, unknown> {
  return parseObject(path, () => readGivenText(path), `Give a file such as ${example}`);
}

/** Reads the value of `--options`: a JSON object, or `@` and the path of a file with one. Throws USAGE. */
export function readOptionsArgument(given: string, cwd: string): Record<string, unknown> {
  const example = '{"day": "2026-11-28"}';
  if (given.startsWith('@')) return readOptionsFile(resolve(cwd, given.slice(1)), example);
  return parseObject('The value of --options', () => given, `Give an object such as '${example}', or @FILE with one`);
}

function parseObject(what: string, read: () => string, remedy: string): Record<string, unknown> {
  try {
    return JsonObject.parse(JSON.parse(read()));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? 'it holds something else' : messageOf(cause).replace(/\.$/, '');
    throw new OperationalError('USAGE', {
      happened: `${what} could not be read as a JSON object: ${why}`,
      remedy,
      cause,
    });
  }
}

/** Reads `name=value` of a repeated `--option`. A value that is JSON, such as 3 or true, counts as that. */
export function readOptionPairs(pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
      if (name !== undefined && value !== undefined) return [name, jsonOrText(value)];
      throw new OperationalError('USAGE', {
        happened: `"${pair}" is not an option with its value`,
        remedy: 'Give NAME=VALUE, such as --option day=2026-11-28',
      });
    }),
  );
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value; // Most values are plain text, which needs no quotes here.
  }
}
