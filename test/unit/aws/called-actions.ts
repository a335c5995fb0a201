import { dirname, join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../docs/documents.ts';
import { productSources } from '../docs/product-sources.ts';

/** Names of services as IAM writes them, by the package of the SDK. */
const SERVICES: Readonly<Record<string, string>> = {
  ecs: 'ecs',
  ec2: 'ec2',
  sts: 'sts',
  sqs: 'sqs',
  'cloudwatch-logs': 'logs',
};

/** Calls that IAM knows by another name than the SDK: the right to delete is the same for one message and for several. */
const RENAMED: Readonly<Record<string, string>> = { 'sqs:DeleteMessageBatch': 'sqs:DeleteMessage' };

const SDK_FILE = /\/@aws-sdk\/client-([\w-]+)\/dist-types\/(.+)\.d\.ts$/;

export interface CalledActions {
  /** Such as `ecs:RunTask`. */
  readonly actions: ReadonlySet<string>;
  /** Uses of the SDK from which no action can be read, each as `file:line text`. */
  readonly unread: readonly string[];
}

let found: CalledActions | undefined;

/**
 * Returns the actions of all commands that the control plane makes. The compiler says of which package a class is, however
 * it was imported: by name, as a module, or by import() into a parameter whose type is inferred.
 */
export function calledActions(): CalledActions {
  found ??= collect(
    productSources()
      .filter(({ text }) => text.includes('@aws-sdk/'))
      .map(({ path }) => join(ROOT, path)),
  );
  return found;
}

export function collect(files: readonly string[]): CalledActions {
  const program = ts.createProgram({
    rootNames: [...files],
    options: {
      target: ts.ScriptTarget.ES2024,
      module: ts.ModuleKind.NodeNext,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules', '@types')],
      allowImportingTsExtensions: true,
      noEmit: true,
      strict: true,
      skipLibCheck: true,
    },
  });
  const checker = program.getTypeChecker();
  const actions = new Set<string>();
  const unread: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
      const action = actionOf(node, checker);
      if (action === 'unread') unread.push(placeOf(node));
      else if (action !== null) actions.add(action);
    }
    ts.forEachChild(node, visit);
  };
  for (const file of files) {
    const source = program.getSourceFile(file);
    if (source) visit(source);
  }
  return { actions, unread };
}

/** Returns null for what calls no service, such as opening a client and sending a command. */
function actionOf(node: ts.NewExpression | ts.CallExpression, checker: ts.TypeChecker): string | 'unread' | null {
  const declaration = checker.getResolvedSignature(node)?.declaration;
  const [, service = '', file = ''] = SDK_FILE.exec(declaration?.getSourceFile().fileName ?? '') ?? [];
  const name = ts.isNewExpression(node) ? checker.getTypeAtLocation(node).symbol?.name : undefined;
  const made = name?.endsWith('Command') ? name.slice(0, -'Command'.length) : undefined;
  if (made !== undefined) {
    // Classes of commands have the constructor of a class that the SDK generates.
    const ofCommand = sdkServiceOf(checker.getTypeAtLocation(node));
    if (ofCommand === undefined) return null;
    const prefix = SERVICES[ofCommand];
    if (prefix === undefined) return 'unread';
    const action = `${prefix}:${made}`;
    return RENAMED[action] ?? action;
  }
  if (service === '') return null;
  // A client with a method for each action, a paginator, a waiter: none is in use, and none would be seen here.
  return /^\w+Client$/.test(dirname(file) === '.' ? file : '') ? null : 'unread';
}

function sdkServiceOf(type: ts.Type): string | undefined {
  const [declaration] = type.symbol?.declarations ?? [];
  return SDK_FILE.exec(declaration?.getSourceFile().fileName ?? '')?.[1];
}

function placeOf(node: ts.Node): string {
  const source = node.getSourceFile();
  const { line } = source.getLineAndCharacterOfPosition(node.getStart());
  return `${source.fileName.slice(ROOT.length)}:${line + 1} ${node.getText().split('\n')[0]}`;
}
