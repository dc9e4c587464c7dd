import { run } from './system.ts'

export interface RunOptions {
  readonly name: string
  readonly settings?: Readonly<Record<string, string>>
  /** Named volumes and folders, by where they are in the container. */
  readonly volumes?: Readonly<Record<string, string>>
  readonly command?: readonly string[]
}

// The system may allow no more.
const limits = ['--ulimit=nofile=4096:4096', '--ulimit=nproc=4096:4096']

/** Podman with storage of its own, which starts containers as Docker does, without a daemon. They use the network of this machine. */
export class Podman {
  readonly #global: readonly string[]

  constructor(directory: string) {
    this.#global = [
      `--root=${directory}/storage`,
      `--runroot=${directory}/run`,
      '--storage-driver=vfs',
      '--runtime=runc',
      '--cgroup-manager=cgroupfs',
      '--events-backend=none',
    ]
  }

  /** Answers what it prints. */
  run(args: readonly string[], timeout?: number): Promise<string> {
    return run('podman', [...this.#global, ...args], timeout)
  }

  async build(tag: string, args: readonly string[]): Promise<void> {
    await this.run(
      ['build', '--isolation=chroot', '--format=docker', '--layers=false', `--tag=${tag}`, ...args],
      900_000,
    )
  }

  /** Starts a container as compose.yaml and the manifests of Kubernetes have it: nothing can be written, and nothing is allowed. */
  async start(image: string, { name, settings = {}, volumes = {}, command = [] }: RunOptions): Promise<Container> {
    await this.run([
      'run',
      '--detach',
      `--name=${name}`,
      '--network=host',
      '--read-only',
      '--tmpfs=/tmp',
      '--cap-drop=all',
      '--security-opt=no-new-privileges',
      ...limits,
      // Nothing of a run that was killed stays.
      '--timeout=900',
      ...Object.entries(volumes).map(([target, source]) => `--volume=${source}:${target}`),
      ...Object.entries(settings).map(([setting, value]) => `--env=${setting}=${value}`),
      image,
      ...command,
    ])
    return new Container(this, name)
  }

  /** Answers what a program of the image prints. */
  once(image: string, program: string, args: readonly string[]): Promise<string> {
    const options = ['--rm', '--network=none', '--no-healthcheck', `--entrypoint=${program}`, ...limits]
    return this.run(['run', ...options, image, ...args])
  }

  async removeAll(): Promise<void> {
    await this.run(['rm', '--all', '--force', '--time=0'])
    await this.run(['volume', 'rm', '--all', '--force'])
  }
}

export class Container {
  readonly #podman: Podman
  readonly name: string

  constructor(podman: Podman, name: string) {
    this.#podman = podman
    this.name = name
  }

  /** What a command in it prints. */
  exec(...command: readonly string[]): Promise<string> {
    return this.#podman.run(['exec', this.name, ...command])
  }

  /** Whether the image's own check passes. */
  async isHealthy(): Promise<boolean> {
    return this.#podman.run(['healthcheck', 'run', this.name]).then(
      () => true,
      () => false,
    )
  }

  /** The first process, as this machine sees it. */
  async pid(): Promise<number> {
    return Number(await this.#podman.run(['inspect', '--format={{.State.Pid}}', this.name]))
  }

  async exitCode(): Promise<number> {
    return Number(await this.#podman.run(['inspect', '--format={{.State.ExitCode}}', this.name]))
  }

  logs(): Promise<string> {
    return this.#podman.run(['logs', this.name])
  }

  /** SIGTERM, and SIGKILL after these seconds. */
  async stop(seconds: number): Promise<void> {
    await this.#podman.run(['stop', `--time=${seconds}`, this.name], (seconds + 30) * 1000)
  }

  async start(): Promise<void> {
    await this.#podman.run(['start', this.name])
  }
}
