import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { productSources, type ProductSource } from './product-sources.ts';

/**
 * Words of a private language that a newcomer had to learn, each with its replacement. Only identifiers are searched:
 * comments may use the English words ("a server that had begun"), and migrations are never edited.
 */
const RETIRED: readonly { readonly word: RegExp; readonly instead: string }[] = [
  { word: /World/, instead: '…Deps, or the service by what it serves' },
  { word: /^[A-Z]\w*Side$/, instead: '…Deps, or what it is' },
  { word: /^answer[A-Z]\w*s$/, instead: 'create…Service or …Handlers' },
  { word: /^doors?$|[a-z]Doors?$|^Doors/, instead: '…Handlers or …Service' },
  { word: /needle/i, instead: 'SecretPattern' },
  { word: /^naps?$|[a-z]Nap$|^Nap$/, instead: 'WakeableTimer' },
  { word: /visitors?$/i, instead: 'ConnectionLimiter, callers' },
  { word: /waitingRoom/i, instead: 'UnavailableServer' },
  { word: /^strays?$|Strays?$/, instead: 'unownedContainer' },
  { word: /^fenced?$|^Fence|[a-z]Fence/, instead: 'TaskLease' },
  { word: /^begun$|Begun$/, instead: 'StepInput, sent, started' },
  { word: /^places?$|(?<!In)Places?$|^places?[A-Z]/, instead: 'path, location, position, state' },
  // `look` itself is left out: stored rows of `ecs_witness` have a key of that name.
  { word: /^look(s|ed)$|^LOOK_|_LOOK$|[a-z]Look(ed)?$/, instead: 'EcsSnapshot, reading, check, poll' },
  { word: /^news$|^newsOf$/, instead: 'snapshotChange' },
  { word: /^goesOn$/, instead: 'nextStepInput' },
  { word: /^waitSo$/, instead: 'saveWait' },
  { word: /^letGo$/, instead: 'release, released' },
  { word: /^strikes?$|^blows?$/, instead: 'injectFault' },
  { word: /^tellFailure$/, instead: 'reportStartFailure' },
  { word: /^toldEnvironment$/, instead: 'launchEnvironment' },
  { word: /errand/i, instead: 'PendingAnswer' },
  { word: /heldNode|^heldBy$/i, instead: 'blockedBy, watchEventLoop' },
  { word: /^wish(es)?$|Wish(es)?$/, instead: 'requirements' },
  { word: /^tellNodes$|^tellOf|^untold$|^whatIsTold$/, instead: 'notify… for NOTIFY, report… for reports' },
  { word: /[a-z]Despite|^despite/, instead: 'forceExit…, exitWith…' },
  { word: /misfit/i, instead: 'LaunchConflict' },
  { word: /unfit/i, instead: 'UnrunnableReason, unrunnable' },
  { word: /KeptJson|^behindView$/, instead: 'SavedJsonView, unwrapView' },
  { word: /savable/i, instead: 'storable' },
];

function identifiersOf({ path, text }: ProductSource): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) names.add(node.text.replace('#', ''));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return names;
}

function retiredIn(source: ProductSource): string[] {
  return [...identifiersOf(source)].flatMap((name) =>
    RETIRED.filter(({ word }) => word.test(name)).map(({ instead }) => `${source.path}: ${name}; say ${instead}`),
  );
}

describe('retired words', () => {
  it('are in no identifier of the product', () => {
    expect(productSources().flatMap(retiredIn)).toEqual([]);
  });

  it.each([
    'TaskWorld',
    'AgentSide',
    'answerUsers',
    'doors',
    'needles',
    'nap',
    'strays',
    'fence',
    'begun',
    'letGo',
    'rowPlace',
    'LOOK_MS',
    'HeldBy',
    'LaunchWishes',
    'tellNodes',
    'endDespite',
    'findMisfits',
    'whyUnfit',
    'KeptJson',
    'unsavable',
  ])('%s is found in code and not in a comment', (name) => {
    const found = retiredIn({ path: 'a.ts', text: `// ${name}\nconst ${name} = '';\n` });
    expect(found).toEqual([expect.stringMatching(`^a.ts: ${name}; say `)]);
  });
});
