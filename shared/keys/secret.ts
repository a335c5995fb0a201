import { inspect } from 'node:util';

/** A value that prints as `[secure]` wherever it is turned into text: logs, JSON, inspect, string templates. */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The one way to the value; search for it to see where secrets are used. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return '[secure]';
  }

  toJSON(): string {
    return '[secure]';
  }

  [inspect.custom](): string {
    return '[secure]';
  }
}
