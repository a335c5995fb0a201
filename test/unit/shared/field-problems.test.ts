import { expect, it } from 'vitest';
import { fieldProblemText } from '../../../shared/text/field-problems.ts';

it.each([
  ['port', 'must be a number', 'port must be a number'],
  ['colour', 'is not known', 'colour is not known'],
  ['groups', 'belongs to the query, not to a body', 'groups belongs to the query, not to a body'],
  ['group', 'at most 128 characters', 'group: at most 128 characters'],
  ['kind', 'it must not be empty', 'kind: it must not be empty'],
  ['options', 'the key is there twice', 'options: the key is there twice'],
  ['', 'it is not JSON', 'it is not JSON'],
])('the problem of a field is a sentence of it, or stands behind a colon: %j, %j', (path, message, text) => {
  expect(fieldProblemText({ path, message })).toBe(text);
});
