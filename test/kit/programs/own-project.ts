import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installProduct, type PackedProduct } from './packed-product.ts';
import { CHECKOUT, Program, type ProgramEnd } from './program.ts';

export const RESTORE_CHECK = join(CHECKOUT, 'test', 'fixtures', 'restore-check');

/** A copy of the project in test/fixtures/restore-check with the packed product installed, as a user of the package has it. */
export class OwnProject {
  readonly directory: string;
  readonly #environment: Readonly<Record<string, string>>;

  constructor(product: PackedProduct, directory: string) {
    this.directory = directory;
    // With the Node that runs the test, for `npm run` and for what containers start.
    const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? '/usr/bin:/bin'}`;
    const cache = join(directory, '.npm');
    this.#environment = {
      PATH: path,
      // Its tools keep something in the home of their user, and make it when it is not there.
      HOME: directory,
      TMPDIR: directory,
      npm_config_cache: cache,
      npm_config_update_notifier: 'false',
    };
    cpSync(RESTORE_CHECK, directory, { recursive: true });
    installProduct(product, directory);
  }

  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  /** Runs a script of its package.json. */
  run(script: string, ...args: string[]): Promise<ProgramEnd> {
    return this.#start('npm', ['run', '--silent', script, '--', ...args]).ended;
  }

  /** Starts the product's command from the project's node_modules. */
  wipctl(...args: string[]): Program {
    return this.#start(this.path('node_modules', '.bin', 'wipctl'), args);
  }

  #start(command: string, args: readonly string[]): Program {
    return Program.startCommand(command, args, { cwd: this.directory, environment: this.#environment });
  }
}
