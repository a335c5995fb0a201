import path from 'node:path';
import { z } from 'zod';
import { fieldProblems, fieldProblemText } from '../../../shared/text/field-problems.ts';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';

// A chain of causes may be circular.
const MAX_CAUSES = 5;
// Folder of the product's own code: its parent folders hold nothing of a task's author when it is installed as a package.
const PRODUCT = path.join(import.meta.dirname, '../../..');
const OWN_FOLDERS = ['agent', 'controlplane', 'shared', 'node_modules'].map((folder) =>
  path.join(PRODUCT, folder, '/'),
);
const FRAME = /(?:\(|at (?:async )?)(?:file:\/\/)?(\/[^()]*?):(\d+):\d+\)?$/;

// A message is a sentence. A longer one is output, and could exceed the size of a database value.
const MAX_MESSAGE = 100_000;

/** Returns the message of what a method threw, with the errors behind it. */
export function describeThrown(thrown: unknown): string {
  const messages = [wordsOf(thrown)];
  let at = causeOf(thrown);
  while (at !== undefined && messages.length <= MAX_CAUSES) {
    const message = wordsOf(at);
    if (!messages.some((one) => one.includes(message))) messages.push(message);
    at = causeOf(at);
  }
  const message = messages.map((one) => one.replace(/\.$/, '')).join(', because: ');
  const whole = messages.length === 1 ? messages[0]! : message;
  return whole.length <= MAX_MESSAGE ? whole : `${whole.slice(0, MAX_MESSAGE)}…`;
}

// structuredClone and postMessage say of them, as of functions, that they cannot be cloned.
const HOW_TO_CLONE =
  'if it is of context.bag or context.memory, copy it with JSON.parse(JSON.stringify(…)), which its proxies allow';

/** The message of an error of zod is JSON over many lines, of which the first says nothing. */
function wordsOf(thrown: unknown): string {
  try {
    if (thrown instanceof z.ZodError) return fieldProblems(thrown).map(fieldProblemText).join('; ');
    if (thrown instanceof DOMException && thrown.name === 'DataCloneError')
      return `${messageOf(thrown).replace(/\.$/, '')}: ${HOW_TO_CLONE}`;
  } catch {
    // A thrown value may be a Proxy whose traps throw.
  }
  return messageOf(thrown);
}

/** Returns the line of the author's code that threw, such as `restore-check.js:42`; null when the stack names none. */
export function authorsLine(thrown: unknown): string | null {
  for (const line of stackOf(thrown).split('\n')) {
    const [, file, number] = FRAME.exec(line.trim()) ?? [];
    if (file === undefined || OWN_FOLDERS.some((folder) => file.startsWith(folder))) continue;
    return `${path.basename(file)}:${number}`;
  }
  return null;
}

/** Returns the cause of an error. A thrown value may have getters that throw. */
function causeOf(thrown: unknown): unknown {
  try {
    // The message of an OperationalError already explains its cause to people.
    return thrown instanceof Error && !(thrown instanceof OperationalError) ? thrown.cause : undefined;
  } catch {
    return undefined;
  }
}

function stackOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.stack) : '';
  } catch {
    return '';
  }
}
