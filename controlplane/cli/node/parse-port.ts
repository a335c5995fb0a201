import { InvalidArgumentError } from 'commander';
import { wholeNumber } from '../../../shared/model/whole-number.ts';

/** Reads a port for commander, which says what is wrong with it. */
export function parsePort(text: string): number {
  const port = wholeNumber(0, 65_535).safeParse(text);
  if (port.success) return port.data;
  throw new InvalidArgumentError('Give a port from 0 to 65535.');
}
