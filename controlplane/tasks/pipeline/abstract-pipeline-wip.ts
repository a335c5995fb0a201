import { z } from 'zod';
import { hasNoUser, NO_USER } from '../../../shared/text/shown-address.ts';
import { MERGE_REF } from '../../../shared/protocol/build-export.ts';
import { isRefName } from '../../../shared/protocol/git-names.ts';
import { signJsonWebToken } from '../../../shared/keys/json-web-token.ts';
import type { ContainerInterface } from '../../containers/container.ts';
import { ContainerWip } from '../container/container-wip.ts';
import { CONTAINER_OPTION_FIELDS } from '../container/container-wip-options.ts';
import type { LogReport, SecretOption, StatusReport, WipContext } from '../context.ts';
import type { OutgoingRequest } from '../outgoing-request.ts';
import { logOfJob, metadataOfJob, PIPELINE_CREDENTIALS, statusOfJob } from './pipeline-service.ts';

export const PIPELINE_OPTION_FIELDS = {
  ...CONTAINER_OPTION_FIELDS,
  pipelineId: z.string().min(1).optional(),
  applications: z.array(z.string().min(1)).optional(),
  pipelineJobId: z.string().min(1).optional(),
  pipelineEndpoint: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .refine(hasNoUser, NO_USER)
    .optional(),
  pipelineVerify: z.boolean().default(true),
  /** The customer that the pipeline builds for; the steps see the name. */
  pipelineUser: z.string().min(1).max(256).optional(),
  authToken: z.string().min(1).optional(),
  /** Name and secret of a key of the pipeline service. Requests are signed with them (HTTP HMAC 2.0). */
  pipelineApiKey: z.string().min(1).max(256).optional(),
  pipelineApiSecret: z.base64('must be base64, as HTTP HMAC 2.0 has it').min(1).optional(),
  /** The ref to build instead of the branch: the merge ref that a server makes of a pull request and its target. */
  mergeRef: z
    .string()
    .min(1)
    .max(512)
    .refine(isRefName, 'must be the name of a ref, such as refs/pull/7/merge')
    .optional(),
};
export interface PipelineOptions extends z.infer<z.ZodObject<typeof PIPELINE_OPTION_FIELDS>> {}

export const PIPELINE_SEALED_OPTIONS = PIPELINE_CREDENTIALS;
/** Options whose addresses a node sends requests to. */
export const PIPELINE_RECEIVER_OPTIONS = ['pipelineEndpoint'] as const;

/** Returns what is wrong with the credentials; null when nothing is. */
export function credentialProblem({ pipelineApiKey, pipelineApiSecret }: Partial<PipelineOptions>): string | null {
  if ((pipelineApiKey === undefined) === (pipelineApiSecret === undefined)) return null;
  return 'pipelineApiKey and pipelineApiSecret belong together: give both or none';
}

/**
 * A container task that belongs to a pipeline. It hands the pipeline's coordinates to the container, and reports status and
 * log to the pipeline service when it has an endpoint, a job and credentials.
 */
export abstract class AbstractPipelineWip<O extends PipelineOptions = PipelineOptions> extends ContainerWip<O> {
  override addContainerOverrides(container: ContainerInterface, context: WipContext): void {
    super.addContainerOverrides(container, context);
    const { pipelineId, applications, pipelineJobId, pipelineEndpoint, pipelineVerify, pipelineUser, mergeRef } =
      this.options;
    const plain = {
      PIPELINES_PIPELINE_ID: pipelineId,
      PIPELINES_APPLICATION_ID: applications?.join(','),
      PIPELINES_JOB_ID: pipelineJobId,
      PIPELINES_API_ENDPOINT: pipelineEndpoint,
      PIPELINES_VERIFY: pipelineVerify ? 'TRUE' : 'FALSE',
      PIPELINES_USER: pipelineUser,
      [MERGE_REF]: mergeRef,
    };
    addPresent(container, plain);
    addPresent(
      container,
      {
        PIPELINES_JOB_AUTH_TOKEN: secretText(context, 'authToken'),
        PIPELINES_STATS_KEY: this.#statisticsKey(context),
      },
      'secure',
    );
  }

  override statusReport(report: StatusReport, secretOption: SecretOption): readonly OutgoingRequest[] {
    return presentOnly(statusOfJob(this.options, report, secretOption));
  }

  override logReport(report: LogReport, secretOption: SecretOption): readonly OutgoingRequest[] {
    return presentOnly(logOfJob(this.options, report, secretOption));
  }

  /** Effect: reports pairs that the pipeline service keeps with the job. */
  protected async reportMetadata(context: WipContext, metadata: Readonly<Record<string, string>>): Promise<void> {
    for (const [key, value] of Object.entries(metadata)) {
      const request = metadataOfJob(this.options, { key, value }, (name) => context.secretOption(name));
      if (request) await context.deliver(`metadata ${key}`, request);
    }
  }

  /**
   * A build gets a token of its own instead of the installation's key, because a hostile build could report statistics
   * of other builds with that key. The token proves task and job, and the receiver checks it with the key it has.
   */
  #statisticsKey(context: WipContext): string | undefined {
    const { statsKey, statsScope } = context.settings.pipelines;
    if (statsKey === null || statsScope === 'installation') return statsKey ?? undefined;
    const { pipelineId, pipelineJobId } = this.options;
    return signJsonWebToken(statsKey, {
      iss: 'wip',
      sub: context.taskUuid,
      iat: Math.floor(context.now.getTime() / 1_000),
      ...(pipelineId !== undefined && { pipeline: pipelineId }),
      ...(pipelineJobId !== undefined && { job: pipelineJobId }),
    });
  }
}

/** The request as a list, which is empty when nobody is to be told. */
export function presentOnly(request: OutgoingRequest | null): OutgoingRequest[] {
  return request ? [request] : [];
}

/** Sets the overrides that have a value. An unset one is left out, never empty. */
export function addPresent(
  container: ContainerInterface,
  overrides: Readonly<Record<string, string | undefined>>,
  sight: 'plain' | 'secure' = 'plain',
): void {
  for (const [key, value] of Object.entries(overrides)) {
    if (value !== undefined && value !== '') container.addContainerOverride(key, value, sight === 'secure');
  }
}

export function secretText(context: WipContext, option: string): string | undefined {
  const value = context.secretOption(option);
  return typeof value === 'string' ? value : undefined;
}
