import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadYaml } from '../../../shared/yaml/yaml-config.ts';
import { lacking } from '../../kit/lacking.ts';
import { readDocument, ROOT, tableAfter } from './documents.ts';
import { unknownToWipctl, wipctlInText } from './wipctl-commands.ts';

const PLACE = join(ROOT, 'config/observability');
const PROMTOOL = '/usr/bin/promtool';

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

function rules(): Rule[] {
  const { groups } = loadYaml(readFileSync(join(PLACE, 'alerts.yml'), 'utf8')) as { groups: { rules: Rule[] }[] };
  return groups.flatMap((group) => group.rules);
}

/** The expressions of the dashboard's panels. */
function panelExpressions(): string[] {
  const { panels } = JSON.parse(readFileSync(join(PLACE, 'grafana-dashboard.json'), 'utf8')) as {
    panels: { targets?: { expr: string }[] }[];
  };
  return panels.flatMap(({ targets }) => targets ?? []).map(({ expr }) => expr);
}

/** The metrics of Wip in an expression, without what Prometheus adds to the name of a histogram. */
function metricsIn(expression: string): string[] {
  return (expression.match(/\bwip_[a-z_]+/g) ?? []).map((name) =>
    name.replace(/_seconds_(bucket|count|sum)$/, '_seconds'),
  );
}

const documented = new Map(
  tableAfter(readDocument('controlplane/api/metrics/README.md'), 'All of them').map(
    ([name = '', , labels = '', , alerts = '']) => [name.replaceAll('`', ''), { labels, alerts }] as const,
  ),
);

describe('the alert rules', () => {
  it('ask for metrics that are documented, and the table of metrics names the alerts that use each', () => {
    const used = new Map<string, Set<string>>();
    for (const { alert, expr } of rules()) {
      for (const name of metricsIn(expr)) used.set(name, (used.get(name) ?? new Set()).add(alert));
    }
    expect([...used.keys()].filter((name) => !documented.has(name))).toEqual([]);
    const told = [...documented].map(([name, { alerts }]) => [name, alerts.match(/Wip\w+/g) ?? []] as const);
    const needed = [...documented.keys()].map((name) => [name, [...(used.get(name) ?? [])]] as const);
    const sorted = (pairs: readonly (readonly [string, readonly string[]])[]) =>
      pairs.map(([name, alerts]) => `${name}: ${[...alerts].sort().join(', ')}`);
    expect(sorted(told)).toEqual(sorted(needed));
  });

  const why = lacking('promtool', existsSync(PROMTOOL), 'prometheus');
  it.skipIf(why)(
    `are valid, and fire when their tests say so${why === undefined ? '' : ` (${why})`}`,
    () => {
      const run = (...args: string[]): string =>
        execFileSync(PROMTOOL, args, { cwd: PLACE, encoding: 'utf8', stdio: 'pipe' });
      expect(run('check', 'rules', 'alerts.yml')).toContain(`SUCCESS: ${rules().length} rules found`);
      expect(run('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
      // promtool opens a database for each of its tests.
    },
    180_000,
  );

  it('have each a test of their own', () => {
    const tests = readFileSync(join(PLACE, 'alerts.test.yml'), 'utf8');
    expect(rules().filter(({ alert }) => !tests.includes(`alertname: ${alert}\n`))).toEqual([]);
  });
});

describe('the metrics', () => {
  it('are each moved by a test', () => {
    const tests = ['e2e', 'integration'].flatMap((folder) =>
      readdirSync(join(ROOT, 'test', folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => readFileSync(join(ROOT, 'test', folder, name), 'utf8')),
    );
    expect([...documented.keys()].filter((name) => !tests.some((test) => test.includes(name)))).toEqual([]);
  });
});

describe('the dashboard of Grafana', () => {
  it('asks for metrics that are documented, by labels that they have', () => {
    const expressions = panelExpressions();
    expect(expressions.length).toBeGreaterThan(30);
    expect(expressions.flatMap(metricsIn).filter((name) => !documented.has(name))).toEqual([]);
    const wrong = expressions.flatMap((expression) => {
      const labels = metricsIn(expression).flatMap((name) => documented.get(name)?.labels.split(', ') ?? []);
      const grouped = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, by = '']) => by.split(', '));
      const filtered = [...expression.matchAll(/[{,](\w+)[!=]~?"/g)].map(([, label = '']) => label);
      return [...grouped, ...filtered].filter((label) => label !== 'le' && !labels.includes(label));
    });
    expect(wrong).toEqual([]);
  });

  it('shows every metric that an alert uses, or one that says the same', () => {
    const shown = new Set(panelExpressions().flatMap(metricsIn));
    const alerting = new Set(rules().flatMap(({ expr }) => metricsIn(expr)));
    // Alerts of single events; Grafana would draw a line that is always empty.
    const events = ['wip_canary_alarm', 'wip_enrolments_total', 'wip_paused', 'wip_traces_total'];
    expect([...alerting].filter((name) => !shown.has(name)).sort()).toEqual(
      [...events, 'wip_launches_waiting_seconds'].sort(),
    );
  });
});

describe('the runbook', () => {
  const text = readDocument('config/observability/README.md');

  it('has an entry for each alert, and for no other', () => {
    const entries = [...text.matchAll(/^### (Wip\w+)$/gm)].map(([, name]) => name);
    expect(entries).toEqual(rules().map(({ alert }) => alert));
  });

  it('names commands and options that wipctl has', async () => {
    const commands = wipctlInText(text);
    expect(commands.length).toBeGreaterThan(15);
    expect(await unknownToWipctl(commands)).toEqual([]);
  });
});
