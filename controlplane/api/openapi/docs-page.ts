import { z } from 'zod';
import type { RouteContract } from '../http/contract.ts';
import type { DescribedRoute } from './described-routes.ts';

export const DOCS_STYLE = `
:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h2 { margin-top: 2rem; } h3 { margin: 1.25rem 0 0; font: 600 14px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
p { margin: .25rem 0; } table { border-collapse: collapse; } td, th { padding: .15rem 1rem .15rem 0; text-align: left; vertical-align: top; }
code { font-family: ui-monospace, monospace; }
`;

interface DocsFacts {
  readonly version: string;
  /** Code of an error → its HTTP status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Makes the page that lists the routes and the errors, for people. Problem details link to the errors. */
export function makeDocsPage(routes: readonly DescribedRoute[], { version, statuses }: DocsFacts): string {
  const sorted = [...routes].sort((one, other) => one.url.localeCompare(other.url));
  const errors = Object.entries({ ...statuses, INTERNAL: 500 }).sort(([one], [other]) => one.localeCompare(other));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>The API of Wip ${escapeHtml(version)}</title><style>${DOCS_STYLE}</style></head><body><main>
<h1>The API of Wip ${escapeHtml(version)}</h1>
<p>For programs: <a href="/v1/openapi.json">/v1/openapi.json</a>, an OpenAPI 3.1 document.
Send a token of <code>wipctl tokens create</code> as <code>Authorization: Bearer</code>.</p>
<h2>Routes</h2>
${sorted.map(routeHtml).join('\n')}
<h2>Errors</h2>
<p>Problem details (RFC 9457) with the code in <code>code</code>. What to do is in <code>message</code>.</p>
<table><thead><tr><th scope="col">Code</th><th scope="col">Status</th></tr></thead><tbody>
${errors.map(([code, status]) => `<tr id="${escapeHtml(code)}"><td><code>${escapeHtml(code)}</code></td><td>${status}</td></tr>`).join('\n')}
</tbody></table>
</main></body></html>
`;
}

function routeHtml({ method, url, access, contract }: DescribedRoute): string {
  const rows = [
    ...rowsOf('path', contract.params),
    ...rowsOf('query', contract.query),
    ...rowsOf('header', contract.headers),
    ...rowsOf('body', contract.body),
  ];
  const table = rows.length === 0 ? '' : `<table><tbody>${rows.join('')}</tbody></table>`;
  return `<h3>${escapeHtml(`${method} ${url.replace(/:(\w+)/g, '{$1}')}`)}</h3>
<p>${escapeHtml(contract.summary)}. Access: ${escapeHtml(access)}. Answers ${answersText(contract)}.</p>${table}`;
}

function rowsOf(where: string, schema: z.ZodType | undefined): string[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).map(([name, field]) => {
    const isOptional = (field as z.ZodType).safeParse(undefined).success;
    return `<tr><td><code>${escapeHtml(name)}</code></td><td>${where}</td><td>${isOptional ? 'optional' : 'required'}</td><td>${escapeHtml(descriptionOf(field as z.ZodType))}</td></tr>`;
  });
}

function descriptionOf(field: z.ZodType): string {
  return z.globalRegistry.get(field)?.description ?? '';
}

function answersText({ answers }: RouteContract): string {
  return Object.entries(answers)
    .map(([status, answer]) => ('media' in answer ? `${status} (${answer.media ?? 'no body'})` : status))
    .join(', ');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
