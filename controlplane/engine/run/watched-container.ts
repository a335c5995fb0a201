import type {
  ContainerAddress,
  ContainerInterface,
  EcsSnapshot,
  EcsStatus,
  LaunchOutcome,
} from '../../containers/container.ts';
import type { ContainerOverride } from '../../../shared/protocol/overrides.ts';
import type { MethodCalls } from './method-calls.ts';

/** A container; its calls are recorded as calls of one method. */
export class WatchedContainer implements ContainerInterface {
  readonly #container: ContainerInterface;
  readonly #calls: MethodCalls;

  constructor(container: ContainerInterface, calls: MethodCalls) {
    this.#container = container;
    this.#calls = calls;
  }

  addContainerOverride(key: string, value: string, secure?: boolean): void {
    this.#container.addContainerOverride(key, value, secure);
  }

  overrides(): readonly ContainerOverride[] {
    return this.#container.overrides();
  }

  run(): Promise<LaunchOutcome> {
    return this.#calls.effect('run() of the container', () => this.#container.run());
  }

  status(): Promise<EcsSnapshot> {
    return this.#calls.read(() => this.#container.status());
  }

  nextStatus(): Promise<EcsStatus | null> {
    return this.#calls.read(() => this.#container.nextStatus());
  }

  hasStarted(): Promise<boolean> {
    return this.#calls.read(() => this.#container.hasStarted());
  }

  hasStopped(): Promise<boolean> {
    return this.#calls.read(() => this.#container.hasStopped());
  }

  launchFailed(): Promise<boolean> {
    return this.#calls.read(() => this.#container.launchFailed());
  }

  address(): Promise<ContainerAddress | null> {
    return this.#calls.read(() => this.#container.address());
  }

  kill(reason: string): Promise<void> {
    return this.#calls.effect('kill() of the container', () => this.#container.kill(reason));
  }
}
