import tseslint from 'typescript-eslint';

// Only these files may know the time, chance and the environment; everyone else is handed them.
const MAY_TOUCH_THE_WORLD = [
  '**/config.ts',
  '**/main.ts',
  'shared/time/clock.ts',
  'shared/system/logger.ts',
  'controlplane/cli/**',
  'controlplane/dashboard/**',
  'config/**',
  'test/**',
];

const NO_ANY = {
  object: 'AbortSignal',
  property: 'any',
  message: 'Use FollowingAbort: "any" leaks under a long-lived source and forgets timeouts (shared/time).',
};

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'coverage/', '.wip/', 'test/fixtures/', 'docker/aws/'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      // `interface Options extends z.infer<…> {}`: messages of the compiler name an interface, and spell an alias out.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only (CONTRIBUTING.md).' },
      ],
      'no-restricted-properties': ['error', NO_ANY],
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: ['error', 'always'],
    },
  },
  {
    files: ['agent/**/*.ts', 'controlplane/**/*.ts', 'shared/**/*.ts'],
    ignores: MAY_TOUCH_THE_WORLD,
    rules: {
      'no-restricted-properties': [
        'error',
        NO_ANY,
        { object: 'Date', property: 'now', message: 'Time comes in as an argument: use the Clock.' },
        { object: 'Math', property: 'random', message: 'Chance comes in as an argument.' },
        { object: 'process', property: 'env', message: 'Only config.ts reads the environment.' },
        { object: 'process', property: 'exit', message: 'Only main.ts ends the process.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only (CONTRIBUTING.md).' },
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Time comes in as an argument: use the Clock.',
        },
      ],
    },
  },
  {
    files: ['**/*.mjs', '**/*.config.ts', '**/*.cjs'],
    rules: { 'no-restricted-syntax': 'off', '@typescript-eslint/no-require-imports': 'off' },
  },
);
