import type {
  ContainerAddress,
  ContainerInterface,
  EcsSnapshot,
  EcsStatus,
  LaunchOutcome,
} from '../../containers/container.ts';
import type { ContainerOverride } from '../../../shared/protocol/overrides.ts';
import type { MethodCalls } from './method-calls.ts';

/** A container whose calls are noted as calls of one method. */
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
    return this.#calls.make('run() of the container', () => this.#container.run());
  }

  status(): Promise<EcsSnapshot> {
    return this.#calls.make('status() of the container', () => this.#container.status());
  }

  nextStatus(): Promise<EcsStatus | null> {
    return this.#calls.make('nextStatus() of the container', () => this.#container.nextStatus());
  }

  hasStarted(): Promise<boolean> {
    return this.#calls.make('hasStarted() of the container', () => this.#container.hasStarted());
  }

  hasStopped(): Promise<boolean> {
    return this.#calls.make('hasStopped() of the container', () => this.#container.hasStopped());
  }

  launchFailed(): Promise<boolean> {
    return this.#calls.make('launchFailed() of the container', () => this.#container.launchFailed());
  }

  address(): Promise<ContainerAddress | null> {
    return this.#calls.make('address() of the container', () => this.#container.address());
  }

  kill(reason: string): Promise<void> {
    return this.#calls.make('kill() of the container', () => this.#container.kill(reason));
  }
}
