import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';

/** The tags of a request. A tag without a value has an empty one. */
export const TagsInput = z.array(z.looseObject({ key: z.string(), value: z.string().default('') })).default([]);

interface Tag {
  readonly key: string;
  readonly value: string;
}

/** "Tag" of the Amazon ECS API reference. */
const MAX_TAGS = 50;
const MAX_KEY_CHARACTERS = 128;
const MAX_VALUE_CHARACTERS = 256;
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Throws ECS's error for tags that a request may not give. */
export function checkTags(tags: readonly Tag[]): void {
  const keys = tags.map(({ key }) => key);
  checkTagKeys(keys);
  for (const { value } of tags) {
    if (value.length > MAX_VALUE_CHARACTERS) throw refused(`tag value longer than ${MAX_VALUE_CHARACTERS}.`);
    checkCharacters(value);
    if (/^aws:/i.test(value)) throw refused(`The value ${value} begins with aws:, which AWS keeps for itself.`);
  }
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) throw refused(`Duplicate tag key: ${twice}.`);
  checkTagCount(tags);
}

/** Throws ECS's error for keys that nobody may give, and nobody may take away either: those of AWS stay. */
export function checkTagKeys(keys: readonly string[]): void {
  for (const key of keys) {
    if (key === '') throw refused('The key of a tag can not be blank.');
    if (key.length > MAX_KEY_CHARACTERS) throw refused(`tag key longer than ${MAX_KEY_CHARACTERS}.`);
    checkCharacters(key);
    if (/^aws:/i.test(key)) throw refused(`The key ${key} begins with aws:, which AWS keeps for itself.`);
  }
}

function checkCharacters(text: string): void {
  if (ALLOWED.test(text)) return;
  const valid = 'Valid characters: UTF-8 letters, spaces, numbers and _ . / = + - : @.';
  throw refused(`Some tags contain invalid characters. ${valid}`);
}

/** Throws ECS's error when a resource would have more tags than it may have; those of AWS itself do not count. */
export function checkTagCount(tags: readonly Tag[]): void {
  const { length } = tags.filter(({ key }) => !key.startsWith('aws:'));
  if (length > MAX_TAGS) throw refused(`A resource can have at most ${MAX_TAGS} tags, and not ${length}.`);
}

function refused(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
