import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Builds the page, as npm does after an installation. Does nothing where Vite is missing: servers are installed without it. */
const root = fileURLToPath(new URL('.', import.meta.url))
if ([`${root}node_modules/vite`, `${root}../node_modules/vite`].some((path) => existsSync(path))) {
  const { build } = await import('vite')
  await build({ root, logLevel: 'warn' })
}
