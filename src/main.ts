import { enableCompileCache } from 'node:module'

// What a server writes is for its owner only, the cache as well. Before any thread is started: they cannot set it.
process.umask(0o077)

// Loading takes most of a start. From the second on it takes half; what is imported here itself is loaded before this.
enableCompileCache()

await import('./start.ts')
