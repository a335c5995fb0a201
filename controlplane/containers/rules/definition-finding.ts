/** The parts of a task definition that its rules look at. More members may be there. */
export interface JudgedDefinition {
  readonly containerDefinitions: readonly JudgedContainer[];
  readonly networkMode?: string | undefined;
  readonly requiresCompatibilities?: readonly string[] | undefined;
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly pidMode?: string | undefined;
  readonly ipcMode?: string | undefined;
  readonly taskRoleArn?: string | undefined;
  readonly executionRoleArn?: string | undefined;
  readonly ephemeralStorage?: { readonly sizeInGiB?: number | undefined } | undefined;
  readonly placementConstraints?: readonly unknown[] | undefined;
  readonly runtimePlatform?: { readonly operatingSystemFamily?: string | undefined } | undefined;
  readonly volumes?: readonly JudgedVolume[] | undefined;
  readonly [more: string]: unknown;
}

interface JudgedVolume {
  readonly name?: string | undefined;
  readonly host?: { readonly sourcePath?: string | undefined } | undefined;
  readonly dockerVolumeConfiguration?: unknown;
  readonly configuredAtLaunch?: boolean | undefined;
}

export interface JudgedContainer {
  readonly name?: string | undefined;
  readonly image?: string | undefined;
  readonly essential?: boolean | undefined;
  readonly cpu?: number | undefined;
  readonly memory?: number | undefined;
  readonly memoryReservation?: number | undefined;
  readonly startTimeout?: number | undefined;
  readonly stopTimeout?: number | undefined;
  readonly privileged?: boolean | undefined;
  readonly readonlyRootFilesystem?: boolean | undefined;
  readonly portMappings?: readonly JudgedPort[] | undefined;
  readonly mountPoints?:
    readonly { readonly sourceVolume?: string | undefined; readonly containerPath?: string | undefined }[] | undefined;
  readonly healthCheck?: JudgedHealthCheck | undefined;
  readonly dependsOn?:
    readonly { readonly containerName?: string | undefined; readonly condition?: string | undefined }[] | undefined;
  readonly environment?: readonly { readonly name?: string | undefined }[] | undefined;
  readonly secrets?: readonly { readonly name?: string | undefined }[] | undefined;
  readonly workingDirectory?: string | undefined;
  readonly systemControls?:
    readonly { readonly namespace?: string | undefined; readonly value?: string | undefined }[] | undefined;
  readonly linuxParameters?:
    | {
        readonly tmpfs?:
          readonly { readonly containerPath?: string | undefined; readonly size?: number | undefined }[] | undefined;
        readonly devices?:
          | readonly { readonly hostPath?: string | undefined; readonly containerPath?: string | undefined }[]
          | undefined;
        readonly [more: string]: unknown;
      }
    | undefined;
  readonly ulimits?:
    | readonly {
        readonly name?: string | undefined;
        readonly softLimit?: number | undefined;
        readonly hardLimit?: number | undefined;
      }[]
    | undefined;
  readonly logConfiguration?:
    | {
        readonly logDriver?: string | undefined;
        readonly options?: Readonly<Record<string, string | undefined>> | undefined;
      }
    | undefined;
  readonly [more: string]: unknown;
}

interface JudgedPort {
  readonly containerPort?: number | undefined;
  readonly hostPort?: number | undefined;
  readonly containerPortRange?: string | undefined;
  readonly protocol?: string | undefined;
  readonly name?: string | undefined;
}

interface JudgedHealthCheck {
  readonly command?: readonly string[] | undefined;
  readonly interval?: number | undefined;
  readonly timeout?: number | undefined;
  readonly retries?: number | undefined;
  readonly startPeriod?: number | undefined;
}

/** Something that ECS would refuse. */
export interface DefinitionFinding {
  /** Where in the definition, or in the `runTask` beside it. */
  readonly path: readonly (string | number)[];
  /** The sentence of ECS, where it is public. */
  readonly sentence: string;
  /** What to change, as an order: `Set networkMode to awsvpc`. */
  readonly remedy: string;
}

/** Returns whether a member has been given a value that asks for something. */
export function isAskedFor(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== false;
}
