import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * Builds the page, as npm does after an installation. Does nothing where Vite is missing, since servers are installed without it, or the
 * page's source, as in the packed server, which has the built page.
 */
const root = fileURLToPath(new URL('.', import.meta.url))
const isInstalled = [`${root}node_modules/vite`, `${root}../node_modules/vite`].some((path) => existsSync(path))
if (isInstalled && existsSync(`${root}index.html`)) {
  const { buildWeb } = await import('./build.ts')
  await buildWeb()
}
