import { Command } from 'commander';

/** A command that only holds others; its help lists them. */
export function commandGroup(name: string, description: string, children: readonly Command[]): Command {
  const group = new Command(name).description(description);
  for (const child of children) group.addCommand(child);
  return group;
}

/** An example that begins with a variable names the program itself. */
const ASSIGNMENT = /^[A-Z_]+=/;

/** Text that stands at the end of a command's help. */
export function examplesText(examples: readonly string[]): string {
  const lines = examples.map((example) => `  $ ${ASSIGNMENT.test(example) ? '' : 'wipctl '}${example}\n`);
  return `\nExamples:\n${lines.join('')}`;
}
