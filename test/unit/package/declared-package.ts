import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { z } from 'zod';
import { ROOT } from '../docs/documents.ts';

const Manifest = z.object({
  exports: z.record(z.string(), z.object({ types: z.string(), default: z.string() })),
});

/** The declarations of the package, as `npm run build` writes them, and what its users see in them. */
export interface DeclaredPackage {
  readonly checker: ts.TypeChecker;
  /** The exported symbols by the path that users import: `.`, `./testkit`. */
  readonly entries: ReadonlyMap<string, readonly ts.Symbol[]>;
  /** Returns the path of the source that declares the node; null for nodes of other packages. */
  sourceOf(node: ts.Node): string | null;
}

/** The sources of what package.json exports, by the path that users import. */
function exportedSources(): ReadonlyMap<string, string> {
  const manifest = Manifest.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  return new Map(
    Object.entries(manifest.exports).map(([path, { types }]) => [
      path,
      join(ROOT, types.replace(/^\.\/dist\//, '').replace(/\.d\.ts$/, '.ts')),
    ]),
  );
}

/** Declarations are read instead of sources: inferred types are written out there, and bodies are gone. */
export function declarePackage(): DeclaredPackage {
  const sources = exportedSources();
  // The directory does not exist. It lies in the checkout, so that the libraries are found from there.
  const directory = join(ROOT, 'declared');
  const options = optionsOfThePackage();
  const files = emitDeclarations([...sources.values()], { ...options, outDir: directory });
  const declarationOf = (source: string): string => join(directory, relative(ROOT, source)).replace(/\.ts$/, '.d.ts');
  const roots = [...sources].map(([path, source]) => [path, declarationOf(source)] as const);
  const program = ts.createProgram({
    rootNames: roots.map(([, file]) => file),
    options: { ...options, noEmit: true },
    host: hostWith(files, options),
  });
  const checker = program.getTypeChecker();
  const entries = new Map(roots.map(([path, file]) => [path, exportsOf(program.getSourceFile(file), checker)]));
  return {
    checker,
    entries,
    sourceOf(node) {
      const { fileName } = node.getSourceFile();
      return files.has(fileName) ? relative(directory, fileName).replace(/\.d\.ts$/, '.ts') : null;
    },
  };
}

function exportsOf(file: ts.SourceFile | undefined, checker: ts.TypeChecker): readonly ts.Symbol[] {
  const symbol = file && checker.getSymbolAtLocation(file);
  if (!symbol) throw new Error('an entry of package.json exports nothing');
  return checker.getExportsOfModule(symbol);
}

function optionsOfThePackage(): ts.CompilerOptions {
  const path = join(ROOT, 'config', 'tsconfig.package.json');
  const read = ts.getParsedCommandLineOfConfigFile(path, {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} });
  if (!read) throw new Error(`${path} cannot be read`);
  return { ...read.options, emitDeclarationOnly: true };
}

function emitDeclarations(rootNames: readonly string[], options: ts.CompilerOptions): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  ts.createProgram({ rootNames, options }).emit(undefined, (name, text) => void files.set(name, text));
  return files;
}

/** A host that also knows these files, which are not on the disk. */
export function hostWith(files: ReadonlyMap<string, string>, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const directories = new Set([...files.keys()].map((file) => file.slice(0, file.lastIndexOf('/'))));
  return {
    ...host,
    fileExists: (name) => files.has(name) || host.fileExists(name),
    readFile: (name) => files.get(name) ?? host.readFile(name),
    directoryExists: (name) => directories.has(name) || (host.directoryExists?.(name) ?? true),
    getSourceFile(name, how) {
      const text = files.get(name);
      return text === undefined ? host.getSourceFile(name, how) : ts.createSourceFile(name, text, how);
    },
  };
}
