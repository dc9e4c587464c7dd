import './types.js'

await import('../src/store/engine/embedded-worker.ts')
