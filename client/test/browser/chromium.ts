import { readFile } from 'node:fs/promises'
import { chromium, type BrowserContext } from 'playwright-core'
import { makeScratch } from '../../../test/support/scratch.ts'
import { startServerProcess } from '../../../test/support/server-process.ts'
import { systemCommand } from '../../../test/support/system-command.ts'
import { waitFor } from '../../../test/support/wait.ts'

/** Chromium of this machine, or of its package. */
export function chromiumCommand(): string {
  return systemCommand(['chromium', 'chromium-browser', 'google-chrome'], 'chromium')
}

/** What keeps Chromium from asking anybody on the network, and lets it run as root in a container. */
export const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A window of a Chromium of its own. */
export interface Window extends AsyncDisposable {
  readonly profile: BrowserContext
}

/**
 * Starts a Chromium whose tabs hide each other as a user's do. In a browser that the driver starts every tab counts as visible and has the
 * focus, and a visible tab is never frozen.
 */
export async function openWindow(): Promise<Window> {
  await using stack = new AsyncDisposableStack()
  const scratch = stack.use(await makeScratch())
  const folder = `${scratch.path}/profile`
  const process = await startServerProcess({
    scratch,
    command: chromiumCommand(),
    args: ['--headless', '--remote-debugging-port=0', `--user-data-dir=${folder}`, ...chromiumArguments, 'about:blank'],
    ready: 'DevTools listening on',
  })
  stack.defer(() => process.end('SIGKILL'))
  const port = await waitFor(async () => (await readFile(`${folder}/DevToolsActivePort`, 'utf8')).split('\n')[0])
  // The option is not among the driver's types.
  const options = { noDefaults: true, isLocal: true, timeout: 30_000 }
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, options)
  stack.defer(() => browser.close())
  const window = stack.move()
  return { profile: browser.contexts()[0]!, [Symbol.asyncDispose]: () => window.disposeAsync() }
}
