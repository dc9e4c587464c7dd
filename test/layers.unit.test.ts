import { execFile } from 'node:child_process'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import config, { consoleAreas } from '../oxlint.config.ts'
import { makeScratch } from './support/scratch.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const guarded = (config.overrides ?? []).flatMap(({ files, rules }) =>
  rules && 'no-restricted-imports' in rules ? files : [],
)

const unitSpecs = 'test/**/*.unit.test.ts'

/** Files as they could stand in the tree, by what each must not import; of every rule at least one. */
const planted: Readonly<Record<string, string>> = {
  'src/model/planted.ts': '../http/http.ts',
  'src/model/package.ts': 'graphql',
  'src/instruments/planted.ts': '../model/error.ts',
  'src/tracing/planted.ts': '../config/logger.ts',
  'src/tracing/sdk/planted.ts': '../../store/role.ts',
  'src/config/planted.ts': '../store/role.ts',
  'src/live/planted.ts': '../store/role.ts',
  'src/outbound/planted.ts': '../config/logger.ts',
  'src/store/planted.ts': '../domain/validation.ts',
  'src/store/doctor/planted.ts': '../../domain/validation.ts',
  'src/store/engine/planted.ts': '../open-store.ts',
  'src/store/migration/planted.ts': '../open-store.ts',
  'src/store/move/planted.ts': '../open-store.ts',
  'src/store/tables/planted.ts': '../role.ts',
  'src/store/webhooks/planted.ts': '../open-store.ts',
  'src/domain/planted.ts': './access/cache.ts',
  'src/domain/ground.ts': './app.ts',
  'src/domain/app.ts': '../http/http.ts',
  'src/domain/access/planted.ts': '../realtime/feed.ts',
  'src/domain/access/transport.ts': '../../http/client-address.ts',
  'src/domain/realtime/planted.ts': '../webhooks/webhook.ts',
  'src/domain/deployment/planted.ts': '../realtime/feed.ts',
  'src/domain/moderation/planted.ts': '../webhooks/webhook.ts',
  'src/domain/webhooks/planted.ts': '../moderation/keyword-rule.ts',
  'src/domain/webhooks/chat.ts': '../chat/member.ts',
  'src/domain/chat/planted.ts': '../../http/metrics/metric.ts',
  'src/domain/chat/tables.ts': '../../store/tables/member.ts',
  'src/domain/chat/package.ts': 'graphql-yoga',
  'src/workers/planted.ts': '../graphql/schema/errors.ts',
  'src/http/planted.ts': '../graphql/schema/errors.ts',
  'src/http/rest.ts': '../rest/errors.ts',
  'src/http/metrics.ts': './metrics/endpoint.ts',
  'src/http/metrics/planted.ts': '../../graphql/schema/errors.ts',
  'src/graphql/planted.ts': './socket/websocket.ts',
  'src/graphql/schema/planted.ts': '../subscriptions/open-subscription.ts',
  'src/graphql/schema/types/planted.ts': '../../execution/execution.ts',
  'src/graphql/execution/planted.ts': '../http/yoga.ts',
  'src/graphql/subscriptions/planted.ts': '../socket/connection.ts',
  'src/graphql/http/planted.ts': '../socket/connection.ts',
  'src/graphql/socket/planted.ts': '../http/yoga.ts',
  'src/graphql/socket/http.ts': '../../server.ts',
  'src/rest/planted.ts': '../graphql/http/yoga.ts',
  'src/rest/v1/planted.ts': '../../domain/chat/message.ts',
  'src/commands/probes/planted.ts': '../../server.ts',
  'src/commands/planted.ts': '../server.ts',
  'src/shutdown.ts': './server.ts',
  'src/siblings.ts': './server.ts',
  'src/open-app.ts': './graphql/schema/errors.ts',
  'src/server.ts': './main.ts',
  'src/processes/planted.ts': '../main.ts',
  'src/start.ts': './domain/chat/message.ts',
  'src/main.ts': './server.ts',
  'src/cli/planted.ts': '../commands/backup.ts',
  'src/cli/entries/planted.ts': '../../server.ts',
  'src/fonechat.ts': './server.ts',
  'client/src/backoff.ts': './log.ts',
  'client/src/create-id.ts': './log.ts',
  'client/src/cursor.ts': './log.ts',
  'client/src/deferred.ts': './log.ts',
  'client/src/listeners.ts': './log.ts',
  'client/src/errors.ts': './log.ts',
  'client/src/events.ts': './log.ts',
  'client/src/in-time.ts': './log.ts',
  'client/src/log.ts': './client.ts',
  'client/src/env/types.ts': './browser.ts',
  'client/src/env/browser.ts': '../log.ts',
  'client/src/env/native.ts': './browser.ts',
  'client/src/graphql/planted.ts': '../store/state.ts',
  'client/src/store/planted.ts': '../copy/types.ts',
  'client/src/copy/planted.ts': '../link/link.ts',
  'client/src/link/planted.ts': '../env/browser.ts',
  'client/src/outbox/planted.ts': '../tabs/types.ts',
  'client/src/sync/planted.ts': '../tabs/types.ts',
  'client/src/tabs/planted.ts': '../handles/channel.ts',
  'client/src/handles/planted.ts': '../client.ts',
  'client/src/modules/planted.ts': '../client.ts',
  'client/src/client.ts': './react/provider.tsx',
  'client/src/index.ts': './react/provider.tsx',
  'client/src/native.ts': './react/provider.tsx',
  'client/src/react/planted.tsx': './parts/index.ts',
  'client/src/react/parts/planted.tsx': '../../env/browser.ts',
  'client/src/react/parts/list/planted.tsx': '../composer/composer.tsx',
  'client/src/react/parts/composer/planted.tsx': '../list/list.tsx',
  'client/src/react/parts/channels/planted.tsx': '../list/list.tsx',
  'client/src/react/parts/people/planted.tsx': '../list/list.tsx',
  'client/src/glue/planted.ts': '../client.ts',
  'client/src/glue/generated/planted.ts': '../../errors.ts',
  'client/src/apollo/planted.ts': '../client.ts',
  'client/src/urql/planted.ts': '../apollo/device.ts',
  'client/src/testing/planted.ts': '../client.ts',
  'web/src/routes.ts': './theme.ts',
  'web/src/use-places.ts': './session/planted.ts',
  'web/src/theme.ts': './lib/format.ts',
  'web/src/vite-env.d.ts': './lib/format.ts',
  'web/src/lib/planted.ts': '../ui/button.tsx',
  'web/src/ui/planted.tsx': '../chat/model.ts',
  'web/src/boundary.tsx': './root.tsx',
  'web/src/chat/planted.tsx': '../session/token.ts',
  'web/src/chat/live/planted.ts': '../list/rows.ts',
  'web/src/chat/emoji/planted.tsx': '../model.ts',
  'web/src/chat/channels/planted.tsx': '../list/list.tsx',
  'web/src/chat/composer/planted.tsx': '../list/list.tsx',
  'web/src/chat/edits/planted.tsx': '../list/list.tsx',
  'web/src/chat/later/planted.tsx': '../list/list.tsx',
  'web/src/chat/list/planted.tsx': '../composer/composer.tsx',
  'web/src/chat/people/planted.tsx': '../search/find.ts',
  'web/src/chat/mentions/planted.tsx': '../list/list.tsx',
  'web/src/chat/threads/planted.tsx': '../list/list.tsx',
  'web/src/chat/pins/planted.tsx': '../list/list.tsx',
  'web/src/chat/search/planted.tsx': '../people/people.tsx',
  'web/src/demo/planted.tsx': '../session/token.ts',
  'web/src/demo/glue/planted.tsx': '../code-drawer/drawer.tsx',
  'web/src/demo/code-drawer/planted.tsx': '../../chat/model.ts',
  'web/src/session/planted.tsx': '../demo/seat.ts',
  'web/src/root.tsx': './main.tsx',
  'web/src/main.tsx': './chat/pane.tsx',
  'web/src/console.tsx': './chat/pane.tsx',
  'web/src/console/document.ts': '../routes.ts',
  'web/src/console/texts/en/planted.ts': '../../document.ts',
  'web/src/console/kit/planted.tsx': '../shell/frame.tsx',
  'web/src/console/kit/chart/planted.tsx': '../../shell/frame.tsx',
  'web/src/console/shell/planted.tsx': '../../chat/pane.tsx',
  ...Object.fromEntries(
    consoleAreas.map((area) => [`web/src/console/views/${area}/planted.tsx`, '../../shell/frame.tsx']),
  ),
  'test/way/planted.unit.test.ts': '../support/kit.ts',
  'test/way/store.unit.test.ts': '../../src/store/open-store.ts',
}

