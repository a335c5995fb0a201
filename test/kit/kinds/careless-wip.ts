import { BASIC_OPTIONS, BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipClass } from '../../../controlplane/tasks/wip-class.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { defineWip } from '../../../controlplane/tasks/kinds.ts';

const TABLE = `
start {
  * first
}
first {
  * work
  ! wrong
}
work {
  * finish
}
wrong {
  * finish
}
terminate {
  * finish
}
failure {
  * finish
}
`;

/** What careless code does in the state "work", as plain JavaScript would let it. */
export type CarelessWork = (context: WipContext) => unknown;

/** A kind whose state "work" runs careless code, and whose state "wrong" ends the task with what was told about it. */
export function carelessKind(work: CarelessWork, kind = 'Careless', before: CarelessWork = () => undefined): WipClass {
  class Careless extends BasicWip {
    override get kind(): string {
      return kind;
    }
    override getStateTable(): string {
      return TABLE;
    }
    first(context: WipContext): unknown {
      return before(context);
    }
    work(context: WipContext): unknown {
      return work(context);
    }
    wrong(context: WipContext, cause: { readonly message: string }): void {
      context.exit('ERROR_USER', cause.message, { cause: 'careless' });
    }
  }
  return defineWip({ kind, version: 1, options: BASIC_OPTIONS, create: (task) => new Careless(task) });
}
