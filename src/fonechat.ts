#!/usr/bin/env node
const [command = 'start', ...rest] = process.argv.slice(2)

if (command === 'start' && rest.length === 0) await import('./main.ts')
else if (command === 'restored' && rest.length === 0) await import('./restored.ts')
else {
  process.stderr.write('usage: fonechat [start | restored]\n')
  process.exitCode = 2
}

export {}
