import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { defineEntry, exitCodes, json, type Entry } from '../../src/cli/entry.ts'
import { helpOf, helpOfAll, usageOf } from '../../src/cli/help.ts'
import { findEntry, parseCall, UsageError } from '../../src/cli/parse.ts'
import { table } from '../../src/cli/table.ts'
import { settings } from '../../src/config/config.ts'
import { suggest } from '../../src/model/suggest.ts'

const texts = { summary: 'Do it.', description: ['It does it.'], settings: [], examples: [] } as const
const run = async (): Promise<void> => {}

const made = defineEntry({
  ...texts,
  name: 'make thing',
  arguments: [{ name: 'name', meaning: 'How it is called.' }],
  options: { ttl: { value: 'seconds', meaning: 'How long.' }, json },
  run,
})
const listed = defineEntry({ ...texts, name: 'make list', run })
const plain = defineEntry({ ...texts, name: 'start', run })
const few: readonly Entry[] = [made, listed, plain]

const refusalOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
  return 'nothing is wrong'
}

describe('a call', () => {
  test('is of the command with the most words, and has its values', () => {
    const { entry, rest } = findEntry(['make', 'thing', 'a', '--ttl', '5', '--json'], few)
    expect(entry).toBe(made)
    const call = { isHelp: false, values: ['a'], options: { ttl: '5', json: true } }
    expect(parseCall(entry, rest)).toEqual(call)
    expect(parseCall(made, ['--ttl=5', '--json', '--', 'a'])).toEqual(call)
    expect(parseCall(made, ['--', '-a'])).toEqual({ isHelp: false, values: ['-a'], options: { json: false } })
    expect(parseCall(made, ['-h'])).toMatchObject({ isHelp: true })
    expect(parseCall(made, ['--help', 'a', 'b'])).toMatchObject({ isHelp: true })
  })

  test.each([
    [['strat'], 'there is no command strat; did you mean start?'],
    [['sta'], 'there is no command sta; did you mean start?'],
    [['entirely-other'], 'there is no command entirely-other'],
    [['make'], 'make is one of: make thing, make list'],
    [['make', 'thin'], 'make is one of: make thing, make list'],
  ])('of no command is refused: %j', (words, sentence) => {
    expect(refusalOf(() => findEntry(words, few))).toBe(sentence)
  })

  test.each([
    [['a', '--json=3'], '--json takes no value'],
    [['a', '--ttl'], '--ttl needs a value'],
    [['a', '--ttl='], '--ttl needs a value'],
    [['a', '--ttl', '1', '--ttl', '2'], '--ttl is there more than once'],
    [['a', '--tll', '5'], 'make thing has no option --tll; did you mean --ttl?'],
    [['a', '-x'], 'make thing has no option -x'],
    [[], 'make thing needs <name>'],
    [[''], 'make thing needs <name>'],
    [['a', 'b'], 'make thing does not take "b"'],
  ])('that its command does not know is refused: %j', (words, sentence) => {
    expect(refusalOf(() => parseCall(made, words))).toBe(sentence)
  })

  test('suggests what begins so, or differs in a third of its letters at most', () => {
    const known = ['migrate', 'restored', 'dry-run']
    expect(['dry', 'migrte', 'restore', 'm', 'xigratx', 'xxgratx'].map((word) => suggest(word, known))).toEqual([
      'dry-run',
      'migrate',
      'restored',
      undefined,
      'migrate',
      'migrate',
    ])
    expect(suggest('xxxxatx', known)).toBeUndefined()
  })
})

describe('the help', () => {
  test('of all commands has a line for each', () => {
    const lines = helpOfAll(table).split('\n')
    for (const { name } of table) expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^  ${name} `)))
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    expect(table.map(({ summary }) => summary).filter((summary) => !/^[A-Z].*\.$/.test(summary))).toEqual([])
  })

  test.each(table.map((entry) => [entry.name, entry] as const))('of %s says what one wants to know', (_name, entry) => {
    const text = helpOf(entry)
    expect(text).toContain(`Usage: ${usageOf(entry)}\n`)
    for (const option of Object.keys(entry.options)) expect(text).toContain(`  --${option}`)
    for (const { name } of entry.arguments) expect(text).toContain(`  <${name}>`)
    expect(text.includes('\n  3  ')).toBe(['check', 'doctor'].includes(entry.name))
    expect(entry.examples.length).toBeGreaterThan(0)
    expect(entry.settings.filter((name) => !(name in settings))).toEqual([])
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(text).toMatch(/[^\n]\n$/)
    // Each example is a call that would be understood.
    for (const { line } of entry.examples) {
      const words = line.slice(line.indexOf('fonechat ') + 9).split(/ (?=(?:[^"]*"[^"]*")*[^"]*$)/)
      if (words[0] === '--version') continue
      const found = findEntry(words, table)
      expect(found.entry).toBe(entry)
      expect(parseCall(entry, found.rest).isHelp).toBe(false)
    }
  })

  test('says the exit codes of all', () => {
    expect(Object.keys(exitCodes)).toEqual(['0', '1', '2', '3'])
    expect(helpOf(made)).toContain('\n  2  ')
    expect(helpOf(made)).not.toContain('\n  3  ')
  })
})

describe('docs/cli.md', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const page = readFileSync(`${root}docs/cli.md`, 'utf8')

  test('has the help of every command, as the program prints it', () => {
    for (const entry of table) expect(page).toContain(`\n## ${entry.name}\n\n\`\`\`text\n${helpOf(entry)}\`\`\`\n`)
    expect(page).toContain(`\`\`\`text\n${helpOfAll(table)}\`\`\`\n`)
    for (const [code, meaning] of Object.entries(exitCodes)) {
      expect(page).toContain(`\n| ${code} | `)
      expect(meaning).toMatch(/\.$/)
    }
  })

  test('explains every finding, and no other', () => {
    const sources = globSync('src/{store/doctor,commands,commands/probes,domain/deployment}/*.ts', { cwd: root })
    const text = sources.map((file) => readFileSync(root + file, 'utf8')).join('\n')
    const codes = text.match(/(?<=')[a-z-]+\.[a-z-]+(?=')/g)!.filter((code) => !/\.(ts|complete)$/.test(code))
    const rows = page.match(/^\| `[a-z-]+\.[a-z-].*$/gm)!.map((row) => row.split(' | ')[0]!)
    const explained = rows.flatMap((row) => row.match(/[a-z-]+\.[a-z-]+/g)!)
    expect(explained.toSorted()).toEqual([...new Set(codes)].toSorted())
  })
})
