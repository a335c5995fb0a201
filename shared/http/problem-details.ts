interface Problem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
}

/** An error of the HTTP API as RFC 9457 has it, with our own fields. */
export interface ProblemDetails extends Problem {
  readonly type: string;
  readonly title: string;
  readonly detail: string;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function problemDetails({ status, code, message, requestId }: Problem): ProblemDetails {
  const words = code.toLowerCase().replaceAll('_', ' ');
  const title = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  return { type: `/docs#${code}`, title, status, detail: message, code, message, requestId };
}
