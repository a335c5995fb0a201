import { z } from 'zod';

// What RunTask may be told by configuration. Names and values are those of the Amazon ECS API reference.

const Text = z.string().min(1);

/** Tags that Wip itself gives to a task: wip:task and wip:attempt. */
const OWN_TAGS = 2;
/** "Amazon ECS tags": 50 for each resource, 128 characters of a key, 256 of a value. */
const MOST_TAGS = 50 - OWN_TAGS;
const TAG_CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const TagText = z.string().regex(TAG_CHARACTERS, 'may hold letters, digits, spaces and _ . : / = + - @');

export const Tags = z
  .array(
    z.strictObject({
      key: TagText.min(1)
        .max(128)
        .refine(
          (key) => !/^(aws|wip):/i.test(key),
          'must not begin with aws: or wip:, which AWS and Wip keep for themselves',
        ),
      value: TagText.max(256),
    }),
  )
  .max(MOST_TAGS)
  .refine((tags) => new Set(tags.map(({ key }) => key)).size === tags.length, 'names a key twice');

const ManagedEbsVolume = z.looseObject({
  /** The role with which ECS makes, attaches and deletes the volume. */
  roleArn: Text,
  encrypted: z.boolean().optional(),
  kmsKeyId: Text.optional(),
  volumeType: z.enum(['gp2', 'gp3', 'io1', 'io2', 'sc1', 'st1', 'standard']).optional(),
  sizeInGiB: z.int().min(1).max(65_536).optional(),
  snapshotId: Text.optional(),
  iops: z.int().min(100).optional(),
  throughput: z.int().min(125).max(2_000).optional(),
  filesystemType: z.enum(['ext3', 'ext4', 'xfs', 'ntfs']).optional(),
  terminationPolicy: z.strictObject({ deleteOnTermination: z.boolean() }).optional(),
});

/** A task has one EBS volume at most, so a list of more is refused here and not at the launch. */
const VolumeConfigurations = z.array(z.strictObject({ name: Text, managedEBSVolume: ManagedEbsVolume })).max(1);

const Overrides = z.strictObject({
  cpu: Text.optional(),
  memory: Text.optional(),
  ephemeralStorage: z.strictObject({ sizeInGiB: z.int().min(21).max(200) }).optional(),
  taskRoleArn: Text.optional(),
  executionRoleArn: Text.optional(),
});

export const RunTaskSettings = z.looseObject({
  /** ECS Exec: a shell in the container by "aws ecs execute-command". */
  enableExecuteCommand: z.boolean().optional(),
  enableECSManagedTags: z.boolean().optional(),
  /** RunTask takes no SERVICE. */
  propagateTags: z.enum(['TASK_DEFINITION', 'NONE']).optional(),
  group: Text.max(255).optional(),
  tags: Tags.optional(),
  overrides: Overrides.optional(),
  volumeConfigurations: VolumeConfigurations.optional(),
});
export type RunTaskSettings = z.infer<typeof RunTaskSettings>;

/** Members of RunTask that a file may not set, and who sets them. */
export const RESERVED_FOR_RUN_TASK: Readonly<Record<string, string>> = {
  cluster: 'the cluster ("wipctl clusters save")',
  launchType: 'the cluster ("wipctl clusters save --launch")',
  capacityProviderStrategy: 'the cluster ("wipctl clusters save --launch")',
  networkConfiguration: 'the cluster ("wipctl clusters save --launch")',
  platformVersion: 'the cluster ("wipctl clusters save --launch")',
  taskDefinition: 'Wip at each launch',
  clientToken: 'Wip at each launch',
  startedBy: 'Wip at each launch',
  count: 'Wip at each launch',
  referenceId: 'Wip at each launch',
};
