import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildFile, makeBareRepository, makeRepository } from '../kit/builds/git-place.ts';

// Twenty lines of some hundred bytes each time.
const SCRIPT = `volume=$1 n=0 fill=$(printf '%0100d' 0)
echo start >>"$volume/starts"
write() {
  seq -f "line %.0f $fill" $((n + 1)) $((n + 20)) | tee -a "$volume/lines"
  n=$((n + 20))
}
until [ -e "$volume/go" ]; do write; sleep 0.2; done
write
if [ "$(cat "$volume/go")" = fill ]; then
  head -c 100000000 /dev/zero >big
  sleep 300
fi
echo end >>"$volume/ends"
`;

/** The user and group of builds in a container of test/kit/agent/agent-container.ts. */
const BUILD_USER = '12345:12345';

/** The repositories of one build, and files by which build and test tell each other how far they are. */
export class BuildPlace {
  readonly source: string;
  readonly artefact: string;
  readonly #volume: string;

  constructor(volume: string) {
    this.#volume = volume;
    mkdirSync(volume);
    this.source = makeRepository(join(volume, 'app'), {
      'acquia-pipelines.yaml': buildFile(`sh build.sh ${volume}`),
      'build.sh': SCRIPT,
    });
    this.artefact = makeBareRepository(join(volume, 'artefact.git'));
    const hook = join(this.artefact, 'hooks', 'post-receive');
    writeFileSync(hook, `#!/bin/sh\necho push >>${volume}/pushes\n`);
    chmodSync(hook, 0o755);
    // git reads no repository of another user.
    execFileSync('chown', ['-R', BUILD_USER, volume]);
  }

  /** Lets the build come to its end, or fill its disk. */
  goOn(how: 'to-the-end' | 'fill'): void {
    writeFileSync(join(this.#volume, 'go'), how);
  }

  get hasEnded(): boolean {
    return this.#read('ends') !== '';
  }

  /** What the build has written to its standard output, by its own account. */
  get lines(): readonly string[] {
    return linesOf(this.#read('lines'));
  }

  /** How often its script was started. */
  get starts(): number {
    return linesOf(this.#read('starts')).length;
  }

  /** How often the artefact was pushed. */
  get pushes(): number {
    return linesOf(this.#read('pushes')).length;
  }

  #read(name: string): string {
    const file = join(this.#volume, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }
}

/** Returns whole lines. */
export function linesOf(text: string): readonly string[] {
  return text.split('\n').slice(0, -1);
}
