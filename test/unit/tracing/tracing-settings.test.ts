import { describe, expect, it } from 'vitest';
import { readTracingSettings } from '../../../controlplane/tracing/tracing-settings.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('the OTEL_* variables', () => {
  it.each([
    ['nothing', {}],
    ['the kill switch beside an endpoint', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }],
    ['no exporter of traces', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }],
    ['only a service name', { OTEL_SERVICE_NAME: 'builds' }],
    ['an endpoint for metrics', { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318/v1/metrics' }],
  ])('make no traces: %s', (_name, environment) => {
    expect(readTracingSettings(environment)).toEqual({ settings: null, warnings: [] });
  });

  it('make traces with an endpoint, to the path of the specification', () => {
    expect(readTracingSettings(ENDPOINT)).toEqual({
      settings: {
        url: 'http://collector:4318/v1/traces',
        headers: {},
        timeoutMs: 10_000,
        ratio: 1,
        serviceName: 'wip',
        resource: {},
      },
      warnings: [],
    });
  });

  it('make traces to this machine when only the exporter is named', () => {
    const { settings } = readTracingSettings({ OTEL_TRACES_EXPORTER: 'otlp' });
    expect(settings?.url).toBe('http://localhost:4318/v1/traces');
  });

  it('prefer what is said of traces to what is said of all signals', () => {
    const { settings } = readTracingSettings({
      ...ENDPOINT,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces/own/path',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=all',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'api-key=k%3D1,b = 2',
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '500',
      OTEL_SERVICE_NAME: 'builds',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=ignored,deployment.environment.name=test',
    });
    expect(settings).toEqual({
      url: 'https://traces/own/path',
      headers: { 'api-key': 'k=1', b: '2' },
      timeoutMs: 500,
      ratio: 1,
      serviceName: 'builds',
      resource: { 'service.name': 'ignored', 'deployment.environment.name': 'test' },
    });
  });

  it.each([
    ['always_on', '', 1],
    ['always_off', '', 0],
    ['parentbased_always_off', '', 0],
    ['traceidratio', '0.25', 0.25],
    ['parentbased_traceidratio', '0', 0],
    ['traceidratio', '', 1],
  ])('choose tasks by the sampler %s %s', (sampler, argument, ratio) => {
    const variables = { ...ENDPOINT, OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: argument };
    const { settings, warnings } = readTracingSettings(variables);
    expect([settings?.ratio, warnings]).toEqual([ratio, []]);
  });

  it.each([
    [{ OTEL_TRACES_SAMPLER: 'jaeger_remote' }, 'OTEL_TRACES_SAMPLER is "jaeger_remote"'],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }, 'OTEL_TRACES_SAMPLER_ARG is "2"'],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '10s' }, 'OTEL_EXPORTER_OTLP_TIMEOUT is "10s"'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'team' }, 'OTEL_RESOURCE_ATTRIBUTES has a part that is not name=value'],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'a=%zz' }, 'OTEL_EXPORTER_OTLP_HEADERS has a part that is not name=value'],
  ])('that are wrong are told of and keep nothing from going on: %o', (wrong, warning) => {
    const { settings, warnings } = readTracingSettings({ ...ENDPOINT, ...wrong });
    expect(settings).not.toBeNull();
    expect(warnings).toEqual([expect.stringContaining(warning)]);
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'is no http address: no traces are made'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'u:secretpw@collector:4318' }, 'The endpoint "collector:4318/v1/traces"'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://u:secretpw@c' }, 'The endpoint "ftp://u:hidden@c/v1/traces"'],
    [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'zipkin' }, 'only otlp and none are known: no traces are made'],
  ])('make no traces, and say so, when nobody could take them: %o', (environment, warning) => {
    const { settings, warnings } = readTracingSettings(environment);
    expect([settings, warnings]).toEqual([null, [expect.stringContaining(warning)]]);
  });
});
