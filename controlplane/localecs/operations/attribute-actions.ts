import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { findLocalCluster, type ActionContext } from './action-context.ts';
import { findInstance, instancesOf, keptInstance, type ContainerInstance } from '../placement/container-instances.ts';
import { instanceAttributes, type InstanceAttribute } from '../placement/instance-attributes.ts';
import type { LocalCluster } from '../local-state.ts';
import { PAGE_FIELDS, pageOf } from './paging.ts';
import { parseInput } from '../input/parse-input.ts';

const TargetType = z.enum(['container-instance']);
const Change = z.looseObject({
  cluster: z.string().optional(),
  attributes: z
    .array(
      z.looseObject({
        name: z.string(),
        value: z.string().optional(),
        targetType: TargetType.optional(),
        targetId: z.string().optional(),
      }),
    )
    .min(1)
    .max(10),
});
const List = z.looseObject({
  cluster: z.string().optional(),
  targetType: TargetType,
  attributeName: z.string().optional(),
  attributeValue: z.string().optional(),
  ...PAGE_FIELDS,
});

/** "Attribute" and "PutAttributes" of the API reference. */
const NAME = /^[A-Za-z0-9\-_./]{1,128}$/;
const VALUE = /^(?! )[A-Za-z0-9\-_./@:\\ ]{1,128}(?<! )$/;
const MAX_ATTRIBUTES = 10;

type Given = z.infer<typeof Change>['attributes'][number];

export async function putAttributesAction(context: ActionContext, input: unknown): Promise<object> {
  const { cluster, targets } = targetsOf(context, input);
  for (const { given, instance } of targets) checkAttribute(given, instance);
  for (const { given, instance } of targets) {
    const kept = keptInstance(cluster, instance);
    const { name, value } = given;
    const others = kept.attributes.filter((attribute) => attribute.name !== name);
    if (others.length >= MAX_ATTRIBUTES) {
      const message = `A container instance can have at most ${MAX_ATTRIBUTES} custom attributes.`;
      throw new AwsError('AttributeLimitExceededException', message);
    }
    kept.attributes = [...others, { name, ...(value === undefined ? {} : { value }) }];
  }
  await context.save();
  return { attributes: targets.map(({ given, instance }) => attributeView(instance, given)) };
}

/**
 * Removes attributes that were put. The built-in ones of every container instance cannot be removed; a value that was
 * put over one can.
 */
export async function deleteAttributesAction(context: ActionContext, input: unknown): Promise<object> {
  const { cluster, targets } = targetsOf(context, input);
  for (const { given, instance } of targets) {
    const kept = keptInstance(cluster, instance);
    kept.attributes = kept.attributes.filter(({ name }) => name !== given.name);
  }
  await context.save();
  return { attributes: targets.map(({ given, instance }) => attributeView(instance, given)) };
}

export function listAttributesAction(context: ActionContext, input: unknown): object {
  const request = parseInput(List, input);
  const cluster = findLocalCluster(context, request.cluster);
  const { attributeName, attributeValue } = request;
  if (attributeValue !== undefined && attributeName === undefined) {
    throw refused('attributeName can not be blank when attributeValue is given.');
  }
  const found = instancesOf(context, cluster).flatMap((instance) =>
    instanceAttributes(context, instance)
      .filter(({ name }) => attributeName === undefined || name === attributeName)
      .filter(({ value }) => attributeValue === undefined || value === attributeValue)
      .map((attribute) => ({ instance, attribute })),
  );
  const { items, rest } = pageOf(found, request, {
    action: 'ListAttributes',
    filter: [cluster.name, attributeName, attributeValue],
    keyOf: ({ instance, attribute }) => `${instance.arn} ${attribute.name}`,
  });
  return { attributes: items.map(({ instance, attribute }) => attributeView(instance, attribute)), ...rest };
}

interface Target {
  readonly given: Given;
  readonly instance: ContainerInstance;
}

function targetsOf(
  context: ActionContext,
  input: unknown,
): { readonly cluster: LocalCluster; readonly targets: readonly Target[] } {
  const { cluster: reference, attributes } = parseInput(Change, input);
  const cluster = findLocalCluster(context, reference);
  const targets = attributes.map((given) => {
    if (given.targetId === undefined) throw refused('targetId can not be blank.');
    const instance = findInstance(context, cluster, given.targetId);
    if (!instance) throw new AwsError('TargetNotFoundException', `The target ${given.targetId} was not found.`);
    return { given, instance };
  });
  return { cluster, targets };
}

function checkAttribute({ name, value }: Given, { arn }: ContainerInstance): void {
  if (!NAME.test(name))
    throw refused(`The attribute name ${name} of ${arn} contains invalid characters or is too long.`);
  if (value === undefined || VALUE.test(value)) return;
  throw refused(`The value of the attribute ${name} of ${arn} contains invalid characters or is too long.`);
}

function attributeView({ arn }: ContainerInstance, { name, value }: InstanceAttribute): object {
  return { name, ...(value === undefined ? {} : { value }), targetType: 'container-instance', targetId: arn };
}

function refused(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
