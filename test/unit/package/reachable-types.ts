import ts from 'typescript';
import type { DeclaredPackage } from './declared-package.ts';

/**
 * Returns the types that the signatures of exported things name and that no entry exports, each with where it was
 * met: an author who stores such a value, or hands it to a function of his own, could not write its type.
 */
export function unexportedTypes(declared: DeclaredPackage): readonly string[] {
  const { checker, entries } = declared;
  const exported = new Set([...entries.values()].flat().map((symbol) => resolve(symbol, checker)));
  const missing = new Map<ts.Symbol, string>();
  const seen = new Set<ts.Symbol>();
  const waiting = [...exported];
  for (let symbol = waiting.pop(); symbol; symbol = waiting.pop()) {
    if (seen.has(symbol)) continue;
    seen.add(symbol);
    for (const declaration of symbol.declarations ?? []) {
      if (declared.sourceOf(declaration) === null) continue;
      for (const { found, canBeNamed } of namesIn(declaration, declared)) {
        waiting.push(found);
        if (canBeNamed || exported.has(found) || missing.has(found)) continue;
        const [first] = found.declarations ?? [];
        missing.set(found, `${found.name} (${first ? declared.sourceOf(first) : '?'}), met in ${symbol.name}`);
      }
    }
  }
  return [...missing.values()].toSorted();
}

function resolve(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

interface NamedType {
  readonly found: ts.Symbol;
  /** Whether an author can write the type without this name. */
  readonly canBeNamed: boolean;
}

/** The types of this project that a declaration names. */
function namesIn(declaration: ts.Node, declared: DeclaredPackage): NamedType[] {
  const { checker } = declared;
  const names: NamedType[] = [];
  const visit = (node: ts.Node): void => {
    const name = nameOf(node);
    const symbol = name && checker.getSymbolAtLocation(name);
    const found = symbol && resolve(symbol, checker);
    const [first] = found?.declarations ?? [];
    if (found && first && !ts.isTypeParameterDeclaration(first) && declared.sourceOf(first) !== null) {
      names.push({ found, canBeNamed: isShorthand(first) });
    }
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return names;
}

function nameOf(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  if (ts.isExpressionWithTypeArguments(node)) return node.expression;
  if (ts.isImportTypeNode(node)) return node.qualifier;
  // `typeof X` names a value, and what is made of its type (`Parameters<typeof f>`) has the name that it is given.
  return undefined;
}

/** Whether it is a file's own shorthand for the type of a value: `type T = typeof TRANSITIONS`. */
function isShorthand(declaration: ts.Declaration): boolean {
  const isExported = ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export;
  return !isExported && ts.isTypeAliasDeclaration(declaration) && ts.isTypeQueryNode(declaration.type);
}
