import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { settings, type Setting } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const textOf = (path: string): string => readFileSync(root + path, 'utf8')

// Whether it can be built is what `npm run test:install` proves.
test('the image is built from files that are there and that .dockerignore lets through', () => {
  const copied = [...textOf('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) =>
    paths!.split(' '),
  )
  expect(copied.length).toBeGreaterThan(10)
  expect(copied.filter((path) => !existsSync(root + path))).toEqual([])
  const allowed = [...textOf('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, path]) => path!)
  const isAllowed = (path: string) =>
    allowed.some((each) => path === each || path.startsWith(`${each}/`) || path === `${each}/`)
  expect(copied.filter((path) => !isAllowed(path))).toEqual([])
  expect(allowed.filter((path) => !copied.some((each) => each.startsWith(path)))).toEqual([])
})

interface Service {
  readonly environment?: Readonly<Record<string, string | number>>
  readonly secrets?: readonly string[]
  readonly stop_grace_period?: string
  readonly ports?: readonly string[]
}

const compose = parse(textOf('compose.yaml'), { merge: true }) as {
  services: Record<string, Service>
  secrets: Record<string, { file: string }>
}
const servers = ['fonechat-a', 'fonechat-b'].map((name) => compose.services[name]!)

test('compose.yaml names settings that there are, with values that a start takes, and has time for all of a stop', () => {
  for (const { environment, secrets, stop_grace_period } of servers) {
    const given = Object.entries(environment!).map(([name, value]) => [name, String(value)] as const)
    const inFiles = given.filter(([, value]) => value.startsWith('/run/secrets/'))
    expect(inFiles.map(([, path]) => path.replace('/run/secrets/', ''))).toEqual(secrets)
    const others = given.filter((each) => !inFiles.includes(each))
    expect(others.filter(([name]) => !(name in settings))).toEqual([])
    const secretSettings = Object.entries<Setting>(settings).flatMap(([name, { isSecret }]) =>
      isSecret ? [`${name}_FILE`] : [],
    )
    expect(secretSettings).toEqual(expect.arrayContaining(inFiles.map(([name]) => name)))
    // Their defaults, where the operator gives none.
    const values = Object.fromEntries(others.map(([name, value]) => [name, value.replace(/^\$\{\w+:-(.*)\}$/, '$1')]))
    values['ACCOUNT_SID'] = `AC${'ab'.repeat(16)}`
    const { DRAIN_DELAY, DRAIN_SECONDS } = readConfig(values)
    expect(parseInt(stop_grace_period!)).toBeGreaterThan(DRAIN_DELAY + DRAIN_SECONDS + 4)
  }
})

test('make-secrets.sh makes the secrets of compose.yaml, and only the proxy is reached from elsewhere', () => {
  const made = [...textOf('deploy/compose/make-secrets.sh').matchAll(/^make (\w+) /gm)].map(([, name]) => name!)
  expect(Object.keys(compose.secrets).toSorted()).toEqual(made.toSorted())
  for (const [name, { file }] of Object.entries(compose.secrets)) expect(file).toBe(`./deploy/compose/secrets/${name}`)
  expect(textOf('.gitignore')).toMatch(/^deploy\/compose\/secrets\/$/m)
  const open = Object.keys(compose.services).filter((name) => compose.services[name]!.ports)
  expect(open).toEqual(['proxy'])
  const proxied = [...textOf('deploy/compose/haproxy.cfg').matchAll(/^ +server \w+ ([\w-]+):4000/gm)].map(
    ([, name]) => name,
  )
  expect(proxied).toEqual(['fonechat-a', 'fonechat-b'])
})
