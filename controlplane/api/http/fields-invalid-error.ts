import { OperationalError, type OperationalErrorCode } from '../../../shared/model/error.ts';
import type { FieldProblem } from '../../../shared/text/field-problems.ts';

/** A refusal with the invalid fields. The `details` of the answer list them, so that a form can show each problem beside its field. */
export class FieldsInvalidError extends OperationalError {
  override readonly name: string = 'FieldsInvalidError';
  readonly details: readonly FieldProblem[];

  constructor(
    code: OperationalErrorCode,
    what: { readonly happened: string; readonly remedy: string; readonly cause?: unknown },
    details: readonly FieldProblem[],
  ) {
    super(code, what);
    this.details = details;
  }
}
