import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { makeScratch } from '../support/scratch.ts'
import { installPackages } from '../support/system-command.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder with a Debian of its own. */
    system: string
  }
}

export const repository = fileURLToPath(new URL('../..', import.meta.url))

/** What the run needs of the system, by the package of Debian that has it. */
const needed: Readonly<Record<string, string>> = {
  podman: '/usr/bin/podman',
  buildah: '/usr/bin/buildah',
  runc: '/usr/sbin/runc',
  debootstrap: '/usr/sbin/debootstrap',
  'systemd-container': '/usr/bin/systemd-nspawn',
  haproxy: '/usr/sbin/haproxy',
  'dnsmasq-base': '/usr/sbin/dnsmasq',
}

/** Once per run: a Debian with Node and npm, as images of Node and machines of operators are. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const wanted = 'the run of installations needs Podman, runc, debootstrap, systemd-nspawn, HAProxy and dnsmasq'
  // A run that has proved nothing must not look like one that has.
  if (process.getuid?.() !== 0) throw new Error(`${wanted}, and root: it makes and starts whole systems`)
  const missing = Object.keys(needed).filter((name) => !existsSync(needed[name]!))
  if (missing.length > 0) installPackages(missing, wanted)
  const scratch = await makeScratch()
  try {
    project.provide('system', await makeSystem(join(scratch.path, 'system')))
  } catch (error) {
    await scratch[Symbol.asyncDispose]()
    throw error
  }
  return async () => scratch[Symbol.asyncDispose]()
}

/** Runs a command without the settings of the npm that runs the specs. Its output is in the error of one that fails. */
export async function run(command: string, args: readonly string[], timeout = 60_000): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)))
  const options = { cwd: repository, env, timeout, maxBuffer: 16 * 1024 * 1024 }
  const { stdout } = await promisify(execFile)(command, args, options)
  return stdout.trim()
}

async function makeSystem(system: string): Promise<string> {
  const packages = ['--variant=minbase', '--include=ca-certificates']
  await run('debootstrap', [...packages, 'bookworm', system, 'http://deb.debian.org/debian'], 900_000)
  await cp(process.execPath, join(system, 'usr/local/bin/node'))
  await run('npm', ['install', '--global', '--prefix', join(system, 'usr/local'), 'npm@11'], 120_000)
  // What npm needs to reach the registry as this machine does.
  const settings = [`registry=${await run('npm', ['config', 'get', 'registry'])}`]
  const certificates = process.env['NODE_EXTRA_CA_CERTS']
  if (certificates !== undefined) {
    await writeFile(join(system, 'etc/registry.pem'), await readFile(certificates))
    settings.push('cafile=/etc/registry.pem')
  }
  await writeFile(join(system, 'root/.npmrc'), `${settings.join('\n')}\n`)
  return system
}
