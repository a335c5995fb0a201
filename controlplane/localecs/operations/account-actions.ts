import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import type { ActionContext } from './action-context.ts';
import { PAGE_FIELDS, pageOf } from './paging.ts';
import { parseInput } from '../input/parse-input.ts';
import { ACCOUNT } from '../input/resource-id.ts';
import { unsupported } from '../input/unsupported.ts';

/** Values of each setting, the default first ("PutAccountSetting" of the API reference). */
const SWITCH = ['disabled', 'enabled', 'off', 'on'];
const SETTINGS = {
  awsvpcTrunking: SWITCH,
  containerInsights: [...SWITCH, 'enhanced'],
  containerInstanceLongArnFormat: ['enabled'],
  defaultLogDriverMode: ['non-blocking', 'blocking'],
  fargateFIPSMode: SWITCH,
  fargateTaskRetirementWaitPeriod: ['7', '0', '14'],
  guardDutyActivate: ['off', 'on'],
  serviceLongArnFormat: ['enabled'],
  tagResourceAuthorization: ['on', 'off', 'enabled', 'disabled'],
  taskLongArnFormat: ['enabled'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
type Name = keyof typeof SETTINGS;
const NAMES = Object.keys(SETTINGS) as Name[];

const SettingName = z.enum(NAMES);
const Put = z.looseObject({ name: SettingName, value: z.string(), principalArn: z.string().optional() });
const Delete = z.looseObject({ name: SettingName, principalArn: z.string().optional() });
const List = z.looseObject({
  name: SettingName.optional(),
  value: z.string().optional(),
  principalArn: z.string().optional(),
  effectiveSettings: z.boolean().default(false),
  ...PAGE_FIELDS,
});

/** The account has one principal here, so its default and its own setting are the same. */
export async function putAccountSettingAction(context: ActionContext, input: unknown): Promise<object> {
  const { name, value } = parseInput(Put, input);
  const allowed: readonly string[] = SETTINGS[name];
  if (!allowed.includes(value)) {
    if (name.endsWith('LongArnFormat')) {
      throw refused(unsupported(`the value ${value}`, `the setting ${name}`, 'every ARN is a long one'));
    }
    throw refused(`The value of ${name} should be one of [${allowed.join(',')}]`);
  }
  context.state.accountSettings[name] = value;
  await context.save();
  return { setting: settingView(name, value) };
}

export async function deleteAccountSettingAction(context: ActionContext, input: unknown): Promise<object> {
  const { name } = parseInput(Delete, input);
  delete context.state.accountSettings[name];
  await context.save();
  return { setting: settingView(name, SETTINGS[name][0]) };
}

export function listAccountSettingsAction(context: ActionContext, input: unknown): object {
  const request = parseInput(List, input);
  if (request.value !== undefined && request.name === undefined) {
    throw refused('name can not be blank when value is given.');
  }
  const { accountSettings: own } = context.state;
  const found = NAMES.flatMap((name) => {
    const value = own[name] ?? (request.effectiveSettings ? SETTINGS[name][0] : undefined);
    const isWanted = (request.name ?? name) === name && (request.value ?? value) === value;
    return value !== undefined && isWanted ? [{ name, value }] : [];
  });
  const { items, rest } = pageOf(found, request, {
    action: 'ListAccountSettings',
    filter: [request.name, request.value, String(request.effectiveSettings)],
    keyOf: ({ name }) => name,
  });
  return { settings: items.map(({ name, value }) => settingView(name, value)), ...rest };
}

function settingView(name: Name, value: string): object {
  return { name, value, principalArn: `arn:aws:iam::${ACCOUNT}:root`, type: 'user' };
}

function refused(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
