import { RE2JSException } from 're2js'
import type { Actor } from '../../model/actor.ts'
import { ChatError, badInput, forbidden, notFound } from '../../model/error.ts'
import type { KeywordAction, KeywordRule } from '../../model/keyword-rule.ts'
import { limits } from '../../model/limits.ts'
import { parsePage, readPage, sidCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import type { Service } from '../../model/service.ts'
import { isSid, newSid, type KeywordRuleId, type MessageId } from '../../model/sid.ts'
import { readFlaggedPage, type FlaggedMessage, type NewFlag } from '../../store/flag.ts'
import { lockService, readServiceOfRule, updateServiceRow } from '../../store/service.ts'
import { changeAuthority, publishService } from '../access/authority-change.ts'
import { isReachable, requireBackend, requireService } from '../access/authority.ts'
import type { App } from '../app.ts'
import { assertText, parseText } from '../validation.ts'
import { evaluateRules, compilePattern, tokensOf } from './keyword-match.ts'
import { BudgetExceeded } from './pacer.ts'

/** Applies a service's rules to a text: throws where one refuses it, else answers the masked text and the rules that flag it. */
export async function applyKeywordRules(
  service: Service | undefined,
  body: string,
): Promise<{ readonly body: string; readonly flaggedBy: readonly KeywordRuleId[] }> {
  if (!service || service.keywordRules.length === 0) return { body, flaggedBy: [] }
  const outcome = await evaluateRules(service.keywordRules, body).catch((error: unknown) => {
    if (error instanceof BudgetExceeded) throw forbidden('the keyword rules of the service take too long on it', 50056)
    throw error
  })
  if (outcome.refusedBy) throw forbidden('a keyword rule of the service refuses it', 50056)
  return { body: outcome.body, flaggedBy: outcome.flaggedBy.map(({ id }) => id) }
}

/** The flag to store for a message that rules have flagged, if any. */
export function flagsOf(
  service: Service | undefined,
  messageId: MessageId,
  keywordRuleIds: readonly KeywordRuleId[],
): NewFlag[] {
  return service && keywordRuleIds.length > 0 ? [{ serviceId: service.id, messageId, keywordRuleIds }] : []
}

export interface MatchInput {
  readonly words?: readonly string[] | null | undefined
  readonly pattern?: string | null | undefined
}

export interface KeywordRuleInput extends MatchInput {
  readonly serviceId?: string | null | undefined
  readonly name: string
  readonly action: KeywordAction
}

export function parseMatch({ words, pattern }: MatchInput): Pick<KeywordRule, 'words' | 'pattern'> {
  const given = [...new Set(words)]
  if (given.length > limits.keywordWords) throw badInput(`a rule has at most ${limits.keywordWords} words`, 'words')
  for (const word of given) {
    parseText('a word', word, limits.nameLength, undefined, 'words')
    if (tokensOf(word).length === 0) {
      throw badInput(`a word must have a letter or a digit, and ${JSON.stringify(word)} has none`, 'words')
    }
  }
  if (given.length === 0 && pattern == null) throw badInput('a rule needs words or a pattern')
  return { words: given, pattern: pattern == null ? null : parsePattern(pattern) }
}

function parsePattern(pattern: string): string {
  parseText('pattern', pattern, limits.keywordPatternLength)
  try {
    const compiled = compilePattern(pattern)
    if (compiled.programSize() > limits.keywordPatternSize) {
      throw badInput(
        `pattern must compile to at most ${limits.keywordPatternSize} instructions, and has ${compiled.programSize()}`,
        'pattern',
      )
    }
    if (compiled.test('')) throw badInput('pattern must not match the empty text', 'pattern')
    return pattern
  } catch (error) {
    if (error instanceof RE2JSException)
      throw badInput(`pattern is no regular expression of RE2: ${faultOf(error)}`, 'pattern')
    throw error
  }
}

/** RE2 says it of the pattern with the flag that it was given for us. */
function faultOf({ message }: RE2JSException): string {
  return message.replace('error parsing regexp: ', '').replace('`(?i)', '`')
}

function parseName(name: string): string {
  if (name === '') throw badInput('name must not be empty', 'name')
  return parseText('name', name, limits.nameLength)
}

/**
 * The rule with this SID, of whichever service the caller can reach.
 * Needs the backend. Throws FORBIDDEN.
 */
export async function findKeywordRule(app: App, actor: Actor, id: string): Promise<KeywordRule | undefined> {
  requireBackend(actor)
  const service = isSid('KR', id) ? await readServiceOfRule(app.db, id) : undefined
  if (!service || !(await isReachable(app, actor, service.id))) return undefined
  return service.keywordRules.find((rule) => rule.id === id)
}

/**
 * Adds a rule to a service, after those it has.
 * Needs the backend. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function createKeywordRule(app: App, actor: Actor, input: KeywordRuleInput): Promise<KeywordRule> {
  const rule: KeywordRule = {
    id: newSid('KR'),
    name: parseName(input.name),
    ...parseMatch(input),
    action: input.action,
  }
  await changeRules(app, actor, input.serviceId, (rules) => {
    if (rules.length >= limits.keywordRules) {
      throw new ChatError('CONFLICT', `a service has at most ${limits.keywordRules} rules`)
    }
    return [...rules, rule]
  })
  return rule
}

export interface UpdateKeywordRuleInput extends MatchInput {
  readonly serviceId?: string | null | undefined
  readonly keywordRuleId: string
  readonly name?: string | null | undefined
  readonly action?: KeywordAction | null | undefined
}

/**
 * Changes a rule of a service, which keeps its place among the others. What is left out keeps its value; no words, or null as the pattern, removes them.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function updateKeywordRule(app: App, actor: Actor, input: UpdateKeywordRuleInput): Promise<KeywordRule> {
  const { serviceId, keywordRuleId, name, words, pattern, action } = input
  let updated: KeywordRule | undefined
  await changeRules(app, actor, serviceId, (rules) => {
    const known = rules.find(({ id }) => id === keywordRuleId)
    if (!known) throw notFound('the rule')
    updated = {
      ...known,
      ...parseMatch({ words: words ?? known.words, pattern: pattern === undefined ? known.pattern : pattern }),
      ...(name != null && { name: parseName(name) }),
      ...(action != null && { action }),
      revision: (known.revision ?? 0) + 1,
    }
    return rules.map((rule) => (rule === known ? updated! : rule))
  })
  return updated!
}

/**
 * Deletes a rule of a service.
 * Needs the backend. Throws FORBIDDEN, NOT_FOUND.
 */
export async function deleteKeywordRule(
  app: App,
  actor: Actor,
  { serviceId, keywordRuleId }: { readonly serviceId?: string | null | undefined; readonly keywordRuleId: string },
): Promise<KeywordRule> {
  let deleted: KeywordRule | undefined
  await changeRules(app, actor, serviceId, (rules) => {
    deleted = rules.find(({ id }) => id === keywordRuleId)
    if (!deleted) throw notFound('the rule')
    return rules.filter(({ id }) => id !== keywordRuleId)
  })
  return deleted!
}

async function changeRules(
  app: App,
  actor: Actor,
  serviceId: string | null | undefined,
  change: (rules: readonly KeywordRule[]) => readonly KeywordRule[],
): Promise<void> {
  requireBackend(actor)
  const { id, accountId } = await requireService(app, actor, serviceId)
  const service = await changeAuthority(app, accountId, async (tx) => {
    const locked = await lockService(tx, id)
    if (!locked) throw notFound('the service', 50050)
    return updateServiceRow(tx, id, { keywordRules: change(locked.keywordRules) })
  })
  publishService(app, service)
}

interface FlaggedInput {
  readonly serviceId?: string | null | undefined
  readonly keywordRuleId?: string | null | undefined
  readonly isNewestFirst: boolean
}

/**
 * One page of the messages that a service's rules have flagged, in the order in which they were sent, or the other way round.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function listFlagged(
  app: App,
  actor: Actor,
  { serviceId, keywordRuleId, isNewestFirst }: FlaggedInput,
  args: PageArgs,
): Promise<PageOf<FlaggedMessage>> {
  requireBackend(actor)
  const page = parsePage(actor, args, sidCursor('IM'))
  if (keywordRuleId != null) assertText('keywordRuleId', keywordRuleId)
  const service = await requireService(app, actor, serviceId)
  return readPage(
    page,
    (part) => readFlaggedPage(app.db, service.id, { keywordRuleId: keywordRuleId ?? undefined, isNewestFirst }, part),
    ({ message }) => message.id,
  )
}
