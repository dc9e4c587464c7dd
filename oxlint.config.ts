import { readdirSync } from 'node:fs'
import { posix } from 'node:path'
import { defineConfig } from 'oxlint'

/** What stands below the domain. */
const ground = [
  'config',
  'instruments',
  'live',
  'model',
  'outbound',
  'store',
  'store/doctor',
  'store/engine',
  'store/webhooks',
  'tracing',
]
const wings = [
  'domain/access',
  'domain/chat',
  'domain/deployment',
  'domain/moderation',
  'domain/realtime',
  'domain/webhooks',
]
const base = ['domain', 'domain/app.ts', ...ground]
const domain = [...wings, ...base]

/**
 * Every folder of `src`, and every file at its top, with the folders and files that it may import from besides itself. Folders within one have
 * a line of their own, and so may files. Dependencies point downwards only, types included.
 */
const places: Readonly<Record<string, readonly string[]>> = {
  model: [],
  instruments: [],
  // What every part says to traces; what sends them is loaded only where they are on.
  tracing: [],
  'tracing/sdk': ['config', 'model', 'tracing'],
  config: ['model', 'tracing'],
  live: ['model'],
  outbound: ['model', 'tracing'],
  'store/engine': ['instruments', 'model', 'tracing'],
  'store/tables': ['model'],
  'store/webhooks': ['model', 'store/engine', 'store/tables'],
  'store/migration': ['model', 'store/engine'],
  'store/doctor': ['model', 'store', 'store/engine', 'store/migration', 'store/webhooks'],
  'store/move': ['model', 'store/engine'],
  store: ['model', 'store/engine', 'store/migration', 'store/move', 'store/tables', 'store/webhooks'],
  domain: ground,
  // What an operation may use, of whichever wing; each wing takes it.
  'domain/app.ts': domain,
  'domain/access': base,
  'domain/realtime': ['domain/access', ...base],
  'domain/deployment': ['domain/access', ...base],
  'domain/moderation': ['domain/access', 'domain/realtime', ...base],
  'domain/webhooks': ['domain/access', 'domain/realtime', ...base],
  'domain/chat': domain,
  workers: domain,
  http: domain,
  'http/metrics': ['http', ...domain],
  'graphql/schema': ['http', ...domain],
  'graphql/schema/types': ['graphql/schema', 'http', ...domain],
  'graphql/subscriptions': ['graphql/schema', 'graphql/schema/types', ...domain],
  'graphql/execution': ['graphql/schema', 'http', ...domain],
  'graphql/http': ['graphql/execution', 'graphql/schema', 'graphql/subscriptions', 'http', ...domain],
  'graphql/socket': ['graphql/execution', 'graphql/schema', 'graphql/subscriptions', 'http', ...domain],
  graphql: ['graphql/schema', 'graphql/schema/types', 'graphql/subscriptions'],
  rest: ['graphql/execution', 'graphql/schema', 'http', 'rest/v1', ...domain],
  'rest/v1': ['rest', 'model'],
  'commands/probes': [
    'commands',
    'config',
    'domain/access',
    'domain/deployment',
    'http',
    'live',
    'model',
    'outbound',
    'store',
    'store/doctor',
    'store/engine',
    'store/migration',
  ],
  commands: [
    'commands/probes',
    'config',
    'domain',
    'domain/access',
    'domain/deployment',
    'domain/app.ts',
    'http',
    'live',
    'model',
    'store',
    'store/doctor',
    'store/engine',
    'store/migration',
  ],
  'shutdown.ts': ['config'],
  'siblings.ts': ['config', 'http/metrics', 'live'],
  'open-app.ts': ['shutdown.ts', 'siblings.ts', 'store/migration', 'workers', ...domain],
  'server.ts': [
    'graphql',
    'graphql/execution',
    'graphql/http',
    'graphql/schema',
    'graphql/socket',
    'config',
    'domain',
    'domain/access',
    'domain/app.ts',
    'http',
    'http/metrics',
    'open-app.ts',
    'rest',
    'shutdown.ts',
    'store',
    'tracing/sdk',
  ],
  // The primary and its workers: what a start is made of, but for what one process is started by.
  processes: [
    'commands',
    'config',
    'domain/access',
    'http',
    'http/metrics',
    'live',
    'model',
    'server.ts',
    'siblings.ts',
    'store',
    'store/engine',
  ],
  'start.ts': ['commands', 'config', 'http', 'processes', 'server.ts', 'store', 'store/engine'],
  'main.ts': ['start.ts'],
  // A command's code is loaded by its entry when it runs.
  'cli/entries': ['cli', 'commands', 'config', 'start.ts'],
  cli: ['cli/entries', 'config', 'model'],
  'fonechat.ts': ['cli'],
}

