// House rules as lint: small files and functions, no `any`, no `!`, nothing floating.
import tseslint from 'typescript-eslint';

const size = (lines, fn) => ({
  'max-lines': ['error', { max: lines, skipBlankLines: false, skipComments: false }],
  'max-lines-per-function': ['error', { max: fn, skipBlankLines: true, skipComments: true, IIFEs: true }],
});

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'data/**', 'src/db/migrations/**', 'bench/peer/**', '**/*.mjs', '**/*.cjs', '**/*.js'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './src/web/client/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      ...size(300, 60),
      'max-depth': ['error', 4],
      'no-console': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Settings are read once, in src/config.ts.' },
      ],
      // A server at rest has no use for these: 10 MB each and more, and a fifth of a second at every start.
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: ['pdfkit', 'mailauth', 'read-excel-file/node'].map((name) => ({
            ...{ name, allowTypeImports: true },
            message: 'Load it with import() where it is used (docs/dependencies.md).',
          })),
        },
      ],
    },
  },
  { files: ['src/config.ts', 'src/cli/**', 'test/**', 'bench/**', 'scripts/**', '**/*.test.ts', '**/testing/**'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['**/*.test.ts', '**/testing/**', 'test/**', 'bench/**'], rules: { '@typescript-eslint/no-restricted-imports': 'off' } },
  { files: ['src/cli/**', 'bench/**', 'scripts/**'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.test.ts', '**/*.test.tsx', 'test/**', '**/testing/**', '**/*.contract.ts'],
    // A describe block is a chapter, not a function.
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
  // A repository is one closure over the tables, like a class; its methods are what the limit is for, and they are queries.
  { files: ['**/*.repository.ts', '**/repository/**/*.ts'], rules: { 'max-lines-per-function': ['error', { max: 140, skipBlankLines: true, skipComments: true }], '@typescript-eslint/explicit-module-boundary-types': 'off' } },
  { files: ['src/web/client/**/*.tsx'], rules: { 'max-lines-per-function': ['error', { max: 150, skipBlankLines: true, skipComments: true }] } },
  { files: ['src/db/tables/**'], rules: { 'max-lines-per-function': 'off', '@typescript-eslint/explicit-module-boundary-types': 'off', '@typescript-eslint/explicit-function-return-type': 'off' } },
);