/** What would be a path past a rule, if rules took paths apart. */
const detours = ['../../src/http/http.ts', './../http/http.ts', '..//http/http.ts', '../model/../http/http.ts']

/** Every folder and every file at the top of a source, as rules name them. */
async function placesOf(source: string): Promise<{ files: string[]; needed: string[] }> {
  const entries = await readdir(join(root, source), { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length))
  return { files, needed: files.map((file) => (dirname(file) === source ? file : `${dirname(file)}/*`)) }
}

test('every folder of src and every file at its top has a rule, and every rule something to guard', async () => {
  const { files, needed } = await placesOf('src')
  expect(guarded).toEqual(expect.arrayContaining(needed))
  const ofServer = guarded.filter((place) => !/^(client|web)\//.test(place))
  expect([...files, ...needed, unitSpecs]).toEqual(expect.arrayContaining(ofServer))
})

test('every folder of the client and of the page and every file at their top has a rule', async () => {
  const files = [...(await placesOf('client/src')).files, ...(await placesOf('web/src')).files]
  const written = files.filter(
    (file) => /\.tsx?$/.test(file) && !/^(?:client\/src\/graphql|web\/src\/console)\/generated\//.test(file),
  )
  const unguarded = written.filter((file) => !guarded.includes(file) && !guarded.includes(`${dirname(file)}/*`))
  expect(unguarded).toEqual([])
})

test('an import that a rule forbids is refused, by any path', async () => {
  await using scratch = await makeScratch()
  const plants = { ...planted }
  for (const [at, path] of detours.entries()) plants[`src/model/detour-${at}.ts`] = path
  for (const [file, path] of Object.entries(plants)) {
    await mkdir(dirname(join(scratch.path, file)), { recursive: true })
    await writeFile(join(scratch.path, file), `import type { Planted } from '${path}'\nexport type Mine = Planted\n`)
  }
  await writeFile(
    join(scratch.path, 'oxlint.config.ts'),
    `import config from ${JSON.stringify(join(root, 'oxlint.config.ts'))}\n` +
      'export default { ...config, options: { ...config.options, typeAware: false } }\n',
  )
  const output = await new Promise<string>((resolve) => {
    const linter = join(root, 'node_modules/.bin/oxlint')
    execFile(linter, ['--format', 'json'], { cwd: scratch.path }, (_error, stdout) => resolve(stdout))
  })
  const { diagnostics } = JSON.parse(output) as { diagnostics: { filename: string; code: string }[] }
  const refused = diagnostics.filter(({ code }) => code.includes('no-restricted-imports'))
  expect(refused.map(({ filename }) => filename).sort()).toEqual(Object.keys(plants).sort())
  const tried = Object.keys(planted).flatMap((file) =>
    file.startsWith('test/') ? [unitSpecs] : [file, `${dirname(file)}/*`],
  )
  expect(tried).toEqual(expect.arrayContaining(guarded))
})

test('imports that no rule sees, those as calls, are those of the programs that begin, and of what sends traces', async () => {
  const found: string[] = []
  for (const file of await readdir(join(root, 'src'), { recursive: true })) {
    if (file.endsWith('.ts') && /\bimport\(\s*['"`]\./.test(await readFile(join(root, 'src', file), 'utf8')))
      found.push(file)
  }
  const ofCommands = found.filter((file) => file.startsWith('cli/entries/'))
  for (const file of ofCommands) {
    const [, path] = /\bimport\('([^']+)'\)/.exec(await readFile(join(root, 'src', file), 'utf8'))!
    expect(path).toMatch(/^\.\.\/\.\.\/(start|commands\/[a-z-]+)\.ts$/)
  }
  expect(found.filter((file) => !ofCommands.includes(file))).toEqual([
    'fonechat.ts',
    'main.ts',
    'server.ts',
    'start.ts',
  ])
})
