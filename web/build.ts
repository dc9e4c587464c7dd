import { fileURLToPath } from 'node:url'
import { build, type BuildOptions } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))

/**
 * Builds the page and the console into one directory, `dist` by default. One after the other: what both have would be in files of its own if they were
 * built together, and the page would load more and larger ones.
 */
export async function buildWeb(options: BuildOptions = {}): Promise<void> {
  await build({ root, logLevel: 'warn', build: { ...options, emptyOutDir: true } })
  await build({
    root,
    logLevel: 'warn',
    build: {
      ...options,
      emptyOutDir: false,
      copyPublicDir: false,
      manifest: '.vite/console.json',
      rolldownOptions: { input: 'console.html' },
    },
  })
}

if (import.meta.main) await buildWeb()
