import { existsSync } from 'node:fs'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

/** Fonts and pictures are compressed already; what is shorter fits one packet anyway. */
const compressible = /\.(?:css|html|js|json|svg)$/
const worthBytes = 1024

/** Writes `….br` and `….gz` beside each text of the build: once and as small as they get, instead of for each browser. */
export function precompress(): Plugin {
  let directory = ''
  return {
    name: 'precompress',
    apply: 'build',
    configResolved: ({ root, build }) => {
      directory = join(root, build.outDir)
    },
    closeBundle: async () => {
      const entries = await readdir(directory, { recursive: true, withFileTypes: true })
      const paths = entries
        .filter((entry) => entry.isFile() && compressible.test(entry.name))
        .map(({ parentPath, name }) => join(parentPath, name))
      await Promise.all(paths.map(compress))
    },
  }
}

async function compress(path: string): Promise<void> {
  // Of an earlier build into the same directory.
  if (existsSync(`${path}.br`)) return
  const body = await readFile(path)
  if (body.length < worthBytes) return
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: body.length } }),
    promisify(gzip)(body, { level: 9 }),
  ])
  await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)])
}
