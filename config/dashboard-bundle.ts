import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

// The mark of Wip, in the colour of its accent. Inside the document: one request less, and no name to keep.
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20'%3E%3Cpath d='M2 4l3.6 12L10 6l4.4 10L18 4' " +
  "fill='none' stroke='%236f7bea' stroke-width='2.4' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

/** Bundles the dashboard into a directory: the document, and scripts and styles whose names hold a hash of their content. */
export async function bundleDashboard(root: string, directory: string): Promise<void> {
  const source = join(root, 'controlplane', 'dashboard');
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: { main: join(source, 'main.tsx'), style: join(source, 'style.css') },
    outdir: directory,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    // Two years old when this was written: of every engine that gets security fixes.
    target: ['chrome126', 'firefox128', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfigRaw: {},
    logLevel: 'warning',
  });
  const entryOf = (name: string): Entry => {
    const found = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(`/${name}`));
    if (!found) throw new Error(`the bundle has no output for ${name}`);
    const [path, { imports }] = found;
    const needed = imports.filter(({ kind }) => kind === 'import-statement').map((one) => basename(one.path));
    return { file: basename(path), needed };
  };
  mkdirSync(directory, { recursive: true });
  for (const { path, contents } of outputFiles) replaceFile(path, contents);
  // The document comes last: whoever reads it finds the files it names.
  replaceFile(join(directory, 'index.html'), documentOf(entryOf('main.tsx'), entryOf('style.css')));
  const made = new Set(['index.html', ...outputFiles.map(({ path }) => basename(path))]);
  for (const name of readdirSync(directory)) if (!made.has(name)) rmSync(join(directory, name), { force: true });
}

interface Entry {
  readonly file: string;
  /** The files that it imports before it runs. */
  readonly needed: readonly string[];
}

/** A node that starts at this moment must not read half a file. */
function replaceFile(path: string, contents: Uint8Array | string): void {
  const beside = `${path}.${process.pid}.tmp`;
  writeFileSync(beside, contents);
  renameSync(beside, path);
}

function documentOf(script: Entry, style: Entry): string {
  // Without these a browser would ask for them only when it has the script.
  const preloads = script.needed.map((name) => `<link rel="modulepreload" href="/assets/${name}">\n`).join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Wip</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="/assets/${style.file}">
${preloads}<script type="module" src="/assets/${script.file}"></script>
</head>
<body>
<div id="app"></div>
<noscript><p>The dashboard of Wip needs JavaScript. <code>wipctl tasks</code> shows the same on a terminal.</p></noscript>
</body>
</html>
`;
}
