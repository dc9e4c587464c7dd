import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'

// Node takes the types out of TypeScript by itself, but not below a folder node_modules, where this package stands once it is installed.
const packageUrl = new URL('..', import.meta.url).href

if (packageUrl.includes('/node_modules/')) {
  // Each process and thread would say at its first call that the function is experimental.
  const { emitWarning } = process
  process.emitWarning = () => {}
  stripTypeScriptTypes('')
  process.emitWarning = emitWarning
  registerHooks({
    load(url, context, nextLoad) {
      const isOurs = url.startsWith(packageUrl) && /^(src|schema)\/.*\.ts$/.test(url.slice(packageUrl.length))
      if (!isOurs) return nextLoad(url, context)
      const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'))
      return { format: 'module', shortCircuit: true, source }
    },
  })
}
