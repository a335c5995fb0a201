import { describe, expect, it } from 'vitest';
import { readArguments, type ParsedCommand } from '../../../agent/commands/arguments.ts';
import { COMMAND_HELP, USAGE } from '../../../agent/commands/help.ts';

const read = (line: string): ParsedCommand => readArguments(line.split(' ').filter((word) => word !== ''));

describe('the arguments of wip-agent', () => {
  it.each<[string, ParsedCommand]>([
    ['', { kind: 'run', configFile: undefined }],
    ['run', { kind: 'run', configFile: undefined }],
    ['--config a.ini', { kind: 'run', configFile: 'a.ini' }],
    ['run --config=a.ini', { kind: 'run', configFile: 'a.ini' }],
    ['run --config=a=b.ini', { kind: 'run', configFile: 'a=b.ini' }],
    ['check-config --config a.ini', { kind: 'check-config', configFile: 'a.ini' }],
    ['health', { kind: 'health', configFile: undefined }],
    ['status --config a.ini', { kind: 'status', configFile: 'a.ini' }],
    ['baseline', { kind: 'baseline', writeFile: undefined }],
    ['baseline --write a.ini', { kind: 'baseline', writeFile: 'a.ini' }],
    ['build run --help', { kind: 'build', argv: ['run', '--help'] }],
    ['build standby', { kind: 'build-standby' }],
    ['--version', { kind: 'version' }],
  ])('%s', (line, command) => {
    expect(read(line)).toEqual(command);
  });

  it('ask for help with --help, -h and help, of everything or of one command', () => {
    for (const line of ['--help', '-h', 'help']) expect(read(line)).toEqual({ kind: 'help', command: undefined });
    for (const command of Object.keys(COMMAND_HELP)) {
      for (const line of [`${command} --help`, `${command} -h`, `help ${command}`, `${command} --config x --help`])
        expect(read(line)).toEqual({ kind: 'help', command });
    }
    expect(read('help build')).toEqual({ kind: 'build', argv: ['help'] });
  });

  it.each([
    [
      'frobnicate',
      'wip-agent has no command "frobnicate". Use one of run, check-config, baseline, health, status, build',
    ],
    ['frobnicate --help', 'wip-agent has no command "frobnicate". Use one of'],
    ['help frobnicate', 'wip-agent has no command "frobnicate". Use one of'],
    ['constructor', 'wip-agent has no command "constructor". Use one of'],
    ['status --verbose', '"--verbose" is not an option of wip-agent status. See "wip-agent status --help".'],
    ['status now', '"now" is not an option of wip-agent status. See "wip-agent status --help".'],
    ['health --config', 'The option --config has no value. See "wip-agent health --help".'],
    ['health --config=', 'The option --config has no value. See "wip-agent health --help".'],
    ['check-config --write a.ini', '"--write" is not an option of wip-agent check-config.'],
    ['baseline --config a.ini', '"--config" is not an option of wip-agent baseline. See "wip-agent baseline --help".'],
    ['--quick', '"--quick" is not an option of wip-agent run. See "wip-agent run --help".'],
  ])('that make no sense say what is wrong and where to look: %s', (line, sentence) => {
    const command = read(line);
    if (command.kind !== 'usage-error') throw new Error(`understood as ${command.kind}`);
    expect(command.error.code).toBe('USAGE');
    expect(command.error.message).toContain(sentence);
  });
});

describe('the help of wip-agent', () => {
  it('has a line for every command, and its own page names the options and the exit codes', () => {
    for (const [command, page] of Object.entries(COMMAND_HELP)) {
      expect(USAGE).toMatch(new RegExp(`^wip-agent \\[?${command}\\b`, 'm'));
      expect(page).toMatch(new RegExp(`^wip-agent \\[?${command}\\b`));
      expect(page).toContain(command === 'baseline' ? '--write FILE ' : '--config FILE ');
      expect(page).toMatch(/Exit code: 0[^]*64 for wrong arguments\.\n$/);
    }
    expect(USAGE).toContain('wip-agent build');
  });

  it('fits a terminal of 120 columns', () => {
    for (const page of [USAGE, ...Object.values(COMMAND_HELP)])
      for (const line of page.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });
});
