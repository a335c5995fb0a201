// Files that people write.
import { isDeepStrictEqual } from 'node:util';
import { YAMLException } from 'js-yaml';
import { parseBuildFile } from '../../../agent/build/file/build-file.ts';
import { readYamlTree } from '../../../shared/yaml/yaml-tree.ts';
import { parseConfig } from '../../../agent/config/agent-config.ts';
import { readEcsConfig } from '../../../controlplane/ecs/config/ecs-config.ts';
import { parseYamlSource } from '../../../controlplane/ecs/config/yaml-source.ts';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { printStateTable } from '../../kit/print-table.ts';
import { parseSimulationScript, printScript } from '../../../controlplane/statetable/simulation-script.ts';
import { BuildFile } from '../../../shared/protocol/build-export.ts';
import { loadYaml } from '../../../shared/yaml/yaml-config.ts';
import { withoutPositions } from '../../unit/statetable/any-table.ts';
import type { Target } from '../fuzz-target.ts';

const YAML_PIECES = [
  'version: 1.0.0\n',
  'variables:\n  global:\n',
  'events:\n  build:\n    steps:\n',
  '      - a:\n          script:\n',
  '            - ',
  'script: ',
  'secure: ',
  'ssh-keys: ',
  'services: ',
  'x-a: ',
  '- ',
  ': ',
  '? ',
  '  ',
  '&a ',
  '*a',
  '<<: ',
  '|\n',
  '>-\n',
  '|2+\n',
  '!!str ',
  '!t ',
  '!<x> ',
  '---\n',
  '...\n',
  '%TAG ! x\n',
  '%YAML 1.2\n',
  '~',
  ' #c',
  ', ',
];

const TABLE_PIECES = [
  'start {\n',
  'start:check [user] {\n',
  'a:m {\n',
  '  * finish\n',
  '  ! failure\n',
  '  ok b wait=30 max=3 exec=false\n',
  '}\n',
  'name = value\n',
  '# note\n',
  ' // ',
  'wait=',
  'max=99999999999',
  '"',
  "'",
];

const INI_PIECES = [
  '[disk]\n',
  '[time]\n',
  '[ssh]\n',
  '[workload]\n',
  'initial_size = 1.73\n',
  'max_workload = 10\n',
  'paths = /,/mnt\n',
  'method = auto\n',
  'server = embedded\n',
  'port = 22\n',
  'user = local\n',
  'a[] = 1\n',
  '; note\n',
  'no_progress = 0\n',
];

const PLACE = { file: 'config.ini', root: null };

export const FILE_TARGETS: readonly Target[] = [
  {
    name: 'state-table',
    share: 12,
    pieces: TABLE_PIECES,
    run(input) {
      const table = parseStateTable(input.toString());
      const again = parseStateTable(printStateTable(table));
      mustEqual(withoutPositions(again), withoutPositions(table), 'the table that was printed and read');
    },
  },
  {
    name: 'simulation-script',
    share: 4,
    pieces: ["start { 'ok' 'wait' }\n", "'a b' {", '"x"', "'y'", '}', '# '],
    run(input) {
      const script = parseSimulationScript(input.toString());
      mustEqual(parseSimulationScript(printScript(script)), script, 'the script that was printed and read');
    },
  },
  {
    name: 'config-ini',
    share: 8,
    pieces: INI_PIECES,
    run: (input) => void parseConfig(input.toString(), PLACE, {}),
  },
  {
    name: 'yaml',
    share: 8,
    pieces: YAML_PIECES,
    run(input) {
      let problems = 0;
      const tree = readYamlTree(input.toString(), ({ line, column, message }) => {
        if (line < 1 || column < 1 || message === '') throw new Error(`a problem at ${line}:${column}: ${message}`);
        problems += 1;
      });
      if (tree === null && problems === 0 && /[^\s#]/.test(input.toString().replace(/#.*|\uFEFF/g, ''))) {
        const isEmpty = input
          .toString()
          .replaceAll('\uFEFF', '')
          .split(/[\r\n]+/)
          .every((line) => /^(\s*$|\s*#|%|---|\.\.\.)/.test(line));
        if (!isEmpty) throw new Error('no tree and no problem');
      }
    },
  },
  {
    name: 'build-file',
    share: 12,
    pieces: YAML_PIECES,
    run(input) {
      const { file } = parseBuildFile(input.toString(), 'f', ['mysql']);
      mustEqual(BuildFile.parse(JSON.parse(JSON.stringify(file))), file, 'the build file that was exported and read');
    },
  },
  {
    name: 'config-yaml',
    share: 6,
    pieces: [
      ...YAML_PIECES,
      'naming: {namespace: a, customer: b}\n',
      'default:\n  containerDefinitions:\n',
      '    - name: a\n      image: b\n',
      'overrides:\n  BuildSteps:\n',
    ],
    run(input) {
      try {
        loadYaml(input.toString());
      } catch (error) {
        if (
          !(error instanceof YAMLException) &&
          !(error instanceof Error && /^line \d+, column \d+: /.test(error.message))
        ) {
          throw error;
        }
      }
      readEcsConfig([parseYamlSource('f.yml', input.toString())]).settingsFor({ kind: 'BuildSteps' });
    },
  },
];

export function mustEqual(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(
    `${what} is another one: ${JSON.stringify(actual)} and not ${JSON.stringify(expected)}`.slice(0, 400),
  );
}
