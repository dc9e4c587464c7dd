import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Runs the program on the Node that was installed with it.
const program = fileURLToPath(new URL('fonechat.js', import.meta.url))
const args = [program, ...process.argv.slice(2)]
const node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin/node')

const refuse = (reason) => {
  process.stderr.write(
    `fonechat needs Node 24, and this is ${process.version}. The one that is installed with it does not start (${reason}): ` +
      'its script may not have run. `npm install-scripts approve node && npm rebuild node` lets npm run it.\n',
  )
  process.exit(1)
}

// What follows would abort without a sentence.
if (!existsSync(node)) refuse('it is not there')

// Since Node 22.15. Nothing stands between the program and its signals then.
if (process.execve) process.execve(node, [node, ...args], process.env)

const child = spawn(node, args, { stdio: 'inherit' })
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', ({ message }) => refuse(message))
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
