import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { ATTEMPT, EFFECT, PAUSE, SLOT } from '../../../controlplane/store/literals.ts';

const STORE = fileURLToPath(new URL('../../../controlplane/store/', import.meta.url));
const WORDS = [ATTEMPT, EFFECT, PAUSE, SLOT].flatMap((literals) => Object.keys(literals));
const BARE = new RegExp(
  `\\b(?:exit_)?status\\s*(?:=|<>|!=|(?:NOT )?IN)\\s*\\(?\\s*\\d+|'"?(?:${WORDS.join('|')})"?'`,
  'gi',
);

/** Returns the states and statuses that the sql templates of a source spell out. */
function bareLiterals(source: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node) && /^sql\b/.test(node.tag.getText())) {
      const { template } = node;
      const texts = ts.isNoSubstitutionTemplateLiteral(template)
        ? [template.text]
        : [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)];
      found.push(...texts.flatMap((text) => text.match(BARE) ?? []));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true));
  return found;
}

describe('states and statuses in SQL', () => {
  it('stand in literals.ts only, but for released migrations', () => {
    const files = readdirSync(STORE, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !name.startsWith('migrations/'),
    );
    expect(files.length).toBeGreaterThan(40);
    const bare = files.flatMap((name) => bareLiterals(readFileSync(join(STORE, name), 'utf8')).map((at) => [name, at]));
    expect(bare).toEqual([]);
  });

  it.each([
    ['sql`SELECT FROM task WHERE status = 2`', 'status = 2'],
    ['sql<Row>`SELECT FROM task WHERE task.status IN (0, 4)`', 'status IN (0'],
    ['sql`UPDATE task SET exit_status = 0`', 'exit_status = 0'],
    ["sql`SELECT FROM task WHERE id = ${id} AND slot <> 'none'`", "'none'"],
    ["sql<boolean>`state IN (${one}, 'launched')`", "'launched'"],
    ['sql`SELECT FROM setting WHERE value = \'"hard"\'`', '\'"hard"\''],
  ])('are found when they are written out: %s', (source, literal) => {
    expect(bareLiterals(source)).toEqual([literal]);
  });

  it.each(['sql`status = ${STATUS.WAITING}`', "const outcome = 'unknown';", "sql`SELECT 'none of these'`"])(
    'are not seen where there are none: %s',
    (source) => expect(bareLiterals(source)).toEqual([]),
  );
});
