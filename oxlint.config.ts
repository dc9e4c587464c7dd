import { posix } from 'node:path'
import { defineConfig } from 'oxlint'

/** What stands below the domain. */
const ground = ['config', 'live', 'model', 'outbound', 'store', 'store/engine', 'store/webhooks']
const wings = ['domain/access', 'domain/chat', 'domain/moderation', 'domain/realtime', 'domain/webhooks']
const base = ['domain', 'domain/app.ts', ...ground]
const domain = [...wings, ...base]

/**
 * Every folder of `src`, and every file at its top, with the folders and files that it may import from besides itself. Folders within one have
 * a line of their own, and so may files. Dependencies point downwards only, types included.
 */
const places: Readonly<Record<string, readonly string[]>> = {
  model: [],
  config: ['model'],
  live: ['model'],
  outbound: ['model'],
  'store/engine': ['model'],
  'store/tables': ['model'],
  'store/webhooks': ['model', 'store/engine', 'store/tables'],
  store: ['model', 'store/engine', 'store/tables', 'store/webhooks'],
  domain: ground,
  // What an operation may use, of whichever wing; each wing takes it.
  'domain/app.ts': domain,
  'domain/access': base,
  'domain/realtime': ['domain/access', ...base],
  'domain/moderation': ['domain/access', 'domain/realtime', ...base],
  'domain/webhooks': ['domain/access', 'domain/realtime', ...base],
  'domain/chat': domain,
  workers: domain,
  http: domain,
  'graphql/schema': ['http', ...domain],
  'graphql/schema/types': ['graphql/schema', 'http', ...domain],
  'graphql/subscriptions': ['graphql/schema', 'graphql/schema/types', ...domain],
  'graphql/execution': ['graphql/schema', ...domain],
  'graphql/http': ['graphql/execution', 'graphql/schema', 'graphql/subscriptions', 'http', ...domain],
  'graphql/socket': ['graphql/execution', 'graphql/schema', 'graphql/subscriptions', 'http', ...domain],
  graphql: ['graphql/schema', 'graphql/schema/types', 'graphql/subscriptions'],
  rest: ['graphql/execution', 'graphql/schema', 'http', 'rest/v1', ...domain],
  'rest/v1': ['rest', 'model'],
  commands: ['config', 'domain/access', 'model', 'store', 'store/engine'],
  'server.ts': [
    'graphql',
    'graphql/execution',
    'graphql/http',
    'graphql/schema',
    'graphql/socket',
    'http',
    'rest',
    'workers',
    ...domain,
  ],
  'main.ts': ['commands', 'config', 'http', 'server.ts', 'store', 'store/engine'],
  'fonechat.ts': ['commands', 'main.ts'],
}

const storeysWithoutTransport = /^(config|domain|live|model|outbound|store)\b/

const transports = {
  regex: String.raw`^(graphql|graphql-yoga|graphql-ws|ws|hono)(/|$)|^@(pothos|hono)/`,
  message: 'The domain and what is below it know of no transport.',
}

/** A unit spec that starts one would take as long as those that do. */
const engines = {
  regex: String.raw`/support/(engine|kit|open-directory|postgres-server|redis-server|redis-cluster|server-binary)\.ts$|/src/server\.ts$|/store/(open-store|engine/(db|embedded))\.ts$`,
  message:
    'A unit spec starts neither an engine nor a server: *.process.test.ts, or *.test.ts on the engine of the project.',
}

type RestrictedImports = ['error', { patterns: { regex: string; message: string }[] }]

const isFile = (place: string): boolean => place.endsWith('.ts')

/** The linter compares paths as they are written, so each has one way to be written. */
const detours = {
  regex: String.raw`^\./\.|[^.]/\.|//|^(\.\./)+src/`,
  message: 'A path is written as it is shortest.',
}

/** Forbids every other place than those that are named, by its path from there. The linter’s patterns cannot say “all but”. */
function placeRule([place, targets]: [string, readonly string[]]) {
  const folder = isFile(place) ? posix.dirname(place) : place
  const forbidden = Object.keys(places).filter((name) => name !== place && !targets.includes(name))
  const paths = forbidden.map((name) => {
    const path = posix.relative(folder, isFile(name) ? name : `${name}/*.ts`).replace(/^(?!\.)/, './')
    return path.replaceAll('.', String.raw`\.`).replace('*', '[^/]+')
  })
  const upwards = {
    regex: `^(${paths.join('|')})$`,
    message: `From src/${place} only these may be imported: ${[place, ...targets].join(', ')}.`,
  }
  const patterns = [upwards, detours, ...(storeysWithoutTransport.test(place) ? [transports] : [])]
  return {
    files: [isFile(place) ? `src/${place}` : `src/${place}/*`],
    rules: { 'no-restricted-imports': ['error', { patterns }] satisfies RestrictedImports },
  }
}

const unitRule = {
  files: ['test/**/*.unit.test.ts'],
  rules: { 'no-restricted-imports': ['error', { patterns: [engines] }] satisfies RestrictedImports },
}

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'vitest'],
  categories: { correctness: 'error' },
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  ignorePatterns: [
    'schema/generated/**',
    'client/src/graphql/generated/**',
    'client/src/glue/generated/**',
    '**/dist/**',
  ],
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
    // Those with fixtures are made of the `test` of the library.
    'vitest/no-standalone-expect': ['error', { additionalTestBlockFunctions: ['test'] }],
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
    ...Object.entries(places).map(placeRule),
    unitRule,
    // They show what they do.
    { files: ['examples/**'], rules: { 'no-console': 'off' } },
  ],
})
