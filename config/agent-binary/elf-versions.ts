// What a program for Linux asks of shared libraries, read from its ELF file. The names follow elf(5).

/** Versions that a program needs of one library, such as GLIBC_2.28 of libc.so.6. */
export interface NeededLibrary {
  readonly library: string;
  /** Empty: any version will do. */
  readonly versions: readonly string[];
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_VERNEED = 0x6ffffffe;
const DT_VERNEEDNUM = 0x6fffffff;
/** ELFCLASS64 and ELFDATA2LSB: what x86-64 and arm64 have. */
const CLASS_AND_ORDER = [2, 1];

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly bytes: number;
}

/** Returns the libraries that the dynamic linker will load for this program. Throws for another kind of file. */
export function readNeededLibraries(file: Buffer): readonly NeededLibrary[] {
  const isElf = file.length > 64 && file.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'));
  if (!isElf || file[4] !== CLASS_AND_ORDER[0] || file[5] !== CLASS_AND_ORDER[1]) {
    throw new Error('It is not a program for Linux with 64 bits and the lowest byte first');
  }
  const segments = readSegments(file);
  const dynamic = readDynamicSection(file, segments);
  const offsetOf = (tag: number): number => fileOffset(segments, dynamic.find((entry) => entry.tag === tag)?.value);
  const strings = offsetOf(DT_STRTAB);
  const nameAt = (at: number): string => file.toString('latin1', strings + at, file.indexOf(0, strings + at));
  const count = dynamic.find(({ tag }) => tag === DT_VERNEEDNUM)?.value ?? 0;
  const versions = readVersions(file, count === 0 ? 0 : offsetOf(DT_VERNEED), count, nameAt);
  return dynamic
    .filter(({ tag }) => tag === DT_NEEDED)
    .map(({ value }) => nameAt(value))
    .map((library) => ({ library, versions: versions.get(library) ?? [] }));
}

function readSegments(file: Buffer): Segment[] {
  const table = Number(file.readBigUInt64LE(32)); // e_phoff
  const [entryBytes, count] = [file.readUInt16LE(54), file.readUInt16LE(56)]; // e_phentsize, e_phnum
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * entryBytes;
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: Number(file.readBigUInt64LE(at + 16)),
      bytes: Number(file.readBigUInt64LE(at + 32)),
    };
  });
}

function readDynamicSection(file: Buffer, segments: readonly Segment[]): { tag: number; value: number }[] {
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  const entries = [];
  for (let at = dynamic?.offset ?? 0, end = at + (dynamic?.bytes ?? 0); at < end; at += 16) {
    entries.push({ tag: Number(file.readBigInt64LE(at)), value: Number(file.readBigUInt64LE(at + 8)) });
  }
  return entries;
}

/** Tables are named by their address in memory. */
function fileOffset(segments: readonly Segment[], address = NaN): number {
  const segment = segments.find(
    ({ type, address: from, bytes }) => type === PT_LOAD && address >= from && address < from + bytes,
  );
  if (segment === undefined) throw new Error('A table of the dynamic section lies outside of the file');
  return address - segment.address + segment.offset;
}

/** Reads the Verneed entries, and behind each its Vernaux entries. Offsets count from the entry itself. */
function readVersions(
  file: Buffer,
  first: number,
  count: number,
  nameAt: (at: number) => string,
): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (let index = 0, need = first; index < count; index += 1) {
    const names: string[] = [];
    let at = need + file.readUInt32LE(need + 8); // vn_aux
    for (let left = file.readUInt16LE(need + 2); left > 0; left -= 1) {
      names.push(nameAt(file.readUInt32LE(at + 8))); // vna_name
      at += file.readUInt32LE(at + 12); // vna_next
    }
    found.set(nameAt(file.readUInt32LE(need + 4)), names); // vn_file
    need += file.readUInt32LE(need + 12); // vn_next
  }
  return found;
}
