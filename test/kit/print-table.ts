import {
  DEFAULT_TIMER,
  EMPTY_TRANSITION,
  type StateBlock,
  type StateTable,
  type Transition,
} from '../../controlplane/statetable/table.ts';

function printRow(row: Transition): string {
  const wait = row.waitSeconds === 0 ? '' : ` wait=${row.waitSeconds}`;
  const max = row.max === 0 ? '' : ` max=${row.max}`;
  const exec = row.exec ? '' : ' exec=false';
  return `  ${row.value} ${row.target}${wait}${max}${exec}\n`;
}

function printBlock(block: StateBlock): string {
  const method = block.transitionMethod === EMPTY_TRANSITION ? '' : `:${block.transitionMethod}`;
  const timer = block.timer === DEFAULT_TIMER ? '' : ` [${block.timer}]`;
  return `${block.name}${method}${timer} {\n${block.transitions.map(printRow).join('')}}\n`;
}

/** Prints the table as text and leaves defaults out. Parsing the text gives the same table except for positions. */
export function printStateTable(table: StateTable): string {
  const variables = Object.entries(table.variables).map(([name, value]) => `${name} = ${value}\n`);
  // An empty text is no table; a text of one empty line is a table without states.
  return [...(variables.length > 0 ? [variables.join('')] : []), ...table.states.map(printBlock)].join('\n') || '\n';
}
