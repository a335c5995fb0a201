import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { nameIn, type ActionContext } from './action-context.ts';
import { findInstanceByArn, keptInstance } from '../placement/container-instances.ts';
import { parseInput } from '../input/parse-input.ts';
import { checkTagCount, checkTagKeys, checkTags, TagsInput } from '../input/tags-input.ts';

const Tagged = z.looseObject({ resourceArn: z.string() });
const Tag = z.looseObject({ resourceArn: z.string(), tags: TagsInput.unwrap() });
const Untag = z.looseObject({ resourceArn: z.string(), tagKeys: z.array(z.string()) });

export async function tagResourceAction(context: ActionContext, input: unknown): Promise<object> {
  const { resourceArn, tags } = parseInput(Tag, input);
  checkTags(tags);
  const resource = findTagged(context, resourceArn);
  const added = new Set(tags.map((tag) => tag.key));
  const all = [...resource.tags.filter((tag) => !added.has(tag.key)), ...tags];
  checkTagCount(all);
  resource.tags = all;
  await context.save();
  return {};
}

export async function untagResourceAction(context: ActionContext, input: unknown): Promise<object> {
  const { resourceArn, tagKeys } = parseInput(Untag, input);
  checkTagKeys(tagKeys);
  const resource = findTagged(context, resourceArn);
  resource.tags = resource.tags.filter((tag) => !tagKeys.includes(tag.key));
  await context.save();
  return {};
}

export function listTagsForResourceAction(context: ActionContext, input: unknown): object {
  return { tags: findTagged(context, parseInput(Tagged, input).resourceArn).tags };
}

/** Finds by whole ARN only, as ECS does: a name is none, and neither is an ARN of another account, region or partition. */
function findTagged(context: ActionContext, resourceArn: string): { tags: { key: string; value: string }[] } {
  const { tasks, definitions, clusters } = context.state;
  const cluster = resourceArn.startsWith('arn:') ? nameIn(context, resourceArn, 'cluster') : null;
  const found =
    tasks[resourceArn] ??
    definitions[resourceArn] ??
    (cluster === null ? undefined : clusters[cluster]) ??
    taggedInstance(context, resourceArn);
  if (!found) throw new AwsError('InvalidParameterException', 'The specified resource was not found.');
  return found;
}

function taggedInstance(context: ActionContext, resourceArn: string): ReturnType<typeof keptInstance> | undefined {
  const found = findInstanceByArn(context, resourceArn);
  return found ? keptInstance(found.cluster, found.instance) : undefined;
}
