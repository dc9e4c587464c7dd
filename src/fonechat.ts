#!/usr/bin/env node
const [command = 'start', ...rest] = process.argv.slice(2)

/** Not an option, as `--help`, nor a variable of a shell that is empty. */
const isFolder = (text: string): boolean => text !== '' && !text.startsWith('-')

if (command === 'start' && rest.length === 0) await import('./main.ts')
else if (command === 'migrate' && ['', '--dry-run'].includes(rest.join(' '))) await import('./commands/migrate.ts')
else if (command === 'restored' && rest.length === 0) await import('./commands/restored.ts')
else if (command === 'backup' && rest.length === 1 && isFolder(rest[0]!)) await import('./commands/backup.ts')
else if (command === 'reseal' && rest.length === 0) await import('./commands/reseal.ts')
else {
  process.stderr.write('usage: fonechat [start | migrate [--dry-run] | backup <folder> | restored | reseal]\n')
  process.exitCode = 2
}

export {}