/** What everything in the client may use: the kinds of things there are, and the platform as an interface. */
const clientGround = [
  'backoff.ts',
  'cursor.ts',
  'deferred.ts',
  'env/types.ts',
  'errors.ts',
  'events.ts',
  'in-time.ts',
  'listeners.ts',
  'log.ts',
]
const clientState = ['graphql', 'store', ...clientGround]
const clientParts = ['copy', 'link', 'outbox', ...clientState]
const clientCore = ['client.ts', 'handles', 'sync', 'tabs', ...clientParts]
const glue = ['glue', 'glue/generated', 'create-id.ts', 'cursor.ts', 'errors.ts']

/** The same of `client/src`, but for what is generated. Implementations of the platform are chosen in `client.ts` alone. */
const clientPlaces: Readonly<Record<string, readonly string[]>> = {
  'backoff.ts': [],
  'create-id.ts': [],
  'cursor.ts': [],
  'deferred.ts': [],
  'errors.ts': [],
  'events.ts': [],
  'in-time.ts': ['deferred.ts', 'env/types.ts', 'errors.ts'],
  'listeners.ts': [],
  'log.ts': [],
  'env/types.ts': [],
  'env/browser.ts': ['create-id.ts', 'env/types.ts'],
  'env/native.ts': ['create-id.ts', 'env/types.ts'],
  graphql: clientGround,
  store: ['graphql', ...clientGround],
  copy: clientState,
  link: clientState,
  // It is kept in the same database.
  outbox: ['copy', ...clientState],
  sync: clientParts,
  tabs: ['sync', ...clientParts],
  handles: ['sync', 'tabs', ...clientParts],
  modules: ['handles', 'sync', 'tabs', ...clientParts],
  'client.ts': ['env/browser.ts', 'handles', 'modules', 'sync', 'tabs', ...clientParts],
  'index.ts': ['modules', ...clientCore],
  'native.ts': ['env/native.ts', 'index.ts', ...clientCore],
  react: ['modules', ...clientCore],
  'react/parts': [
    'react',
    'react/parts/list',
    'react/parts/composer',
    'react/parts/channels',
    'react/parts/people',
    ...clientCore,
  ],
  'glue/generated': ['glue'],
  glue: ['glue/generated', 'create-id.ts', ...clientGround],
  apollo: glue,
  urql: glue,
  'react/parts/list': ['react', 'react/parts', ...clientCore],
  'react/parts/composer': ['react', 'react/parts', ...clientCore],
  'react/parts/channels': ['react', 'react/parts', ...clientCore],
  'react/parts/people': ['modules', 'react', 'react/parts', ...clientCore],
  testing: ['deferred.ts'],
}

/** What all of the page may use, and of it only what is below. */
const pageGround = ['lib', 'routes.ts', 'theme.ts']
const pageParts = ['ui', ...pageGround]
/** Parts of a chat know what all of them share, and not each other. */
const chatPart = ['chat', 'chat/live', ...pageParts]
const pageChat = [
  'chat/channels',
  'chat/composer',
  'chat/edits',
  'chat/emoji',
  'chat/list',
  'chat/later',
  'chat/mentions',
  'chat/people',
  'chat/pins',
  'chat/search',
  'chat/threads',
  ...chatPart,
]

/** The views of the console, a folder each. They know the kit, and not each other. */
export const consoleAreas = readdirSync(new URL('web/src/console/views', import.meta.url))
const consoleGround = ['console/document.ts', 'console/texts/en', ...pageParts]

