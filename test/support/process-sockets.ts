import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** The processes that a process has started and that still run. */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

export function isRunning(pid: number): boolean {
  try {
    // One that has ended and is not waited for is still listed.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** How many connections to a port of this machine a process has accepted and holds. */
export const connectionsOf = (pid: number, port: number): number => count(pid, port, 1)

/** How many connections to a port of this machine a process has opened and holds. */
export const connectionsTo = (pid: number, port: number): number => count(pid, port, 2)

/** By the address of which field of /proc/net/tcp: 1 is the own one, 2 the other. */
function count(pid: number, port: number, field: 1 | 2): number {
  const own = new Set<string>()
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      own.add(readlinkSync(`/proc/${pid}/fd/${fd}`))
    } catch {
      // Closed meanwhile.
    }
  }
  const address = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1)
  return lines.filter((line) => {
    const fields = line.trim().split(/\s+/)
    return fields[field]!.endsWith(address) && fields[3] === '01' && own.has(`socket:[${fields[9]}]`)
  }).length
}
