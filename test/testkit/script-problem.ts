import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** How much it says: a problem deep inside of one form tells more than that no form fits. */
  readonly weight: number;
}

/** Tells an author what is wrong with a script. */
export function scriptProblem({ issues }: { readonly issues: readonly Issue[] }): string {
  const problems = issues.flatMap((issue) => problemsOf(issue, []));
  return `The script is not valid: ${problems.map(({ path, message }) => `${path.join('.') || 'the script'}: ${message}`).join('; ')}`;
}

function problemsOf(issue: Issue, above: readonly PropertyKey[]): Problem[] {
  const path = [...above, ...issue.path];
  const own: Problem = { path, message: issue.message, weight: path.length + (issue.code === 'custom' ? 1 : 0) };
  if (issue.code !== 'invalid_union') return [own];
  const forms = issue.errors.map((errors) => errors.flatMap((error) => problemsOf(error, path)));
  const weightOf = (form: readonly Problem[]): number => Math.max(0, ...form.map(({ weight }) => weight));
  const [best] = forms.toSorted((one, other) => weightOf(other) - weightOf(one));
  return best && best.length > 0 ? best : [own];
}
