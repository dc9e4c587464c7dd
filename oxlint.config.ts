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
  const files = ['main', 'server']
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
    {
      files: ['src/config/**'],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              {
                regex: String.raw`^(\.\./)+((${names.slice(1).join('|')})/|(main|server)\.ts$)`,
                message: 'Dependencies point downwards only.',
              },
              transports,
            ],
          },
        ] satisfies RestrictedImports,
      },
    },
  ],
})
