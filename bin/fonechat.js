#!/usr/bin/env node
// What Node of which version runs this is the system's choice: an older one cannot even read the rest.
const [major] = process.versions.node.split('.').map(Number)

if (major >= 24) {
  await import('./types.js')
  await import('../src/fonechat.ts')
} else {
  await import('./own-node.js')
}
