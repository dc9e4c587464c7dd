import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { makeScratch } from '../../../test/support/scratch.ts'
import { buildWeb } from '../../../web/build.ts'
import { startServerProcess } from '../../src/testing/server-process.ts'
import { chromiumArguments, chromiumCommand } from './chromium.ts'

declare module 'vitest' {
  interface ProvidedContext {
    browser: {
      /** Where the one browser of the run takes commands. */
      readonly endpoint: string
      /** Data directory that each server begins from. */
      readonly data: string
      /** The package `fonechat`: this repository. */
      readonly server: string
    }
  }
}

const server = fileURLToPath(new URL('../../..', import.meta.url))

/** Once per run, for the project `browser`: Chromium, the built page, and the data directory of a server that has started once. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using stack = new AsyncDisposableStack()
  const executablePath = chromiumCommand()
  const scratch = stack.use(await makeScratch())
  const data = join(scratch.path, 'first/data')
  const [browser] = await Promise.all([
    // The driver switches these off, and the page must come back from the one and survive the other.
    chromium.launchServer({
      executablePath,
      args: chromiumArguments,
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
      timeout: 60_000,
    }),
    // What the server serves is of today's source.
    buildPage(),
    makeData(data),
  ])
  stack.defer(() => browser.close())
  project.provide('browser', { endpoint: browser.wsEndpoint(), data, server })
  const kept = stack.move()
  return () => kept.disposeAsync()
}

/** As users get it: under the variable of test runs the libraries would be built for development, and slow. */
async function buildPage(): Promise<void> {
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  await buildWeb().finally(() => (process.env['NODE_ENV'] = before))
}

/** A server that has started once has made all that a first start takes seconds for. */
async function makeData(data: string): Promise<void> {
  await mkdir(data, { recursive: true })
  const first = await startServerProcess(server, { DATA_DIR: data })
  await first.kill()
}
