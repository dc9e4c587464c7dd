import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'

// Before any worker starts: one for the whole run.
process.env['SEED'] ??= String(Date.now() % 1_000_000)

/** These start neither an engine nor a server. */
const unit = '{test,client/test,web/test}/**/*.unit.test.ts'
/** These start what they need as processes of their own. */
const processes = '{test,client/test}/**/*.process.test.ts'
/** These open pages in Chromium. */
const browser = '{client,web}/test/**/*.browser.test.ts'
/** These fetch frameworks from the registry. */
const packages = 'client/test/**/*.packages.test.ts'
const clusterOnly = 'test/**/*.cluster.test.ts'
const faults = 'test/faults/**'
/** These take long; those of Postgres need what Debian has for its backups. */
const restore = '{test/restore/**/*.test.ts,client/test/**/*.restore.test.ts}'
/** These lose machines with databases, and need what Debian has for it. */
const failover = 'test/failover/**'
const upgrade = 'test/upgrade/**'
/** These need nginx and HAProxy, and wait for as long as those keep silent connections. */
const proxies = 'test/proxies/**'
/** These make whole systems to install it on, and need what Debian has for that. */
const install = 'test/install/**'
/** What these are about is decided before an engine is asked, or in the client: they run once, on the engine whose reach is measured. */
const embeddedOnly = [
  'client/test/{calls,catch-up,client,connection,later,mentions,native,pins,rate-limits,reactions,replies,streams,threads}.test.ts',
  'client/test/glue/*.test.ts',
  'test/documents.test.ts',
  'test/domain/{attributes,chat/permission-check}.test.ts',
  'test/domain/access/{access-token,backend-credentials,issuer-token,token-shapes}.test.ts',
  'test/graphql/http/*.test.ts',
  'test/graphql/execution/persisted-documents.test.ts',
  'test/graphql/schema/{cost,page-size,text-arguments}.test.ts',
  'test/graphql/socket/protocol.test.ts',
  'test/http/{compression,demo-tokens}.test.ts',
  'test/http/metrics/documented.test.ts',
  'test/monitoring/*.test.ts',
  'test/rest/*.test.ts',
  'test/way/{busy-caller,http-clients,one-caller,other-sites,readme-client,webhook-snippets,wrong-passwords}.test.ts',
  'test/tracing/collector.test.ts',
]
const repeatable = 'test/support/repeatable.ts'
/**
 * Files share processes, for loading the libraries again would take a third of the time; they do not share modules of ours: a file may
 * mock one, and leaves nothing in it for the next.
 */
const shared = { isolate: false, setupFiles: ['test/support/own-modules.ts', repeatable] }

const engineSpecs = {
  ...shared,
  include: ['{test,client/test}/**/*.test.ts'],
  exclude: [
    ...configDefaults.exclude,
    unit,
    processes,
    browser,
    packages,
    faults,
    failover,
    upgrade,
    restore,
    proxies,
    install,
  ],
}

// Vite would take the package's second copy, as a module, and its classes would not be those of the libraries.
const resolve = { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] }

export default defineConfig({
  test: {
    // Specs wait half of their time: fewer leave two processors idle for a quarter of it.
    maxWorkers: 4,
    // Of this process alone: what runs as a server of its own is not seen.
    coverage: { include: ['src/**'], reporter: ['text', 'html', 'json-summary'], reportOnFailure: true },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    projects: [
      { resolve, test: { ...shared, name: 'unit', include: [unit] } },
      { resolve, test: { ...shared, name: 'process', include: [processes] } },
      {
        resolve,
        test: {
          ...engineSpecs,
          name: 'embedded',
          exclude: [...engineSpecs.exclude, clusterOnly],
          globalSetup: 'test/support/embedded-setup.ts',
        },
      },
      {
        resolve,
        test: {
          ...engineSpecs,
          name: 'cluster',
          exclude: [...engineSpecs.exclude, ...embeddedOnly],
          globalSetup: 'test/support/cluster-setup.ts',
        },
      },
      {
        resolve,
        test: {
          name: 'browser',
          include: [browser],
          globalSetup: ['client/test/browser/setup.ts', 'web/test/console/setup.ts'],
          setupFiles: repeatable,
          // After all other specs: what a page shows in time depends on what the machine does beside.
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
        },
      },
      { resolve, test: { name: 'packages', include: [packages], setupFiles: repeatable } },
      {
        resolve,
        test: {
          name: 'pooler',
          include: [
            'test/way/**/*.test.ts',
            'test/rest/**/*.test.ts',
            'test/domain/**/*.test.ts',
            'test/workers/**/*.test.ts',
          ],
          exclude: [...engineSpecs.exclude, clusterOnly],
          globalSetup: 'test/support/pooler-setup.ts',
          setupFiles: repeatable,
        },
      },
      { resolve, test: { name: 'restore', include: [restore], setupFiles: repeatable } },
      {
        resolve,
        test: { name: 'faults', include: ['test/faults/**/*.test.ts'], setupFiles: repeatable, testTimeout: 120_000 },
      },
      {
        resolve,
        test: { name: 'upgrade', include: ['test/upgrade/**/*.test.ts'], setupFiles: repeatable, testTimeout: 600_000 },
      },
      {
        resolve,
        test: {
          name: 'proxies',
          include: ['test/proxies/**/*.test.ts'],
          globalSetup: 'test/support/cluster-setup.ts',
          setupFiles: repeatable,
          testTimeout: 120_000,
        },
      },
      {
        resolve,
        test: {
          name: 'install',
          include: ['test/install/**/*.test.ts'],
          globalSetup: 'test/install/system.ts',
          setupFiles: repeatable,
        },
      },
      { resolve, test: { name: 'failover', include: ['test/failover/**/*.test.ts'], setupFiles: repeatable } },
    ],
  },
})
