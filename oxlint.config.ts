import { defineConfig } from 'oxlint'

/** Which layers each layer may import from, besides itself. Dependencies point downwards only. */
const layers = {
  model: [],
  store: ['model'],
  live: ['model'],
  outbound: ['model'],
  domain: ['store', 'live', 'outbound', 'model'],
  workers: ['domain', 'store', 'live', 'outbound', 'model'],
  graphql: ['domain', 'store', 'live', 'outbound', 'model'],
  rest: ['graphql', 'domain', 'store', 'live', 'outbound', 'model'],
} as const satisfies Record<string, readonly string[]>

type Layer = keyof typeof layers

const names = Object.keys(layers) as Layer[]

/** The layers that know nothing of the transports. */
const withoutTransport: readonly Layer[] = ['model', 'store', 'live', 'outbound', 'domain']

const transports = {
  regex: String.raw`^(graphql|graphql-yoga|graphql-ws|ws|hono)(/|$)|^@(pothos|hono)/`,
  message: 'The domain and what is below it know of no transport.',
}

function layerRule(layer: Layer) {
  const allowed: readonly string[] = [layer, ...layers[layer]]
  const forbidden = names.filter((name) => !allowed.includes(name))
  // What an operation may use is put together from the domain and what is below it.
  const files = ['main', 'server', ...(allowed.includes('domain') ? [] : ['app'])]
  if (withoutTransport.includes(layer)) files.push('http', 'body', 'client-address', 'listen', 'metrics')
  const upwards = {
    regex: String.raw`^(\.\./)+((${forbidden.join('|')})/|(${files.join('|')})\.ts$)`,
    message: `The layer ${layer} imports only from ${allowed.join(', ')}.`,
  }
  return {
    files: [`src/${layer}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: withoutTransport.includes(layer) ? [upwards, transports] : [upwards] },
      ] satisfies RestrictedImports,
    },
  }
}

type RestrictedImports = ['error', { patterns: { regex: string; message: string }[] }]

function fileRule(files: string[], forbidden: readonly string[]) {
  const pattern = {
    regex: String.raw`^\./((${names.filter((name) => forbidden.includes(name)).join('|')})/|(${forbidden.join('|')})\.ts$)`,
    message: 'Dependencies point downwards only.',
  }
  return {
    files,
    rules: { 'no-restricted-imports': ['error', { patterns: [pattern, transports] }] satisfies RestrictedImports },
  }
}

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'vitest'],
  categories: { correctness: 'error' },
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  // The bench has dependencies of its own, which are not installed with the project.
  ignorePatterns: ['schema/generated/**', 'bench/**'],
  rules: {
    eqeqeq: ['error', 'always', { null: 'ignore' }],
    'no-console': 'error',
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'oxc/no-barrel-file': ['error', { threshold: 0 }],
    'typescript/await-thenable': 'error',
    'typescript/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    'typescript/no-base-to-string': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/restrict-template-expressions': ['error', { allowNumber: true }],
    'typescript/return-await': ['error', 'in-try-catch'],
    'typescript/switch-exhaustiveness-check': 'error',
    // Objects here are closures over their state; nothing uses `this` outside of a class.
    'typescript/unbound-method': 'off',
    'unicorn/prefer-node-protocol': 'error',
    'vitest/expect-expect': [
      'error',
      {
        assertFunctionNames: [
          'expect',
          'expectRefusal',
          'expectOneScan',
          'expectSentence',
          'survive',
          'changesNothing',
          '*.expectRefusal',
        ],
      },
    ],
  },
  overrides: [
    ...names.map(layerRule),
    fileRule(['src/app.ts'], ['main', 'server', 'rest', 'graphql', 'workers']),
    fileRule(['src/config.ts', 'src/logger.ts'], ['main', 'server', 'app', ...names.slice(1)]),
  ],
})
