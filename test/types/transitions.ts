// Checked by `npm run types`: each line under an @ts-expect-error has to be refused, or the check fails.
import { BasicWip } from '../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../controlplane/tasks/context.ts';
import type { TransitionMethods, ValueOf } from '../../controlplane/tasks/transitions.ts';

const TRANSITIONS = { checkBuild: ['success', 'wait', 'fail'], checkPush: ['success'] } as const;
type T = typeof TRANSITIONS;

/** Declared values and promises of them are fine, with the context or without it. */
export class AnswersWhatItDeclares extends BasicWip implements TransitionMethods<T> {
  override get transitions(): T {
    return TRANSITIONS;
  }
  checkBuild(context: WipContext): ValueOf<T, 'checkBuild'> {
    return context.bag['done'] === true ? 'success' : 'wait';
  }
  async checkPush(): Promise<'success'> {
    return Promise.resolve('success');
  }
}

export class AnswersSomethingElse extends BasicWip implements TransitionMethods<T> {
  checkBuild(): ValueOf<T, 'checkBuild'> {
    // @ts-expect-error 'succes' is not one of the declared values
    return 'succes';
  }
  async checkPush(): Promise<ValueOf<T, 'checkPush'>> {
    // @ts-expect-error 'fail' is declared by another method only
    return Promise.resolve('fail');
  }
}

export class PromisesSomethingElse extends BasicWip implements TransitionMethods<T> {
  // @ts-expect-error nothing keeps this method to its declared values, so it may not stand for one that is kept to them
  checkBuild(): string {
    return 'success';
  }
  // @ts-expect-error an answer that is not declared, in a promise
  checkPush(): Promise<'success' | 'late'> {
    return Promise.resolve('late');
  }
}

// @ts-expect-error checkPush is declared and missing
export class ForgetsOne extends BasicWip implements TransitionMethods<T> {
  checkBuild(): 'success' {
    return 'success';
  }
}

export class AnswersNoText extends BasicWip implements TransitionMethods<{ checkBuild: readonly ['success'] }> {
  // @ts-expect-error an answer is text
  checkBuild(): number {
    return 1;
  }
}

export class DeclaresAnyText extends BasicWip implements TransitionMethods<{ checkBuild: string[] }> {
  // @ts-expect-error without `as const` the declared values are any text, and hold the method to nothing
  checkBuild(): 'succes' {
    return 'succes';
  }
}
