import { Command } from 'commander';

/** A command that only holds others; its help lists them. */
export function commandGroup(name: string, description: string, children: readonly Command[]): Command {
  const group = new Command(name).description(description);
  for (const child of children) group.addCommand(child);
  return group;
}

/** Text that stands at the end of a command's help. */
export function examplesText(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((example) => `  $ wipctl ${example}\n`).join('')}`;
}
