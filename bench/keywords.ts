import { parseArgs } from 'node:util'
import { evaluateRules } from '../src/domain/moderation/keyword-match.ts'
import type { KeywordAction, KeywordRule } from '../src/model/keyword-rule.ts'
import { newSid } from '../src/model/sid.ts'
import { pickOne, seededRandom } from '../test/support/seeded-random.ts'
import { median, table } from './report.ts'

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
const rounds = options.quick ? 3 : 20
const bytes = 32 * 1024

const random = seededRandom(1)
const times = <Item>(count: number, make: (at: number) => Item): Item[] =>
  Array.from({ length: count }, (_, at) => make(at))
const wordOf = (alphabet: string, length: number): string =>
  times(length, () => pickOne(Array.from(alphabet), random)!).join('')
const latin = 'abcdefghijklmnopqrstuvwxyz'
const han = '的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生'
const sentence = (): string =>
  times(bytes / 4, () => wordOf(latin, 2 + Math.floor(random() * 6)))
    .join(' ')
    .slice(0, bytes)

interface Case {
  readonly name: string
  readonly text: string
  readonly rules: readonly KeywordRule[]
}

function caseOf(
  name: string,
  text: string,
  count: number,
  rule: (at: number) => Partial<KeywordRule>,
  action: KeywordAction = 'flag',
): Case {
  const rules = times(count, (at) => ({ id: newSid('KR'), name, words: [], pattern: null, action, ...rule(at) }))
  return { name, text, rules }
}

const patterns = [
  () => String.raw`\b${wordOf(latin, 4)}[a4]${wordOf(latin, 2)}\b`,
  () => `${wordOf(latin, 3)}+ ?${wordOf(latin, 4)}`,
  () => String.raw`\d{${2 + Math.floor(random() * 5)}}-\d{4}`,
  () => `${wordOf(latin, 3)}.*${wordOf(latin, 3)}`,
  () => String.raw`https?://\S*${wordOf(latin, 5)}`,
]

const cases = [
  caseOf('one rule, one word', sentence(), 1, () => ({ words: ['darn'] })),
  caseOf('1,000 phrases with one first word', 'same '.repeat(bytes / 5), 1, () => ({
    words: times(1000, (at) => `same ${at}`),
  })),
  caseOf('100 × 1,000 phrases', sentence(), 100, () => ({
    words: times(1000, () => times(2 + Math.floor(random() * 3), () => wordOf(latin, 4)).join(' ')),
  })),
  caseOf('100 × 1,000 fragments', wordOf(han, bytes / 3), 100, () => ({
    words: times(1000, () => wordOf(han, 5 + Math.floor(random() * 4))),
  })),
  caseOf(
    '100 masks that all match',
    times(bytes / 3, (at) => `w${at % 100}`)
      .join(' ')
      .slice(0, bytes),
    100,
    (at) => ({ words: [`w${at}`] }),
    'mask',
  ),
  caseOf('100 patterns', sentence(), 100, (at) => ({ pattern: patterns[at % patterns.length]!() })),
  caseOf('the worst pattern', wordOf('ab', bytes), 1, () => ({ pattern: '[ab]*a[ab]{540}x' })),
]

/** Of this thread, in milliseconds. */
async function processorTime(work: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage()
  await work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

const rows: string[][] = []
for (const { name, text, rules } of cases) {
  process.stderr.write(`${name}\n`)
  const prepare = await processorTime(() => evaluateRules(rules, ''))
  const spent: number[] = []
  for (let round = 0; round < rounds; round++) spent.push(await processorTime(() => evaluateRules(rules, text)))
  rows.push([name, prepare.toFixed(0), spent[0]!.toFixed(1), median(spent).toFixed(1)])
}
process.stdout.write(table([['rules', 'preparing them, ms', 'first message, ms', 'median, ms'], ...rows]))
