import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A temporary folder and at most one server working in it. Both end with this process, however it ends. */
export interface Scratch extends AsyncDisposable {
  readonly path: string
  guard(pid: number | undefined): void
}

/**
 * Its input ends when this process closes it or dies, be it by SIGKILL; then the server that was named last is ended, what was
 * mounted on the folder unmounted, and the folder removed.
 */
const guardScript = `
  pid=
  while read -r line; do pid=$line; done
  if [ -n "$pid" ] && kill -INT "$pid"; then
    waited=0
    while kill -0 "$pid" && [ "$waited" -lt 50 ]; do sleep 0.1; waited=$((waited + 1)); done
    kill -KILL "$pid"
  fi
  umount --lazy "$1"
  rm -rf -- "$1"
`

export async function makeScratch(): Promise<Scratch> {
  const path = await mkdtemp(join(tmpdir(), 'fonechat-test-'))
  // A session of its own, so that Ctrl-C in the terminal reaches this process and not the guard.
  const guard = spawn('sh', ['-c', guardScript, 'guard', path], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const exited = once(guard, 'exit')
  return {
    path,
    guard: (pid) => {
      guard.stdin.write(`${pid ?? ''}\n`)
    },
    [Symbol.asyncDispose]: async () => {
      guard.stdin.end()
      await exited
    },
  }
}
