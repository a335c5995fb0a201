import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { parseDigits, wholeNumber } from '../../shared/model/whole-number.ts';
import { fieldProblems, fieldProblemText, sayProblem } from '../../shared/text/field-problems.ts';
import { nearestName } from '../../shared/text/nearest-name.ts';
import { splitNames } from './commands/split-names.ts';

// Parser that commander calls for the value of an option or argument. It runs before the command, so a value whose form the
// server would refuse is reported as wrong usage, even without a server.

type Parser<T> = (text: string) => T;

/** Accepts the values that `schema` accepts, and returns the text as it was typed. The server parses it with the same schema. */
export function textFor(schema: z.ZodType): Parser<string> {
  return (text) => {
    check(schema, text);
    return text;
  };
}

/** Accepts the values that `schema` accepts, and returns the schema's result, such as the canonical form of a name. */
export function readTextFor(schema: z.ZodType<string | undefined>): Parser<string> {
  return (text) => {
    check(schema, text);
    return schema.parse(text) ?? text;
  };
}

/** As `textFor`, but also accepts an empty text, which removes a setting. */
export function textOrNothing(schema: z.ZodType): Parser<string> {
  const read = textFor(schema);
  return (text) => (text === '' ? text : read(text));
}

/** Takes names with commas between, each of which `schema` takes. */
export function namesFor(schema: z.ZodType): Parser<string[]> {
  const read = textFor(schema);
  return (text) => {
    const names = splitNames(text).map(read);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice === undefined) return names;
    throw new InvalidArgumentError(`"${twice}" is there twice.`);
  };
}

/** As `namesFor`, with one name at least. */
export function someNamesFor(schema: z.ZodType): Parser<string[]> {
  const read = namesFor(schema);
  return (text) => {
    const names = read(text);
    if (names.length > 0) return names;
    throw new InvalidArgumentError('Give names with commas between.');
  };
}

/** Takes one of these words, in capitals or not. */
export function wordFor<Word extends string>(known: readonly Word[]): Parser<Word> {
  return (text) => {
    const word = findWord(text, known);
    if (word !== undefined) return word;
    throw new InvalidArgumentError(otherWords(text, known));
  };
}

/** Takes some of these words with commas between, and returns them as the API has them. */
export function someWordsFor(known: readonly string[]): Parser<string> {
  const read = (word: string): string => {
    const found = findWord(word, known);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`There is no "${word}". ${otherWords(word, known)}`);
  };
  return (text) => (text.includes(',') ? text.split(',').map(read).join(',') : wordFor(known)(text));
}

function findWord<Word extends string>(text: string, known: readonly Word[]): Word | undefined {
  return known.find((one) => one.toLowerCase() === text.trim().toLowerCase());
}

function otherWords(text: string, known: readonly string[]): string {
  const nearest = nearestName(text.toUpperCase(), known) ?? nearestName(text.toLowerCase(), known);
  return `${nearest === null ? '' : `Perhaps ${nearest} is meant. `}Use one of ${known.join(', ')}.`;
}

/** Takes any text but an empty one, which most often is a variable of a script that was not set. */
export function someText(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It must not be empty.');
}

/** Takes a whole number that `schema` takes. */
export function numberFor(schema: z.ZodType): Parser<number> {
  return (text) => {
    const number = parseDigits(text);
    if (number === undefined) throw new InvalidArgumentError('Give a whole number such as 3.');
    check(schema, number);
    return number;
  };
}

/** Takes a whole number within these bounds. */
export function countFrom(least: number, most: number): Parser<number> {
  return (text) => {
    const count = wholeNumber(least, most).safeParse(text);
    if (count.success) return count.data;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

function check(schema: z.ZodType, value: unknown): void {
  const parsed = schema.safeParse(value, { error: sayProblem });
  if (parsed.success) return;
  const [first] = fieldProblems(parsed.error);
  throw new InvalidArgumentError(sentenceOf(first?.message ?? 'is not valid'));
}

function sentenceOf(message: string): string {
  const text = fieldProblemText({ path: 'It', message }).replace(/^It: /, '');
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;
}