/** The same of `web/src`. */
const webPlaces: Readonly<Record<string, readonly string[]>> = {
  'routes.ts': [],
  'theme.ts': [],
  'use-places.ts': ['lib', 'routes.ts'],
  'vite-env.d.ts': [],
  lib: [],
  ui: pageGround,
  'boundary.tsx': pageParts,
  'chat/live': ['chat', ...pageParts],
  'chat/emoji': pageParts,
  'chat/channels': chatPart,
  'chat/composer': ['chat/emoji', ...chatPart],
  'chat/list': chatPart,
  'chat/edits': chatPart,
  'chat/later': chatPart,
  'chat/mentions': chatPart,
  'chat/people': chatPart,
  'chat/pins': chatPart,
  'chat/search': chatPart,
  // A thread is a conversation of its own.
  'chat/threads': chatPart,
  chat: pageChat,
  'demo/code-drawer': ['demo', ...pageParts],
  'demo/glue': ['demo', ...pageChat],
  demo: ['demo/code-drawer', 'demo/glue', 'use-places.ts', ...pageChat],
  session: ['use-places.ts', ...pageChat],
  'root.tsx': ['boundary.tsx', 'demo', 'session', ...pageChat],
  'main.tsx': ['boundary.tsx', 'root.tsx', ...pageGround],
  'console/document.ts': [],
  'console/texts/en': [],
  'console/kit': consoleGround,
  'console/kit/chart': ['console/kit', ...consoleGround],
  ...Object.fromEntries(
    consoleAreas.map((area) => [`console/views/${area}`, ['console/kit', 'console/kit/chart', ...consoleGround]]),
  ),
  'console/shell': ['console/kit', ...consoleAreas.map((area) => `console/views/${area}`), ...consoleGround],
  'console.tsx': ['console/shell'],
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

const isFile = (place: string): boolean => /\.tsx?$/.test(place)

/** The linter compares paths as they are written, so each has one way to be written. */
const detours = {
  regex: String.raw`^\./\.|[^.]/\.|//|^(\.\./)+src/`,
  message: 'A path is written as it is shortest.',
}

/** Forbids every other place than those that are named, by its path from there. The linter’s patterns cannot say “all but”. */
function placeRules(root: string, all: Readonly<Record<string, readonly string[]>>) {
  const names = Object.keys(all)
  return Object.entries(all).map(([place, targets]) => {
    const folder = isFile(place) ? posix.dirname(place) : place
    const forbidden = names.filter((name) => name !== place && !targets.includes(name))
    const paths = forbidden.map((name) => {
      const path = posix
        .relative(folder, name)
        .replace(/^(?!\.)/, './')
        .replaceAll('.', String.raw`\.`)
      return isFile(name) ? path : `${path}/${String.raw`[^/]+\.tsx?`}`
    })
    const upwards = {
      regex: `^(${paths.join('|')})$`,
      message: `From ${root}/${place} only these may be imported: ${[place, ...targets].join(', ')}.`,
    }
    const hasNoTransport = root === 'src' && storeysWithoutTransport.test(place)
    const patterns = [upwards, detours, ...(hasNoTransport ? [transports] : [])]
    return {
      files: [isFile(place) ? `${root}/${place}` : `${root}/${place}/*`],
      rules: { 'no-restricted-imports': ['error', { patterns }] satisfies RestrictedImports },
    }
  })
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
    'web/src/console/generated/**',
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
    ...placeRules('src', places),
    ...placeRules('client/src', clientPlaces),
    ...placeRules('web/src', webPlaces),
    unitRule,
    {
      files: ['client/src/react/**', 'web/src/**'],
      plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'react', 'jsx-a11y'],
      rules: {
        'react/exhaustive-deps': 'error',
        'react/rules-of-hooks': 'error',
        // What its compiler could do better; it is not used here.
        'react/incompatible-library': 'off',
        'react/purity': 'off',
        'react/refs': 'off',
        'react/set-state-in-effect': 'off',
        // They know elements alone, not how a list is walked by keys from its container; what is shown is judged by axe.
        'jsx-a11y/click-events-have-key-events': 'off',
        'jsx-a11y/interactive-supports-focus': 'off',
        // A table that a phone lays out in another way has its roles only where they are named.
        'jsx-a11y/no-interactive-element-to-noninteractive-role': 'off',
        'jsx-a11y/no-noninteractive-element-interactions': 'off',
        'jsx-a11y/no-noninteractive-tabindex': 'off',
        'jsx-a11y/no-redundant-roles': 'off',
        'jsx-a11y/no-static-element-interactions': 'off',
        'jsx-a11y/prefer-tag-over-role': 'off',
        'jsx-a11y/role-supports-aria-props': 'off',
      },
    },
    // They show what they do.
    { files: ['examples/**'], rules: { 'no-console': 'off' } },
  ],
})
