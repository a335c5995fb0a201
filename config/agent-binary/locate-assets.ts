import { readFileSync, writeFileSync } from 'node:fs';

/** The text in start.cjs that is replaced, as long as it is: nothing in the file may move. */
const MARK = /\{"wip-assets":" +"\}/;

/** Writes into the binary where in its file the assets are, so that start.cjs can read them. */
export function locateAssets(binary: string, assets: Readonly<Record<string, string>>): void {
  const file = readFileSync(binary);
  const text = readFileSync(new URL('start.cjs', import.meta.url), 'latin1');
  const mark = MARK.exec(text)?.[0];
  if (mark === undefined) throw new Error('start.cjs has no place for the locations of the assets');
  const locations = JSON.stringify(
    Object.fromEntries(Object.entries(assets).map(([name, path]) => [name, locate(file, readFileSync(path), name)])),
  );
  if (locations.length > mark.length) throw new Error(`${locations.length} characters do not fit into ${mark.length}`);
  const [at] = locate(file, Buffer.from(mark), 'the place for the locations');
  file.write(locations.padEnd(mark.length), at);
  writeFileSync(binary, file);
}

function locate(file: Buffer, wanted: Buffer, name: string): [offset: number, length: number] {
  const offset = file.indexOf(wanted);
  if (offset < 0 || file.includes(wanted, offset + 1))
    throw new Error(`${name} is not in the binary, or is there twice`);
  return [offset, wanted.length];
}
