import { spawn } from 'node:child_process';
import { chmodSync, renameSync, writeFileSync } from 'node:fs';

/**
 * A program that makes itself a subreaper and then becomes the program in its arguments. A descendant that loses its
 * parent becomes a child of the subreaper, and never of the machine's init (prctl(2), PR_SET_CHILD_SUBREAPER, which an
 * execve keeps). Neither Node nor a shell can make this call, and a machine without tini has no program that does.
 */
// Instructions of x86-64, as `objdump -d` prints them.
const CODE = [
  [0xb8, 0x9d, 0x00, 0x00, 0x00], //       mov  eax, 157           prctl(
  [0xbf, 0x24, 0x00, 0x00, 0x00], //       mov  edi, 36            PR_SET_CHILD_SUBREAPER,
  [0xbe, 0x01, 0x00, 0x00, 0x00], //       mov  esi, 1             1,
  [0x31, 0xd2], //                         xor  edx, edx           0,
  [0x45, 0x31, 0xd2], //                   xor  r10d, r10d         0,
  [0x45, 0x31, 0xc0], //                   xor  r8d, r8d           0)
  [0x0f, 0x05], //                         syscall
  [0x85, 0xc0], //                         test eax, eax
  [0x75, 0x18], //                         jnz  failed
  // A program's stack holds at its start: argc, argv[0] … argv[argc - 1], NULL, envp[0] …
  [0x48, 0x8b, 0x0c, 0x24], //             mov  rcx, [rsp]         argc
  [0x48, 0x8d, 0x74, 0x24, 0x10], //       lea  rsi, [rsp+16]      execve(argv[1], argv + 1,
  [0x48, 0x8b, 0x3e], //                   mov  rdi, [rsi]
  [0x48, 0x8d, 0x54, 0xcc, 0x10], //       lea  rdx, [rsp+rcx*8+16]  envp)
  [0xb8, 0x3b, 0x00, 0x00, 0x00], //       mov  eax, 59
  [0x0f, 0x05], //                         syscall
  [0xbf, 0x7e, 0x00, 0x00, 0x00], // failed: mov  edi, 126         exit(126)
  [0xb8, 0x3c, 0x00, 0x00, 0x00], //       mov  eax, 60
  [0x0f, 0x05], //                         syscall
].flat();

// elf(5): Elf64_Ehdr and one Elf64_Phdr.
const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const LOAD_ADDRESS = 0x400000n;
const PAGE_BYTES = 0x1000n;

/** Returns the whole program as a static ELF file. */
function subreaperProgram(): Buffer {
  const codeOffset = HEADER_BYTES + PROGRAM_HEADER_BYTES;
  const file = Buffer.alloc(codeOffset + CODE.length);
  file.write('\x7fELF', 'latin1');
  file.set([2, 1, 1], 4); // e_ident: 64 bits, little endian, version 1
  file.writeUInt16LE(2, 16); // e_type: ET_EXEC
  file.writeUInt16LE(62, 18); // e_machine: EM_X86_64
  file.writeUInt32LE(1, 20); // e_version
  file.writeBigUInt64LE(LOAD_ADDRESS + BigInt(codeOffset), 24); // e_entry
  file.writeBigUInt64LE(BigInt(HEADER_BYTES), 32); // e_phoff
  file.writeUInt16LE(HEADER_BYTES, 52); // e_ehsize
  file.writeUInt16LE(PROGRAM_HEADER_BYTES, 54); // e_phentsize
  file.writeUInt16LE(1, 56); // e_phnum
  file.writeUInt32LE(1, 64); // p_type: PT_LOAD
  file.writeUInt32LE(5, 68); // p_flags: readable and executable
  file.writeBigUInt64LE(LOAD_ADDRESS, 80); // p_vaddr
  file.writeBigUInt64LE(LOAD_ADDRESS, 88); // p_paddr
  file.writeBigUInt64LE(BigInt(file.length), 96); // p_filesz
  file.writeBigUInt64LE(BigInt(file.length), 104); // p_memsz
  file.writeBigUInt64LE(PAGE_BYTES, 112); // p_align
  file.set(CODE, codeOffset);
  return file;
}

/** Writes the program under another name and renames it: a file that is open for writing cannot be executed. */
export function writeSubreaper(path: string): void {
  writeFileSync(`${path}.tmp`, subreaperProgram());
  chmodSync(`${path}.tmp`, 0o755);
  renameSync(`${path}.tmp`, path);
}

/**
 * Runs the program once. Returns false on another processor than x86-64, on a filesystem without execution (noexec),
 * and where the kernel refuses.
 */
export async function canBecomeSubreaper(path: string): Promise<boolean> {
  const child = spawn(path, ['/bin/sh', '-c', 'exit 42'], { env: {}, stdio: 'ignore' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 42));
  });
}

/**
 * Shell text that ends the orphaned children of the wrapper. Processes that outlived the agent have become its
 * children, and would become children of the machine's init when the wrapper ends. Each child that is killed leaves
 * children of its own to the wrapper, so the loop runs until there are none, for some seconds at most. \`: & wait\`
 * makes the shell reap dead children.
 */
export const END_ORPHANED_CHILDREN = `
list=/proc/$$/task/$$/children
list_orphaned_children() {
  pids=
  if [ -r "$list" ]; then read -r pids <"$list"; return; fi
  for stat in /proc/[0-9]*/stat; do
    read -r line <"$stat" || continue
    case \${line##*) } in "Z "*) ;; ?" $$ "*) pids="$pids \${line%% *}";; esac
  done
}
round=0
while [ "$round" -lt 2000 ]; do
  round=$((round + 1))
  list_orphaned_children
  [ -n "$pids" ] || break
  for pid in $pids; do kill -s KILL -- "$pid" "-$pid"; done
  : & wait "$!"
done 2>/dev/null
`;
